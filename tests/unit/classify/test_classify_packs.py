"""The three packs on ordinary sentences: what must, and what must not, be in a topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names, read_pack
from feeds.classify.rules import TopicRules, compile_rules
from feeds.errors import ConfigError
from feeds.model import Source

PACKS = Matcher(compile_rules({"topics": {name: {"use": name} for name in ("diplomacy", "turkey", "ukraine")}}))
SEEDS = sorted((Path(__file__).resolve().parents[4] / "shared" / "seeds").glob("*.txt"))


def topics_of(title: str, summary: str = "", *, source: Source | None = None) -> set[str]:
    return {match.topic for match in PACKS.explain(title, summary, "", source=source) if match.score >= match.need}


def counted(word: str, topic: str) -> bool:
    """Whether `word` alone, in a title, speaks for `topic`."""
    return any(match.topic == topic and match.score > 0 for match in PACKS.explain(word, "", ""))


@pytest.mark.parametrize(
    ("title", "summary", "topics"),
    [
        pytest.param("Sevastopol counts its ships", "", {"ukraine"}, id="en port"),
        pytest.param(
            "A tense week at sea", "Greek and Turkish frigates met in the Aegean.", {"turkey"}, id="en lead, Aegean"
        ),
        pytest.param("Kyiv counts its dead after a night of drones", "", {"ukraine"}, id="en city"),
        pytest.param("A quiet winter in Poltava", "", {"ukraine"}, id="en lesser city"),
        pytest.param(
            "Putin spokesman rules out a draft", "Strikes on Ukraine go on.", {"ukraine"}, id="en lead, Russia"
        ),
        pytest.param("Fans remember the night that Kiev fell silent", "", {"ukraine"}, id="en old spelling"),
        pytest.param(
            "Рада ухвалила бюджет", "Верховна Рада України ухвалила бюджет на рік.", {"ukraine"}, id="uk rada"
        ),
        pytest.param("У Харкові відкрили підземну школу", "", {"ukraine"}, id="uk locative"),
        pytest.param("Зеленский сменил министра обороны", "", {"ukraine"}, id="ru president"),
        pytest.param("Взрывы прогремели в Одессе", "", {"ukraine"}, id="ru city"),
        pytest.param("Selenskyj besucht die Front bei Saporischschja", "", {"ukraine"}, id="de names"),
        pytest.param("Ukrayna'da elektrik kesintisi", "", {"ukraine"}, id="tr suffix"),
        pytest.param("انقطاع الكهرباء في كييف", "", {"ukraine"}, id="ar city"),
        pytest.param("غارات على أوكرانيا", "", {"ukraine"}, id="ar country"),
        pytest.param("Turkey raises its interest rate again", "", {"turkey"}, id="en economy"),
        pytest.param("TURKEY HOLDS LOCAL ELECTIONS", "", {"turkey"}, id="en capitals"),
        pytest.param("The Turkey-Syria border reopens to trade", "", {"turkey", "diplomacy"}, id="en the Turkey-"),
        pytest.param("Turkey plants eleven million trees", "", {"turkey"}, id="en verb that is no plant"),
        pytest.param("Turkey hunts for survivors", "", {"turkey"}, id="en verb that is no hunt"),
        pytest.param("İstanbul'da kar yağışı hayatı durdurdu", "", {"turkey"}, id="tr city"),
        pytest.param("AK Parti adaylarını açıkladı", "", {"turkey"}, id="tr party"),
        pytest.param("Инфляция в Турции замедлилась", "", {"turkey"}, id="ru country"),
        pytest.param("Землетрус у Туреччині", "", {"turkey"}, id="uk country"),
        pytest.param("زلزال يضرب غرب تركيا", "", {"turkey"}, id="ar country"),
        pytest.param("Erdbeben in der Türkei", "", {"turkey"}, id="de country"),
        pytest.param("Un séisme frappe l'ouest de la Turquie", "", {"turkey"}, id="fr country"),
        pytest.param("Japan and India sign a defence agreement", "", {"diplomacy"}, id="en two states and an act"),
        pytest.param("France recalls its ambassador from Niger", "", {"diplomacy"}, id="en ambassador"),
        pytest.param("Foreign ministers meet in Geneva", "", {"diplomacy"}, id="en ministers"),
        pytest.param("Глава МИД прибыл с визитом в Пекин", "", {"diplomacy"}, id="ru ministry"),
        pytest.param("Посли G7 зустрілися з міністром закордонних справ", "", {"diplomacy"}, id="uk ministry"),
        pytest.param("Botschafter einbestellt", "", {"diplomacy"}, id="de ambassador"),
        pytest.param("وزير الخارجية المصري يصل إلى الدوحة", "", {"diplomacy"}, id="ar minister"),
        pytest.param("Le ministre des Affaires étrangères en visite à Tokyo", "", {"diplomacy"}, id="fr minister"),
        pytest.param(
            "Erdoğan, Zelenskiy ile telefonda görüştü", "", {"diplomacy", "turkey", "ukraine"}, id="tr all three"
        ),
        pytest.param(
            "Переговоры России и Украины в Стамбуле", "", {"diplomacy", "turkey", "ukraine"}, id="ru all three"
        ),
        pytest.param(
            "محادثات بين روسيا وأوكرانيا في إسطنبول", "", {"diplomacy", "turkey", "ukraine"}, id="ar all three"
        ),
        pytest.param("EU cannot agree on Russia's frozen assets", "", {"diplomacy", "ukraine"}, id="Russia's money"),
        pytest.param("Russia's wartime economy loses steam", "", {"ukraine"}, id="Russia at war"),
        pytest.param("Путин объявил о частичной мобилизации", "", {"ukraine"}, id="ru mobilisation"),
        pytest.param("Strajk w Kijowie", "", {"ukraine"}, id="pl capital"),
        pytest.param("Ostřelování ukrajinských měst", "", {"ukraine"}, id="cs country"),
        pytest.param("زلنسکی: جنگ ادامه دارد", "", {"ukraine"}, id="fa president"),
        pytest.param("Iran president orders talks with U.S", "", {"diplomacy"}, id="en the last full stop is missing"),
        pytest.param("Israel, Costa Rica sign free trade agreement", "", {"diplomacy"}, id="en a small state"),
        pytest.param("Eurasian Economic Union and India start talks", "", {"diplomacy"}, id="en a union of states"),
        pytest.param("Iran FM: we are ready", "", {"diplomacy"}, id="en FM of a state"),
    ],
)
def test_a_story_is_in_its_topics(title: str, summary: str, topics: set[str]) -> None:
    assert topics_of(title, summary) == topics


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        pytest.param("How to Roast a Turkey", "Brine your turkey for a day.", id="the bird in a recipe"),
        pytest.param("Thanksgiving Turkey Prices Rise Again", "", id="the bird at the till"),
        pytest.param("Wild Turkeys Take Over a Boston Suburb", "", id="the bird in the suburbs"),
        pytest.param("Going Cold Turkey: a week offline", "", id="cold turkey"),
        pytest.param("Turkey Point reactor restarts", "The plant in Florida is back.", id="a reactor"),
        pytest.param("Hurricane nears Turks and Caicos", "", id="islands"),
        pytest.param("The Young Turks of Silicon Valley", "", id="young Turks"),
        pytest.param("UN rights chief Volker Türk urges restraint", "", id="a surname"),
        pytest.param("Turkish national charged with theft in Leeds", "Police arrested the man.", id="a passport"),
        pytest.param("CHP officer hurt on Highway 101", "", id="California Highway Patrol"),
        pytest.param("MIT's new battery charges in a minute", "", id="an institute"),
        pytest.param("Dem party leaders gather in Chicago", "", id="another party"),
        pytest.param("Tsk tsk, says the referee", "", id="no army"),
        pytest.param("Chicken Kiev: the perfect recipe", "", id="a dish"),
        pytest.param("Котлета по-киевски: простой рецепт", "", id="a dish in Russian"),
        pytest.param("Oil find near Odessa, Texas", "", id="a town in Texas"),
        pytest.param("Odessa A'zion joins the cast", "", id="an actress"),
        pytest.param("Кулебяка с капустой", "", id="a pie that begins like a minister"),
        pytest.param("Kellogg recalls cereal", "", id="cereal"),
        pytest.param("Frontline workers ask for masks", "", id="nurses"),
        pytest.param("Drohnenangriff im Sudan", "", id="another war"),
        pytest.param("A Cold War in the office: NATO, Russia and a chess club", "", id="the old war"),
        pytest.param("Actor named brand ambassador of a watchmaker", "", id="brand ambassador"),
        pytest.param("Trump tariffs loom over the Tokyo auto show", "", id="tariffs alone"),
        pytest.param("Student ambassadors greet the freshmen", "", id="students"),
        pytest.param("The week in pictures", "War in Ukraine, floods in Russia and a polar bear.", id="pictures"),
        pytest.param("Libya tows a Russian shadow fleet tanker", "", id="a tanker elsewhere"),
        pytest.param("Norway discusses school meals", "", id="one state is not two"),
        pytest.param("BRICS cooperation", "", id="one word is not a state and a tie"),
        pytest.param("Radio station moves to 98 FM", "", id="FM of a radio"),
        pytest.param("Wartime letters found in an attic", "", id="a war of old"),
        pytest.param("A thaw of frozen assets at the crypto bank", "", id="money of others"),
        pytest.param("Striker breaks off contract talks", "", id="contract talks"),
        pytest.param("Pay talks resume at the airline", "", id="pay talks"),
        pytest.param("Georgia secretary of state certifies the vote", "", id="an American state's secretary"),
        pytest.param("State Department of Health opens clinics", "", id="another department"),
        pytest.param("Summit County counts its skiers", "", id="a county"),
        pytest.param("AI summit opens with a robot", "", id="a fair"),
        pytest.param("Лавровый лист и его польза", "", id="bay leaf"),
        pytest.param("Indiana and Jordan meet in the final", "", id="names of states that are none"),
        pytest.param("It's 400 days since the flood", "", id="S-400"),
        pytest.param("Let us talk about sleep", "", id="a pronoun"),
        pytest.param("Газета исполнила сто лет", "", id="gas and newspaper"),
        pytest.param("Sinema salonları yeniden açıldı", "", id="China and cinema"),
        pytest.param("В Новосибирске открыли парк", "", id="an ordinary day in Russia"),
    ],
)
def test_a_story_is_in_no_topic(title: str, summary: str) -> None:
    assert topics_of(title, summary) == set()


def test_a_mention_in_passing_is_not_enough() -> None:
    assert topics_of("Bread prices rise", "Bakers blame the war in Ukraine and a dry spring.") == set()


def test_a_turkish_outlets_local_story_is_about_turkey_and_its_foreign_desks_is_not() -> None:
    outlet = Source(name="gazete", url="", country="TR")
    story = "Kayseri'de otomobil ile kamyon çarpıştı"
    assert topics_of(story, source=outlet) == {"turkey"}
    assert topics_of("Almanya'da otomobil ile kamyon çarpıştı", source=outlet) == set()
    assert topics_of("Parkta yangın çıktı", source=outlet) == {"turkey"}, "no word says so"
    assert topics_of("Bilim insanları yeni bir gezegen buldu", source=outlet) == set(), "nowhere in particular"
    assert topics_of(story) == set(), "one province is not enough for an outlet from elsewhere"


@pytest.mark.parametrize(
    ("country", "title"),
    [
        pytest.param("TR", "Avustralya'da otobüs kazası: 12 ölü", id="tr a far state"),
        pytest.param("TR", "Slovakya'da otobüs kazası: 12 ölü", id="tr a small state"),
        pytest.param("TR", "Çekya'da otobüs kazası: 12 ölü", id="tr a short name"),
        pytest.param("TR", "Makedonya'da otobüs kazası: 12 ölü", id="tr a name of old"),
        pytest.param("TR", "Brüksel'de yangın: 12 ölü", id="tr a capital"),
        pytest.param("TR", "New York'ta yangın: 12 ölü", id="tr a city"),
        pytest.param("TR", "Kaliforniya'da yangın: 12 ölü", id="tr a state of a union"),
        pytest.param("TR", "Bus crash in Texas kills 12", id="en a state of a union"),
        pytest.param("TR", "Bus crash in Rome kills 12", id="en a capital"),
        pytest.param("UA", "У Сербії автобус упав у прірву", id="uk a state"),
        pytest.param("UA", "У Мексиці автобус упав у прірву", id="uk a stem that changes"),
        pytest.param("UA", "У В'єтнамі автобус упав у прірву", id="uk an apostrophe"),
        pytest.param("UA", "У Данії автобус упав у прірву", id="uk a name that begins another word"),
        pytest.param("UA", "У Празі автобус зійшов з рейок", id="uk a capital"),
    ],
)
def test_a_domestic_outlets_foreign_desk_knows_the_map(country: str, title: str) -> None:
    assert topics_of(title, source=Source(name="outlet", url="", country=country)) == set()


@pytest.mark.parametrize(
    ("country", "title", "topics"),
    [
        pytest.param("TR", "Mali işler müdürü görevden alındı", {"turkey"}, id="Mali is financial in Turkish"),
        pytest.param("UA", "Оприлюднено нові дані перепису", {"ukraine"}, id="дані are data"),
        pytest.param("TR", "İskenderun'da otobüs kazası", {"turkey"}, id="a city of its own"),
    ],
)
def test_a_domestic_story_stays_at_home(country: str, title: str, topics: set[str]) -> None:
    assert topics_of(title, source=Source(name="outlet", url="", country=country)) == topics


INFLECTED = {
    "ukraine": """
        Україна України Україні Україну Україною український українська українського українцями Київ Києва Києві
        Києвом київський Харків Харкова Харкові Львів Львова Львові Одеса Одеси Одесі Крим Криму Кримом кримський
        Донбас Донбасу Зеленський Зеленського Зеленському Запоріжжя Запоріжжі Дніпро Дніпра Миколаєва Херсон Херсоні
        Украина Украины Украине Украину Украиной украинский украинская украинские украинцам Киев Киева Киеве Киевом
        Харьков Харькова Харькове Львов Львова Львове Одесса Одессы Одессе Крым Крыма Крыму
        Зеленский Зеленского Зеленскому
        Ukrayna Ukrayna'nın Ukrayna'ya Ukrayna'da Ukrayna'dan Ukraynalı Ukraynalılar Kırım Kırım'ın Zelenskiy'nin
        Ukrajina ukrajinská Ukraiński Ukraińcy Kijów Kijowa Kijowie Zełenski Zełenskiego Krymu Doniecku Lwowie Chersoniu
        Украйна Зеленски ukrán Ουκρανία اوکراین אוקראינה
        Ukrainer ukrainische ukrainischen Kiews Selenskyjs ukrainien ukrainiennes Ucrania ucranianos
        أوكرانيا وأوكرانيا بأوكرانيا لأوكرانيا الأوكرانية والأوكراني الأوكرانيين كييف وكييف زيلينسكي لزيلينسكي
    """,
    "turkey": """
        Türkiye Türkiye'nin Türkiye'ye Türkiye'de Türkiye'den Türkiyeli Erdoğan'ın Erdoğan'a Ankara'nın Ankara'ya
        İstanbul'un İstanbul'da İstanbul'dan İstanbullu TBMM'de Öcalan'ın İmamoğlu'nun
        Турция Турции Турцию Турцией турецкий турецкая турецкого турецкими Анкара Анкары Анкаре Стамбул Стамбуле
        Стамбула Эрдоган Эрдогана Эрдогану Эрдоганом Туреччина Туреччини Туреччині турецький турецької Стамбулі
        تركيا وتركيا لتركيا بتركيا التركية التركي والتركية أنقرة وأنقرة لأنقرة إسطنبول بإسطنبول أردوغان وأردوغان
        türkische türkischen Türkei turque turques turcs Erdogans
    """,
    "diplomacy": """
        diplomat diplomats diplomatic diplomacy ambassador ambassadors embassy embassies
        дипломат дипломата дипломаты дипломатия дипломатический посол посла послу послом послы послов посольство
        посольства переговоры переговоров переговорах санкции санкций саммит саммите саммита
        дипломатія дипломатичний переговори переговорів саміт саміту посольстві делегація делегації
        büyükelçi büyükelçisi büyükelçiler büyükelçilik diplomatlar diplomasi diplomatik müzakereler müzakerelerin
        zirvesi zirvesinde heyeti heyetler yaptırımlar yaptırımların ateşkes ateşkesin arabulucu arabuluculuk
        دبلوماسي الدبلوماسية والدبلوماسيين سفير السفير والسفير سفارة السفارة بالسفارة مفاوضات المفاوضات والمفاوضات
        محادثات المحادثات بالمحادثات قمة القمة والقمة عقوبات العقوبات
        Botschafter Botschafters Botschafterin Diplomaten Gipfel ambassadeur ambassadrice embajador embajadora
    """,
}


@pytest.mark.parametrize(
    ("topic", "form"), [pytest.param(topic, form, id=form) for topic in INFLECTED for form in INFLECTED[topic].split()]
)
def test_inflected_forms_speak_for_their_topic(topic: str, form: str) -> None:
    assert counted(form, topic)


@pytest.mark.skipif(not SEEDS, reason="no ../shared/seeds beside the repository")
def test_the_seed_article_is_in_all_three_topics() -> None:
    _, title, *text = SEEDS[0].read_text(encoding="utf-8").split("\n")
    first = next(line for line in text if len(line) > 200)
    matches = PACKS.explain(title, first, "\n".join(text))
    assert {match.topic for match in matches if match.score >= match.need} == {"diplomacy", "turkey", "ukraine"}


def compiled(table: dict[str, Any]) -> TopicRules:
    (topic,) = compile_rules({"topics": {"topic": table}}).by_topic
    return topic


OWN_RULES: tuple[tuple[str, Any], ...] = (
    ("combos", {"combo": [{"points": 5, "all": ["gas", "oil"]}]}),
    ("categories", {"categories": {"gas": 5}}),
    ("sources", {"sources": {"desk": 5}}),
    ("none", {"none": ["wordle"]}),
    ("require", {"require": ["wordle"]}),
    ("abroad", {"abroad": ["wordle"]}),
    ("languages", {"languages": ["tr"]}),
    ("always", {"always": ["desk"]}),
)


@pytest.mark.parametrize("pack", ["turkey", "diplomacy"])
@pytest.mark.parametrize(("field", "own"), [pytest.param(name, own, id=name) for name, own in OWN_RULES])
def test_own_rules_join_those_of_a_pack(pack: str, field: str, own: dict[str, Any]) -> None:
    packed, alone, both = (
        set(getattr(compiled(table), field))
        for table in ({"use": pack}, {**own, "words": {"10": ["gas"]}}, {"use": pack, **own})
    )
    assert both == packed | alone
    assert alone


def test_own_numbers_prevail_over_those_of_a_pack() -> None:
    assert compiled({"use": "diplomacy"}).need == 8
    assert compiled({"use": "diplomacy", "need": 12}).need == 12
    assert compiled({"use": "turkey"}).home == 10
    assert compiled({"use": "turkey", "home": 3}).home == 3
    assert compiled({"use": "turkey", "home": 0}).home == 0
    assert compiled({"use": "turkey", "country": "AZ"}).country == "AZ"


def test_packs_are_known_by_name() -> None:
    assert pack_names() == ("diplomacy", "turkey", "ukraine")


@pytest.mark.parametrize("name", ["diplomacy", "turkey", "ukraine"])
def test_a_pack_compiles_by_itself_and_says_what_it_is(name: str) -> None:
    (topic,) = compile_rules({"topics": {name: {"use": name}}}).topics
    assert topic.title == read_pack(name)["title"]
    assert topic.description
    assert topic.categories


@pytest.mark.parametrize(
    "own",
    [
        {"words": {"10": ["gas"]}},
        {"combo": [{"points": 5, "all": ["gas", "oil"]}]},
        {"categories": {"gas": 5}},
        {"always": ["desk"]},
        {"home": 5, "country": "TR"},
    ],
    ids=lambda own: next(iter(own)),
)
def test_a_topic_without_a_pack_needs_one_thing_to_decide_by(own: dict[str, Any]) -> None:
    assert compiled(own).name == "topic"


def test_the_name_of_a_pack_is_text() -> None:
    with pytest.raises(ConfigError) as caught:
        compiled({"use": 7, "words": {"10": ["gas"]}})
    assert [mistake.key for mistake in caught.value.mistakes] == ["topics.topic.use"]

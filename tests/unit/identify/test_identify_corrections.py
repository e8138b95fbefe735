"""What of an edit its readers should hear of."""

from __future__ import annotations

import pytest

from feeds.identify.corrections import corrections, exchanged
from feeds.identify.fingerprint import fingerprint
from feeds.model import Article
from tests.make import article

TEXT = (
    "The delegations of both sides arrived in the city on Monday and will speak about harvest exports all week long, "
    "while Ambassador Okoro waits for 12 ships that lie before the coast."
)


def version(title: str = "Envoys meet in Geneva for grain talks", text: str = TEXT) -> Article:
    plain = article("alpha", "1", title, text=text, summary=f"<p>{text}</p>")
    return article(
        "alpha", "1", title, text=text, fingerprint=fingerprint(plain, outlet="Alpha News", boilerplate=frozenset())
    )


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("Envoys meet in Geneva for grain talks.", id="a full stop"),
        pytest.param("Envoys meet, in Geneva, for grain-talks", id="commas and a hyphen"),
        pytest.param("ENVOYS MEET IN GENEVA FOR GRAIN TALKS", id="capitals"),
        pytest.param("Envoys  meet in\u00a0Geneva for grain talks ", id="white space"),
        pytest.param("LIVE: Envoys meet in Geneva for grain talks", id="a label"),
        pytest.param("Envoys meet in Geneva for grain talks | Alpha News", id="the name of the outlet"),
        pytest.param("“Envoys” meet in Geneva for grain talks", id="quotes"),
    ],
)
def test_a_cosmetic_headline(title: str) -> None:
    assert corrections(version(), version(title)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Envoys meet in Geneva", "Envoys part in Geneva", id="a word"),
        pytest.param("At least 149 killed in Seoul", "At least 151 killed in Seoul", id="a figure"),
        pytest.param("Rates rise by 1.5 points", "Rates rise by 15 points", id="a mark inside a figure"),
        pytest.param("Sheffler visits the fair", "Scheffler visits the fair", id="a letter of a name"),
        pytest.param("Київ чекає", "Київ не чекає", id="another script"),
        pytest.param("首相訪問北京", "首相訪問東京", id="a script without spaces"),
    ],
)
def test_another_headline(before: str, after: str) -> None:
    assert corrections(version(before), version(after)) == ("headline",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("U.S. and E.U. agree on grain", "US and EU agree on grain", id="points of abbreviations"),
        pytest.param("Covid-19 returns to the coast", "Covid 19 returns to the coast", id="a hyphen before a number"),
        pytest.param("Loss of 1,500 tonnes of grain", "Loss of 1500 tonnes of grain", id="the mark of thousands"),
        pytest.param("مقتل ١٥ شخصا في غارة", "مقتل 15 شخصا في غارة", id="Arabic digits"),
        pytest.param("۱٬۵۰۰ تن غله", "1,500 تن غله", id="Persian digits, with their mark of thousands"),
        pytest.param("نمو ٣٫٥ في المئة", "نمو 3.5 في المئة", id="the decimal mark of Arabic"),
        pytest.param("Diyarbakır İstanbul'u bekliyor", "DİYARBAKIR İSTANBUL'U BEKLİYOR", id="Turkish capitals"),
    ],
)
def test_the_same_headline_in_another_house_style(before: str, after: str) -> None:
    assert corrections(version(before), version(after)) == ()


@pytest.mark.parametrize(
    ("after", "what"),
    [
        pytest.param(TEXT.replace("12 ships", "15 ships"), ("figures",), id="a figure"),
        pytest.param(TEXT.replace("12 ships", "1.2 ships"), ("figures",), id="a decimal mark"),
        pytest.param(TEXT.replace("12 ships", "٣ ships"), ("figures",), id="Arabic digits"),
        pytest.param(TEXT.replace("12 ships", "twelve ships"), ("figures",), id="a figure in words"),
        pytest.param(TEXT.replace("Okoro", "Okoru"), ("names",), id="a name"),
        pytest.param(TEXT.replace("Ambassador Okoro", "the ambassador"), ("names",), id="a name that went"),
        pytest.param(TEXT + " They left by car in the small hours.", ("text",), id="a sentence more"),
        pytest.param(
            "Rain fell on 12 ships and Ambassador Okoro on Monday.",
            ("text",),
            id="another text, same figures and names",
        ),
        pytest.param(TEXT.replace("arrived", "came"), (), id="one word of many"),
        pytest.param(TEXT.replace("Ambassador", "ambassador"), (), id="a title in small letters"),
        pytest.param(TEXT.replace("Okoro", "Okoro’s"), (), id="a possessive"),
        pytest.param(TEXT.replace(", while", "; while").replace("12", "12"), (), id="punctuation"),
        pytest.param(TEXT.upper(), (), id="case"),
        pytest.param(TEXT.replace(" ", "\n"), (), id="white space"),
        pytest.param(" ".join(reversed(TEXT.split())), (), id="order alone"),
        pytest.param("", (), id="no longer given: nothing is corrected"),
        pytest.param(TEXT + " 23 comments", (), id="what the site counts"),
        pytest.param(TEXT + " Points: 5", (), id="what the site counts, label first"),
        pytest.param(TEXT + " 3 min read", (), id="how long it takes to read"),
        pytest.param("4-minute read. " + TEXT, (), id="how long it takes to read, above"),
        pytest.param(TEXT + " Lesezeit: 3 Minuten", (), id="de: how long it takes to read"),
        pytest.param(TEXT + " Updated: 14:05", (), id="when it was touched: a clock"),
        pytest.param(TEXT + " Last updated 20 Nov 2026 14:05 GMT", (), id="when it was touched: date, clock and zone"),
        pytest.param(TEXT + " (Updated on Nov. 20, 2026 at 2:05 p.m. ET)", (), id="when it was touched: American"),
        pytest.param("Last updated: 2026-11-20. " + TEXT, (), id="when it was touched, above"),
        pytest.param(TEXT + " Stand: 20.11.2026, 14:05 Uhr", (), id="de: when it was touched"),
        pytest.param(TEXT + " Mis à jour le 20 novembre 2026 à 14h05", (), id="fr: when it was touched"),
        pytest.param(TEXT + " Son güncelleme: 20.11.2026 14:05", (), id="tr: when it was touched"),
        pytest.param(TEXT + " Обновлено: 20 ноября 2026, 14:05", (), id="ru: when it was touched"),
        pytest.param(TEXT + " Оновлено о 14:05", (), id="uk: when it was touched"),
        pytest.param(TEXT + " آخر تحديث: ١٤:٠٥", (), id="ar: when it was touched"),
        pytest.param(TEXT + " Updated: 15 dead", ("figures",), id="news after such a label"),
        pytest.param(TEXT + " Updated: 14:05. At 14 they left.", ("figures",), id="a stamp inside the text"),
    ],
)
def test_an_edit_of_the_text(after: str, what: tuple[str, ...]) -> None:
    assert corrections(version(), version(text=after)) == what


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("The subsidy will end in May", "The subsidy will not end in May", id="en: not"),
        pytest.param("The subsidy does end in May", "The subsidy doesn’t end in May", id="en: shortened"),
        pytest.param("He can attend the talks", "He cannot attend the talks", id="en: in one word"),
        pytest.param("Die Hilfe endet im Mai", "Die Hilfe endet nicht im Mai", id="de: nicht"),
        pytest.param("Es gibt eine Einigung", "Es gibt keine Einigung", id="de: keine"),
        pytest.param("L'aide prend fin en mai", "L'aide ne prend pas fin en mai", id="fr: ne pas"),
        pytest.param("La ayuda termina en mayo", "La ayuda no termina en mayo", id="es: no"),
        pytest.param("Yardım yeterli bulundu", "Yardım yeterli değil", id="tr: değil"),
        pytest.param("Yardım mayısta bitecek", "Yardım mayısta bitmeyecek", id="tr: in the verb, future"),
        pytest.param("Bakan açıklama yapıyor", "Bakan açıklama yapmıyor", id="tr: in the verb, present"),
        pytest.param("Bakan görüşmeye geldi", "Bakan görüşmeye gelmedi", id="tr: in the verb, past"),
        pytest.param("Помощь закончится в мае", "Помощь не закончится в мае", id="ru: не"),
        pytest.param("Допомога закінчиться", "Допомога не закінчиться", id="uk: не"),
        pytest.param("تنتهي المساعدات في مايو", "لن تنتهي المساعدات في مايو", id="ar: لن"),
    ],
)
def test_a_negation_is_told_whichever_way_it_goes(before: str, after: str) -> None:
    rest = " " + " ".join(f"rest{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert exchanged(before + rest, after + rest) <= 0.1
    assert corrections(version(text=before + rest), version(text=after + rest)) == ("text",)
    assert corrections(version(text=after + rest), version(text=before + rest)) == ("text",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("did not end", "didn't end", id="shortened"),
        pytest.param("can't end", "cannot end", id="in one word"),
        pytest.param("has not come", "has not arrived", id="another word, still not"),
        pytest.param("has come to a note", "has come to a knot", id="letters of it alone"),
        pytest.param("açıklama bekleniyor", "açıklama isteniyor", id="tr: another verb"),
        pytest.param("a comittee", "a committee", id="a letter m elsewhere than in Turkish"),
    ],
)
def test_a_text_that_says_no_other_thing(before: str, after: str) -> None:
    rest = " " + " ".join(f"rest{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert corrections(version(text=before + rest), version(text=after + rest)) == ()


def test_a_text_where_none_was_is_told() -> None:
    assert corrections(version(text=""), version(text="rain fell")) == ("text",)


def test_a_tenth_of_the_text_is_the_limit() -> None:
    words = [f"word{letter}" for letter in "abcdefghij"]
    nine = [*words[:9], "other"]
    assert exchanged(" ".join(words), " ".join(nine)) == pytest.approx(0.1)
    assert corrections(version(text=" ".join(words)), version(text=" ".join(nine))) == ()
    eight = [*words[:8], "other", "more"]
    assert corrections(version(text=" ".join(words)), version(text=" ".join(eight))) == ("text",)


def test_a_text_of_capitals_has_no_names() -> None:
    german = (
        "Der Botschafter sprach am Montag mit der Delegation über Getreide, Schiffe, Häfen und den Preis der Fracht."
    )
    assert corrections(version(text=german), version(text=german.replace("Fracht", "Ladung"))) == ()
    assert corrections(version(text=german), version(text=german.replace("Botschafter", "Gesandte"))) == ()


def test_all_that_was_corrected_is_told_in_a_fixed_order() -> None:
    other = version("Floods break bridges", "On Tuesday 7 bridges broke, said Mayor Ilves, and nobody crossed.")
    assert corrections(version(), other) == ("headline", "figures", "names", "text")
    notice = version("RETRACTED: Envoys meet in Geneva for grain talks")
    assert corrections(version(), notice) == ("withdrawn", "headline")
    assert corrections(notice, version()) == ("headline",)


def test_nothing_in_common_and_everything() -> None:
    assert exchanged("", "") == 0
    assert exchanged("a b", "b a") == 0
    assert exchanged("a b", "c d") == 1
    assert exchanged("北京", "東京") == 0.5, "sign by sign where no spaces are written"

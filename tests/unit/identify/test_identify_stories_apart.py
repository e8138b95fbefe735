"""Two reports in like words that are not one story: in other languages, of other names, or the contrary."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.identify.decide import decide
from feeds.identify.ledger import Ledger
from feeds.identify.stories import Stories
from feeds.identify.stories_desk import StoryDesk
from feeds.identify.stories_guards import contradict, language_of, marks_of
from feeds.identify.stories_names import name_marks
from feeds.model import Article, Known, Trace, Verdict
from tests.make import KEEP, NOW, article, digest

HOUR = timedelta(hours=1)


def judge(*items: Article) -> list[Verdict]:
    ledger = Ledger(keep=KEEP)
    return [ledger.judge(item, now=item.first_seen) for item in items]


def report(source: str, title: str, text: str = "", *, later: int = 0, **more: Any) -> Article:
    """An article that is no copy of another, whatever it says."""
    when = NOW + later * HOUR
    guid = more.pop("guid", "1")
    values = {"text": text, "language": "", "published": when, "first_seen": when} | more
    found = article(source, guid, title, **values)
    return replace(found, fingerprint=replace(found.fingerprint, key=b"\1" + digest(source, guid, title, size=16)))


def are_one(*items: Article) -> bool:
    return len({verdict.story for verdict in judge(*items)}) == 1


# ------------------------------------------------------------------------------------------------ languages

SUMMIT = "Trump, Putin, Zelensky: summit in Istanbul"


@pytest.mark.parametrize(
    ("languages", "stories"),
    [
        pytest.param(("en", "de"), 2, id="two that differ"),
        pytest.param(("en-GB", "en-us"), 1, id="one, of two regions"),
        pytest.param(("", "de"), 1, id="one unknown"),
        pytest.param(("de", ""), 1, id="the other unknown"),
        pytest.param(("", ""), 1, id="both unknown"),
        pytest.param(("", "en", "de"), 2, id="begun by one unknown, and told in another by now"),
        pytest.param(("en", "", "de"), 2, id="reached by way of one unknown"),
        pytest.param(("en", "de", ""), 2, id="two that one unknown is like"),
        pytest.param(("en", "de", "en", "de"), 2, id="each joins its own"),
    ],
)
def test_no_story_is_told_in_two_languages(languages: tuple[str, ...], stories: int) -> None:
    items = [report(f"s{n}", SUMMIT, language=language) for n, language in enumerate(languages)]
    assert len({verdict.story for verdict in judge(*items)}) == stories


def test_two_languages_that_are_near() -> None:
    one = report("alpha", "Зеленский прибыл в Вашингтон на переговоры с Трампом", language="ru")
    two = report("beta", "Зеленський прибув у Вашингтон на переговори з Трампом", language="uk")
    first, second = judge(one, two)
    assert first.story != second.story
    assert [near.story for near in second.related] == [first.story]


@pytest.mark.parametrize(("language", "one"), [("en", True), ("de", False), ("", True)])
def test_an_edit_unites_no_stories_of_two_languages(language: str, one: bool) -> None:
    stories, traces = Stories(), list[Trace]()
    items = [
        report("alpha", SUMMIT, language="en"),
        report("beta", "Trump, Putin: lake of Geneva", language=language),
    ]

    def since(seq: int, _: datetime) -> list[Trace]:
        return traces[seq:]

    for number, item in enumerate(items, start=1):
        known = Known(next_article=number, next_story=number, traces_since=since)
        changes = decide([item], known, now=NOW, keep=KEEP, stories=stories)
        traces += [replace(trace, seq=number) for trace in changes.traces]
    assert [trace.story for trace in traces] == [1, 2]
    desk = StoryDesk(stories, Known(traces_since=since), now=NOW, outlet="")
    desk.place_again(report("beta", SUMMIT, language=language), article=2)
    assert [same.near.story for same in desk.same] == [1] * one


def test_the_language_stands_in_the_trace() -> None:
    assert language_of(marks_of("talks on 3 may", "pt-BR")) == "pt"
    assert language_of(marks_of("talks on 3 may")) == ""


# ------------------------------------------------------------------------------------------ names and numbers

DRONES = "Drones hit a residential block overnight, injuring three people, the governor said on Friday."


@pytest.mark.parametrize(
    ("title", "other", "text"),
    [
        pytest.param(
            "Russian drone attack on Kharkiv injures three", "Russian drone attack on Sumy injures three", DRONES,
            id="places",
        ),
        pytest.param("Explosions heard in Odesa", "Explosions heard in Kyiv", "", id="places, of few words"),
        pytest.param("Air raid alert in Kyiv", "Air raid alert in Lviv", "Residents were told to hide.", id="an alert"),
        pytest.param(
            "Zelensky speaks with Macron by phone", "Zelensky speaks with Merz by phone", "", id="people"
        ),
        pytest.param(
            "Foreign minister Fidan meets Syrian counterpart", "Foreign minister Fidan meets Greek counterpart", "",
            id="nations",
        ),
        pytest.param("Зеленский поговорил с Макроном", "Зеленский поговорил с Мерцем", "", id="in Russian"),
        pytest.param("Erdoğan, Macron ile görüştü", "Erdoğan, Meloni ile görüştü", "", id="in Turkish"),
        pytest.param(
            "وزير الخارجية المصري يلتقي نظيره التركي في القاهرة", "وزير الخارجية المصري يلتقي نظيره الروسي في القاهرة",
            "", id="without capitals",
        ),
        pytest.param(
            "Zelensky Speaks With Emmanuel Macron by Phone", "Zelensky Speaks With Friedrich Merz by Phone", "",
            id="in Title Case",
        ),
        pytest.param(
            "Magnitude 5.2 earthquake hits Japan", "Magnitude 5.9 earthquake hits Chile", "", id="names and numbers"
        ),
        pytest.param(
            "Ukraine shoots down 52 of 60 drones overnight", "Ukraine shoots down 70 of 99 drones overnight", "",
            id="several numbers",
        ),
        pytest.param("أسعار الذهب اليوم الجمعة", "أسعار الذهب اليوم السبت", "", id="weekdays in Arabic"),
        pytest.param(
            "Central bank raises interest rate", "Central bank cuts interest rate", "The bank spoke.", id="raises, cuts"
        ),
        pytest.param(
            "Trump to meet Putin in Istanbul on Friday", "Trump cancels meeting with Putin in Istanbul",
            "US President Donald Trump and Russian President Vladimir Putin were to speak of Ukraine.",
            id="meets, cancels",
        ),
        pytest.param(
            "Iran says it will attend talks in Geneva", "Iran says it will not attend talks in Geneva", "", id="not"
        ),
        pytest.param("Iran attends talks in Geneva", "Iran won't attend talks in Geneva", "", id="won't"),
        pytest.param("Иран примет участие в переговорах", "Иран не примет участие в переговорах", "", id="не"),
        pytest.param(
            "İran Cenevre görüşmelerine katılacak", "İran Cenevre görüşmelerine katılmayacak", "", id="a Turkish suffix"
        ),
        pytest.param("إيران تشارك في محادثات جنيف", "إيران لن تشارك في محادثات جنيف", "", id="لن"),
        pytest.param("Iran nimmt an Gesprächen teil", "Iran nimmt an Gesprächen nicht teil", "", id="nicht"),
        pytest.param("L'Iran participe aux pourparlers", "L'Iran ne participe pas aux pourparlers", "", id="ne pas"),
        pytest.param("Video", "Video", "", id="one word that says nothing"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("outlet", ["alpha", "beta"], ids=["one outlet", "two outlets"])
def test_two_events(title: str, other: str, text: str, outlet: str) -> None:
    one = report("alpha", title, text and f"{text} One.")
    assert not are_one(one, report(outlet, other, text and f"{text} Two.", guid="2"))


@pytest.mark.parametrize(
    ("title", "other", "text"),
    [
        pytest.param(
            "Drone attack on Kharkiv injures three", "Drone attack on Kharkiv injures three, Syniehubov says", "",
            id="one names a person more",
        ),
        pytest.param(
            "Third case filed against Sara Duterte", "Third case filed against Philippine Vice-President Sara Duterte",
            "", id="one names an office more",
        ),
        pytest.param(
            "Shooter opens fire at Canadian high school", "Shooter opens fire at high school in Canada", "",
            id="two forms of one name",
        ),
        pytest.param(
            "Engineer of Chornobyl says few survive", "Engineer of Chernobyl says few survive", "", id="two spellings"
        ),
        pytest.param(
            "Vessel hit by projectiles in Umm Qasr on Monday", "Vessel hit by projectiles in Umm Qasr on June 1", "",
            id="a weekday and a date",
        ),
        pytest.param(
            "Fire sweeps through Delhi hotel, killing 18", "Fire sweeps through Delhi hotel, killing 21", "",
            id="a toll",
        ),
        pytest.param(
            "Strike on Kharkiv kills four, Kyiv says", "Strike on Izium kills four, officials say",
            "A strike on Izium in the region of Kharkiv, Ukraine, killed four people, officials in Kyiv said.",
            id="the lead has the name",
        ),
        pytest.param(
            "Hezbollah rejects ceasefire with Israel", "Hezbollah will not accept ceasefire with Israel", "",
            id="not, and an opposite",
        ),
        pytest.param("Oil rises as shares fall in Tokyo", "Shares fall in Tokyo, oil soars", "", id="both ways"),
    ],
)  # fmt: skip
def test_one_event_of_two_outlets(title: str, other: str, text: str) -> None:
    assert are_one(report("alpha", title, text and f"{text} One."), report("beta", other, text and f"{text} Two."))


@pytest.mark.parametrize(
    ("later", "one"), [pytest.param(2, True, id="a toll that rises"), pytest.param(22, False, id="the next night")]
)
def test_one_number_of_two_outlets(later: int, one: bool) -> None:
    title = "Ukraine shoots down {} drones overnight"
    assert are_one(report("alpha", title.format(52)), report("beta", title.format(70), later=later)) is one


@pytest.mark.parametrize(
    ("other", "one"),
    [
        pytest.param("Downing Street denies exerting pressure to approve appointment of envoy", True, id="a word less"),
        pytest.param(
            "Downing Street chief resigns over appointment of envoy to Washington", False, id="what came of it"
        ),
    ],
)
def test_titles_of_one_outlet(other: str, one: bool) -> None:
    title = "Downing Street denies exerting pressure to approve appointment of an envoy to Washington"
    assert are_one(report("alpha", title), report("alpha", other, guid="2")) is one


@pytest.mark.parametrize(
    ("title", "text", "language", "marks"),
    [
        pytest.param("Drone attack on Kharkiv kills 3", "", "", {"kkharki", "k3", "mdrone"}, id="a capital inside"),
        pytest.param("Drone attack on Kharkiv", "The drone came.", "", {"kkharki"}, id="the text has it small"),
        pytest.param("Kharkiv is hit", "Drones hit Kharkiv.", "", {"kkharki"}, id="the text has it with a capital"),
        pytest.param("Russia Says Talks Ended", "", "", {"mrussia", "msays", "mtalks", "mended"}, id="Title Case"),
        pytest.param("Bahn hält", "Am Montag hielt die Bahn.", "de", {"mbahn"}, id="German nouns"),
        pytest.param("حرب", "", "", {"mحرب"}, id="no case"),
        pytest.param("地震", "", "", set(), id="ideographs"),
        pytest.param("Urgent: talks on Monday", "", "", set(), id="labels and dates"),
    ],
)
def test_names_of_a_title(title: str, text: str, language: str, marks: set[str]) -> None:
    assert set(name_marks(title, text, language)) == marks


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        pytest.param("أسعار الذهب اليوم الجمعة", "أسعار الذهب اليوم السبت", True, id="Arabic weekdays"),
        pytest.param("أسعار الذهب 3 مايو", "أسعار الذهب 3 يونيو", True, id="Arabic months"),
        pytest.param("пятница, что известно", "суббота, что известно", True, id="Russian weekdays as they are"),
        pytest.param("что известно в пятницу", "что известно утром пятницы", False, id="two cases of one weekday"),
        pytest.param("п'ятниця: що відомо", "середа: що відомо", True, id="Ukrainian weekdays as they are"),
    ],
)
def test_dates_in_other_scripts(one: str, other: str, against: bool) -> None:
    assert contradict(marks_of(one), marks_of(other), one_publisher=False) is against

"""What we say ourselves: every table whole, every form right, and all of it used."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from feeds.model import Also, Correction, Edit
from feeds.model.query import MISREADS
from feeds.publish import words
from feeds.publish.entry import show
from feeds.publish.topic import render_site, render_topic
from tests.unit.publish.publish_samples import SITE, START, TOPICS, UKRAINE, entry

FORMS = {"en": {"one", "other"}, "tr": {"other"}, "uk": {"one", "few", "many"}}
OTHERS = sorted(FORMS.keys() - {"en"})
CODE = Path(words.__file__).parent


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_there_is_a_table_for_each_language() -> None:
    assert {file.stem for file in (CODE / "pages" / "words").iterdir()} == words.PLURALS.keys() == FORMS.keys()


@pytest.mark.parametrize("language", FORMS)
class TestEveryTable:
    def test_is_complete_and_fills_the_same_gaps(self, language: str) -> None:
        said, english = words.load(language), words.load("en")
        assert said.texts.keys() == english.texts.keys()
        assert said.plurals.keys() == english.plurals.keys()
        assert said.languages.keys() == english.languages.keys()
        assert (len(said.months), len(said.months_short), len(said.weekdays)) == (12, 12, 7)
        assert said.misreads.keys() == MISREADS.keys()
        assert not {why for why, text in said.misreads.items() if gaps(text) != gaps(MISREADS[why])}
        differ = {name for name, text in said.texts.items() if gaps(text) != gaps(english.texts[name])}
        assert not differ

    def test_has_every_form_that_the_language_has(self, language: str) -> None:
        said = words.load(language)
        assert {frozenset(forms) for forms in said.plurals.values()} == {frozenset(FORMS[language])}
        assert {words.PLURALS[language](number) for number in range(200)} == FORMS[language]

    def test_is_plain_text(self, language: str) -> None:
        said = words.load(language)
        plural = [text for forms in said.plurals.values() for text in forms.values()]
        misreads = [text for text in said.misreads.values() if language != "en"]  # English stands in the model
        days = [*said.months, *said.months_short, *said.weekdays]
        for text in (*said.texts.values(), *misreads, *plural, *days, *said.languages.values()):
            assert text
            assert not re.search(r"[<>&\"\n]|[^\S ]|  ", text), text

    def test_ends_its_word_on_a_headline_with_that_headline(self, language: str) -> None:
        assert words.load(language).texts["headline_changed"].endswith("{was}")


def test_every_text_is_said_somewhere() -> None:
    places = [*CODE.glob("*.py"), *(CODE / "pages").glob("*.j2")]
    said = " ".join(place.read_text(encoding="utf-8") for place in places)
    composed = {"where_title", "where_lead", "where_body", "where_category", "where_source", "where_country"}
    composed |= {
        "where_always",
        "where_likeness",
        *(f"changed_{what}" for what in get_args(Correction)),
    }  # by what the rules and notes say
    unsaid = {name for name in words.load("en").texts if f'"{name}"' not in said}
    assert unsaid - composed == set()
    assert {f'"{noun}"' in said for noun in words.load("en").plurals} == {True}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    said, english = words.load(language), words.load("en")
    same = {"moment", "day", "day_of_year", "list_comma"}  # signs and gaps alone
    assert {name for name, text in said.texts.items() if text == english.texts[name]} <= same
    assert not {why for why, text in said.misreads.items() if text == MISREADS[why]}
    assert not {tag for tag, name in said.languages.items() if name == english.languages[tag]}


@pytest.mark.parametrize(
    ("language", "number", "told"),
    [
        ("en", 0, "0 stories"), ("en", 1, "1 story"), ("en", 21, "21 stories"),
        ("tr", 1, "1 haber"), ("tr", 2, "2 haber"),
        ("uk", 0, "0 новин"), ("uk", 1, "1 новина"), ("uk", 2, "2 новини"), ("uk", 4, "4 новини"), ("uk", 5, "5 новин"),
        ("uk", 11, "11 новин"), ("uk", 12, "12 новин"), ("uk", 14, "14 новин"), ("uk", 21, "21 новина"),
        ("uk", 22, "22 новини"), ("uk", 111, "111 новин"), ("uk", 112, "112 новин"), ("uk", 121, "121 новина"),
    ],
)  # fmt: skip
def test_numbers_and_their_nouns(language: str, number: int, told: str) -> None:
    assert words.load(language).counted(number, "stories") == told


@pytest.mark.parametrize(
    ("language", "number", "told"),
    [
        ("en", 1, "3 stories from 1 source"), ("en", 2, "3 stories from 2 sources"),
        ("tr", 1, "1 kaynaktan 3 haber"), ("tr", 2, "2 kaynaktan 3 haber"),
        ("uk", 1, "3 новини з 1 джерела"), ("uk", 3, "3 новини з 3 джерел"), ("uk", 5, "3 новини з 5 джерел"),
        ("uk", 21, "3 новини з 21 джерела"),
    ],
)  # fmt: skip
def test_sources_stand_in_the_case_that_their_sentence_wants(language: str, number: int, told: str) -> None:
    said = words.load(language)
    sources = said.counted(number, "of_sources")
    assert said.plain("from_sources", stories=said.counted(3, "stories"), sources=sources) == told


@pytest.mark.parametrize(
    ("language", "day", "briefly"),
    [
        ("en", "Sunday 22 November 2026", "22 Nov, 06:05 UTC"),
        ("tr", "22 Kasım 2026 Pazar", "22 Kas, 06:05 UTC"),
        ("uk", "Неділя, 22 листопада 2026", "22 лист., 06:05 UTC"),
    ],
)
def test_dates_in_words(language: str, day: str, briefly: str) -> None:
    said = words.load(language)
    at = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
    assert said.plain("heading", weekday=said.weekday(at), day=said.day(at)) == day
    assert said.briefly(at, datetime(2026, 12, 31, tzinfo=UTC)) == briefly
    assert said.briefly(at, datetime(2027, 1, 1, tzinfo=UTC)) == briefly.replace(",", " 2026,")


def test_turkish_endings_agree_with_what_is_filled_in() -> None:
    said = words.load("tr")
    at = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
    assert said.plain("silent", moment=said.in_words(at)) == "22 Kasım 2026, 06:05 UTC’den beri yanıt vermiyor"
    told = {"last": said.day(at), "peak": said.day(at), "stories": said.counted(9, "stories"), "most": 5}
    course = said.plain("volume_words", days=said.counted(7, "days"), **told)
    assert course == "22 Kasım 2026 itibarıyla son 7 günde 9 haber; en yoğun gün: 22 Kasım 2026 (5)."


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        pytest.param("tr", "tr", id="a language"),
        pytest.param("uk-UA", "uk", id="with a region"),
        pytest.param("TR", "tr", id="in capitals"),
        pytest.param("ar", "en", id="one that there is no table for"),
        pytest.param("", "en", id="none"),
    ],
)
def test_the_words_of_a_site(tag: str, language: str) -> None:
    assert words.of(tag).language == language


def test_what_is_filled_in_is_escaped() -> None:
    assert words.load("en").html("more_on", topic="<b> & {site}") == "More on &lt;b&gt; &amp; {site}"


def test_feeds_and_pages_speak_the_language_of_the_site() -> None:
    site = replace(SITE, language="uk-UA")
    told: dict[str, Any] = {"edits": (Edit(at=START, what=("headline",), was="Раніше"),), "withdrawn": START}
    story = entry(language="uk", **told)
    shown = show(story, site=site, topics={})
    assert shown.title.startswith("Відкликано: ")
    assert (shown.correction, shown.was) == ("Заголовок змінено (06:00 UTC), було: Раніше", "Раніше")
    assert "Про це також пишуть: " in shown.summary
    done = render_topic(site, UKRAINE, [story], limit=9, all_topics=TOPICS)
    page = done.files["ukraine/index.html"].decode()
    assert '<html lang="uk">' in page
    assert "1 новина з 3 джерел · оновлено 22 листопада 2026, 06:03 UTC" in re.sub("<[^>]+>", "", page)
    assert "у заголовку" in page
    assert 'lang="uk" dir' not in page
    assert "Заголовки й уривки належать їхнім видавцям" in done.files["ukraine.atom"].decode()
    topic = replace(UKRAINE, title="Україна", description="Україна та її люди.")
    around = render_site(site, [(topic, [story])], standings=[], own_pages=[])
    assert "Foreign desk: джерела" in around.files["sources.opml"].decode()
    for name in ("index.html", "about/index.html"):
        assert not re.search(r">[^<]*\b(The|and|of|sources|stories)\b", around.files[name].decode().split("<main")[1])


def test_outlets_that_are_not_independent_are_counted_apart() -> None:
    also = tuple(
        Also(outlet=f"O{nth}", title="x", url=f"https://o{nth}.example/", published=START, independent=nth > 1)
        for nth in range(3)
    )
    page = render_topic(SITE, UKRAINE, [entry(also=also)], limit=9, all_topics=TOPICS).files["ukraine/index.html"]
    assert "(3, 1 of them independently)</p>" in page.decode()

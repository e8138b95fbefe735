"""Which articles are one story: the words that count, what speaks against it, and the index that finds them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.identify.decide import decide
from feeds.identify.ledger import Ledger
from feeds.identify.stories import MERGE, RELATED, Stories
from feeds.identify.stories_guards import contradict, marks_of, wire_of
from feeds.identify.stories_words import common_tokens, lead_words, pack, title_words, token, unpack
from feeds.model import Article, Known, Outcome, Trace, Verdict
from tests.make import KEEP, NOW, article

HOUR = timedelta(hours=1)
GRAIN = (
    "Turkey and Ukraine sign grain export deal in Ankara",
    "The foreign ministers of Turkey and Ukraine signed an agreement on grain exports through the Black Sea.",
)


def told(name: str, title: str, text: str = "", **more: Any) -> Article:
    return article(name, more.pop("guid", "story-1234567"), title, text=text or f"{title}, as told by {name}.", **more)


def judge(*items: Article) -> list[Verdict]:
    ledger = Ledger(keep=KEEP)
    return [ledger.judge(item, now=item.first_seen) for item in items]


def are_one(*items: Article) -> bool:
    return len({verdict.story for verdict in judge(*items)}) == 1


# ---------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("title", "stems"),
    [
        pytest.param(
            "ukraine's grain exports", ["ukrain", "grain", "export"], id="cut to six letters, possessive gone"
        ),
        pytest.param("erdoğan in ığdır", ["erdoga", "igdir"], id="Latin letters lose their marks"),
        pytest.param("київ і війна, ещё", ["київ", "війн", "еще"], id="й and ї stay, ё is е"),
        pytest.param("toll at 3,342 of 12", ["toll", "3342", "12"], id="digits whole, groups joined"),
        pytest.param("l'iran dit non", ["iran", "dit", "non"], id="an elided article parts from its word"),
        pytest.param("日本海で地震", ["日本", "本海", "海で", "で地", "地震"], id="pairs where no space parts words"),
        pytest.param("of in by", [], id="short words say nothing"),
        pytest.param("海 12", ["海", "12"], id="a character alone is a word"),
        pytest.param("erdog\u0306an ky\u200biv", ["erdoga", "kyiv"], id="marks of their own and signs unseen are gone"),
    ],
)
def test_words_of_a_title(title: str, stems: list[str]) -> None:
    assert list(title_words(title)) == stems


def test_words_are_shown_as_they_were_met_first() -> None:
    said = title_words("nine dead on 12 may, killed in 地震だ")
    assert list(said.values()) == ["nine", "dead", "12", "may", "地震", "震だ"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("взрыв", "взрывами", id="cases of a Russian noun"),
        pytest.param("россию", "российских", id="a state and its people"),
        pytest.param("погибли", "погибших", id="a verb and who it tells of"),
        pytest.param("задержали", "арестованы", id="synonyms, in forms that the list has not"),
        pytest.param("санкции", "санкциями", id="cases of a noun in -ия"),
        pytest.param("лавров", "лаврова", id="a name in -ов"),
        pytest.param("пожежа", "пожежею", id="cases of a Ukrainian noun"),
        pytest.param("київ", "києва", id="a name whose vowel changes"),
        pytest.param("nine killed", "9 dead", id="a number as word and as digits, synonyms"),
        pytest.param("zwölf tote", "12 getötet", id="in German"),
        pytest.param("turkey", "türkiye", id="two spellings of a name"),
        pytest.param("fires", "blaze", id="synonyms of which one has a plural"),
    ],
)
def test_words_for_the_same_are_one(one: str, other: str) -> None:
    assert title_words(one).keys() == title_words(other).keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("газа", "газ", id="what is left of a short word is four letters at least"),
        pytest.param("deal", "dead", id="Latin words keep their endings"),
        pytest.param("20 dead", "12 dead", id="other numbers"),
        pytest.param("умеров", "погиб", id="a minister, no death"),
        pytest.param("семья", "7", id="a family, no seven"),
        pytest.param("четверг", "4", id="a Thursday, no four"),
        pytest.param("seventh", "17", id="what begins like a word of the list"),
        pytest.param("investor", "probe", id="the same, of a long word"),
        pytest.param("indiana", "india", id="the same, of a name"),
        pytest.param("oldu", "ölüm", id="a frequent word that lost its marks"),
    ],
)
def test_words_for_other_things_stay_apart(one: str, other: str) -> None:
    assert title_words(one).keys() != title_words(other).keys()


def words_of(file: str) -> list[str]:
    return (resources.files("feeds.identify") / file).read_text(encoding="utf-8").splitlines()


def test_no_word_is_the_same_as_two_others() -> None:
    lines = [line for line in words_of("same.txt") if line and not line.startswith("#")]
    assert [line for line in lines if len(title_words(line)) != 1 or len(title_words(line.split()[0])) != 1] == []
    assert len({stem for line in lines for stem in title_words(line)}) == len(lines)


def test_no_word_is_the_same_as_its_contrary() -> None:
    matters = [
        [title_words(way.casefold()).keys() for way in line.split("|")]
        for line in words_of("opposites.txt")
        if "|" in line and not line.startswith("#")
    ]
    assert matters
    assert not [one & other for one, other in matters if one & other]


def test_a_lead_is_fifty_words_of_the_summary_or_of_a_longer_text() -> None:
    long = " ".join(str(number) for number in range(80))
    short = article("alpha", "1", summary="<p>Only a line of it</p>", content="<p>all</p>", text=long)
    assert list(lead_words(short)) == [str(number) for number in range(50)]
    assert list(lead_words(replace(short, text="A line"))) == ["only", "line"]
    assert lead_words(replace(short, fingerprint=replace(short.fingerprint, kind="B"))) == {}


def test_a_token_is_the_same_for_ever() -> None:
    assert token("ukrain") == 0xE36B70FC62F3FDD4, "changed: every stored trace would be worth nothing"


@given(st.lists(st.integers(min_value=0, max_value=2**64 - 1)))
def test_tokens_are_stored_as_they_are(tokens: list[int]) -> None:
    assert list(unpack(pack(tokens))) == tokens


def test_everyday_words_are_known_beforehand() -> None:
    common = common_tokens()
    assert common[token("the")] > common[token("police")] > 0
    assert token("grain") not in common


# ---------------------------------------------------------------------------------------------- guards


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        pytest.param("weather on may 16", "weather on may 17", True, id="dates"),
        pytest.param("погода 16 мая", "погода 17 мая", True, id="dates in Russian"),
        pytest.param("review of 16 may", "may 16 in review", False, id="one date, two spellings"),
        pytest.param("what we know on monday", "what we know on friday", True, id="weekdays"),
        pytest.param("talks on monday", "talks on may 16", False, id="a weekday is no date"),
        pytest.param("wordle #812", "wordle #813", True, id="instalments"),
        pytest.param("war, day 12", "war, day 13", True, id="counted days"),
        pytest.param("quake kills 12", "quake kills 15", False, id="tolls of two outlets"),
    ],
)
def test_what_tells_titles_apart(one: str, other: str, against: bool) -> None:
    assert contradict(marks_of(one), marks_of(other), one_publisher=False) is against


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        pytest.param("report 12", "report 15", True, id="another report"),
        pytest.param("covid-19: 238 new cases", "covid-19: 317 new cases", True, id="one number of two is another"),
        pytest.param("toll rises to 12", "toll rises", False, id="a number, and none"),
    ],
)
def test_of_one_publisher_other_numbers_are_another_item(one: str, other: str, against: bool) -> None:
    assert contradict(marks_of(one), marks_of(other), one_publisher=True) is against
    assert not contradict(marks_of(one), marks_of(other), one_publisher=False)


@pytest.mark.parametrize(
    ("publisher", "authors", "text", "wire"),
    [
        pytest.param("reuters.com", (), "Words.", "reuters", id="at home"),
        pytest.param("a.example", ("By Reuters",), "Words.", "reuters", id="as author"),
        pytest.param("a.example", (), "WASHINGTON (AP) — Words.", "ap", id="before the text"),
        pytest.param("a.example", (), "Words, and more words. - AFP", "afp", id="after it"),
        pytest.param("a.example", (), "ANKARA (AA) - Sözler.", "aa", id="in Turkish"),
        pytest.param("a.example", (), "The paper asked Reuters for words.", "", id="named in passing"),
        pytest.param("a.example", ("A. Writer",), "", "", id="none"),
    ],
)
def test_the_agency_that_is_copied(publisher: str, authors: tuple[str, ...], text: str, wire: str) -> None:
    assert wire_of(publisher, authors, text) == wire


# ---------------------------------------------------------------------------------------------- one story or two


def test_the_same_news_in_other_words_is_one_story() -> None:
    one = told("alpha", *GRAIN)
    two = told("beta", "Ukraine, Turkey sign deal on exports of grain", "Ports reopen after a long war at sea.")
    first, second = judge(one, two)
    assert (second.outcome, second.story, second.act) == (Outcome.NEW, first.story, "begin")
    assert second.near is not None
    assert second.near.score >= MERGE
    assert {"grain", "turkey", "ukraine"} <= set(second.near.shared)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        pytest.param("Hotel blaze in Kolkata kills 9", "Nine dead in hotel fire in Kolkata", id="in English"),
        pytest.param("Взрыв на заводе в Казани", "На заводе Казани прогремели взрывы", id="in Russian"),
    ],
)
def test_forms_and_synonyms_do_not_part_two_reports(title: str, other: str) -> None:
    assert are_one(told("alpha", title, title), told("beta", other, other))


def test_related_news_is_named_and_stays_apart() -> None:
    one = told("alpha", *GRAIN)
    two = told(
        "beta", "Wheat prices after Ukraine grain export deal", "Exports through the Black Sea sent wheat down.",
        published=NOW + 12 * HOUR, first_seen=NOW + 12 * HOUR,
    )  # fmt: skip
    first, second = judge(one, two)
    assert second.story != first.story
    assert [near.story for near in second.related] == [first.story]
    assert RELATED <= second.related[0].score < MERGE


@pytest.mark.parametrize(
    ("title", "other", "later", "one"),
    [
        pytest.param("Envoys sign oats pact, sheep", "Envoys praise oats pact", 0, True, id="two reports at once"),
        pytest.param("Envoys sign oats pact, sheep", "Envoys praise oats pact", 60, False, id="what came of it"),
        pytest.param("Envoys sign oats pact", "Envoys sign oats pact", 60, True, id="an equal title, late"),
        pytest.param("Oats pact, envoys, sheep", "Oats pact: bridge, vineyard", 0, False, id="half the words, of few"),
        pytest.param(
            "Oats pact: lighthouse, pilgrim, quarry, sawmill, envoys, sheep, harbour, minister, castle, lantern",
            "Oats pact: lighthouse, pilgrim, quarry, sawmill, bridge, vineyard, orchard, bakery, saddle, violin",
            0, True, id="half the words, of many",
        ),
    ],
)  # fmt: skip
def test_how_near_in_time_and_how_many_words(title: str, other: str, later: int, one: bool) -> None:
    when = NOW + later * HOUR
    assert are_one(told("alpha", title, published=NOW), told("beta", other, published=when, first_seen=when)) is one


@pytest.mark.parametrize(
    ("title", "other", "later", "publisher", "one"),
    [
        pytest.param("Grain deal signed", "Grain deal signed", 71, "beta", True, id="within 72 hours"),
        pytest.param("Grain deal signed", "Grain deal signed", 73, "beta", False, id="not after that"),
        pytest.param("Envoy column of grain", "Envoy column of grain", 19, "alpha", True, id="a publisher within 20 h"),
        pytest.param("Envoy column of grain", "Envoy column of grain", 21, "alpha", False, id="after that a feature"),
        pytest.param("Horoscope for lions", "Horoscope for lions", 1, "beta", True, id="a series, the very same"),
        pytest.param("Horoscope for lions", "Horoscope for lions", 21, "beta", False, id="a series, a day later"),
        pytest.param("Horoscope for lions", "Horoscope for old lions", 1, "beta", False, id="a series, not the same"),
        pytest.param("Vineyards are flooded", "Deputies pass budget", 1, "beta", True, id="an equal lead"),
        pytest.param("Vineyards are flooded", "Deputies pass budget", 1, "alpha", False, id="a publisher's usual lead"),
        pytest.param("Word of the day: oats", "Word of the day: rye", 1, "alpha", False, id="a word for each day"),
        pytest.param("News bulletin – noon", "News bulletin – night", 1, "alpha", False, id="a bulletin an hour"),
        pytest.param("Talks updates live: 2 go", "Talks updates live: go", 1, "beta", False, id="a live page"),
        pytest.param("Grain talks live: 2 sign", "Grain talks live: 3 sign", 1, "beta", False, id="a live page, named"),
        pytest.param("2 sign grain deal – live", "3 sign grain deal – live", 1, "beta", False, id="live at the end"),
        pytest.param("Grain report of 3 May", "Grain report of 4 May", 1, "beta", False, id="two dates"),
    ],
)
def test_windows_and_guards(title: str, other: str, later: int, publisher: str, one: bool) -> None:
    text = "Words that all of them have in common, and that are long enough to be a lead of an article."
    when = NOW + later * HOUR
    first = told("alpha", title, text, published=NOW, url="https://alpha.example/a", publisher="alpha.example")
    second = told(
        publisher, other, text + " ", guid="story-7654321", published=when, first_seen=when,
        publisher=f"{publisher}.example",
        fingerprint=replace(first.fingerprint, key=b"\1" + bytes(16)), url=f"https://{publisher}.example/b",
    )  # fmt: skip
    assert are_one(first, second) is one


def test_a_chain_of_likenesses_ends_where_the_first_is_no_longer_like() -> None:
    titles = [
        "Harvest envoys quarrel over wheat tariffs",
        "Envoys quarrel over wheat tariffs, vineyards flooded",
        "Wheat tariffs, vineyards flooded, bridges collapse",
        "Vineyards flooded, bridges collapse under sheep",
        "Bridges collapse under sheep near lighthouse",
    ]
    stories = [
        v.story for v in judge(*(told(f"s{n}", title, guid=f"story-{n}234567") for n, title in enumerate(titles)))
    ]
    assert stories[0] == stories[1]
    assert stories[-1] != stories[0]


# ---------------------------------------------------------------------------------------------- the index


def index_of(*items: Article) -> tuple[Stories, list[Trace]]:
    """An index over decided items, and their traces as a store would hold them."""
    stories, traces = Stories(), list[Trace]()

    def since(seq: int, _: datetime) -> list[Trace]:
        return [trace for trace in traces if trace.seq > seq]

    for number, item in enumerate(items, start=1):
        known = Known(next_article=number, next_story=number, traces_since=since)
        changes = decide([item], known, now=NOW, keep=KEEP, stories=stories)
        traces += [replace(trace, seq=len(traces) + 1) for trace in changes.traces]
    stories.take_up(since, now=NOW)
    return stories, traces


WORDS = st.lists(st.sampled_from(("grain", "wheat", "envoy", "tariff", "bridge", "flood", "sheep")), min_size=1)


@settings(max_examples=30)
@given(st.lists(WORDS, min_size=1, max_size=12), WORDS)
def test_an_index_begun_anew_answers_as_the_one_that_went_on(titles: list[list[str]], last: list[str]) -> None:
    items = [
        told("alpha", " ".join(words), guid=f"story-{n}234567", publisher=f"p{n % 3}") for n, words in enumerate(titles)
    ]
    went_on, traces = index_of(*items)
    begun = Stories()
    begun.take_up(lambda seq, _: [t for t in traces if t.seq > seq], now=NOW)
    assert len(begun) == len(went_on) == len(items)
    item = told("beta", " ".join(last), guid="last-1234567")
    answers = []
    for stories in (went_on, begun):
        known = Known(next_article=99, next_story=99)
        answers.append(decide([item], known, now=NOW, keep=KEEP, stories=stories).verdicts)
    assert answers[0] == answers[1]


def test_what_is_too_old_leaves_nothing_behind() -> None:
    stories, traces = index_of(*(told("alpha", f"Harbour {n}", guid=f"story-{n}234567") for n in range(9)))
    later = NOW + 73 * HOUR
    stories.take_up(lambda _seq, seen: [t for t in traces if t.seen >= seen and t.seq > 9], now=later)
    assert len(stories) == 0
    assert len(stories._slots) == len(Stories()._slots)
    assert set(stories._lists) == {None}

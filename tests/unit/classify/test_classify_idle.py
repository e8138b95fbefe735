"""Rules that can never work are named, and those that may are left in peace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from feeds.classify.idle import idle
from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names
from feeds.classify.rules import compile_rules
from feeds.model import Source

UNREACHED = "nothing can reach its need of"


def findings(topic: dict[str, Any], *, named: tuple[str, ...] = (), **tables: Any) -> list[str]:
    """What is said of one topic and of own lists: key and words."""
    rules = {"topics": {"topic": topic}, **tables}
    found = list(idle(rules, compile_rules(rules), named=named, file="c", line=len))
    assert all((f.file, f.line) == ("c", len(f.key)) and f.remedy for f in found)
    return [f"{f.key}: {f.what}" for f in found]


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        pytest.param({"words": {"10": []}}, f"topics.topic: {UNREACHED} 10: nothing speaks for it", id="no words"),
        pytest.param({"words": {"-10": ["oil"]}}, f"topics.topic: {UNREACHED} 10: nothing speaks", id="words against"),
        pytest.param({"words": {"0": ["oil"]}}, f"topics.topic: {UNREACHED} 10: nothing speaks", id="words worth 0"),
        pytest.param(
            {"need": 100, "words": {"10": ["oil"]}},
            f"topics.topic.need: {UNREACHED} 100: all that speaks for it brings 20 together",
            id="a need above all",
        ),
        pytest.param(
            {
                "need": 62,
                "words": {"10": ["oil", "gas"], "-9": ["fat"]},
                "combo": [{"points": 5, "all": ["oil", "gas"]}],
            }
            | {"categories": {"a": 3, "b": 4}, "sources": {"a": 2}, "home": 5, "country": "NO"},
            f"topics.topic.need: {UNREACHED} 62: all that speaks for it brings 61 together",
            id="all kinds of reasons, and one point short",
        ),
        pytest.param(
            {"words": {"1": ["oil"]}, "combo": [{"points": 9, "all": ["@none", "oil"]}]},
            f"topics.topic: {UNREACHED} 10: all that speaks for it brings 2 together",
            id="a combo of an empty list",
        ),
    ],
)
def test_a_need_that_nothing_reaches(topic: dict[str, Any], said: str) -> None:
    (found,) = [f for f in findings(topic, lists={"none": []}) if not f.startswith("lists.")]
    assert found.startswith(said)


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param({"words": {"5": ["oil"]}}, id="in the title twice as much"),
        pytest.param({"words": {"3": ["oil", "gas"]}}, id="two words"),
        pytest.param({"need": 61, "words": {"10": ["oil", "gas"], "-9": ["fat"]}}
            | {"combo": [{"points": 5, "all": ["oil", "gas"]}], "categories": {"a": 3, "b": 4}, "sources": {"a": 2}}
            | {"home": 5, "country": "NO"}, id="all kinds of reasons together"),
        pytest.param({"opening": {"5": ["oil"]}, "beside": ["gas"]}, id="a word of the opening, in a title"),
        pytest.param({"use": "diplomacy", "beside": ["opec"]}, id="a pack has an opening"),
        pytest.param({"need": 99, "always": ["a"]}, id="always"),
        pytest.param({"use": "turkey", "words": {"0": ["akkuyu*"]}}, id="a word taken out of a pack"),
        pytest.param({"use": "turkey", "home": 5, "abroad": ["norway"]}, id="a pack says the country"),
        pytest.param({"use": "turkey", "home": 0}, id="a pack's home taken out"),
        pytest.param({"country": "NO", "words": {"10": ["oil"]}}, id="a country without home"),
        pytest.param({"ended": True, "words": {"10": []}, "home": 3}, id="an ended topic"),
    ],
)  # fmt: skip
def test_rules_that_may_work(topic: dict[str, Any]) -> None:
    assert findings(topic) == []


def test_beside_without_an_opening() -> None:
    assert findings({"words": {"10": ["oil"]}, "beside": ["gas"]}) == [
        "topics.topic.beside: keeps back the words of opening, and there are none"
    ]


def test_a_source_may_put_its_items_into_a_topic_of_no_words() -> None:
    assert findings({"words": {"10": []}}, named=("topic",)) == []


def test_an_article_with_everything_gets_what_the_linter_counts() -> None:
    topic = {"need": 1, "words": {"10": ["oil"], "2.5": ["gas"]}, "combo": [{"points": 5, "all": ["oil", "gas"]}]}
    topic |= {"categories": {"a": 3, "b": 4}, "sources": {"a": 2}, "home": 5, "country": "NO"}
    origin = Source(name="a", url="", country="NO")
    matcher = Matcher(compile_rules({"topics": {"topic": topic}}))
    (match,) = matcher.explain("Oil and gas", "", "", categories=["A", "B"], source=origin)
    assert findings(topic | {"need": match.score}) == []
    assert UNREACHED in findings(topic | {"need": match.score + 0.1})[0]


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        pytest.param({"home": 3}, "topics.topic.home: gives points to the outlets of no country", id="no country"),
        pytest.param({"abroad": ["@states"]}, "topics.topic.abroad: keeps back the points of home", id="no home"),
        pytest.param({"home": 0, "country": "NO", "abroad": ["x1"]}, "topics.topic.abroad: keeps", id="a home of 0"),
    ],
)
def test_a_key_that_wants_another(topic: dict[str, Any], said: str) -> None:
    (found,) = findings(topic | {"words": {"10": ["oil"]}})
    assert found.startswith(said)


KEEPS_OUT = "keeps out all articles but those that have a word of require in the body alone"


@pytest.mark.parametrize(
    ("none", "require"),
    [
        pytest.param(["oil"], ["oil"], id="one word in both"),
        pytest.param(["oil", "petrol*"], ["petroleum", "Oil"], id="each of several"),
        pytest.param(["oil"], ["=Oil"], id="one minds capitals"),
        pytest.param(["oil"], ["crude oil price*"], id="a phrase with it"),
        pytest.param(["crude* oil*"], ["crude* oil*"], id="stems inside a phrase"),
    ],
)
def test_words_that_are_wanted_and_refused(none: list[str], require: list[str]) -> None:
    topic = {"words": {"10": ["sea"]}, "none": none, "require": require}
    assert findings(topic) == [f"topics.topic.require: with none, {KEEPS_OUT}"]
    assert findings(topic | {"always": ["a"]}) == findings(topic, named=("topic",)) == []


def test_what_stands_in_the_body_alone_is_wanted_and_not_refused() -> None:
    topic = {"words": {"10": ["sea"]}, "none": ["oil"], "require": ["oil"]}
    (match,) = Matcher(compile_rules({"topics": {"topic": topic}})).explain("Sea", "lead", "oil")
    assert match.score == 20


@pytest.mark.parametrize(
    ("none", "require"),
    [
        pytest.param(["oil"], ["oil", "gas"], id="one of them is refused nowhere"),
        pytest.param(["petrol"], ["petrol*"], id="a stem finds more"),
        pytest.param(["=Oil"], ["oil"], id="what is refused minds capitals"),
        pytest.param(["oil price"], ["oil"], id="a phrase says more"),
        pytest.param(["oil"], ["foil"], id="a part of a word"),
        pytest.param(["oil"], [], id="nothing is wanted"),
    ],
)
def test_words_that_are_wanted_and_others_that_are_refused(none: list[str], require: list[str]) -> None:
    assert findings({"words": {"10": ["sea"]}, "none": none, "require": require}) == []


@pytest.mark.parametrize(
    ("listed", "keys"),
    [
        pytest.param({}, ["lists.f"], id="a table without entries"),
        pytest.param([], ["lists.f"], id="an array of no words"),
        pytest.param({"a": [], "b": ["gas"]}, ["lists.f.a"], id="an entry without words"),
        pytest.param({"a": ["gas"]}, [], id="an entry"),
        pytest.param(["gas"], [], id="a word"),
    ],
)
def test_a_list_of_nothing(listed: object, keys: list[str]) -> None:
    found = findings({"words": {"10": ["oil", "@f"]}}, lists={"f": listed})
    assert found == [f"{key}: is empty, so it finds nothing" for key in keys]


@pytest.mark.parametrize("name", pack_names())
def test_the_packs_can_all_work(name: str) -> None:
    assert findings({"use": name}) == []


@pytest.mark.parametrize(
    ("unlike", "reached"),
    [
        pytest.param([f"Fat {n}" for n in range(10)], True, id="the model may bring all points"),
        pytest.param(["Fat"], False, id="too few examples to ask it"),
    ],
)
def test_a_topic_that_a_model_judges(unlike: list[str], reached: bool) -> None:
    tables = {"topics": {"t": {"words": {"1": ["oil"]}, "like": [f"Oil {n}" for n in range(10)], "unlike": unlike}}}
    rules = replace(compile_rules(tables), likeness=True)
    assert (list(idle(tables, rules, named=(), file="c", line=len)) == []) is reached

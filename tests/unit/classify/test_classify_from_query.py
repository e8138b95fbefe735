"""A topic made of a query takes in what the query finds, and nothing that it does not."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.classify.from_query import name_for, topic_from_query
from feeds.classify.matcher import Matcher
from feeds.classify.patterns import Flaw
from feeds.classify.query import parse_query
from feeds.classify.rules import compile_rules
from feeds.config.values import topic_name
from feeds.model import Match, Query, Source

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEIGHTS = compile_rules({"topics": {}}).weights


def read(text: str) -> Query:
    query = parse_query(text, now=NOW)
    assert isinstance(query, Query)
    return query


def rules(text: str) -> str:
    written = topic_from_query(read(text), "mine", WEIGHTS, ["BBC-World"])
    assert isinstance(written, str), written
    return written


def scored(text: str, title: str, lead: str = "", body: str = "", **more: str) -> Match:
    """What the topic of a query says of a text."""
    source = Source(name=more.pop("source", "x"), url="")
    matcher = Matcher(compile_rules(tomllib.loads(rules(text))))
    return matcher.explain(title, lead, body, source=source, **more)[0]


def is_in(text: str, title: str, lead: str = "", body: str = "", **more: str) -> bool:
    match = scored(text, title, lead, body, **more)
    return match.score >= match.need


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        pytest.param("kerch", [("Kerch", ""), ("", "in Kerch")], [("Berch", "no")], id="a word"),
        pytest.param(
            "kerch bridge",
            [("Bridge at Kerch", ""), ("Kerch", "the bridge"), ("", "Kerch has, as all know, a bridge")],
            [("Kerch kerch", "Kerch"), ("Bridge", "bridge"), ("Bridges", "Kerch")],
            id="two words",
        ),
        pytest.param(
            "one two three",
            [("three two one", ""), ("one two", "three"), ("", "one and two and three")],
            [("one two", "one two"), ("three one", ""), ("one", "two")],
            id="three words",
        ),
        pytest.param('"kerch bridge"', [("The Kerch bridge", "")], [("A bridge at Kerch", "")], id="a phrase"),
        pytest.param("pipelin*", [("Pipelines", ""), ("Pipeline", "")], [("Pipe", "")], id="a stem"),
        pytest.param("kerch -football", [("Kerch", "")], [("Kerch", "Football")], id="not this word"),
        pytest.param("IŞIK", [("ışık", ""), ("isik", "")], [("asik", "")], id="folded"),
        pytest.param("київ*", [("Київська", "")], [("Киевская", "")], id="Cyrillic"),
        pytest.param("كييف", [("في وكييف", "")], [("كي", "")], id="Arabic, with what is written onto it"),
        pytest.param("r&d kerch", [("R&D in Kerch", "")], [("R and D in Kerch", "")], id="a sign within"),
        pytest.param("=kerch @states", [("Kerch states", "")], [("Kerch France", "")], id="no signs of rules"),
    ],
)
def test_texts_are_in_the_topic_of_a_query(
    query: str, inside: list[tuple[str, str]], outside: list[tuple[str, str]]
) -> None:
    assert [text for text in inside if not is_in(query, *text)] == []
    assert [text for text in outside if is_in(query, *text)] == []


def test_filters_are_said_as_rules_say_them_or_named_as_left_out() -> None:
    assert is_in("kerch lang:tr", "Kerch", language="tr")
    assert not is_in("kerch lang:tr", "Kerch", language="uk")
    assert is_in("source:bbc-world", "Anything", source="BBC-World")
    assert not is_in("source:bbc-world", "Anything", source="bbc")
    comments = [line for line in rules("kerch topic:ukraine -lang:ru source:x since:7d").splitlines() if line[0] == "#"]
    assert [line.partition(": ")[2] for line in comments] == ["topic:ukraine", "-lang:ru", "source:x", "since:"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("lang:tr source:bbc.co.uk", "needs a word, or the name of a source", id="no word"),
        pytest.param("topic:ukraine -kerch", "needs a word, or the name of a source", id="only what must not be"),
        pytest.param("x", "too short to be safe", id="a letter"),
    ],
)
def test_what_can_be_no_topic_is_refused(query: str, words: str) -> None:
    flaw = topic_from_query(read(query), "mine", WEIGHTS)
    assert isinstance(flaw, Flaw)
    assert words in flaw.what


@pytest.mark.parametrize(
    ("query", "name"),
    [("Kerch bridge", "kerch-bridge"), ("search", "search-news"), ("київ", "my-topic"), ("a" * 99, "a" * 40)],
)
def test_a_topic_is_named_after_its_query(query: str, name: str) -> None:
    assert name_for(read(query)) == topic_name(name) == name


@given(words=st.lists(st.text(min_size=2, max_size=9), min_size=1, max_size=15))
def test_whatever_is_written_compiles_and_takes_in_a_title_of_all_its_words(words: list[str]) -> None:
    query = parse_query(" ".join(words), now=NOW)
    written = topic_from_query(query, "mine", WEIGHTS) if isinstance(query, Query) else None
    if isinstance(query, Query) and isinstance(written, str) and not any(term.negated for term in query.terms):
        tables = tomllib.loads(written)
        match = Matcher(compile_rules(tables)).explain(" ".join(term.text for term in query.terms), "", "")[0]
        assert match.score >= match.need or query.filters

"""Queries as people type them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds.classify.query import LONGEST, MOST, parse_query
from feeds.fold import fold
from feeds.model import Filter, Misread, Query
from feeds.model.query import MISREADS
from feeds.store.search import expression

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOPICS = ("ukraine", "turkey")


def read(text: str) -> Query:
    query = parse_query(text, now=NOW, topics=TOPICS)
    assert isinstance(query, Query), query
    return query


def written(text: str) -> list[str]:
    """Each term of a query: its sign, its words, its star."""
    return [f"{'-' * t.negated}{t.spellings[0]}{'*' * t.stem}" for t in read(text).terms]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("kerch bridge", ["kerch", "bridge"], id="words"),
        pytest.param('"kerch bridge"', ["kerch bridge"], id="a phrase"),
        pytest.param("“kerch bridge” «one two»", ["kerch bridge", "one two"], id="quotes of telephones and of Paris"),
        pytest.param("grain* -football", ["grain*", "-football"], id="a stem and what must not be"),
        pytest.param('-"world cup" "black sea grai*" x', ["-world cup", "black sea grai*", "x"], id="phrases too"),
        pytest.param("TÜRKİYE IŞIK şam", ["turkiye", "isik", "sam"], id="Turkish: İ, I, ı and i are one"),
        pytest.param("Йод її за́мок ёлка", ["йод", "її", "замок", "елка"], id="Cyrillic: й and ї stay, stress goes"),
        pytest.param("gas-pipeline R&D ankara'da", ["gas pipeline", "r d", "ankara da"], id="signs part words"),
        pytest.param("kerch AND bridge OR NEAR(x)", ["kerch", "and", "bridge", "or", "near x"], id="no operators"),
        pytest.param("title:x", None, id="no columns"),
        pytest.param("^kerch {a b} a+b col : x", ["kerch", "a", "b", "a b", "col", "x"], id="no other FTS5 either"),
        pytest.param("-- kerch & - …", ["kerch"], id="signs alone are nothing"),
        pytest.param("kerch\x00bridge\ud800x\n", ["kerch", "bridge", "x"], id="what is no text parts words"),
        pytest.param('kerch"bridge"sea', ["kerch", "bridge", "sea"], id="quotes without spaces"),
        pytest.param("https://a.example/x 10:30", ["https a example x", "10 30"], id="an address, a time of day"),
        pytest.param("Ukraine: talks", ["ukraine", "talks"], id="a headline with a colon"),
        pytest.param("kerch Kerch KERCH", ["kerch"], id="once is enough"),
        pytest.param("北京 हिन्दी", ["北京", "ह न द"], id="other scripts"),
    ],
)
def test_words_are_read_as_people_mean_them(text: str, terms: list[str] | None) -> None:
    if terms is None:
        assert isinstance(parse_query(text, now=NOW), Misread)
    else:
        assert written(text) == terms


def test_an_arabic_word_is_found_with_what_is_written_onto_it() -> None:
    (term,) = read("كييف").terms
    assert {"كييف", "وكييف", "بكييف"} <= set(term.spellings)
    assert read("الكِتاب").terms == read("الكتاب").terms, "vowel signs are of no account"


def test_filters_are_read() -> None:
    query = read("Topic:Ukraine -source:BBC.co.uk lang:PT-br since:7d")
    assert query.filters == (
        Filter(kind="topic", value="ukraine", negated=False),
        Filter(kind="source", value="bbc.co.uk", negated=True),
        Filter(kind="lang", value="pt-br", negated=False),
    )
    assert query.since == NOW - timedelta(days=7)
    assert read("since:2026-11-01 x").since == datetime(2026, 11, 1, tzinfo=UTC)
    assert read("since:2026-11-01 since:12h").since == NOW - timedelta(hours=12), "the narrower one"
    assert read("  kerch \t bridge ").text == "kerch bridge"


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        pytest.param("", 1, "nothing to look for; write a word", id="nothing"),
        pytest.param(" & … ", 1, "nothing to look for", id="nothing but signs"),
        pytest.param("-football", 1, "only says what must not be there", id="nothing that is wanted"),
        pytest.param("-topic:ukraine -x", 1, "only says what must not be there", id="nor that"),
        pytest.param('one "two', 5, "not closed", id="half a phrase"),
        pytest.param("one tw*o", 5, "a * that ends no word", id="a star within"),
        pytest.param("one *", 5, "a * that ends no word", id="a star alone"),
        pytest.param("one two**", 5, "a * that ends no word", id="two stars"),
        pytest.param("gra*", 1, "too short a beginning; write at least 4 letters", id="a stem that is everything"),
        pytest.param('"new gra*"', 1, "too short a beginning", id="at the end of a phrase too"),
        pytest.param("x topic:ukrane", 3, 'no topic "ukrane"; write topic:ukraine', id="a slip"),
        pytest.param("x topic:q", 3, 'no topic "q"; topics are turkey, ukraine', id="no topic at all"),
        pytest.param("topics:ukraine", 1, 'no filter "topics:"; write topic:ukraine', id="a slip in the filter"),
        pytest.param("author:bob", 1, "put it in quotes; filters are topic, source, lang, since", id="no such filter"),
        pytest.param('x lang:""', 3, "has no value; write one right after the colon, as in lang:tr", id="no value"),
        pytest.param("lang:turkish", 1, "not a language tag; write one such as lang:tr", id="a language in words"),
        pytest.param("lang:UA", 1, "not a language tag; write lang:uk", id="a country for a language"),
        pytest.param("since:yesterday", 1, '"yesterday" is no time; write a span such as since:7d', id="no time"),
        pytest.param("since:7", 1, "is no time", id="a number alone"),
        pytest.param("x -since:7d", 3, "cannot be turned round", id="not since"),
        pytest.param("x" * (LONGEST + 1), LONGEST + 1, "has 501 characters; write at most 500", id="too long"),
        pytest.param(" ".join(f"w{n}" for n in range(MOST + 1)), 55, "more than 16", id="too many"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_a_remedy(text: str, at: int, words: str) -> None:
    misread = parse_query(text, now=NOW, topics=TOPICS)
    assert isinstance(misread, Misread)
    assert misread.at == at
    assert words in str(misread)


def test_all_that_can_be_wrong_is_tried_above() -> None:
    (marked,) = test_what_cannot_be_read_is_named_with_its_place_and_a_remedy.pytestmark  # type: ignore[attr-defined]
    texts = [case.values[0] for case in marked.args[1]]
    tried = {misread.why for text in texts if isinstance(misread := parse_query(text, now=NOW, topics=TOPICS), Misread)}
    none = parse_query("topic:x", now=NOW, topics=())
    assert isinstance(none, Misread)
    assert tried | {none.why} == MISREADS.keys()


def test_what_is_just_short_enough_is_read() -> None:
    assert written("x" * LONGEST) == ["x" * LONGEST]
    assert len(read(" ".join(f"w{n}" for n in range(MOST))).terms) == MOST


def test_any_topic_will_do_where_none_is_known() -> None:
    assert isinstance(parse_query("topic:whatever", now=NOW), Query)


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(
            "create virtual table search using fts5(title, text, tokenize='unicode61 remove_diacritics 0')"
        )
        yield connection
    connection.close()


_TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(['"', "*", "-", ":", "^", "NEAR(", "AND", "NOT", "topic:", "(", "\0", "'", "grain*", "ї", " "])
    ).map("".join),
)


@given(text=_TEXTS)
@example(text='"a" OR "b" NEAR/3 {title} : ^c + -d*')
@settings(max_examples=300)
def test_any_text_is_read_or_refused_and_the_index_takes_what_is_read(index: sqlite3.Connection, text: str) -> None:
    query = parse_query(text, now=NOW)
    if isinstance(query, Misread):
        assert 1 <= query.at <= max(1, len(text) + 1)
        assert str(query)
    elif any(not term.negated for term in query.terms):
        index.execute("select rowid from search where search match ?", (expression(query.terms),)).fetchall()


_WORDS = st.text(alphabet="abcçığşüйїъєأبتثقлмn ", min_size=4, max_size=60).filter(lambda text: fold(text).strip())


@given(text=_WORDS)
def test_a_text_is_found_by_its_own_words(index: sqlite3.Connection, text: str) -> None:
    query = parse_query(" ".join(text.split()[:MOST]), now=NOW)
    assert isinstance(query, Query)
    index.execute("delete from search")
    index.execute("insert into search(rowid, title, text) values (1, ?, '')", (fold(text),))
    found = index.execute("select rowid from search where search match ?", (expression(query.terms),)).fetchall()
    assert found == [(1,)]

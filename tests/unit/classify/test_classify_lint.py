"""The linter: mistakes that people really made, and words that look like them and are right."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.classify.counting import FEWEST, Counting
from feeds.classify.lint import failed_examples, lint, words_of
from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names
from feeds.classify.rules import compile_rules
from feeds.errors import ConfigError


def at(key: str) -> int:
    return sum(map(ord, key))


def findings(topic: dict[str, Any], **tables: Any) -> list[str]:
    """What is said of one topic and of own lists: key and words."""
    rules = {"topics": {"topic": topic}, **tables}
    compile_rules(rules)
    found = [f for f in lint(words_of(rules, file="config.toml", line=at)) if f.file == "config.toml"]
    assert all(f.line == at(f.key) and f.remedy for f in found)
    return [f"{f.key}: {f.what}" for f in found]


@pytest.mark.parametrize(
    ("word", "what"),
    [
        pytest.param("us", "is an everyday word in English", id="pronoun"),
        pytest.param("uno", "is an everyday word in Spanish and Italian", id="numeral in two languages"),
        pytest.param("ОНА", "is an everyday word in Russian", id="capitals do not help"),
        pytest.param("çin", 'is read without its accents, as "cin"', id="short, and another word without its mark"),
        pytest.param("şam", 'is read without its accents, as "sam"', id="Damascus and Sam"),
        pytest.param("s-400", "begins with a letter that also stands after apostrophes, as in: it's 400", id="missile"),
        pytest.param("дани*", "also finds даниил (Russian)", id="Denmark and Daniel"),
        pytest.param("cine*", "also finds cinema (English)", id="another language"),
        pytest.param("газе*", "also finds газета (Russian)", id="gas and newspaper"),
    ],
)
def test_a_word_that_finds_more_than_was_meant(word: str, what: str) -> None:
    (found,) = findings({"words": {"10": [word]}})
    assert found.startswith(f'topics.topic.words.10[0]: "{word}" {what}')


@pytest.mark.parametrize("word", ["газ*", "çin*", "us*"])
def test_a_stem_too_short_breaks_the_rules(word: str) -> None:
    with pytest.raises(ConfigError, match="too short"):
        findings({"words": {"10": [word]}})


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("=US", id="exact"),
        pytest.param("us army", id="phrase"),
        pytest.param("=S-400", id="exact missile"),
        pytest.param("çin'*", id="stem that ends in its apostrophe"),
        pytest.param("köln", id="four letters"),
        pytest.param("abd", id="short without marks"),
        pytest.param("generalstaatsanwalt*", id="long stem that an everyday word begins"),
        pytest.param("lviv*", id="stem of nothing else"),
        pytest.param("arden*", id="stem that stands inside an everyday word"),
        pytest.param("أوكراني*", id="other script"),
    ],
)
def test_a_word_that_is_right(word: str) -> None:
    assert findings({"words": {"10": [word]}}) == []


@pytest.mark.parametrize(
    ("words", "key"),
    [
        pytest.param({"10": ["ukrain*", "ukraine"]}, "words.10[1]", id="a word and its stem"),
        pytest.param({"10": ["ukrain*"], "3": ["ukraini*"]}, "words.3[0]", id="a stem and a longer one"),
        pytest.param({"10": ["ukraini*"], "3": ["ukrain*"]}, "words.10[0]", id="in either order"),
        pytest.param({"-4": ["stuff*", "stuffing"]}, "words.-4[1]", id="both against"),
        pytest.param({"10": ["=Turk*", "=Turkey"]}, "words.10[1]", id="both exact"),
        pytest.param({"10": ["=Pipeline"], "4": ["pipeline*"]}, "words.10[0]", id="one minds capitals"),
        pytest.param({"10": ["=Pipe*"], "4": ["pipe*"]}, "words.10[0]", id="a stem that minds capitals"),
        pytest.param({"10": ["=Türkiye", "turkiye"]}, "words.10[0]", id="one minds accents"),
        pytest.param({"10": ["black sea"], "4": ["=Black Sea"]}, "words.4[0]", id="a phrase that minds capitals"),
    ],
)
def test_a_word_that_is_counted_twice(words: dict[str, list[str]], key: str) -> None:
    (found,) = findings({"words": words})
    assert found.startswith(f"topics.topic.{key}: ")
    assert "counted twice" in found


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({"10": ["olive*"], "-10": ["olives"]}, id="one for, one against"),
        pytest.param({"10": ["=turk*", "turkey"]}, id="the stem minds capitals"),
        pytest.param({"10": ["=Pipe*", "pipe"]}, id="a stem that minds capitals finds more"),
        pytest.param({"10": ["türkiye", "turkiye"]}, id="one word in two spellings counts once"),
        pytest.param({"10": ["türkm*", "turkm*"]}, id="one stem in two spellings counts once"),
        pytest.param({"10": ["peace*", "peace talks"]}, id="a phrase says more"),
        pytest.param({"10": ["peace talk", "peace"]}, id="words that are no stems"),
    ],
)
def test_words_that_both_count(words: dict[str, list[str]]) -> None:
    assert findings({"words": words}) == []


@pytest.mark.parametrize(
    ("north", "all_of_it", "key"),
    [
        pytest.param(["norway*"], ["norway*"], "north[0]", id="the same stem"),
        pytest.param(["oslo"], ["oslo"], "north[0]", id="the same word"),
        pytest.param(["norwegian"], ["norweg*"], "north[0]", id="a word and a stem that finds it"),
        pytest.param(["norweg*"], ["norwegian*"], "all[0]", id="a stem and a longer one"),
        pytest.param(["fjord", "far north"], ["sea", "far north"], "north[1]", id="the same phrase"),
        pytest.param(["=OSL"], ["=OSL"], "north[0]", id="both exact"),
    ],
)
def test_a_word_that_counts_as_two_entries_of_a_list(north: list[str], all_of_it: list[str], key: str) -> None:
    (found,) = findings({"words": {"10": ["@own"]}}, lists={"own": {"all": all_of_it, "north": north}})
    assert found.startswith(f"lists.own.{key}: ")
    assert "counts as two entries" in found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(["fjord"], ["fjords"], id="words that are no stems"),
        pytest.param(["norway*"], ["=Norway"], id="one minds capitals"),
        pytest.param(["sudan*"], ["south sudan*"], id="a phrase says more"),
        pytest.param(["sea* bed*"], ["sea* bedding"], id="stems inside a phrase"),
    ],
)
def test_words_of_two_entries(one: list[str], other: list[str]) -> None:
    assert findings({"words": {"10": ["@own"]}}, lists={"own": {"one": one, "other": other}}) == []


def test_one_entry_may_have_a_word_and_its_stem() -> None:
    assert findings({"words": {"10": ["@own"]}}, lists={"own": {"one": ["norway", "norway*"]}}) == []


@pytest.mark.parametrize(
    ("listed", "key"),
    [
        pytest.param(["norway*", "sea", "norwegian", "norway"], "lists.own[3]", id="a word and its stem"),
        pytest.param(["fjords", "fjord*"], "lists.own[0]", id="in either order"),
    ],
)
def test_each_word_of_an_array_is_an_entry(listed: list[str], key: str) -> None:
    (found,) = findings({"words": {"10": ["@own"]}}, lists={"own": listed})
    assert found.startswith(f"{key}: ")
    assert found.endswith('*" too: one word counts as two entries')


def test_two_spellings_of_one_word_are_one_entry_of_an_array() -> None:
    topic, lists = {"words": {"10": ["@own"]}}, {"own": ["türkiye", "Turkiye", "istanbul"]}
    (match,) = Matcher(compile_rules({"topics": {"topic": topic}, "lists": lists})).explain("Türkiye", "", "")
    assert match.score == 20
    assert findings(topic, lists=lists) == []


def test_words_are_looked_at_wherever_they_stand() -> None:
    topic = {
        "words": {"10": ["@own"]},
        "none": ["us"],
        "require": ["uno"],
        "abroad": ["her"],
        "combo": [{"points": 5, "all": [["war", "gaze*"], "@own"]}],
    }
    assert [f.partition(": ")[0] for f in findings(topic, lists={"own": {"one": ["fine", "ihr"]}})] == [
        "topics.topic.none[0]",
        "topics.topic.require[0]",
        "topics.topic.abroad[0]",
        "topics.topic.combo[0].all[0][1]",
        "lists.own.one[1]",
    ]


@pytest.mark.parametrize("name", pack_names())
def test_the_packs_pass_their_own_linter(name: str) -> None:
    tables = {"topics": {name: {"use": name}}}
    rules = compile_rules(tables)
    assert [str(f) for f in lint(words_of(tables, file="", line=at))] == []
    assert [str(f) for f in failed_examples(rules, Matcher(rules), file="", line=at)] == []


def test_words_of_a_pack_are_named_with_its_file_and_line() -> None:
    words = words_of({"topics": {"turkey": {"use": "turkey"}}}, file="config.toml", line=at)
    (word,) = [word for word in words if word.pattern.spelled == "akkuyu*"]
    assert word.finding("x", "y").file == "turkey.toml (built in)"
    assert word.line > 20
    assert word.points == 8


def test_an_own_word_stands_for_that_of_the_pack() -> None:
    words = words_of({"topics": {"turkey": {"use": "turkey", "words": {"3": ["akkuyu*"]}}}}, file="c", line=at)
    assert [word.file for word in words if word.pattern.spelled == "akkuyu*"] == ["c"]


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        pytest.param({"must": ["Gas is dear"]}, None, id="as wanted"),
        pytest.param({"must": ["Oil is dear"]}, "topics.topic.must", id="should be in"),
        pytest.param({"must_not": ["Oil is dear"]}, None, id="not in, as wanted"),
        pytest.param({"must_not": ["Gas is dear"]}, "topics.topic.must_not", id="should be out"),
    ],
)
def test_examples_beside_a_topic_are_tried(examples: dict[str, Any], said: str | None) -> None:
    rules = compile_rules({"topics": {"topic": {"words": {"10": ["gas"]}} | examples}})
    found = [f.key for f in failed_examples(rules, Matcher(rules), file="", line=at)]
    assert found == ([said] if said else [])


# -------------------------------------------------------------------------------------------- the archive


def counted(words: dict[str, list[str]], titles: list[str]) -> Counting:
    counting = Counting([w for w in words_of({"topics": {"t": {"words": words}}}, file="c", line=at) if w.file == "c"])
    for title in titles:
        counting.add(title, "")
    return counting


def test_a_word_in_more_than_a_hundredth_of_the_archive_and_alone_there_is_named() -> None:
    titles = ["A report on trade"] * 3 + ["Nothing"] * (FEWEST - 3)
    (found,) = counted({"10": ["report", "lviv*"]}, titles).findings()
    assert (found.key, found.file) == ("topics.t.words.10[0]", "c")
    assert "1.5% of 200 stored articles, and in 100% of those" in found.what


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        pytest.param(["report"], ["A report"] * 2 + ["x"] * (FEWEST - 2), id="just a hundredth"),
        pytest.param(["report"], ["A report"] * 9 + ["x"] * (FEWEST - 10), id="too small an archive"),
        pytest.param(["kyiv", "lviv"], ["Kyiv and Lviv"] * FEWEST, id="others speak for the topic too"),
    ],
)
def test_a_word_that_is_in_its_place(words: list[str], titles: list[str]) -> None:
    assert list(counted({"10": words}, titles).findings()) == []


def test_words_against_a_topic_may_be_anywhere() -> None:
    assert list(counted({"-10": ["report"]}, ["A report"] * FEWEST).findings()) == []


def test_what_short_stems_catch_is_shown_most_frequent_first() -> None:
    titles = ["Danil sings", "Danil und Dania", "Danish cheese", "Danube rises", "Kyivans vote in Kyiv", "Lviv"]
    ((word, caught),) = counted({"10": ["dani*", "kyivan*", "lviv*", "=Danu*"]}, titles).stems()
    assert (word.pattern.spelled, caught) == ("dani*", [("danil", 2), ("dania", 1), ("danish", 1)])

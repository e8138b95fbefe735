"""Every mistake is told in words that help."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from feeds.classify.checker import Checker, nearest
from feeds.errors import Mistake


@pytest.mark.parametrize(
    ("name", "names", "remedy"),
    [
        pytest.param("wrods", ["words", "title"], "did you mean 'words'?", id="letters swapped"),
        pytest.param("abxy", ["abcd"], "did you mean 'abcd'?", id="half of it"),
        pytest.param("abxyz", ["abcd", "ab"], "did you mean 'ab'?", id="the nearest of two"),
        pytest.param("zzz", ["b", "a"], "use one of: a, b", id="like none: all, sorted"),
        pytest.param("zzz", [], "there are none yet", id="none to choose from"),
    ],
)
def test_the_nearest_name(name: str, names: list[str], remedy: str) -> None:
    assert nearest(name, names) == remedy


@pytest.mark.parametrize(
    ("look", "value", "mistakes"),
    [
        pytest.param(lambda c: c.table({"a": 1}, "k"), {"a": 1}, [], id="table"),
        pytest.param(
            lambda c: c.table(7, "k"), {}, [("k", "is not a table", "write [k] and its keys below it")], id="no table"
        ),
        pytest.param(lambda c: c.known({"a": 1}, ["a"], "k"), None, [], id="known key"),
        pytest.param(
            lambda c: c.known({"a": 1}, ["b"], "k"), None, [("k.a", "unknown key", "use one of: b")], id="unknown key"
        ),
        pytest.param(lambda c: c.text({"a": "x"}, "a", "k"), "x", [], id="text"),
        pytest.param(lambda c: c.text({}, "a", "k"), "", [], id="no text"),
        pytest.param(
            lambda c: c.text({"a": 1}, "a", "k"), "", [("k.a", "is not text", "write it in quotes")], id="wrong text"
        ),
        pytest.param(lambda c: c.number(2, "k", above=1), 2.0, [], id="number"),
        pytest.param(lambda c: c.number(-2.5, "k"), -2.5, [], id="any number"),
        pytest.param(
            lambda c: c.number(1, "k", above=1),
            None,
            [("k", "1 is too small", "write a number greater than 1")],
            id="not above",
        ),
        pytest.param(lambda c: c.number(0, "k", least=0), 0.0, [], id="the least"),
        pytest.param(
            lambda c: c.number(-0.5, "k", least=0),
            None,
            [("k", "-0.5 is too small", "write 0 or more")],
            id="below the least",
        ),
        pytest.param(
            lambda c: c.number(True, "k"),
            None,
            [("k", "True is not a number", "write one, as in 10 or 2.5")],
            id="a truth is no number",
        ),
        pytest.param(
            lambda c: c.number(float("nan"), "k"),
            None,
            [("k", "nan is not a number", "write one, as in 10 or 2.5")],
            id="nor is nan",
        ),
        pytest.param(
            lambda c: c.number("7", "k"),
            None,
            [("k", "'7' is not a number", "write one, as in 10 or 2.5")],
            id="nor is text",
        ),
        pytest.param(
            lambda c: c.strings(["a", 7, "b"], "k"),
            [("k[0]", "a"), ("k[2]", "b")],
            [("k[1]", "7 is not text", "write it in quotes")],
            id="strings, and what is none",
        ),
        pytest.param(
            lambda c: c.strings("a", "k"),
            [],
            [("k", "is not a list of words", 'write ["one", "two*"]')],
            id="no list",
        ),
    ],
)
def test_a_value_is_taken_or_a_mistake_is_noted(
    look: Callable[[Checker], object], value: object, mistakes: list[tuple[str, str, str]]
) -> None:
    checker = Checker(file="config.toml", line=len)
    assert look(checker) == value
    assert checker.mistakes == [
        Mistake(file="config.toml", line=len(key), key=key, what=what, remedy=remedy) for key, what, remedy in mistakes
    ]

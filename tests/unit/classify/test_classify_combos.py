"""Things that stand near each other: which stretch, and which words are named."""

from __future__ import annotations

import pytest

from feeds.classify.combos import find_nearby
from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules

FUEL, PRICE = 1, 2  # lists


@pytest.mark.parametrize(
    ("spots", "needs", "words"),
    [
        pytest.param([], [(FUEL, 1)], None, id="nothing there"),
        pytest.param(
            [(0, FUEL, 0, "gas"), (1, FUEL, 1, "oil"), (2, PRICE, 0, "price")],
            [(FUEL, 1), (PRICE, 1)],
            ("gas", "price"),
            id="no more words than are wanted",
        ),
        pytest.param(
            [(0, FUEL, 0, "gas"), (1, FUEL, 0, "methane"), (2, FUEL, 1, "oil")],
            [(FUEL, 2)],
            ("gas", "oil"),
            id="the first spelling of each entry",
        ),
        pytest.param(
            [(0, FUEL, 0, "gas"), (1, FUEL, 1, "oil"), (20, PRICE, 0, "price"), (21, FUEL, 0, "gas")],
            [(FUEL, 2), (PRICE, 1)],
            None,
            id="two that fell behind are two that lack",
        ),
    ],
)
def test_a_stretch(
    spots: list[tuple[int, int, int, str]], needs: list[tuple[int, int]], words: tuple[str, ...] | None
) -> None:
    by_list = {of: [spot for spot in spots if spot[1] == of] for of in {spot[1] for spot in spots}}
    assert find_nearby(by_list, needs, 5) == words


def words_of(title: str, **combos: list[tuple[int, list[str]]]) -> list[str]:
    """What each topic finds in `title`; its combinations are (within, all), worth 5 points each."""
    topics = {
        name: {"combo": [{"points": 5, "within": within, "all": words} for within, words in listed]}
        for name, listed in combos.items()
    }
    matches = Matcher(compile_rules({"topics": topics})).explain(title, "", "")
    return [hit.word for match in matches for hit in match.because]


def test_a_phrase_does_not_shift_the_words_around_it() -> None:
    phrase = (1, ["oil gas deal", "never"])
    assert words_of("oil gas deal at last signed", topic=[(4, ["gas", "signed"]), phrase]) == ["gas + signed"]
    assert words_of("oil gas deal at last signed", topic=[(3, ["gas", "signed"]), phrase]) == []


def test_of_equal_combinations_the_first_counts_and_no_other_topic_suffers() -> None:
    equal = [(5, ["gas", "price"]), (5, ["gas", "cut"])]
    assert words_of("gas price cut", a=equal, b=equal[1:]) == ["gas + price", "gas + cut"]

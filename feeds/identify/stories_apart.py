"""Whether two titles in like words tell of two events: each names what the other does not, or one denies the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from math import log

from feeds.identify.stories_guards import NEGATED
from feeds.identify.stories_words import title_words, token

_ALIKE = 0.5  # of the weight of both titles, beside the words that tell them apart
_PLACES = 2  # words that stand in one place at most, where no capitals show which of them are names
_RARE = 0.01  # of all articles have such a word, at most
_ONE_NAME = 0.8  # likeness of two forms of one name: Canada, Canadian; Chernobyl, Chornobyl
_HELPERS = (
    "not won don doesn didn isn will would does did has have nicht kein keine keinen pas non nao değil нет meeting"
)


@dataclass(frozen=True, slots=True)
class Said:
    """The words of an article as tokens, and the marks of its title."""

    titles: Sequence[int]
    leads: Sequence[int]
    marks: str

    def marked(self, kinds: str) -> dict[int, str]:
        """Token -> stem, of the words of the title that are marked so: k a name or number, m what may be a name."""
        return {token(mark[1:]): mark[1:] for mark in self.marks.split() if mark[0] in kinds}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, and how they stand to each other."""

    one: Said
    other: Said
    count: Callable[[int], int]  # articles that have a token
    articles: int  # of all
    one_publisher: bool
    a_day_apart: bool

    def told_apart(self) -> str:
        """Why these are two events though their wording is alike; "" if nothing says so."""
        both = set(self.one.titles) & set(self.other.titles)
        mine, theirs = set(self.one.titles) - both, set(self.other.titles) - both
        if not mine and not theirs:
            return "one denies what the other says" if self._is_denied() else ""
        if self._is_alike(both, ()) and self._name_others(mine, theirs, both):
            return "each names what the other does not"
        helpers, ways = _helpers(), _ways()
        said, answered = ({ways[each] for each in some.titles if each in ways} for some in (self.one, self.other))
        if any(-way in answered and -way not in said and way not in answered for way in said):
            left = (mine | theirs) - ways.keys() - helpers
            is_contrary = not self._is_denied() and self._is_alike(both, left)  # "will not accept" is "rejects"
            return "one says the contrary of the other" if is_contrary else ""
        left = (mine | theirs) - helpers
        few = len(mine & left) <= 1 and len(theirs & left) <= 1
        return "one denies what the other says" if self._is_denied() and few and self._is_alike(both, left) else ""

    def _is_alike(self, both: Iterable[int], left: Iterable[int]) -> bool:
        weight = self._weigh(both)
        return weight > 0 and weight >= _ALIKE * (weight + self._weigh(left))

    def _weigh(self, tokens: Iterable[int]) -> float:
        return sum(log((1 + self.articles) / (1 + self.count(each))) for each in tokens)

    def _is_denied(self) -> bool:
        return (NEGATED in self.one.marks) != (NEGATED in self.other.marks)

    def _name_others(self, mine: set[int], theirs: set[int], both: set[int]) -> bool:
        """Whether each title has a name, or each a number, that the other article lacks, and no more tells them apart.

        A publisher has few words for many events: between two articles of one, more may differ.
        """
        sides = [
            (only, *self._names(only, said), lacking)
            for only, said, lacking in ((mine, self.one, self.other), (theirs, self.other, self.one))
        ]
        left = set().union(*(only - sure.keys() for only, sure, _, _ in sides))
        unclear = left.difference(*(maybe for _, _, maybe, _ in sides))
        if unclear and not (self.one_publisher and self._is_alike(both, left)):
            return False
        in_place = not unclear and all(len(only) <= _PLACES for only, _, _, _ in sides)
        own = [_own(sure | maybe if in_place else sure, lacking) for _, sure, maybe, lacking in sides]
        if all(words for words, _ in own):
            return True
        # Of two outlets, one number that is another is a toll that rises.
        least = 1 if self.one_publisher or self.a_day_apart else 2
        return all(len(numbers) >= least for _, numbers in own)

    def _names(self, only: set[int], said: Said) -> tuple[dict[int, str], dict[int, str]]:
        """Token -> stem of the names among these words, and of what may be one."""
        sure, maybe = ({each: stem for each, stem in said.marked(kind).items() if each in only} for kind in ("k", "m"))
        return sure, {each: stem for each, stem in maybe.items() if self.count(each) <= _RARE * self.articles}


def _own(names: dict[int, str], lacking: Said) -> tuple[set[str], set[str]]:
    """(names, numbers) that an article has not."""
    stems = {stem for each, stem in names.items() if each not in lacking.leads}
    numbers = {stem for stem in stems if stem.isdigit()}
    others = lacking.marked("km").values()
    return {stem for stem in stems - numbers if not any(_is_one_name(stem, each) for each in others)}, numbers


def _is_one_name(stem: str, other: str) -> bool:
    near = SequenceMatcher(None, stem, other, autojunk=False).ratio() >= _ONE_NAME
    return near or stem.startswith(other) or other.startswith(stem)


@cache
def _helpers() -> frozenset[int]:
    return frozenset(map(token, title_words(_HELPERS)))


@cache
def _ways() -> dict[int, int]:
    """Token -> number of its matter, negative for the other way."""
    found: dict[int, int] = {}
    paragraphs = files("feeds.identify").joinpath("opposites.txt").read_text(encoding="utf-8").split("\n\n")[1:]
    for matter, paragraph in enumerate(paragraphs, start=1):
        for line in paragraph.splitlines():
            for way, words in zip((matter, -matter), line.split("|"), strict=True):
                found |= dict.fromkeys(map(token, title_words(words.casefold())), way)
    return found

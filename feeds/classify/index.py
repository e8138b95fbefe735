"""Finds the words of rules in a text: one pass for all of them, however many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ahocorasick_rs import BytesAhoCorasick

from feeds.classify.patterns import Pattern, with_proclitics
from feeds.fold import shape

GAP = ord(" ")  # in a shape: no letter, no digit


@dataclass(frozen=True, slots=True)  # its fields are read for every find: slots are the fastest
class Use:
    """What it means to find a pattern: a mark, or else an entry of a list that combos want.

    All that is asked of every find stands here: with many rules it is the way to memory that costs.
    """

    word: str  # as the rule spells it
    mark: int = -1  # a thing that counts once for one topic, at its best place
    topic: int = -1
    worth: tuple[float, ...] = ()  # points of the mark, by place
    list: int = -1
    entry: int = -1


Follows: TypeAlias = Callable[[str, int], object]
# What to ask of a find: the literal, "" where its shape is enough; what it means when letters follow, when none do, and
# when the rest matches.
Meaning: TypeAlias = tuple[str, tuple[Use, ...], tuple[Use, ...], tuple[tuple[Follows, Use], ...]]


class Index:
    """One automaton over the literals of many patterns, and what each of them means.

    It goes through the shape of a text, where one byte stands for a character of any script and a space before every
    word: what it finds begins a word, and is asked whether it is what it looks like.
    """

    def __init__(self, uses: Iterable[tuple[Pattern, Use]]) -> None:
        of: dict[str, list[tuple[Pattern, Use]]] = {}
        for pattern, use in uses:
            for literal in with_proclitics(pattern):
                of.setdefault(literal, []).append((pattern, use))
        self.meanings = [_meaning(literal, found) for literal, found in of.items()]
        self.find = BytesAhoCorasick([b" " + shape(literal) for literal in of]).find_matches_as_indexes

    def uses(self, padded: str) -> Iterable[tuple[Use, int, int]]:
        """(use, start, end of its literal) of all that stands in a text with a space at both ends.

        For those who can wait: the matcher goes through the same by itself, without a generator.
        """
        shaped = shape(padded)
        for number, start, end in self.find(shaped, overlapping=True):
            literal, opened, closed, tails = self.meanings[number]
            start += 1
            if padded.startswith(literal, start):
                for use in closed if shaped[end] == GAP else opened:
                    yield use, start, end
                for follows, use in tails:
                    if follows(padded, end):
                        yield use, start, end


def _meaning(literal: str, found: list[tuple[Pattern, Use]]) -> Meaning:
    asked = "" if literal.isascii() and literal.isalnum() else literal
    closed = tuple([use for p, use in found if not p.rest])
    opened = tuple([use for p, use in found if p.open and not p.rest])
    tails = tuple([(re.compile(p.rest).match, use) for p, use in found if p.rest])
    return asked, closed if len(opened) == len(closed) else opened, closed, tails

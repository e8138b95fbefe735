"""Finds the words of rules in a text: one pass for all of them, however many there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from feeds.classify.patterns import Pattern, with_proclitics


class Use(NamedTuple):
    """What it means to find a pattern: a mark, or else an entry of a list that combos want.

    All that is asked of every find stands here: with many rules it is the way to memory that costs.
    """

    word: str  # as the rule spells it
    mark: int = -1  # a thing that counts once for one topic, at its best place
    topic: int = -1
    worth: tuple[float, ...] = ()  # points of the mark, by place
    list: int = -1
    entry: int = -1


class Index:
    """One automaton over the literals of many patterns, and what each of them means."""

    def __init__(self, uses: Iterable[tuple[Pattern, Use]]) -> None:
        of: defaultdict[str, list[tuple[Pattern, Use]]] = defaultdict(list)
        for pattern, use in uses:
            for literal in with_proclitics(pattern):
                of[literal].append((pattern, use))
        self.find = AhoCorasick(list(of)).find_matches_as_indexes
        # By number of the literal: what it means when letters follow, when none do, and when the rest matches.
        self.open = [tuple(use for p, use in found if p.open and not p.rest) for found in of.values()]
        self.closed = [tuple(use for p, use in found if not p.rest) for found in of.values()]
        self.tails = {
            literal: tuple((re.compile(p.rest).match, use) for p, use in found if p.rest)
            for literal, found in enumerate(of.values())
            if any(p.rest for p, _ in found)
        }

    def uses(self, padded: str) -> Iterable[tuple[Use, int, int]]:
        """(use, start, end of its literal) of all that stands in a text with a space at both ends.

        For those who can wait: the matcher goes through the same by itself, without a generator.
        """
        for literal, start, end in self.find(padded, overlapping=True):
            if not padded[start - 1].isalnum():
                for use in (self.open if padded[end].isalnum() else self.closed)[literal]:
                    yield use, start, end
                for follows, use in self.tails.get(literal, ()):
                    if follows(padded, end):
                        yield use, start, end

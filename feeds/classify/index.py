"""Finds the words of rules in a text: one pass for all of them, however many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ahocorasick_rs import BytesAhoCorasick

from feeds.classify.patterns import Pattern, with_proclitics
from feeds.fold import is_unmistakable, shape


@dataclass(frozen=True, slots=True)  # its fields are read for every find: slots are the fastest
class Use:
    """What it means to find a pattern: a mark, or else an entry of a list that combos want.

    All that is asked of every find stands here: with many rules it is the way to memory that costs.
    """

    word: str  # as the rule spells it
    mark: int = 0  # below 0: a thing that counts once for one topic, at its best place
    topic: int = -1
    worth: tuple[float, ...] = ()  # points of the mark, by place
    list: int = -1
    entry: int = -1


Follows: TypeAlias = Callable[[str, int], object]
Find: TypeAlias = tuple[int, int, int]  # number of the literal, place of the space before it, end
# What to compare, and what it means: at once, and where the rest matches.
Meaning: TypeAlias = tuple[str, tuple[Use, ...], tuple[tuple[Follows, Use], ...]]


class Index:
    """One automaton over the literals of many patterns, and what each of them means.

    It goes through the shape of a text, where one byte stands for a character of any script and a space before every
    word: what it finds begins a word, ends one where the pattern does, and is asked whether it is what it looks like.
    """

    def __init__(self, uses: Iterable[tuple[Pattern, Use]], *, alone: Collection[int] = ()) -> None:
        """`alone` are the marks that one literal stands for."""
        of: dict[tuple[str, str], list[tuple[Pattern, Use]]] = {}
        for pattern, use in uses:
            for literal in with_proclitics(pattern):
                of.setdefault((literal, "" if pattern.open else " "), []).append((pattern, use))

        def is_plain(key: tuple[str, str]) -> bool:
            (pattern, use), *others = of[key]
            return not others and use.mark in alone and not pattern.rest and is_unmistakable(pattern.literal)

        literals = sorted(of, key=is_plain, reverse=True)
        # By the number of a find: first those that mean one mark that nothing else means, and need not be looked at.
        self.plain = [of[key][0][1] for key in literals if is_plain(key)]
        self.others = [_meaning(literal, of[literal, end]) for literal, end in literals[len(self.plain) :]]
        self.is_empty = not literals
        self._find = BytesAhoCorasick(
            [b" " + shape(literal + end) for literal, end in literals]
        ).find_matches_as_indexes

    def finds(self, shaped: bytes) -> list[Find]:
        """What seems to stand in a text with a gap at both ends, by its shape, in the order of the ends."""
        return self._find(shaped.replace(b"\n", b" "), overlapping=True)

    def uses(self, padded: str) -> Iterable[tuple[Use, int, int]]:
        """(use, start, end of its literal, with the gap after a whole word) of all in a text with a space at both ends.

        For those who can wait, of an index without `alone`: the matcher goes through the same without a generator.
        """
        for number, space, end in self.finds(shape(padded)):
            literal, uses, tails = self.others[number]
            if padded.startswith(literal, space + 1):
                for use in uses:
                    yield use, space + 1, end
                for follows, use in tails:
                    if follows(padded, end):
                        yield use, space + 1, end


def _meaning(literal: str, found: list[tuple[Pattern, Use]]) -> Meaning:
    uses = tuple([use for pattern, use in found if not pattern.rest])
    asked = "" if is_unmistakable(literal) else literal
    return asked, uses, tuple([(re.compile(pattern.rest).match, use) for pattern, use in found if pattern.rest])

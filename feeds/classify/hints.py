"""Points for what is known of an article beside its text: its publisher's categories, its outlet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_REMEMBERED = 4096  # the same few categories and outlets come again and again
_LONGEST = 200  # characters of a name that can mean anything; keeps what is remembered small


class Hint(NamedTuple):
    """What one name is worth for one topic."""

    topic: int
    points: float
    pattern: str  # as the rule spells it


class Hints:
    """Finds the hints for a name among patterns in which `*` stands for anything."""

    def __init__(self, hints: Iterable[Hint], *, subdomains: bool = False) -> None:
        before = r"(?:.+\.)?" if subdomains else ""
        self._hints = [(re.compile(before + _wildcards(hint.pattern), re.DOTALL).fullmatch, hint) for hint in hints]
        self._matching = lru_cache(_REMEMBERED)(self._look_up)

    def best(self, names: Iterable[str]) -> Iterable[Hint]:
        """The best hint for each topic over all `names`."""
        best: dict[int, Hint] = {}
        for name in names:
            for hint in self._matching(name) if len(name) <= _LONGEST else ():
                if hint.topic not in best or hint.points > best[hint.topic].points:
                    best[hint.topic] = hint
        return best.values()

    def _look_up(self, name: str) -> tuple[Hint, ...]:
        return tuple(hint for matches, hint in self._hints if matches(name))


def _wildcards(pattern: str) -> str:
    return ".*".join(map(re.escape, pattern.split("*")))

"""Takes values out of a TOML table and remembers everything that is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from feeds.errors import Mistake

Table = Mapping[str, Any]


class Checker:
    """Collects mistakes, so that the operator hears of all at once. Keys are dotted, as in topics.energy.need."""

    def __init__(self, *, file: str, line: Callable[[str], int]) -> None:
        self._file = file
        self._line = line
        self.mistakes: list[Mistake] = []

    def wrong(self, key: str, what: str, remedy: str) -> None:
        """Note one mistake."""
        self.mistakes.append(Mistake(file=self._file, line=self._line(key), key=key, what=what, remedy=remedy))

    def table(self, value: object, key: str) -> Table:
        """`value` if it is a table, else an empty one."""
        if isinstance(value, Mapping):
            return value
        self.wrong(key, "is not a table", f"write [{key}] and its keys below it")
        return {}

    def known(self, table: Table, names: Collection[str], key: str) -> None:
        """Every key of `table` must be one of `names`."""
        for name in table:
            if name not in names:
                self.wrong(f"{key}.{name}", "unknown key", nearest(name, names))

    def text(self, table: Table, name: str, key: str) -> str:
        """A string, "" where there is none."""
        value = table.get(name, "")
        if isinstance(value, str):
            return value
        self.wrong(f"{key}.{name}", "is not text", "write it in quotes")
        return ""

    def flag(self, table: Table, name: str, key: str) -> bool:
        """Yes or no; no where there is none."""
        value = table.get(name, False)
        if isinstance(value, bool):
            return value
        self.wrong(f"{key}.{name}", f"{value!r} is neither true nor false", f"write {name} = true, without quotes")
        return False

    def number(self, value: object, key: str, *, above: float = -math.inf, least: float = -math.inf) -> float | None:
        """A finite number greater than `above` and not below `least`, else None."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.wrong(key, f"{value!r} is not a number", "write one, as in 10 or 2.5")
            return None
        if value <= above or value < least:
            enough = f"a number greater than {above:g}" if value <= above else f"{least:g} or more"
            self.wrong(key, f"{value} is too small", f"write {enough}")
            return None
        return float(value)

    def strings(self, value: object, key: str) -> list[tuple[str, str]]:
        """The strings of an array, each with its own key; what is none is left out."""
        if not isinstance(value, list):
            self.wrong(key, "is not a list of words", 'write ["one", "two*"]')
            return []
        words = [(f"{key}[{n}]", word) for n, word in enumerate(value)]
        for place, word in words:
            if not isinstance(word, str):
                self.wrong(place, f"{word!r} is not text", "write it in quotes")
        return [(place, word) for place, word in words if isinstance(word, str)]


def nearest(name: str, names: Collection[str]) -> str:
    """A remedy for a name that is not one of `names`."""
    close = get_close_matches(name, sorted(names), n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"use one of: {', '.join(sorted(names))}" if names else "there are none yet"

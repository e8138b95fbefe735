"""How mistakes are put into words: values shown plainly, cut short, and never with a credential in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]  # ("sources", 2, "url"): keys, and places in lists from 0

_LONGEST = 80  # characters of a value that a message shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong at one place of the document, before it is known on which line that is."""

    path: Path
    what: str
    remedy: str


class Wrong(ValueError):
    """A value that cannot be used: what is wrong with it, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def dotted(path: Path) -> str:
    """The path as operators read it: `sources[2].url`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def printable(text: str) -> str:
    """`text` with control and other invisible characters escaped."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def masked(text: str) -> str:
    """`text` without what may be a credential: all before the last @, and the query of an address."""
    before, at, after = text.rpartition("@")
    if at:
        scheme, slashes, _ = before.partition("//")
        text = f"{scheme + slashes if slashes else ''}***@{after}"
    head, mark, _ = text.partition("?")
    return f"{head}?***" if mark else head


def quoted(text: str) -> str:
    """`text` as a message shows it: masked, printable, in quotes."""
    shown = printable(masked(text))
    return f'"{shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"}"'


def named(value: object) -> str:
    """A value of any type, with the name that TOML has for it."""
    match value:
        case str():
            return f"the text {quoted(value)}"
        case bool():
            return str(value).lower()
        case float():
            return f"the number {value}"
        case int():
            return f"the number {value}" if abs(value) < 10**20 else "a number of more than 20 digits"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"the date or time {value}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, "" if none is."""
    return next(iter(get_close_matches(word.lower(), list(known), n=1)), "")

"""TOML text -> the line of each key. Finds keys only; what they hold is the business of tomllib."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_FIRST_PART = re.compile(_PART)
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_REST_OF_LINE = re.compile(r"[^\n]*")
# Up to two quotes more may stand before the closing three. A text that never closes ends with the document.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)' r"|'''.*?(?:'{3,5}|\Z)" r'|"(?:[^"\\\n]|\\[^\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_QUOTES = ("'", '"')
_SCALAR = re.compile(r"""[^,\[\]{}#"'=\n]+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One header or one `key = value`, from its first line to its last (both from 1)."""

    key: str  # dotted
    first: int
    last: int
    is_header: bool = False


@dataclass(slots=True, kw_only=True)
class Outline:
    """Where everything stands in one document.

    Keys are joined with dots: `topics.energy.words.10`, `sources[2].url` (index from 0), `fetch.allow[0]`. Parts
    are not quoted, so `"a.b"` and `a.b` look alike; the first of them keeps the line.
    """

    lines: dict[str, int] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    unclosed: int = 0  # the line of the first text that its line does not close, 0 if there is none


def outline(text: str) -> Outline:
    """Find every key of a TOML 1.0 document. Never raises but RecursionError: of a broken one it finds what it can."""
    scan = _Scan(text)
    scan.document()
    return scan.found


def line_of(lines: Mapping[str, int], key: str) -> int:
    """The line of a dotted key, else of the nearest table or list above it, else 0."""
    while key:
        if key in lines:
            return lines[key]
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return 0


class _Scan:
    """A cursor over the text; each method reads one thing and stops behind it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Outline()
        self._tables: dict[str, int] = {}  # arrays of tables -> how many there are so far
        self._line = 1
        self._counted = 0  # newlines before this place are in `_line`

    def document(self) -> None:
        table = ""
        while self._skip(_BLANK) < len(self.text):
            first = self._here()
            if is_header := self.text[self.at] == "[":
                table = key = self._header()
            else:
                key = self._pair(table)
            self._skip(_REST_OF_LINE)
            self.found.statements.append(Statement(key=key, first=first, last=self._here(), is_header=is_header))

    def _header(self) -> str:
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        self._skip(_SPACE)
        path = ""
        parts = self._parts()
        for depth, part in enumerate(parts, 1):
            path = self._record(_join(path, part))
            if is_array and depth == len(parts):
                self._tables[path] = self._tables.get(path, 0) + 1
            if path in self._tables:
                path = self._record(f"{path}[{self._tables[path] - 1}]")
        return path

    def _pair(self, table: str) -> str:
        path = table
        for part in self._parts():
            path = self._record(_join(path, part))
        self._skip(_SPACE)
        if self.text.startswith("=", self.at):
            self.at += 1
            self._skip(_SPACE)
            self._value(path)
        return path

    def _value(self, path: str) -> None:
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            before = self.at
            self._skip(_STRING if opening in _QUOTES else _SCALAR)
            if opening in _QUOTES and self.at == before:
                self.found.unclosed = self.found.unclosed or self._here()

    def _array(self, path: str) -> None:
        self.at += 1
        count = 0
        while self._skip(_BLANK) < len(self.text) and self.text[self.at] != "]":
            before = self.at
            self._record(f"{path}[{count}]")
            self._value(f"{path}[{count}]")
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
                count += 1
            if self.at == before:
                return  # nothing that an array may hold
        self.at += 1

    def _inline_table(self, path: str) -> None:
        self.at += 1
        while self._skip(_BLANK) < len(self.text) and self.text[self.at] != "}":
            before = self.at
            self._pair(path)
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            if self.at == before:
                return
        self.at += 1

    def _parts(self) -> list[str]:
        key = _KEY.match(self.text, self.at)
        if not key:
            return []
        self.at = key.end()
        return [_unquoted(part) for part in _FIRST_PART.findall(key[0])]

    def _skip(self, pattern: re.Pattern[str]) -> int:
        if match := pattern.match(self.text, self.at):
            self.at = match.end()
        return self.at

    def _here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def _record(self, path: str) -> str:
        self.found.lines.setdefault(path, self._here())
        return path


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def _unquoted(part: str) -> str:
    if part[0] not in _QUOTES:
        return part
    if part[0] == '"' and "\\" in part:
        try:
            return str(tomllib.loads(f"key = {part}")["key"])
        except tomllib.TOMLDecodeError:
            pass  # a broken escape: the document is refused anyhow
    return part[1:-1]

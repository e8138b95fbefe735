"""TOML text -> tables, and on past a broken statement: one slip of the pen shall not hide the other mistakes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from feeds.config.lines import Outline, Statement, outline

_MOST = 20  # broken statements that are passed over; each costs one more parse
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_WRITTEN_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate inline")
_ABOUT_KEYS = ("Expected '='", "Invalid initial")
_NOT_CLOSED = ("the text is not closed", "end it with the quotes that it begins with, or mend the quotes inside of it")

# How a message of tomllib begins -> what is wrong, and the remedy.
_PLAIN = {
    "Illegal character '\\n'": _NOT_CLOSED,
    "Found invalid character '\\n'": _NOT_CLOSED,
    "Unterminated string": _NOT_CLOSED,
    'Expected "': _NOT_CLOSED,
    "Expected '\"": _NOT_CLOSED,
    "Illegal character": ("an invisible control character stands here", "take it out"),
    "Found invalid character": ("an invisible control character stands here", "take it out"),
    "Unescaped '\\'": ("a backslash stands before a letter that it cannot escape", "write \\\\, or use single quotes"),
    "Escaped character": ("the escape stands for no character", "write the character itself"),
    "Invalid hex value": ("the escape stands for no character", "write the character itself"),
    "Unclosed array": ("a list is not closed, or a comma is missing before this place", "add the ] or the comma"),
    "Unclosed inline": ("a table in braces is not closed, or a comma is missing", "add the } or the comma"),
    "Expected newline": ("something stands behind the value", "write one key = value a line, comments after a #"),
    "Expected '='": ("a key stands without = and a value", "write key = value; a key of several words needs quotes"),
    "Expected ']": ("the header of a table is not closed", "write [table], or [[sources]] for a source"),
    "Invalid date": ("there is no such date or time", "put it in quotes if it is meant as text"),
    "Invalid value": ("this is not a value", 'put text in straight quotes ("); numbers, true and false go without'),
    "Invalid initial": ("a key is expected here", "write key = value; a key with letters beyond a-z needs quotes"),
    "Invalid statement": ("this is neither [table] nor key = value nor # comment", "mend the line or take it out"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One statement that is not TOML."""

    line: int  # from 1; 0 if nobody knows
    key: str  # dotted, "" if the statement has none
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What could be read of a document."""

    tables: dict[str, Any] | None  # None: not even without its broken statements; a passed value reads 0
    outline: Outline
    broken: tuple[Broken, ...] = ()


def parse(text: str) -> Parsed:
    """Parse a document; where a statement is broken and its end is certain, say so and go on behind it."""
    broken: list[Broken] = []
    while True:
        try:
            return Parsed(tables=tomllib.loads(text), outline=outline(text), broken=tuple(broken))
        except tomllib.TOMLDecodeError as error:
            found = _outline(text)
            finding, rest = _pass_over(text, str(error), found)
            broken.append(finding)
            if rest is None or len(broken) == _MOST:
                return Parsed(tables=None, outline=found, broken=tuple(broken))
            text = rest
        except (ValueError, RecursionError):  # integers beyond the limit of int(), nesting beyond that of the parser
            what = "a number has thousands of digits, or lists stand in one another hundreds deep"
            broken.append(Broken(line=0, key="", what=what, remedy="take it out"))
            return Parsed(tables=None, outline=Outline(), broken=tuple(broken))


def _pass_over(text: str, message: str, found: Outline) -> tuple[Broken, str | None]:
    """What is wrong, and the text without the statement; None if it is not certain where that ends."""
    place = _PLACE.search(message)
    line = int(place[1]) if place and place[1] else found.unclosed or text.count("\n") + 1
    what, remedy = _plain(message)
    statement = next((s for s in found.statements if s.first <= line <= s.last), None)
    if statement is None:
        return Broken(line=line, key="", what=what, remedy=remedy), None
    twice = message.startswith(_WRITTEN_TWICE)
    endless = not twice and statement.first < line and message.endswith("end of document)")
    if twice:
        what, remedy = _twice(statement, found), _keep_one(statement)
    elif endless:
        what, remedy = "begins here and is not closed before the file ends", "close the text, list or braces"
    begin = statement.first if twice or endless else line
    finding = Broken(line=begin, key=statement.key, what=what, remedy=remedy)
    if statement.last != line or (statement.first != line and not twice):
        return finding, None
    return finding, _without(text, statement, found, keep_key=not twice and not message.startswith(_ABOUT_KEYS))


def _without(text: str, statement: Statement, found: Outline, *, keep_key: bool) -> str | None:
    """The text with blank lines for the statement, and for all of the table if it is a header."""
    lines = text.split("\n")
    end = statement.last
    if statement.is_header:
        later = (s.first for s in found.statements if s.is_header and s.first > statement.first)
        end = next(later, len(lines) + 1) - 1
    key, equals, value = lines[statement.first - 1].partition("=")
    lines[statement.first - 1 : end] = [""] * (end - statement.first + 1)
    if keep_key and equals and not statement.is_header and value.strip() != "0":
        lines[statement.first - 1] = f"{key}= 0"  # so that the key is not missed
    return "\n".join(lines)


def _plain(message: str) -> tuple[str, str]:
    unknown = (f"this is not TOML: {_PLACE.sub('', message).lower()}", "mend the line or take it out")
    return next((words for begin, words in _PLAIN.items() if message.startswith(begin)), unknown)


def _twice(statement: Statement, found: Outline) -> str:
    first = found.lines.get(statement.key, 0)
    return f"is written a second time{f', first on line {first}' if 0 < first < statement.first else ''}"


def _keep_one(statement: Statement) -> str:
    if statement.key.partition("[")[0] == "sources" and statement.is_header:
        return "write [[sources]] above each source"
    return "join the two tables" if statement.is_header else "keep one of them"


def _outline(text: str) -> Outline:
    try:
        return outline(text)
    except RecursionError:
        return Outline()

"""Plain-text article files -> one article of clean HTML.

A file reads: a timestamp, the title, an optional list of contents, the text, each paragraph on a line of its own.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from feeds.model import Document, Facts, RawEntry, RawFeed, RawHtml
from feeds.read.dates import from_text
from feeds.read.encoding import decode
from feeds.read.entries import article

Kind: TypeAlias = Literal["section", "heading", "paragraph", "item", "question", "quotation", "turn"]

_HEADING_MAX = 90  # characters
_WRAPPED = range(50, 5000)  # characters: a shorter line was not broken for want of room, a longer one not at all
_PREFACE = 6  # lines between title and list of contents, at most
_CONTENTS = {"table of contents", "contents", "содержание", "оглавление", "зміст", "içindekiler", "المحتويات"}
_BULLET = re.compile(r"[-–*•‣·]\s+")
_TURN = re.compile(r"([^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,4}): (?=\S)")
_FAQ = re.compile(
    r"\bFAQs?\b|\bfrequently asked questions\b|\bпоширені запитання\b|\bsık sorulan sorular\b", re.IGNORECASE
)
_QUOTES = "“”„«»"
_AFTER_STOP = _QUOTES + "\"'’)]"
_STOPS = (".", "…", "。", "।", ";", ",")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    kind: Kind
    text: str
    name: str = ""  # who speaks, of a turn
    answers: bool = False  # belongs to the question above


def read_text(document: Document, facts: Facts) -> RawFeed:
    """One article. Without a timestamp it is dated by its file; without a list of contents it has no sections."""
    lines = decode(document.body, language=facts.source.language).lstrip("\ufeff").splitlines()
    lines = [" ".join(line.split()) for line in lines]
    while lines and not lines[0]:
        lines.pop(0)
    published = from_text(lines[0], ZoneInfo(facts.source.timezone)) if lines else ""
    rest = iter(lines[1:] if published else lines)
    title = next(filter(None, rest), "")
    sections, body = _split_contents(list(rest), title)
    blocks = _blocks(_unwrap(body, sections), sections)
    entry = RawEntry(
        title=RawHtml(value=title, plain=True),
        summary=RawHtml(value=_lead(blocks), plain=True),
        content=RawHtml(value=_html(blocks)),
        published=published,
    )
    return article(document, entry)


def _split_contents(lines: list[str], title: str) -> tuple[frozenset[str], list[str]]:
    """Keys of the sections that a list of contents names, and the lines without it; the title is no section."""
    for at, line in enumerate(lines[:_PREFACE]):
        if _key(line) in _CONTENTS:
            end = at + 1
            while end < len(lines) and (not lines[end] or _BULLET.match(lines[end])):
                end += 1
            named = {_key(_BULLET.sub("", entry, count=1)) for entry in lines[at + 1 : end] if entry}
            if named:
                lines = lines[:at] + lines[end:]
                return frozenset(named - {_key(title)}), _without_title(lines, title)
    return frozenset(), _without_title(lines, title)


def _without_title(lines: list[str], title: str) -> list[str]:
    """The text, which may begin by repeating its title."""
    first = next((at for at, line in enumerate(lines) if line), None)
    return lines if first is None or _key(lines[first]) != _key(title) else lines[first + 1 :]


def _unwrap(lines: Iterable[str], sections: frozenset[str]) -> list[str]:
    """Lines with words; one broken for want of room is joined again: the next begins in lower case."""
    whole = [""]
    for line in lines:
        above = whole[-1]
        if (
            line[:1].islower()
            and len(above) in _WRAPPED
            and not _closed(above)
            and above[-1] not in "?!:"
            and _key(above) not in sections
            and not _TURN.match(line)
        ):
            whole[-1] = f"{above} {line}"
        else:
            whole.append(line)
    return [line for line in whole if any(map(str.isalnum, line))]


def _blocks(lines: Sequence[str], sections: frozenset[str]) -> list[_Block]:
    """What each line is, judged by itself and by the next one."""
    turns = _turns(lines, sections)
    spelling = _spellings(name for name, _ in turns.values())

    def could_head(at: int) -> bool:
        return at not in turns and _could_head(lines[at])

    def is_prose(at: int) -> bool:
        return at < len(lines) and _key(lines[at]) not in sections and not could_head(at)

    blocks: list[_Block] = []
    asking, answering = 0, False  # level of the heading that made this part a FAQ, 0 outside of one
    for at, line in enumerate(lines):
        kind: Kind = "paragraph"
        name, said = turns.get(at, ("", line))
        if _key(line) in sections:
            kind = "section"
        elif _BULLET.match(line):
            kind, said = "item", _BULLET.sub("", line, count=1)
        elif name:
            kind = "turn"
        elif asking and line.endswith("?"):
            kind = "question"
        elif could_head(at) and (is_prose(at + 1) or (_FAQ.search(line) and lines[at + 1 : at + 2])):
            kind = "heading"
        elif line[0] in _QUOTES:
            kind = "quotation"
        if kind == "section" or (kind == "heading" and asking != 2):
            asking = (2 if kind == "section" else 3) if _FAQ.search(line) else 0
        answering = kind == "question" or (answering and kind not in ("section", "heading"))
        blocks.append(_Block(kind=kind, text=said, name=spelling.get(_bare(name), name), answers=answering))
    return blocks


def _turns(lines: Sequence[str], sections: frozenset[str]) -> dict[int, tuple[str, str]]:
    """Name and words of each line of an interview; one such line alone is none."""
    found = {
        at: (match[1], line[match.end() :])
        for at, line in enumerate(lines)
        if (match := _TURN.match(line)) and _key(line) not in sections
    }
    said = Counter(_bare(name) for name, _ in found.values())

    def is_heading(at: int, name: str) -> bool:
        """Whether it is a heading with a colon next to people who speak more than once."""
        at_edge = at - 1 not in found or at + 1 not in found
        return at_edge and said[_bare(name)] == 1 < max(said.values()) and _could_head(lines[at])

    turns = {at: turn for at, turn in found.items() if not is_heading(at, turn[0])}
    return {at: turn for at, turn in turns.items() if at - 1 in turns or at + 1 in turns}


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """The most frequent spelling of each name, whatever its case and spaces; else the one with most of both."""
    counted = Counter(names)

    def rank(name: str) -> tuple[int, int, int]:
        return counted[name], name.count(" "), sum(map(str.isupper, name))

    return {_bare(name): name for name in sorted(counted, key=rank)}  # the last one stays


def _bare(name: str) -> str:
    return re.sub(r"\W", "", name).casefold()


def _key(line: str) -> str:
    """What makes a heading and its entry in the list of contents the same."""
    return line.casefold().replace("’", "'").rstrip(":")


def _could_head(line: str) -> bool:
    return len(line) <= _HEADING_MAX and not _closed(line) and not _BULLET.match(line)


def _closed(line: str) -> bool:
    """Whether a sentence ends here, or all of it is a quotation."""
    bare = line.rstrip(_AFTER_STOP)
    return bare.endswith(_STOPS) or (line[:1] in _QUOTES and line[-1:] in _QUOTES)


def _lead(blocks: Sequence[_Block]) -> str:
    """The first real paragraph; without one, the first thing said."""
    kinds: tuple[Kind, ...] = ("paragraph", "quotation", "turn", "item")
    return next((block.text for kind in kinds for block in blocks if block.kind == kind), "")


def _html(blocks: Iterable[_Block]) -> str:
    runs = groupby(blocks, key=lambda block: block.answers)
    return "\n".join((_dialogue if answers else _flow)(run) for answers, run in runs)


def _dialogue(blocks: Iterable[_Block]) -> str:
    """Questions and their answers."""
    parts = ["<dl>"]
    for is_question, run in groupby(blocks, key=lambda block: block.kind == "question"):
        if is_question:
            parts.extend(f"<dt>{_escape(block.text)}</dt>" for block in run)
        else:
            parts.append(f"<dd>{_flow(run)}</dd>")
    return "\n".join([*parts, "</dl>"])


def _flow(blocks: Iterable[_Block]) -> str:
    parts: list[str] = []
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind == "item":
            parts.extend(["<ul>", *(f"<li>{_escape(block.text)}</li>" for block in run), "</ul>"])
        else:
            parts.extend(_TEMPLATES[kind].format(_escape(block.text), name=_escape(block.name)) for block in run)
    return "\n".join(parts)


_TEMPLATES: dict[Kind, str] = {
    "section": "<h2>{}</h2>",
    "heading": "<h3>{}</h3>",
    "paragraph": "<p>{}</p>",
    "quotation": "<blockquote><p>{}</p></blockquote>",
    "turn": "<p><strong>{name}:</strong> {}</p>",
}


def _escape(text: str) -> str:
    return html.escape(text, quote=False)

"""What somebody looks for in the archive, understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

FilterKind: TypeAlias = Literal["topic", "source", "lang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a phrase, or the beginning of one."""

    text: str  # folded, as a rule would have it
    spellings: tuple[str, ...]  # any of them will do: folded words, nothing but letters and digits, one space apart
    stem: bool  # any letters may follow the last word
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Something that is known beside the text. Of several of one kind any will do."""

    kind: FilterKind
    value: str  # topic: a name; source: a name or, with a dot, a domain; lang: BCP 47. Small letters
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One article must satisfy all of it. There is a term or a filter that is not negated."""

    text: str  # as it was asked, one space apart
    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    since: datetime | None = None  # published then or later


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """Why a query cannot be understood, and what to do about it."""

    at: int  # character that it is about, from 1
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"character {self.at}: {self.what}; {self.remedy}"


Form: TypeAlias = Literal["atom", "rss", "json", "html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a query comes to, ready to be sent."""

    form: Form
    body: bytes
    modified: datetime  # of the newest entry; of an empty feed, since when the site may exist
    understood: bool = True

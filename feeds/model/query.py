"""What somebody looks for in the archive, understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


# What a query can have wrong, and what to do about it, in English; other languages: publish/pages/words.
MISREADS: Mapping[str, str] = {
    "too_long": "the query has {length} characters; write at most {most}",
    "too_many": "there are more than {most} words, phrases and filters; leave some out",
    "only_not": "it only says what must not be there; add a word, or a filter such as since:7d",
    "nothing": "there is nothing to look for; write a word",
    "open_quote": "this quotation mark is not closed; close it, or take it out",
    "star": '"{shown}" has a * that ends no word; put one * right after the beginning of a word',
    "short_stem": '"{shown}" is too short a beginning; write at least {least} letters before the *, or the whole word',
    "filter_meant": 'there is no filter "{name}:"; write {meant}:{value}',
    "no_filter": 'there is no filter "{name}:"; put it in quotes; filters are {known}',
    "no_value": '"{name}:" has no value; write one right after the colon, as in {example}',
    "not_since": "since: cannot be turned round; take the - out",
    "language_meant": '"{value}" is not a language tag; write lang:{meant}',
    "no_language": '"{value}" is not a language tag; write one such as lang:tr or lang:pt-br',
    "topic_meant": 'there is no topic "{value}"; write topic:{meant}',
    "no_topic": 'there is no topic "{value}"; topics are {known}',
    "no_topics": 'there is no topic "{value}", as there are none yet; take it out',
    "no_time": '"{value}" is no time; write a span such as since:7d or since:12h, or a day such as since:2026-11-01',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """Why a query cannot be understood, and what to do about it."""

    at: int  # character that it is about, from 1
    why: str  # of MISREADS
    values: Mapping[str, object] = field(default_factory=dict)  # what its gaps are filled with

    def __str__(self) -> str:
        return f"character {self.at}: {MISREADS[self.why].format(**self.values)}"


Form: TypeAlias = Literal["atom", "rss", "json", "html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a query comes to, ready to be sent."""

    form: Form
    body: bytes
    modified: datetime  # of the newest entry; of an empty feed, since when the site may exist
    understood: bool = True

"""Read a query as people type it: words, phrases, stems and filters, folded as the words of topics are.

kerch bridge          both words, in one article
"kerch bridge"        one after the other
grain*                any word that begins so
-football             not this word
topic:ukraine source:bbc.co.uk lang:tr since:7d
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import get_args

from feeds.classify.patterns import SHORTEST_STEM, Pattern, with_proclitics
from feeds.config.codes import MISTAKEN_LANGUAGES
from feeds.config.values import duration, language
from feeds.config.words import Wrong, nearest
from feeds.fold import fold
from feeds.model import Filter, Misread, Query, Term
from feeds.model.query import FilterKind

LONGEST = 500  # characters
MOST = 16  # words, phrases and filters

_KINDS = get_args(FilterKind)
_FIELDS = (*_KINDS, "since")
_QUOTES = str.maketrans(dict.fromkeys("“”„«»‟", '"'))
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Always matches, if only nothing. An address (https://...) names no field.
_PIECE = re.compile(
    r"""(?P<minus>-)?(?:(?P<field>[A-Za-z]+):(?!//|\s|$))?(?:"(?P<phrase>[^"]*)(?P<end>"?)|(?P<word>[^\s"]+))?"""
)
_WORD = re.compile(r"[^\W_]+")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_since = duration("1h", "36500d")


class _Unclear(Exception):
    def __init__(self, at: int, why: str, **values: object) -> None:
        self.misread = Misread(at=at, why=why, values=values)


@dataclass(slots=True)
class _Found:
    terms: list[Term] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    since: datetime | None = None


def parse_query(text: str, *, now: datetime, topics: Collection[str] | None = None) -> Query | Misread:
    """Read `text`. `topics` are all there are, None if any name will do; `now` is what `since:7d` counts back from."""
    try:
        return _parse(_NO_TEXT.sub(" ", text), now, topics)
    except _Unclear as unclear:
        return unclear.misread


def _parse(text: str, now: datetime, topics: Collection[str] | None) -> Query:
    if len(text) > LONGEST:
        raise _Unclear(LONGEST + 1, "too_long", length=len(text), most=LONGEST)
    found = _Found()
    for piece in _pieces(text.translate(_QUOTES)):
        at = piece.start() + 1
        if piece["field"]:
            _add_filter(found, piece, at, now, topics)
        else:
            found.terms += _term(piece, at)
        if len(found.terms) + len(found.filters) > MOST:
            raise _Unclear(at, "too_many", most=MOST)
    signs = {term.negated for term in found.terms} | {each.negated for each in found.filters}
    if False not in signs and found.since is None:
        raise _Unclear(1, "only_not" if signs else "nothing")
    return Query(
        text=" ".join(text.split()),
        terms=tuple(dict.fromkeys(found.terms)),
        filters=tuple(dict.fromkeys(found.filters)),
        since=found.since,
    )


def _pieces(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        piece = _PIECE.match(text, at)
        if piece is None or piece.end() == at:  # a quote begins a phrase, and all else is in a word
            raise AssertionError(text[at:])
        if piece["end"] == "" and piece["phrase"] is not None:
            at = text.index('"', at) + 1
            raise _Unclear(at, "open_quote")
        yield piece
        at = piece.end()


def _term(piece: re.Match[str], at: int) -> list[Term]:
    """The term of a piece; nothing if signs are all there is to it."""
    written = piece["word"] or piece["phrase"] or ""
    body = written.rstrip()
    stem = body.endswith("*")
    folded = fold(body.removesuffix("*"))
    words = _WORD.findall(folded)
    shown = written.strip()
    if "*" in folded or (stem and not words):
        raise _Unclear(at, "star", shown=shown)
    if not words:
        return []
    if stem and len(words[-1]) < SHORTEST_STEM:
        raise _Unclear(at, "short_stem", shown=shown, least=SHORTEST_STEM)
    pattern = Pattern(spelled=written, literal=" ".join(words), exact=False, open=stem)
    text = _EDGES.sub("", folded)
    return [Term(text=text, spellings=with_proclitics(pattern), stem=stem, negated=bool(piece["minus"]))]


def _add_filter(found: _Found, piece: re.Match[str], at: int, now: datetime, topics: Collection[str] | None) -> None:
    name, value = piece["field"].lower(), (piece["word"] or piece["phrase"] or "").strip()
    negated = bool(piece["minus"])
    if name not in _FIELDS:
        if meant := nearest(name, _FIELDS):
            raise _Unclear(at, "filter_meant", name=name, meant=meant, value=value)
        raise _Unclear(at, "no_filter", name=name, known=", ".join(_FIELDS))
    if not value:
        raise _Unclear(at, "no_value", name=name, example=_EXAMPLES[name])
    if name == "since":
        if negated:
            raise _Unclear(at, "not_since")
        found.since = max(filter(None, (found.since, _moment(value, at, now))))
        return
    if name == "lang":
        try:
            value = language(value)
        except Wrong:
            if code := MISTAKEN_LANGUAGES.get(value.lower()):
                raise _Unclear(at, "language_meant", value=value, meant=code) from None
            raise _Unclear(at, "no_language", value=value) from None
    value = value.lower()
    if name == "topic" and topics is not None and value not in topics:
        if near := nearest(value, topics):
            raise _Unclear(at, "topic_meant", value=value, meant=near)
        raise _Unclear(at, "no_topic" if topics else "no_topics", value=value, known=", ".join(sorted(topics)))
    kind = next(kind for kind in _KINDS if kind == name)
    found.filters.append(Filter(kind=kind, value=value, negated=negated))


_EXAMPLES = {"topic": "topic:ukraine", "source": "source:bbc-world", "lang": "lang:tr", "since": "since:7d"}


def _moment(value: str, at: int, now: datetime) -> datetime:
    try:
        return now - _since(value)
    except Wrong:
        try:
            return datetime.combine(date.fromisoformat(value), time(tzinfo=UTC))
        except ValueError:
            raise _Unclear(at, "no_time", value=value) from None

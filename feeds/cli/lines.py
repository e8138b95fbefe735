"""Items as JSON lines on standard input, for the offline commands."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feeds.errors import UserError
from feeds.model import Article, Facts, FeedHead, RawEntry, RawHtml, Rejected, Source

if TYPE_CHECKING:
    from feeds.config import Settings

_TEXTS = ("title", "summary", "content", "url", "source", "lang", "country", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: the id it is to be answered under, and its item."""

    id: Any  # as given; the line's number if none is
    source: Source
    item: Article | Rejected


def read_lines(settings: Settings | None, *, now: datetime) -> Iterator[Line]:
    """The items on standard input, normalised as a poll would.

    Raises:
        UserError: a line is no JSON object, or a value is of the wrong type; names the line and key.
    """
    from xxhash import xxh3_64_digest

    from feeds.normalise.article import normalise

    configured = {source.name: source for source in settings.sources} if settings else {}
    for number, text in enumerate(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"), start=1):
        if not text.strip():
            continue
        row = _object(text, number)
        source = _source(row, configured)
        raw = RawEntry(
            guid=str(row.get("id", number)),
            link=row["url"],
            title=RawHtml(value=row["title"]),
            summary=RawHtml(value=row["summary"]),
            content=RawHtml(value=row["content"]),
            language=row["lang"],
            published=row["published"],
            categories=tuple(row["categories"]),
            digest=xxh3_64_digest(text.encode("utf-8", "surrogatepass")),
        )
        facts = Facts(source=source, now=now)
        yield Line(id=row.get("id", number), source=source, item=normalise(raw, FeedHead(format="jsonl"), facts))


def _object(text: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError as exc:
        raise UserError(f"standard input, line {number}: no JSON ({exc}); write one object a line") from exc
    if not isinstance(row, dict):
        raise UserError(f"standard input, line {number}: not an object; write one object a line")
    for name in _TEXTS:
        value = row.get(name)
        row[name] = "" if value is None else value
        if not isinstance(row[name], str):
            raise UserError(f"standard input, line {number}: {name}: must be text, not {json.dumps(value)}")
    row["categories"] = row.get("categories") or []
    if not isinstance(row["categories"], list) or not all(isinstance(c, str) for c in row["categories"]):
        raise UserError(f"standard input, line {number}: categories: must be a list of texts")
    return row


def _source(row: Mapping[str, Any], configured: Mapping[str, Source]) -> Source:
    """The configured source of that name; else one made up of the name or domain that the line gives."""
    name = row["source"] or urlsplit(row["url"]).hostname or "unnamed"
    found = configured.get(name)
    if found is not None:
        return replace(found, country=row["country"] or found.country)
    url = name if "//" in name else f"https://{name}/"
    return Source(name=name, url=url, title="" if "." in name else name, country=row["country"], language=row["lang"])

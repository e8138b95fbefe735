"""Documents and facts for the tests of reading, and plain views of what was read."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeds.model import Document, Facts, RawEntry, RawFeed, Source
from feeds.read import read

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures"
DATA = ROOT.parent / "shared" / "data"
URL = "https://news.example/feed.xml"
_HASHES = ("digest", "slice", "slices")
MODIFIED = datetime(2026, 11, 1, 6, tzinfo=UTC)


def facts(*known: bytes, **source: Any) -> Facts:
    """Facts about a source at some fixed moment."""
    settings = {"name": "sample", "url": URL} | source
    return Facts(source=Source(**settings), now=datetime(2026, 11, 20, tzinfo=UTC), known=frozenset(known))


def feed_of(body: bytes | str, *, url: str = URL, content_type: str = "", **source: Any) -> RawFeed:
    """The feed that `body` is; a body that is none fails the test."""
    data = body.encode() if isinstance(body, str) else body
    headers = {"content-type": content_type} if content_type else {}
    found = read(Document(url=url, body=data, headers=headers, modified=MODIFIED), facts(**source))
    assert isinstance(found, RawFeed), found
    return found


def article_of(body: bytes | str, *, suffix: str = "txt", **source: Any) -> RawEntry:
    """The one entry of an article file."""
    (entry,) = feed_of(body, url=f"file:/desk/story.{suffix}", **source).entries
    return entry


def rss(inside: str, *, channel: str = "", root: str = "") -> str:
    """An RSS 2.0 document with one item."""
    return f'<rss version="2.0" {root}><channel><title>t</title>{channel}<item>{inside}</item></channel></rss>'


def atom(inside: str, *, feed: str = "", root: str = "") -> str:
    """An Atom 1.0 document with one entry."""
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {root}>{feed}<entry>{inside}</entry></feed>'


def plain(value: Any) -> Any:
    """`value` as JSON, without what it is recognised by and without what is at its default."""
    if is_dataclass(value):
        shown = ((field, getattr(value, field.name)) for field in fields(value) if field.name not in _HASHES)
        return {
            field.name: plain(part)
            for field, part in shown
            if (part if field.default is MISSING and field.default_factory is not MISSING else part != field.default)
        }
    return [plain(part) for part in value] if isinstance(value, tuple) else value


def as_json(feed: RawFeed) -> str:
    """The fixture form of a feed."""
    return json.dumps(plain(feed), indent=1, ensure_ascii=False) + "\n"

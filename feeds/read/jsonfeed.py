"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), forgiving about types."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import partial
from typing import Any

from feeds.model import Document, Enclosure, Facts, FeedHead, Image, RawEntry, RawFeed, RawHtml, Unreadable
from feeds.read.dates import moment
from feeds.read.encoding import charset, decode
from feeds.read.entries import each, newest
from feeds.read.hubs import offer

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d)(?:\.(\d))?")


def read_json(document: Document, _facts: Facts) -> RawFeed | Unreadable:
    """Read a JSON Feed; any other JSON is not a feed, and `detail` says what it is."""
    try:
        feed = _load(document)
    except ValueError as exc:
        return Unreadable(why="not_a_feed", detail=f"not valid JSON: {exc}"[:200])
    version = _VERSION.match(_text(feed, "version")) if isinstance(feed, dict) else None
    if version is None:
        return Unreadable(why="not_a_feed", detail=_what(feed))
    listed = feed.get("items")
    items = listed if isinstance(listed, list) else []
    window = newest(len(items), lambda number: _date_of(items[number]))
    hubs = [("hub", _text(hub, "url")) for hub in _list(feed, "hubs") if _text(hub, "type").lower() == "websub"]
    hub, topic = offer(document, [*hubs, ("self", _text(feed, "feed_url"))])
    return RawFeed(
        head=FeedHead(
            format=f"json{version[1]}{version[2] or 0}",
            title=_text(feed, "title"),
            id=_text(feed, "feed_url"),
            link=_text(feed, "home_page_url"),
            language=_text(feed, "language"),
            hub=hub,
            topic=topic,
        ),
        entries=each(items[window.start : window.stop], partial(_entry, base=document.url, heirs=_names(feed))),
        trouble="" if isinstance(listed, list) else f"items: {_what(listed)}, not an array",
        cuts={"items": len(items) - len(window)} if len(window) < len(items) else {},
    )


def _load(document: Document) -> Any:
    """UTF-8, 16 or 32 with or without a byte order mark (RFC 8259 section 8.1), else what the server says."""
    try:
        return json.loads(document.body)
    except UnicodeDecodeError:
        return json.loads(decode(document.body, charset=charset(document.headers.get("content-type", ""))))


def _entry(item: Any, *, base: str, heirs: tuple[str, ...]) -> RawEntry:
    if not isinstance(item, dict):
        return RawEntry(trouble=f"not an item: {_what(item)}")
    page = _text(item, "url") or _text(item, "external_url")
    html = _text(item, "content_html")
    picture = _text(item, "image") or _text(item, "banner_image")
    return RawEntry(
        guid=_text(item, "id"),
        link=page,
        title=_words(item, "title"),
        summary=_words(item, "summary"),
        content=RawHtml(value=html, base=page or base) if html else _words(item, "content_text"),
        authors=_names(item) or heirs,
        language=_text(item, "language"),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        categories=tuple(dict.fromkeys(tag for tag in _list(item, "tags") if isinstance(tag, str) and tag)),
        enclosures=tuple(
            Enclosure(url=url, type=_text(file, "mime_type"), length=_size(file))
            for file in _list(item, "attachments")
            if (url := _text(file, "url"))
        ),
        image=Image(url=picture) if picture else None,
        base=base,
    )


def _date_of(item: Any) -> datetime | None:
    return moment(_text(item, "date_published") or _text(item, "date_modified"))


def _text(item: Any, key: str) -> str:
    """Text under `key`; a number counts as its text, for ids are often numbers."""
    value = item.get(key) if isinstance(item, dict) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _words(item: Any, key: str) -> RawHtml:
    value = _text(item, key)
    return RawHtml(value=value, plain=True) if value else RawHtml(value="")


def _list(item: Any, key: str) -> list[Any]:
    value = item.get(key)
    return value if isinstance(value, list) else []


def _names(item: Any) -> tuple[str, ...]:
    """Of `authors` (1.1), else of `author` (1.0)."""
    authors = _list(item, "authors") or [item.get("author")]
    return tuple(dict.fromkeys(name for author in authors if (name := _text(author, "name"))))


def _size(file: Any) -> int:
    size = _text(file, "size_in_bytes")
    return int(size) if re.fullmatch(r"[0-9]{1,15}", size) else 0


def _what(value: Any) -> str:
    """Any JSON value in words."""
    if isinstance(value, dict):
        return f"a JSON object with the keys {', '.join(map(repr, list(value)[:8]))}"[:200]
    if isinstance(value, list):
        kind = _what(value[0]) if value and not isinstance(value[0], list) else "nothing in it that we know"
        return f"a JSON array of {len(value)}: {kind}"
    return {str: "a JSON string", bool: "a JSON boolean", type(None): "JSON null"}.get(type(value), "a JSON number")

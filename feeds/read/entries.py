"""What all readers share: one bad entry costs the others nothing, and known entries are left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

import xxhash

from feeds.model import Document, FeedHead, RawEntry, RawFeed

T = TypeVar("T")


def each(items: Iterable[T], make: Callable[[T], RawEntry]) -> tuple[RawEntry, ...]:
    """One entry for each item, in order; one that cannot be made says so in `trouble`."""

    def attempt(item: T) -> RawEntry:
        try:
            return make(item)
        except Exception as exc:  # noqa: BLE001 - the edge of one entry: what comes from outside may be anything
            return RawEntry(trouble=f"cannot be read: {type(exc).__name__}: {exc}"[:200])

    return tuple(attempt(item) for item in items)


def article(document: Document, entry: RawEntry) -> RawFeed:
    """A feed of the one entry that an article file is: named by its address, its page ours to publish."""
    published = entry.published or (document.modified.isoformat() if document.modified else "")
    entry = replace(entry, guid=document.url, published=published, own_page=True)
    return RawFeed(head=FeedHead(format="article"), entries=(entry,))


def seal(feed: RawFeed, known: Collection[bytes]) -> RawFeed:
    """Give every entry its digest, remember all digests, and leave out the entries that are known."""
    entries = [replace(entry, digest=digest(entry, language=feed.head.language)) for entry in feed.entries]
    fresh = tuple(entry for entry in entries if entry.digest not in known)
    digests = tuple(entry.digest for entry in entries)
    return replace(feed, entries=fresh, known=len(entries) - len(fresh), digests=digests)


def digest(entry: RawEntry, *, language: str) -> bytes:
    """8 bytes over all that the source says of an entry and the feed's `language`, which an entry inherits.

    The same in every process. Fields at their default are left out, so a field added later changes no old digest.
    """
    said = json.dumps([language, entry], default=_said, separators=(",", ":"))
    return xxhash.xxh3_64_digest(said.encode())


def _said(part: Any) -> dict[str, Any]:
    """What differs from the default, of a dataclass inside an entry or the entry itself."""
    return {field.name: value for field in fields(part) if (value := getattr(part, field.name)) != field.default}

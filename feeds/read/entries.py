"""What all readers share: one bad entry costs the others nothing, known entries are left out, and there is an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import xxhash

from feeds.model import Document, FeedHead, RawEntry, RawFeed

MOST = 1000  # entries of one document; the newest are read, the others counted

T = TypeVar("T")


def each(items: Iterable[T], make: Callable[[T], RawEntry]) -> tuple[RawEntry, ...]:
    """One entry for each item, in order; one that cannot be made says so in `trouble`."""

    def attempt(item: T) -> RawEntry:
        try:
            return make(item)
        except MemoryError:
            raise
        except Exception as exc:  # noqa: BLE001 - the edge of one entry: what comes from outside may be anything
            return RawEntry(trouble=f"cannot be read: {type(exc).__name__}: {exc}"[:200])

    return tuple(attempt(item) for item in items)


def newest(count: int, date_of: Callable[[int], datetime | None]) -> range:
    """Numbers of the newest `MOST` of `count` items. A document lists the newest first, unless its dates say last."""
    if count <= MOST:
        return range(count)
    first, last = date_of(0), date_of(count - 1)
    return range(count - MOST, count) if first and last and first < last else range(MOST)


def article(document: Document, entry: RawEntry) -> RawFeed:
    """A feed of the one entry that an article file is: named by its address, its page ours to publish."""
    published = entry.published or (document.modified.isoformat() if document.modified else "")
    entry = replace(entry, guid=document.url, published=published, own_page=True)
    return RawFeed(head=FeedHead(format="article"), entries=(entry,))


def seal(feed: RawFeed, known: Collection[bytes]) -> RawFeed:
    """Give every entry its digest. Where the reader found no slices, digests serve as such: remember them all, and
    leave out the entries that are known."""
    entries = tuple(replace(entry, digest=digest(entry, language=feed.head.language)) for entry in feed.entries)
    if feed.slices:
        return replace(feed, entries=entries)
    fresh = tuple(replace(entry, slice=entry.digest) for entry in entries if entry.digest not in known)
    slices = tuple(entry.digest for entry in entries)
    return replace(feed, entries=fresh, known=len(entries) - len(fresh), slices=slices)


def digest(entry: RawEntry, *, language: str) -> bytes:
    """8 bytes over all that the source says of an entry and the feed's `language`, which an entry inherits.

    The same in every process. Fields at their default are left out, so a field added later changes no old digest.
    """
    said = json.dumps([language, entry], default=_said, separators=(",", ":"))
    return xxhash.xxh3_64_digest(said.encode())


def _said(part: Any) -> dict[str, Any]:
    """What differs from the default, of a dataclass inside an entry or the entry itself; where it stood is not said."""
    return {name: value for name, default in _fields(part.__class__) if (value := getattr(part, name)) != default}


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(kind) if field.name != "slice")

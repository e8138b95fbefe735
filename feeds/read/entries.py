"""What all readers share: one bad entry costs the others nothing, known entries are left out, and there is an end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import xxhash

from feeds.model import Document, FeedHead, RawEntry, RawFeed

MOST = 1000  # entries of one document; the newest are read, the others counted

_VISIBLE = re.compile("[!-~]")  # of a guid that holds such a character, cleaning leaves one

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
    """Give every entry without a guid its digest, which will name it. Where the reader found no slices, digests serve
    as such: all entries have them, all are remembered, and those that are known are left out."""
    language = feed.head.language
    if feed.slices:
        named = (
            e if _VISIBLE.search(e.guid) else replace(e, digest=digest(e, language=language)) for e in feed.entries
        )
        return replace(feed, entries=tuple(named))
    digests = [digest(entry, language=language) for entry in feed.entries]
    entries = zip(feed.entries, digests, strict=True)
    fresh = tuple(replace(entry, digest=key, slice=key) for entry, key in entries if key not in known)
    return replace(feed, entries=fresh, known=len(digests) - len(fresh), slices=tuple(digests))


def digest(entry: RawEntry, *, language: str) -> bytes:
    """8 bytes over all that the source says of an entry and the feed's `language`, which an entry inherits.

    The same in every process. Fields at their default are left out, so a field added later changes no old digest.
    """
    return xxhash.xxh3_64_digest(_ENCODE([language, entry]).encode())


def _said(part: Any) -> dict[str, Any]:
    """What differs from the default, of a dataclass inside an entry or the entry itself; where it stood is not said."""
    names, defaults, values = _fields(part.__class__)
    said = zip(names, defaults, values(part), strict=True)
    return {name: value for name, default, value in said if value is not default and value != default}


_ENCODE = json.JSONEncoder(default=_said, separators=(",", ":"), check_circular=False).encode


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], tuple[Any, ...], Callable[[Any], tuple[Any, ...]]]:
    """Names, defaults, and what gets the values."""
    told = [field for field in fields(kind) if field.name != "slice"]
    names = tuple(field.name for field in told)
    return names, tuple(field.default for field in told), attrgetter(*names)

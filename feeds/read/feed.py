"""RSS, Atom and CDF -> raw entries. Items whose bytes were seen at the last good poll are cut out before parsing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from xxhash import xxh3_64_hexdigest, xxh3_64_intdigest

from feeds.model import Document, Facts, FeedHead, RawEntry, RawFeed, Unreadable
from feeds.read import encoding, parser
from feeds.read.dates import moment
from feeds.read.entries import MOST, digest, each, newest
from feeds.read.feed_entry import link, links, names, raw_entry, text
from feeds.read.guard import leads, tame
from feeds.read.hubs import offer
from feeds.read.settle import settle
from feeds.read.skips import skips
from feeds.read.split import DROWNS, Split, Splitter

ONE_IN = 500  # polls that bring a cut document are read both ways, and compared

_SPLITTER = Splitter(parser.NAMESPACES, version=parser.VERSION)

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def read_feed(document: Document, facts: Facts, *, one_in: int = ONE_IN) -> RawFeed | Unreadable:
    """Read all that feedparser can rescue; neither a version nor an entry: not a feed.

    `one_in`: of so many documents with items left out, one is read both ways. Where they differ the whole reading
    stands, and `differs` says where they do.
    """
    tamed = tame(settle(document, language=facts.source.language))
    if isinstance(tamed, Unreadable):
        return tamed
    body, floods = tamed
    floods += leads(document.body)
    cuts = Counter({"blank_lines": floods} if floods else {})
    split = _SPLITTER.split(body, base=document.url)
    if isinstance(split, Unreadable):
        return split
    part = None if split.why or facts.whole else _read_part(split, document, facts)
    if part is None:
        return _read_whole(split, document, cuts)
    part = replace(part, cuts=cuts + Counter(part.cuts))
    return part if not part.known or xxh3_64_intdigest(body) % one_in else _compared(part, split, document, facts)


def _compared(part: RawFeed, split: Split, document: Document, facts: Facts) -> RawFeed:
    """`part`, or the whole reading where the two differ."""
    if split.drowning:
        return part  # these are not shown to the parser either way
    try:
        whole = _read_whole(split, document, Counter())
    except Exception as exc:  # noqa: BLE001 - feedparser may raise anything, and in part it did not
        whole = Unreadable(why=f"parser_{type(exc).__name__}")
    differs = _difference(part, whole, facts) or _difference_at_the_ends(part, whole, split, document, facts)
    return replace(whole if differs and isinstance(whole, RawFeed) else part, differs=differs)


def _read_part(split: Split, document: Document, facts: Facts) -> RawFeed | None:
    """Read the items that are not known; None if the parser does not see them as the splitter did."""
    try:
        window = _window(split, document)
        new = [number for number in window if split.keys[number] not in facts.known]
        fresh = [number for number in new if number not in split.drowning]
        body = split.without(frozenset(range(len(split.spans))) - frozenset(fresh))
        result, cuts = parser.parse(body, base=document.url)
    except Exception:  # noqa: BLE001 - whatever it is, reading the whole document meets it again or does not
        return None
    if result.bozo or len(result.entries) != len(fresh):
        return None
    if len(window) < len(split.spans):
        cuts["items"] = len(split.spans) - len(window)
    feed = _raw_feed(result, result.entries, split, document, cuts, keys=[split.keys[number] for number in fresh])
    entries = zip(fresh, feed.entries, strict=True)
    read = {n: entry if entry.slice else replace(entry, slice=split.keys[n]) for n, entry in entries}  # it has trouble
    return replace(
        feed,
        entries=tuple(read.get(number) or _drowned(split, number) for number in new),
        known=len(window) - len(new),
        slices=tuple(split.keys[number] for number in window),
    )


def _drowned(split: Split, number: int) -> RawEntry:
    """An item that is not shown to the parser; named by its bytes, as nothing else of it is known."""
    start, end = split.spans[number]
    name = xxh3_64_hexdigest(split.body[start:end])
    return RawEntry(guid=f"unread:{name}", trouble=DROWNS, slice=split.keys[number] if split.keys else b"")


def _read_whole(split: Split, document: Document, cuts: Counter[str]) -> RawFeed | Unreadable:
    body = split.without(split.drowning)
    try:
        result, more = parser.parse(body, base=document.url)
    except (ValueError, OverflowError):
        mended = encoding.mend_references(body)
        if mended == body:
            raise
        result, more = parser.parse(mended, base=document.url)
    if not text(result, "version") and not result.entries:
        return Unreadable(why="not_a_feed")
    window = newest(len(result.entries), lambda number: _date_of(result.entries[number]))
    drowned = sorted(split.drowning)[:MOST]
    if left := len(result.entries) - len(window) + len(split.drowning) - len(drowned):
        more["items"] = left
    feed = _raw_feed(result, result.entries[window.start : window.stop], split, document, cuts + more)
    return replace(feed, entries=feed.entries + tuple(_drowned(split, number) for number in drowned))


def _raw_feed(
    result: Any,
    items: Sequence[Any],
    split: Split,
    document: Document,
    cuts: Counter[str],
    *,
    keys: Sequence[bytes] = (),
) -> RawFeed:
    version = text(result, "version")
    captions = version.startswith("rss") and "media" in result.namespaces
    heirs = names(result.feed) if version.startswith("atom") else ()  # RFC 4287 section 4.2.1

    def entry(item: Any, key: bytes) -> RawEntry:
        typed = version.startswith("atom")
        return raw_entry(item, base=document.url, captions=captions, typed=typed, heirs=heirs, key=key)

    return RawFeed(
        head=_head(result.feed, version, split, document),
        entries=each(zip(items, keys or [b""] * len(items), strict=True), lambda both: entry(*both)),
        trouble=parser.malformed(result),
        cuts=cuts,
    )


def _difference(part: RawFeed, whole: RawFeed | Unreadable, facts: Facts) -> str:
    """Where a document read in part is not what it is when read whole, "" if it is."""
    if isinstance(whole, Unreadable):
        return f"read whole it is {whole.why}"
    if part.head != whole.head:
        return "what the feed says of itself"
    language = whole.head.language
    fresh = [number for number, key in enumerate(part.slices) if key not in facts.known]
    if len(whole.entries) != len(part.slices):
        return f"{len(whole.entries)} items, not {len(part.slices)}"
    for number, entry in zip(fresh, part.entries, strict=True):
        if digest(entry, language=language) != digest(whole.entries[number], language=language):
            return f"item {number + 1} of {len(part.slices)}"
    return ""


def _difference_at_the_ends(
    part: RawFeed, whole: RawFeed | Unreadable, split: Split, document: Document, facts: Facts
) -> str:
    """As if the first and the last item were new: else nothing would tell that both readings are of the same items."""
    facts = replace(facts, known=facts.known - {part.slices[0], part.slices[-1]})
    ends = _read_part(split, document, facts)
    return _difference(ends, whole, facts) if ends else "the first and the last item"


def _window(split: Split, document: Document) -> range:
    """Numbers of the newest items, as they are when all are read: where some are too many the dates of the first and
    of the last are read, and nothing else of them.

    Raises:
        ValueError: the parser does not see these as the splitter did; beside whatever it raises itself.
    """
    count = len(split.spans)
    if count <= MOST:
        return range(count)
    shown = [number for number in range(count) if number not in split.drowning]
    ends = {*shown[:1], *shown[-1:]}
    result, _ = parser.parse(split.without(frozenset(range(count)) - ends), base=document.url)
    if result.bozo or len(result.entries) != len(ends):
        raise ValueError("its ends are not what the splitter took them for")
    dates = [_date_of(item) for item in result.entries] or [None]
    return newest(count, lambda number: dates[-1 if number else 0])


def _date_of(item: Any) -> datetime | None:
    return moment(text(item, "published") or text(item, "updated"))


def _head(feed: Any, version: str, split: Split, document: Document) -> FeedHead:
    outside = range(len(split.spans))  # what items say is not of the feed
    hours, days = skips(split.without(outside)) if {"skiphours", "skipdays"} & feed.keys() else (0, 0)
    hub, topic = offer(document, links(feed))
    return FeedHead(
        format=version or "unknown",
        title=text(feed, "title"),
        id=text(feed, "id"),
        link=link(feed),
        language=text(feed, "language"),
        rights=text(feed, "rights"),
        ttl=_ttl(feed),
        skip_hours=hours,
        skip_days=days,
        hub=hub,
        topic=topic,
    )


def _ttl(feed: Any) -> int:
    """Seconds between polls that the feed asks for: RSS ttl in minutes, or the syndication module."""
    minutes, period, frequency = (text(feed, key).lower() for key in ("ttl", "sy_updateperiod", "sy_updatefrequency"))
    ttl = int(minutes) * 60 if re.fullmatch(r"[0-9]{1,6}", minutes) else 0
    times = int(frequency) if re.fullmatch(r"[0-9]{1,6}", frequency) else 1
    return max(ttl, _PERIODS.get(period, 0) // max(times, 1))

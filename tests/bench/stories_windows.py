"""Windows of 72 hours of real news, as the judged pairs of near-duplicates come from them.

A window holds what a year of headlines says of it, and what single feeds say that were polled meanwhile. Half of the
windows are kept aside, so that nobody tunes on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from json import loads
from typing import Any

from feeds.identify.fingerprint import fingerprint
from feeds.model import Article, Document, Facts, FeedHead, RawEntry, RawFeed, RawHtml, Source
from feeds.normalise.article import normalise
from feeds.read.document import read
from tests.real import DATA, lines, poll_sequence

NOW = datetime(2026, 8, 23, tzinfo=UTC)
LONG = timedelta(hours=72)
_POLLS = 20  # snapshots of one feed that are read, evenly spread
_WRAPPED = ("https://archive.is/newest/", "https://archive.ph/newest/")
_OLD = "bbc_home cnn_intl dailymail foxnews nzherald philstar smh straitstimes wsj_world rnz_covid"
_MARCH = "china gulf iran israel middle_east proxies south_asia turkey western"
_AUGUST = (
    "apnews ap_merge reuters_direct intl_filtered laapy_bloomberg_business laapy_bloomberg_economics"
    " laapy_bloomberg_markets laapy_bloomberg_politics laapy_bloomberg_technology laapy_cna_business"
    " laapy_devdiscourse_discovery laapy_reuters_official_msn laapy_swissinfo_discovery laapy_theprint_discovery"
)


@dataclass(frozen=True, slots=True)
class Window:
    """72 hours from a moment on."""

    begin: datetime
    feeds: tuple[str, ...] = ()  # of polls/
    has_stream: bool = True
    aside: bool = False


def _feeds(names: str, year: int, before: str = "") -> tuple[str, ...]:
    return tuple(f"{before}{name}_{year}" for name in names.split())


_WINTER = _feeds("ft_home wsj_world finexpress_intl economist", 2025)
_SPRING = ("reuters_2026", *_feeds(_MARCH, 2026, "newfeeds_"))
WINDOWS = {
    "autumn": Window(datetime(2025, 11, 12, tzinfo=UTC)),
    "winter": Window(datetime(2026, 1, 13, tzinfo=UTC), _WINTER),
    "spring": Window(datetime(2026, 3, 6, 12, tzinfo=UTC), _SPRING),
    "summer": Window(datetime(2026, 8, 19, tzinfo=UTC), _feeds(_AUGUST, 2026), has_stream=False),
    "old": Window(datetime(2021, 9, 17, 12, tzinfo=UTC), _feeds(_OLD, 2021), has_stream=False),
    "november": Window(datetime(2025, 11, 25, tzinfo=UTC)),
    "february": Window(datetime(2026, 2, 3, tzinfo=UTC)),
    "april": Window(datetime(2026, 3, 31, tzinfo=UTC)),
    "may": Window(datetime(2026, 5, 11, tzinfo=UTC)),
    "autumn aside": Window(datetime(2025, 12, 9, tzinfo=UTC), aside=True),
    "winter aside": Window(datetime(2026, 1, 16, 12, tzinfo=UTC), _WINTER, aside=True),
    "spring aside": Window(datetime(2026, 3, 10, tzinfo=UTC), _SPRING, aside=True),
    "april aside": Window(datetime(2026, 4, 12, tzinfo=UTC), ("reuters_2026",), aside=True),
    "december aside": Window(datetime(2025, 12, 16, tzinfo=UTC), aside=True),
    "january aside": Window(datetime(2026, 1, 27, tzinfo=UTC), aside=True),
    "february aside": Window(datetime(2026, 2, 24, tzinfo=UTC), aside=True),
    "may aside": Window(datetime(2026, 5, 28, tzinfo=UTC), aside=True),
    "old aside": Window(datetime(2020, 8, 18, tzinfo=UTC), _feeds(_OLD, 2021), has_stream=False, aside=True),
}


def article(row: dict[str, Any], number: int) -> Article:
    """The item of a row, as the offline command makes it."""
    host = row.get("host", "") or "unnamed"
    source = Source(name=host, url=f"https://{host}/")
    raw = RawEntry(
        guid=str(row.get("id", number)),
        link=row.get("url", ""),
        title=RawHtml(value=row["title"]),
        summary=RawHtml(value=row.get("summary", "")),
        content=RawHtml(value=row.get("content", "")),
        published=row.get("published") or row.get("first_seen", ""),
        digest=number.to_bytes(8, "big"),
    )
    item = normalise(raw, FeedHead(format="jsonl"), Facts(source=source, now=NOW))
    assert isinstance(item, Article), item
    item = replace(item, first_seen=item.dated)
    return replace(item, fingerprint=fingerprint(item, outlet="", boilerplate=frozenset()))


def name_of(item: Article) -> str:
    """What names an item of a window in a list that holds no text: a hash of its address."""
    return blake2b(item.canonical_url.encode(), digest_size=8).hexdigest()


def windows() -> dict[str, list[Article]]:
    """The items of each window that are dated in it, each address once, in the order of their dates."""
    found: dict[str, dict[str, Article]] = {name: {} for name in WINDOWS}
    for row in lines(DATA / "polls" / "_headline_stream_2025_26.jsonl.zst"):
        day = row["first_seen"][:10]
        for name, window in WINDOWS.items():
            if window.has_stream and str(window.begin.date()) <= day <= str((window.begin + LONG).date()):
                _keep(article({**row, "id": row["url"]}, 0), window, found[name])
    for name, window in WINDOWS.items():
        for item in _of_feeds(window):
            _keep(item, window, found[name])
    return {
        name: sorted(items.values(), key=lambda item: (item.dated, item.canonical_url)) for name, items in found.items()
    }


def _keep(item: Article, window: Window, found: dict[str, Article]) -> None:
    """Of one address what says most."""
    if item.canonical_url and window.begin <= item.dated < window.begin + LONG:
        known = found.get(item.canonical_url)
        if known is None or len(known.text) < len(item.text):
            found[item.canonical_url] = item


def _of_feeds(window: Window) -> Iterator[Article]:
    for feed in window.feeds:
        end = window.begin + LONG + timedelta(hours=6)
        polls = [body for at, body in poll_sequence(feed) if window.begin <= at < end]
        for body in polls[:: max(1, len(polls) // _POLLS)]:
            yield from _of_newfeeds(body) if feed.startswith("newfeeds") else _of_feed(feed, body, window)


def _of_newfeeds(body: bytes) -> Iterator[Article]:
    """Only what the outlets themselves said: the file holds machine-made translations too."""
    found: Any = loads(body)
    rows = found if isinstance(found, list) else next(part for part in found.values() if isinstance(part, list))
    for row in rows:
        if row.get("title_original") and row.get("url") and row.get("published"):
            said = {"title": row["title_original"], "summary": row.get("content_original", ""), "url": row["url"]}
            named = {"id": row["url"], "host": row.get("source_name", ""), "published": row["published"]}
            yield article(said | named, 0)


def _of_feed(feed: str, body: bytes, window: Window) -> Iterator[Article]:
    facts = Facts(source=Source(name=feed, url=f"https://{feed}.example/"), now=window.begin + LONG)
    found = read(Document(url=facts.source.url, body=body), facts)
    if not isinstance(found, RawFeed):
        return
    for raw in found.entries:
        for wrapped in _WRAPPED:
            raw = replace(raw, link=raw.link.removeprefix(wrapped))
        item = normalise(raw, found.head, facts)
        if isinstance(item, Article):
            item = replace(item, first_seen=item.dated)
            yield replace(item, fingerprint=fingerprint(item, outlet="", boilerplate=frozenset()))

"""How we behave towards publishers: what a request says, and what an answer asks of us. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from feeds.fetch.truth import distrusted, is_probe
from feeds.model import Hints, Request, Source, SourceState

DAY = 24 * 3600  # seconds: no publisher makes us wait longer
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d+)', re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:cache|store)\s*(?:,|$)", re.IGNORECASE)


# -------------------------------------------------------------------------------------------- asking


def ask(source: Source, state: SourceState, now: datetime) -> Request:
    """What to ask `source` for, from what we remember of it."""
    conditional = not (distrusted(state, now) or is_probe(state, now))
    return Request(
        source=source.name,
        url=state.moved_to or source.url,
        etag=state.etag if conditional else "",
        last_modified=state.last_modified if conditional else "",
        body_hash=state.body_hash,
    )


def headers(request: Request, user_agent: str) -> tuple[tuple[str, str], ...]:
    """The headers that we choose; Latin-1, so that a validator goes back byte for byte.

    Only what the server itself gave is sent back: no date is ever invented (RFC 9110 section 13.1).
    """
    said = (("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified))
    return (
        ("User-Agent", user_agent),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", "gzip"),
        *(pair for pair in said if pair[1]),
    )


# ------------------------------------------------------------------------------------------- answers


def hints(headers: Mapping[str, str], now: datetime | None = None) -> Hints:
    """How long these response headers (lower-case names) ask us to wait, each at most a day.

    Dates are measured from the server's own Date, since its clock need not be ours, and from `now` if it sends none.
    Time spent in a cache on the way counts (RFC 9111 sections 4.2 and 5.2.2, RFC 9110 section 10.2.3).
    """
    date = _date(headers.get("date", "")) or now
    said = headers.get("cache-control", "")
    if _NO_CACHE.search(said):
        fresh = 0
    elif found := _MAX_AGE.search(said):
        fresh = _seconds(found[1])
    else:
        fresh = _until(headers.get("expires", ""), date)
    again = headers.get("retry-after", "").split(",")  # of several the longest; a date without its day is one as well
    return Hints(
        max_age=min(DAY, max(0, fresh - _seconds(headers.get("age", "")))),
        retry_after=min(DAY, max(_seconds(each) or _until(each, date) for each in again)),
    )


def _seconds(text: str) -> int:
    """A count of seconds; 0 for anything but digits. Nine of them are thirty years."""
    text = text.strip()
    return int(text[:9]) if text.isascii() and text.isdigit() else 0


def _date(text: str) -> datetime | None:
    """An HTTP date (RFC 9110 section 5.6.7), None if it is none."""
    try:
        date = parsedate_to_datetime(text)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(text: str, start: datetime | None) -> int:
    end = _date(text)
    return max(0, int((end - start).total_seconds())) if start and end else 0

"""How we behave towards publishers: what a request says, what an answer asks of us, when to come again. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from xxhash import xxh32_intdigest

from feeds.config.settings import PollSettings
from feeds.model import (
    Answer,
    Failed,
    Fetched,
    Gone,
    Hints,
    Hop,
    NotModified,
    Reading,
    Request,
    Source,
    SourceState,
    Unreadable,
)

DAY = 24 * 3600  # seconds: no publisher makes us wait longer
_REFUSED = 4 * 3600  # seconds: the first gap after "you may not" and "too many requests"
_JITTER, _JITTER_MAX = 0.1, 1800  # share of a gap; seconds
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d+)', re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:cache|store)\s*(?:,|$)", re.IGNORECASE)


# -------------------------------------------------------------------------------------------- asking


def ask(source: Source, state: SourceState) -> Request:
    """What to ask `source` for, from what we remember of it."""
    return Request(
        source=source.name,
        url=state.moved_to or source.url,
        etag=state.etag,
        last_modified=state.last_modified,
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
    again = headers.get("retry-after", "")
    return Hints(
        max_age=min(DAY, max(0, fresh - _seconds(headers.get("age", "")))),
        retry_after=min(DAY, _seconds(again) or _until(again, date)),
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


# ---------------------------------------------------------------------------------------- coming again


def after(
    state: SourceState,
    source: Source,
    answer: Answer,
    now: datetime,
    *,
    poll: PollSettings,
    reading: Reading | Unreadable | None = None,
) -> tuple[SourceState, datetime | None]:
    """What to remember of `source` after this answer, and until when nobody may ask its host (None: no matter).

    `reading` is what came of the documents of a `Fetched`. A body that could not be read leaves no validators and no
    hash behind, so that it is asked for again. A source that fails is asked ever more rarely, but never given up; only
    one that is Gone stops.
    """
    match answer:
        case Gone() if not state.moved_to:
            gone = f"http_{answer.status}: the publisher has taken this feed away for good; not asked any more"
            return _failing(state, now, gone, timedelta(seconds=DAY), stopped=True), None
        case Gone():
            why = f"http_{answer.status} at {answer.url}, where it had moved to"
            return _failed(state, source, now, why, Hints()), None
        case Failed():
            first = _REFUSED if answer.status == 403 or (answer.status == 429 and not answer.hints.retry_after) else 0
            held = now + timedelta(seconds=answer.hints.retry_after or _REFUSED) if answer.holds_host else None
            return _failed(state, source, now, _words(answer), answer.hints, first=first), held
        case Fetched():
            if isinstance(reading, Unreadable):
                return _failed(state, source, now, _words(reading), answer.hints), None
            news = reading is None or bool(reading.items)
            ttl = reading.head.ttl if reading else 0
            fine = replace(
                state, etag=answer.etag, last_modified=answer.last_modified, body_hash=answer.body_hash, changed=now
            )
            return _went_well(fine, source, answer, now, poll, news=news, ttl=ttl), None
        case NotModified():
            fine = replace(
                state,
                etag=state.etag if answer.etag is None else answer.etag,
                last_modified=state.last_modified if answer.last_modified is None else answer.last_modified,
            )
            return _went_well(fine, source, answer, now, poll, news=False), None


def _words(trouble: Failed | Unreadable) -> str:
    return f"{trouble.why}: {trouble.detail}" if trouble.detail else trouble.why


def _went_well(
    state: SourceState,
    source: Source,
    answer: Fetched | NotModified,
    now: datetime,
    poll: PollSettings,
    *,
    news: bool,
    ttl: int = 0,
) -> SourceState:
    """Sooner after news, later after none, never sooner than the publisher asks."""
    longest = max(source.interval_min, int(poll.interval_max.total_seconds()))
    if source.is_file or not state.interval:
        adaptive = source.interval_min  # a folder has no publisher to spare, and its writer is waiting
    else:
        adaptive = round(state.interval * (0.8 if news else 1.5))
    # The feed's own ttl is a lasting wish and stays in the interval; max-age is about this answer alone.
    interval = _clamp(max(adaptive, min(ttl, DAY)), source.interval_min, longest)
    gap = _clamp(max(interval, answer.hints.max_age), source.interval_min, longest)
    return replace(
        state,
        moved_to=_learn(state, source, answer.hops),
        next_poll=now + _jittered(timedelta(seconds=gap), source, now),
        held_until=None,
        interval=interval,
        failures=0,
        failing_since=None,
        why="",
        polled=now,
        stopped=False,
    )


def _failed(
    state: SourceState, source: Source, now: datetime, why: str, hints: Hints, *, first: int = 0
) -> SourceState:
    """Double the gap with each failure in a row, from `first` seconds or the source's floor up to a day."""
    doublings = 0 if source.is_file else min(state.failures, 20)
    backoff = max(source.interval_min, first) * 2**doublings
    gap = min(DAY, max(backoff, hints.retry_after, hints.max_age))
    failing = _failing(state, now, why, _jittered(timedelta(seconds=gap), source, now), stopped=False)
    return replace(failing, held_until=now + timedelta(seconds=hints.retry_after) if hints.retry_after else None)


def _failing(state: SourceState, now: datetime, why: str, gap: timedelta, *, stopped: bool) -> SourceState:
    return replace(
        state,
        moved_to="",  # what was learnt may be what is wrong; the configured address shows the way again
        next_poll=now + gap,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        why=why,
        polled=now,
        stopped=stopped,
    )


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


def _jittered(gap: timedelta, source: Source, now: datetime) -> timedelta:
    """`gap` and up to a tenth of it more, at most half an hour; the same for the same source and moment."""
    share = xxh32_intdigest(f"{source.name} {now.isoformat()}".encode()) / 2**32
    return gap + min(gap * _JITTER, timedelta(seconds=_JITTER_MAX)) * share


def _learn(state: SourceState, source: Source, hops: tuple[Hop, ...]) -> str:
    """The address to ask from now on, "" for the configured one.

    Only a permanent move to https on the same host is learnt, at once; other moves are followed each time. An address
    with credentials stays as the operator wrote it.
    """
    asked = urlsplit(state.moved_to or source.url)
    if hops and hops[0].status in (301, 308) and asked.scheme == "http" and "@" not in asked.netloc:
        target = urlsplit(hops[0].url)
        if (target.scheme, target.netloc) == ("https", (asked.hostname or "")):
            return hops[0].url
    return state.moved_to

"""When to come again, and what to remember until then. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from xxhash import xxh32_intdigest

from feeds.config.settings import PollSettings
from feeds.fetch import moves, truth
from feeds.fetch.policy import DAY
from feeds.model import (
    Answer,
    Failed,
    Fetched,
    Gone,
    Hints,
    NotModified,
    Reading,
    Source,
    SourceState,
    Unreadable,
)

_REFUSED = 4 * 3600  # seconds: the first gap after "you may not" and "too many requests"
_JITTER, _JITTER_MAX = 0.1, 1800  # share of a gap; seconds
_SOONER, _MUCH_SOONER, _LATER = 0.8, 0.5, 1.5
_TELLING = 10  # items that a list must hold before the share of known ones says anything


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
    probe = truth.is_probe(state, now)
    if probe:  # whatever came of it
        state = replace(state, probed=now)
    match answer:
        case Failed() | Gone() if moves.has_moved(state, answer):
            why = f"http_{answer.status} at its old address; it has moved to {state.move}"
            moved = _failed(state, source, now, why, _hints(answer))
            return replace(moved, moved_to=state.move), None
        case Gone() if not state.moved_to:
            reason = (
                "its publisher may not show it, for legal reasons" if answer.status == 451 else "taken away for good"
            )
            gone = f"http_{answer.status}: {reason}; not asked any more"
            return _failing(state, now, gone, timedelta(seconds=DAY), because="", stopped=True), None
        case Gone():
            why = f"http_{answer.status} at {answer.url}, where it had moved to"
            return _failed(state, source, now, why, Hints(), gone=True), None
        case Failed():
            first = _REFUSED if answer.status == 403 or (answer.status == 429 and not answer.hints.retry_after) else 0
            held = now + timedelta(seconds=answer.hints.retry_after or _REFUSED) if answer.holds_host else None
            return _failed(state, source, now, _words(answer), answer.hints, first=first), held
        case Fetched():
            if isinstance(reading, Unreadable):
                return _failed(state, source, now, _words(reading), answer.hints), None
            fine = replace(
                state if source.is_file else truth.weigh(state, answer, now, probe=probe),
                etag=answer.etag,
                last_modified=answer.last_modified,
                body_hash=answer.body_hash,
                changed=now,
            )
            if reading is not None:
                head = reading.head
                fine = replace(fine, ttl=min(head.ttl, DAY), skip_hours=head.skip_hours, skip_days=head.skip_days)
        case NotModified():
            fine = replace(
                state if source.is_file else truth.weigh(state, answer, now, probe=probe),
                etag=state.etag if answer.etag is None else answer.etag,
                last_modified=state.last_modified if answer.last_modified is None else answer.last_modified,
            )
    return _went_well(fine, source, answer, now, poll, factor=_factor(state, answer, reading)), None


def unread(state: SourceState, source: Source, now: datetime) -> SourceState:
    """What to remember of a source whose answer nobody could look into, by no fault of its own."""
    gap = timedelta(seconds=max(state.interval, source.interval_min))
    because = "nothing can be read just now, whatever it sends"
    next_poll, because = _spared(now + _jittered(gap, source, now), state, source, now, because)
    return replace(state, next_poll=next_poll, next_why=because)


def _words(trouble: Failed | Unreadable) -> str:
    words = trouble.words if isinstance(trouble, Unreadable) else trouble.detail
    return f"{trouble.why}: {words}" if words else trouble.why


def _hints(answer: Failed | Gone) -> Hints:
    return answer.hints if isinstance(answer, Failed) else Hints()


# ------------------------------------------------------------------------------------------- went well


def _factor(state: SourceState, answer: Fetched | NotModified, reading: Reading | Unreadable | None) -> float:
    """By how much the interval changes: sooner after news, later after none.

    Between two polls of a busy list a third to two thirds of it should stay, so that nothing slips by and little is
    asked in vain. Where less stays, items may have been missed already.
    """
    if isinstance(answer, NotModified) or (isinstance(reading, Reading) and not reading.items):
        return _LATER
    if not isinstance(reading, Reading) or state.changed is None:
        return _SOONER
    listed = reading.known + len(reading.items)
    if listed < _TELLING or 3 * reading.known > 2 * listed:
        return _SOONER
    return 1.0 if 3 * reading.known >= listed else _MUCH_SOONER


def _went_well(
    state: SourceState,
    source: Source,
    answer: Fetched | NotModified,
    now: datetime,
    poll: PollSettings,
    *,
    factor: float,
) -> SourceState:
    """Never sooner than the publisher asks."""
    longest = max(source.interval_min, int(poll.interval_max.total_seconds()))
    if source.is_file or not state.interval:
        adaptive = source.interval_min  # a folder has no publisher to spare, and its writer is waiting
    else:
        adaptive = _clamp(round(state.interval * factor), source.interval_min, longest)
    # The feed's own ttl is a lasting wish and stays in the interval; max-age is about this answer alone.
    # `interval_max` bounds what we choose; what the publisher asks for is bounded by a day alone.
    interval = max(adaptive, min(state.ttl, DAY))
    gap = max(interval, min(answer.hints.max_age, DAY))
    if gap > interval:
        because = f"its max-age is {_span(answer.hints.max_age)}"
    elif interval > adaptive:
        because = f"the feed asks for {_span(state.ttl)} between polls"
    elif interval == source.interval_min:
        because = f"every {_span(interval)}, the shortest interval configured"
    else:
        because = f"every {_span(interval)}, as it has news"
    next_poll, because = _spared(now + _jittered(timedelta(seconds=gap), source, now), state, source, now, because)
    return replace(
        moves.follow(state, source, answer, now),
        next_poll=next_poll,
        next_why=because,
        held_until=None,
        interval=interval,
        failures=0,
        failing_since=None,
        why="",
        polled=now,
        stopped=False,
    )


# ---------------------------------------------------------------------------------------------- failed


def _failed(
    state: SourceState,
    source: Source,
    now: datetime,
    why: str,
    hints: Hints,
    *,
    first: int = 0,
    gone: bool = False,
) -> SourceState:
    """Double the gap with each failure in a row, from `first` seconds or the source's floor up to a day."""
    if first:
        backoff = _after_refusal(state, why, first)
    else:
        backoff = source.interval_min * 2 ** (0 if source.is_file else min(state.failures, 20))
    asked = max(hints.retry_after, hints.max_age, state.ttl)
    gap = min(DAY, max(backoff, source.interval_min, asked))
    times = "once" if state.failures == 0 else f"{state.failures + 1} times"
    because = f"it has failed {times}, so it is asked more rarely"
    if asked >= gap > backoff:
        retry = asked == hints.retry_after
        because = f"its Retry-After is {_span(asked)}" if retry else f"it asks for {_span(asked)} between polls"
    next_poll, because = _spared(now + _jittered(timedelta(seconds=gap), source, now), state, source, now, because)
    failing = _failing(moves.doubt(state, gone=gone), now, why, next_poll - now, because=because, stopped=False)
    return replace(failing, held_until=now + timedelta(seconds=hints.retry_after) if hints.retry_after else None)


def _after_refusal(state: SourceState, why: str, first: int) -> int:
    """Seconds after "you may not" or "too many": `first`, then twice the gap before, jitter aside."""
    gap, same = first, state.why.partition(":")[0] == why.partition(":")[0]
    if same and state.polled and state.next_poll:
        waited = (state.next_poll - state.polled).total_seconds()
        while gap <= waited and gap < DAY:
            gap *= 2
    return gap


def _failing(
    state: SourceState, now: datetime, why: str, gap: timedelta, *, because: str, stopped: bool
) -> SourceState:
    return replace(
        state,
        next_poll=now + gap,
        next_why=because,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        why=why,
        polled=now,
        stopped=stopped,
    )


# ---------------------------------------------------------------------------------------------- moments


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


def _jittered(gap: timedelta, source: Source, now: datetime) -> timedelta:
    """`gap` and up to a tenth of it more, at most half an hour."""
    return gap + min(gap * _JITTER, timedelta(seconds=_JITTER_MAX)) * _share(source, now)


def _share(source: Source, now: datetime) -> float:
    """From 0 to 1, the same for the same source and moment: chance that can be replayed."""
    return xxh32_intdigest(f"{source.name} {now.isoformat()}".encode()) / 2**32


def _spared(moment: datetime, state: SourceState, source: Source, now: datetime, because: str) -> tuple[datetime, str]:
    """`moment`, or the next that lies outside the hours and days that the feed wants to be spared.

    A feed that wants to be spared always is asked once a day all the same. Those that are spared the same hour come
    over the first minutes after it.
    """
    latest, spared = max(moment, now + timedelta(seconds=DAY)), moment
    while _skipped(spared, state) and spared < latest:
        hour = spared.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        spared = hour + timedelta(minutes=10) * _share(source, now)
    if spared == moment:
        return moment, because
    return min(spared, latest), "it asks not to be polled in the hours or on the days before"


def _skipped(moment: datetime, state: SourceState) -> bool:
    at = moment.astimezone(UTC)
    return bool(state.skip_hours >> at.hour & 1 or state.skip_days >> at.weekday() & 1)


def _span(seconds: int) -> str:
    """A span for people: 45 s, 15 min, 1.5 h."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds} s"

"""Whether a server's "not modified" can be believed. Pure.

Some servers, and caches before them, answer 304 for weeks while the feed moves on. Such a source looks healthy and is
lost. So one that has been silent for much longer than it usually is gets one request without validators.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from feeds.model import Fetched, NotModified, SourceState

_SILENCE = 8  # times the usual gap between new items
_DAY = timedelta(hours=24)
_DISTRUST = timedelta(days=7)


def is_probe(state: SourceState, now: datetime) -> bool:
    """Whether the next request is to go without validators, to see whether the 304s are true; once a day at most."""
    if state.body_at is None or not (state.etag or state.last_modified) or distrusted(state, now):
        return False
    silence = max(_SILENCE * timedelta(seconds=state.usual_gap), _DAY)
    return now - state.body_at >= silence and (state.probed is None or now - state.probed >= _DAY)


def distrusted(state: SourceState, now: datetime) -> bool:
    """Whether its validators are kept, but not sent."""
    return state.distrusted_until is not None and now < state.distrusted_until


def weigh(state: SourceState, answer: Fetched | NotModified, now: datetime, *, probe: bool) -> SourceState:
    """What an answer says of the 304s before it; `probe`: it was asked for to find that out.

    A probe that brings the known bytes shows that silence is usual here, so that the next one comes later still.
    """
    if isinstance(answer, NotModified) and not answer.equal_body:
        return replace(state, body_at=state.body_at or now)
    if probe and isinstance(answer, Fetched):
        state = replace(state, distrusted_until=now + _DISTRUST)
    elif probe and state.body_at:
        silence = int((now - (state.newest or state.body_at)).total_seconds())
        state = replace(state, usual_gap=max(state.usual_gap, silence))
    return replace(state, body_at=now)

"""Permanent redirects: when one is taken for the new address of a source. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feeds.model import Failed, Fetched, Gone, Hop, NotModified, Source, SourceState, host_of

_PERMANENT = (301, 308)
_AWAY = (404, 410)
_REPEATS, _HOLDS = 3, timedelta(hours=24)  # a move that was a mistake is usually mended within a day


def follow(state: SourceState, source: Source, answer: Fetched | NotModified, now: datetime) -> SourceState:
    """What an answer that brought a feed teaches of where the source lives.

    https on the same host is learnt at once. Any other permanent redirect is learnt when three answers in a row, over
    at least a day, pointed to the same place; until then, and for temporary ones always, the old address is asked. An
    address with credentials stays as the operator wrote it: they belong to that place alone.
    """
    asked = urlsplit(state.moved_to or source.url)
    steps = _permanent(answer.hops)
    if "@" in asked.netloc:
        return state
    if not steps:
        return state if state.moved_to else replace(state, move="", move_since=None, move_count=0)
    first, target = urlsplit(steps[0]), steps[-1]
    again = target == state.move and state.move_since is not None
    state = replace(
        state,
        move=target,
        move_since=state.move_since if again else now,
        move_count=state.move_count + 1 if again else 1,
    )
    if state.move_since and state.move_count >= _REPEATS and now - state.move_since >= _HOLDS:
        return replace(state, moved_to=target)
    secured = (asked.scheme, first.scheme, first.port) == ("http", "https", None)
    if secured and host_of(steps[0]) == host_of(state.moved_to or source.url):
        return replace(state, moved_to=steps[0])
    return state


def has_moved(state: SourceState, answer: Failed | Gone) -> bool:
    """Whether the configured address is gone, and redirects had said before where to."""
    return bool(state.move and not state.moved_to and answer.status in _AWAY and not answer.hops)


def doubt(state: SourceState, *, gone: bool) -> SourceState:
    """The state after the learnt address failed: the configured one is asked again, and may point there anew.

    Where the learnt address itself says that it is gone, there is nothing left to come back to.
    """
    if not state.moved_to:
        return state
    state = replace(state, moved_to="")
    return replace(state, move="", move_since=None, move_count=0) if gone else state


def _permanent(hops: tuple[Hop, ...]) -> list[str]:
    """Where the permanent redirects led before the first temporary one."""
    steps = []
    for hop in hops:
        if hop.status not in _PERMANENT:
            break
        steps.append(hop.url)
    return steps

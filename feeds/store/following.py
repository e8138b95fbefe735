"""How sources are followed by what hubs push: the rows of it, and what they mean for the schedule."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from feeds.model import BETWEEN_POLLS, FeedHead, Fetched, NotModified, Outcome, Poll, Push, SourceState, host_of
from feeds.store.tables import inbox, pushes, sources

_MISSED = (Outcome.NEW, Outcome.CHANGED, Outcome.DUPLICATE)
PLAIN = tuple(name for name in Push.__slots__ if name != "source")
_SHOWN = ("hub", "topic", "stage", "lease_until", "pushed", "act_at", "why", "n_pushes", "n_replayed", "n_useless")


def load(connection: Connection, source_id: int, source: str) -> Push | None:
    """What is known of a hub for this source."""
    row = connection.execute(select(pushes).where(pushes.c.source_id == source_id)).one_or_none()
    return None if row is None else Push(source=source, **{name: getattr(row, name) for name in PLAIN})


def save(connection: Connection, source_id: int, before: Push | None, after: Push | None) -> None:
    """Write what has become of it. Another token is another subscription, whose counts begin at nothing."""
    if before == after:
        return
    mine = pushes.c.source_id == source_id
    values = {name: getattr(after, name) for name in PLAIN} if after is not None else {}
    if before is not None and after is not None and before.token == after.token:
        connection.execute(update(pushes).where(mine).values(values))
        return
    connection.execute(delete(pushes).where(mine))
    connection.execute(update(sources).where(sources.c.id == source_id).values(followed=after is not None))
    if after is not None:
        connection.execute(insert(pushes).values(source_id=source_id, **values))


def after_poll(
    connection: Connection, source: Any, poll: Poll, outcomes: Mapping[Outcome, int], state: SourceState
) -> SourceState:
    """What a poll means for the hub of its source, and that for the next poll. `source`: its row.

    While the hub is trusted the interval that was found before stays, to be taken up again.
    """
    offers = poll.reading.head if poll.reading is not None and not poll.job.source.is_file else None
    if not (source.followed or (offers and offers.hub)):
        return state
    now = poll.job.facts.now
    push = before = load(connection, source.id, source.name)
    if state.stopped:
        push = None
    elif offers is not None:
        push = offered(before, source, offers, now)
        if push is not None and any(outcomes.get(outcome) for outcome in _MISSED) and not _waits(connection, push):
            push = push.missed(now)
    save(connection, source.id, before, push)
    if push is None or not push.is_trusted or not isinstance(poll.answer, Fetched | NotModified):
        return state
    return replace(state, interval=poll.job.state.interval or state.interval, **later(state.next_poll, push, now))


def _waits(connection: Connection, push: Push) -> bool:
    """Whether something that it pushed has not been looked at yet: that may be what a poll found first."""
    mine = select(inbox.c.id).where(inbox.c.kind == "push", inbox.c.key == push.token).limit(1)
    return connection.execute(mine).first() is not None


def offered(before: Push | None, source: Any, offers: FeedHead | Push, now: datetime) -> Push | None:
    """See Push.offered. `source`: its row."""
    return Push.offered(
        before, source=source.name, hub=offers.hub, topic=offers.topic, now=now, chance=secrets.token_urlsafe
    )


def later(next_poll: datetime | None, push: Push, polled: datetime) -> dict[str, Any]:
    """The schedule of a source whose hub is trusted."""
    return {
        "next_poll": max(next_poll or polled, polled + BETWEEN_POLLS),
        "next_why": f"once a day, as {host_of(push.hub)} pushes it",
    }


def step(connection: Connection, source: Any, before: Push, after: Push | None, now: datetime) -> None:
    """Write what has become of a subscription; who is trusted no more is polled as before. `source`: its row."""
    save(connection, source.id, before, after)
    if before.is_trusted and (after is None or not after.is_trusted) and source.next_poll is not None:
        usual = (source.polled or now) + timedelta(seconds=source.interval)
        if (soon := max(now, usual)) < source.next_poll:
            why = f"{host_of(before.hub)} is not relied on any more"
            connection.execute(update(sources).where(sources.c.id == source.id).values(next_poll=soon, next_why=why))


def shown(connection: Connection) -> dict[int, dict[str, Any]]:
    """source -> its subscription as people may see it: whoever knew token and secret could push in its name."""
    rows = connection.execute(select(pushes)).mappings()
    return {row["source_id"]: {name: row[name] for name in _SHOWN} for row in rows}

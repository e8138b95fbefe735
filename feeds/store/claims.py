"""What every claim asks, as statements that stand: they are read once, and not put together and hashed each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select, update

from feeds.store.tables import Moment, boilerplate, hosts, sources

_NOW = bindparam("now", type_=Moment)
FREE = or_(sources.c.lease_until.is_(None), sources.c.lease_until <= _NOW)
_LEASED = sources.c.lease_until > _NOW
ELSEWHERE = and_(_LEASED, sources.c.lease_token != bindparam("token"))
UNHELD = and_(
    ~sources.c.stopped,
    or_(sources.c.held_until.is_(None), sources.c.held_until <= _NOW),
    sources.c.host.not_in(select(hosts.c.host).where(hosts.c.not_before > _NOW)),
)
# Its next poll was set with hours and days that it spares in mind; these are for one that comes late, after a sleep.
_WELCOME = or_(
    and_(
        sources.c.skip_hours.bitwise_and(bindparam("hour")) == 0,
        sources.c.skip_days.bitwise_and(bindparam("day")) == 0,
    ),
    sources.c.polled.is_(None),
    sources.c.polled <= bindparam("a_day_ago", type_=Moment),
)
DUE = and_(or_(sources.c.next_poll.is_(None), sources.c.next_poll <= _NOW), _WELCOME)
# One for IN and one for NOT IN: an empty list is written by the operator that its parameter was first used with.
_BEGUN: BindParameter[str] = bindparam("begun", expanding=True)
_BUT: BindParameter[str] = bindparam("but", expanding=True)
_LONGEST = sources.c.next_poll.asc().nulls_first(), sources.c.name
NEXT = (
    select(sources.c.id, sources.c.name, sources.c.host)
    .where(
        ~sources.c.removed,
        DUE,
        UNHELD,
        FREE,
        sources.c.host.not_in(select(sources.c.host).where(_LEASED, sources.c.host != "")),
        # What is in work here, though its lease may have run out by a clock that jumped.
        sources.c.host.not_in(select(sources.c.host).where(sources.c.name.in_(_BEGUN), sources.c.host != "")),
        sources.c.host.not_in(bindparam("resting", expanding=True)),
        sources.c.name.not_in(_BUT),
    )
    .order_by(*_LONGEST)
)
# Of hosts in work elsewhere a pass takes nothing.
BUSY = select(sources.c.host).where(ELSEWHERE, sources.c.host != "")
_THESE = sources.c.id.in_(bindparam("ids", expanding=True))
TAKEN = select(sources).where(_THESE).order_by(*_LONGEST)
LEASE = update(sources).where(_THESE).values(lease_token=bindparam("token"), lease_until=bindparam("until"))
ASKED = (
    select(sources.c.host, func.max(sources.c.asked, type_=Moment).label("asked"))
    .where(sources.c.host.in_(bindparam("hosts", expanding=True)))
    .group_by(sources.c.host)
)
EMPTY = select(boilerplate.c.source_id, boilerplate.c.text_hash).where(
    boilerplate.c.source_id.in_(bindparam("ids", expanding=True))
)
HOLDERS = select(sources.c.lease_token).where(_LEASED).distinct()


def at(now: datetime, **more: Any) -> dict[str, Any]:
    """What they are asked with, at this moment."""
    moment = now.astimezone(UTC)
    return more | {
        "now": now,
        "a_day_ago": now - timedelta(hours=24),
        "hour": 1 << moment.hour,
        "day": 1 << moment.weekday(),
    }

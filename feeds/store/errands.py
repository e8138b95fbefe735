"""The hub's side of the store: who is told when a file is published, and which requests of ours are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, or_, select, update

from feeds.model import ENDINGS, Errand, Intent, Reach, Result
from feeds.ports.hub import HubStore
from feeds.store.database import Database, batches
from feeds.store.inbox import PENDING, PENDING_OF_HOST, pending_intents, take_out
from feeds.store.leases import Holder
from feeds.store.tables import EPOCH
from feeds.store.tables_hub import errands

MOST = 10_000  # subscriptions in all
MOST_OF_TOPIC, MOST_OF_HOST = 5_000, 1_000
MOST_OF_BOTH = 100  # of one topic and host: each is sent the whole feed, so that one machine could have a gigabyte
AT_ONCE_OF_HOST = 4  # errands in one claim
_LOOKED_AT = 500  # errands in one claim

_IS_INTENT, _IS_SUBSCRIBER, _IS_HUB = (errands.c.role == role for role in ("intent", "subscriber", "hub"))
_FREE = {"lease_token": "", "lease_until": None}
_FULL = "this hub has as many subscriptions as it can serve"
_LEFT = "this feed is no longer published"


class SqlHub(HubStore):
    """See ports.HubStore for what each verb promises."""

    _database: Database
    _holder: Holder

    def hub_take(self, intents: Sequence[Intent], *, letters: Collection[int], now: datetime) -> int:
        with self._database.write() as connection:
            take_out(connection, letters)
            return sum(not _intend(connection, intent, now) for intent in intents)

    def hub_claim(
        self, now: datetime, *, limit: int, slow: int, lease: timedelta, but: Collection[str] = ()
    ) -> list[Errand]:
        with self._database.read() as connection:
            if connection.execute(select(errands.c.id).where(errands.c.due <= now).limit(1)).first() is None:
                return []
        with self._database.translated():
            self._holder.take()
        with self._database.write() as connection:
            tokens = connection.execute(select(errands.c.lease_token).where(errands.c.lease_token != "").distinct())
            dead = self._holder.dead(tokens.scalars())
            found = [
                row
                for is_slow, most in ((False, limit), (True, slow))
                for row in _due(connection, now, dead, but, is_slow=is_slow, most=most)
            ]
            token = self._holder.token
            for some in batches(row.id for row in found):
                taken = update(errands).where(errands.c.id.in_(some))
                connection.execute(taken.values(lease_token=token, lease_until=now + lease))
            return [_errand(row, token) for row in found]

    def hub_finish(self, errand: Errand, result: Result, now: datetime) -> None:
        with self._database.write() as connection:
            mine = and_(errands.c.id == errand.id, errands.c.lease_token == errand.token)
            row = connection.execute(select(errands).where(mine)).first()
            if row is None:
                return
            if row.seq != errand.seq and errand.role == "intent":  # a newer intent took its place: that is asked
                connection.execute(update(errands).where(mine).values(**_FREE, due=now))
            elif errand.role == "intent" and result.end != "again":
                connection.execute(delete(errands).where(mine))
                if result.end == "done":
                    _settle(connection, errand, now)
            elif errand.role == "subscriber" and result.end == "over":
                connection.execute(delete(errands).where(mine))
            else:
                connection.execute(update(errands).where(mine).values(_after(row, errand, result, now)))

    def hub_agree(self, open_for: Collection[str], names: Collection[str], hubs: Sequence[str], now: datetime) -> None:
        wanted = {(name, hub) for name in names for hub in hubs}
        with self._database.read() as connection:
            known = {(row.topic, row.callback) for row in connection.execute(select(errands).where(_IS_HUB))}
            lost = select(errands).where(_IS_SUBSCRIBER, errands.c.topic.not_in(sorted(open_for)))
            if known == wanted and connection.execute(lost.limit(1)).first() is None:
                return
        with self._database.write() as connection:
            for name, hub in sorted(known - wanted):
                connection.execute(delete(errands).where(_IS_HUB, errands.c.topic == name, errands.c.callback == hub))
            for name, hub in sorted(wanted - known):
                connection.execute(insert(errands).values(role="hub", topic=name, callback=hub, host=hub, due=now))
            for row in connection.execute(lost).all():
                connection.execute(delete(errands).where(errands.c.id == row.id))
                _deny(connection, row.topic, row.callback, row.host, _LEFT, now)

    def hub_tend(self, now: datetime) -> int:
        over = and_(_IS_SUBSCRIBER, errands.c.expires <= now)
        with self._database.read() as connection:
            if connection.execute(select(errands.c.id).where(over).limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            return connection.execute(delete(errands).where(over)).rowcount

    def hub_standing(self, now: datetime) -> tuple[Reach, ...]:
        c = errands.c
        hub = case((_IS_HUB, c.callback), else_="")
        lives = or_(_IS_HUB, and_(_IS_SUBSCRIBER, c.expires > now))
        query = (
            select(
                c.topic,
                hub.label("hub"),
                func.count().label("number"),
                func.count(c.due).label("waiting"),
                func.count(c.failing_since).label("failing"),
                func.max(c.why).label("why"),
            )
            .where(lives)
            .group_by(c.topic, hub)
            .order_by(c.topic, hub)
        )
        with self._database.read() as connection:
            return tuple(Reach(**row) for row in connection.execute(query).mappings())


def mark(connection: Connection, topic: str) -> None:
    """A topic was published: whoever is to be told is due, inside the transaction that says so.

    Those that fail keep the time of their next try. What is delivered is the file as it is then, so that several
    publications before it are one errand.
    """
    names = [f"{topic}.{ending}" for ending in ENDINGS]
    told = update(errands).where(errands.c.topic.in_(names), errands.c.role.in_(("subscriber", "hub")))
    connection.execute(told.values(due=func.coalesce(errands.c.due, 0), seq=errands.c.seq + 1))


# ------------------------------------------------------------------------------------------ intents


def _intend(connection: Connection, intent: Intent, now: datetime) -> bool:
    mine = and_(_IS_INTENT, errands.c.topic == intent.topic, errands.c.callback == intent.callback)
    asked = {"mode": intent.mode, "secret": intent.secret, "lease": int(intent.lease.total_seconds()), "why": ""}
    again = update(errands).where(mine)
    if not _has_room(connection, intent):
        _deny(connection, intent.topic, intent.callback, intent.host, _FULL, now)
        return False
    if connection.execute(again.values(**asked, due=now, tries=0, seq=errands.c.seq + 1)).rowcount:
        return True
    return _put_intent(connection, intent.topic, intent.callback, intent.host, asked, now)


def _put_intent(
    connection: Connection, topic: str, callback: str, host: str, values: dict[str, Any], now: datetime
) -> bool:
    pending, of_host = pending_intents(connection, host)
    if pending >= PENDING or of_host >= PENDING_OF_HOST:
        return False
    # Who is new may be slow, or not there at all.
    row = {"role": "intent", "topic": topic, "callback": callback, "host": host, "due": now, "slow": True}
    connection.execute(insert(errands).values(row | values))
    return True


def _deny(connection: Connection, topic: str, callback: str, host: str, why: str, now: datetime) -> bool:
    """Tell a callback that it has no subscription (section 5.2), unless too many of its host wait to be asked."""
    connection.execute(delete(errands).where(_IS_INTENT, errands.c.topic == topic, errands.c.callback == callback))
    return _put_intent(connection, topic, callback, host, {"mode": "denied", "why": why}, now)


def _has_room(connection: Connection, intent: Intent) -> bool:
    c = errands.c
    if intent.mode != "subscribe":
        return True
    mine = select(c.id).where(_IS_SUBSCRIBER, c.topic == intent.topic, c.callback == intent.callback)
    if connection.execute(mine).first() is not None:
        return True  # it is renewed
    of_topic, of_host = c.topic == intent.topic, c.host == intent.host
    counted = (func.count().filter(each) for each in (of_topic, of_host, and_(of_topic, of_host)))
    counts = connection.execute(select(func.count(), *counted).where(_IS_SUBSCRIBER)).one()
    bounds = MOST, MOST_OF_TOPIC, MOST_OF_HOST, MOST_OF_BOTH
    return all(count < bound for count, bound in zip(counts, bounds, strict=True))


def _settle(connection: Connection, errand: Errand, now: datetime) -> None:
    """The callback meant what was asked in its name (section 5.3)."""
    mine = and_(_IS_SUBSCRIBER, errands.c.topic == errand.topic, errands.c.callback == errand.callback)
    if errand.mode == "unsubscribe":
        connection.execute(delete(errands).where(mine))
        return
    if errand.mode != "subscribe":
        return
    values = {"secret": errand.secret, "lease": int(errand.lease.total_seconds()), "expires": now + errand.lease}
    # One that is renewed has just shown that it lives: what it could not be told is tried again at once.
    alive = {"tries": 0, "why": "", "failing_since": None, "due": case((errands.c.due.is_not(None), 0), else_=None)}
    if connection.execute(update(errands).where(mine).values(values | alive)).rowcount:
        return
    intent = Intent(mode="subscribe", topic=errand.topic, callback=errand.callback, host=errand.host)
    if _has_room(connection, intent):
        row = {"role": "subscriber", "topic": errand.topic, "callback": errand.callback, "host": errand.host}
        connection.execute(insert(errands).values(row | values))
    else:  # others were quicker
        _deny(connection, errand.topic, errand.callback, errand.host, _FULL, now)


# ------------------------------------------------------------------------------------------ errands


def _due(
    connection: Connection, now: datetime, dead: Collection[str], but: Collection[str], *, is_slow: bool, most: int
) -> list[Any]:
    """What may be claimed, those first that are due longest, a few of each host.

    A host with very many of them hides others for one claim; at the next somebody is under way to it.
    """
    c = errands.c
    free: ColumnElement[bool] = or_(c.lease_token == "", c.lease_until <= now, c.lease_token.in_(dead))
    lives = or_(c.expires.is_(None), c.expires > now)
    query = select(errands).where(c.due <= now, c.slow == is_slow, free, lives, c.host.not_in(but))
    of_host = Counter[str]()
    found: list[Any] = []
    for row in connection.execute(query.order_by(c.due, c.id).limit(_LOOKED_AT if most else 0)):
        of_host[row.host] += 1
        if of_host[row.host] <= AT_ONCE_OF_HOST and len(found) < most:
            found.append(row)
    return found


def _errand(row: Any, token: str) -> Errand:
    return Errand(
        id=row.id,
        role=row.role,
        mode=row.mode,
        topic=row.topic,
        callback=row.callback,
        host=row.host,
        secret=row.secret,
        lease=timedelta(seconds=row.lease),
        seq=row.seq,
        tries=row.tries,
        slow=row.slow,
        delivered=row.delivered,
        why=row.why,
        token=token,
    )


def _after(row: Any, errand: Errand, result: Result, now: datetime) -> dict[str, Any]:
    """The columns of a row that stays."""
    due = result.again or (None if row.seq == errand.seq else EPOCH)
    if result.end == "done":
        well = {"tries": 0, "why": "", "failing_since": None, "slow": result.slow, "delivered": result.delivered}
        return well | _FREE | {"due": due}
    failed = {"tries": row.tries + 1, "why": result.why, "failing_since": row.failing_since or now, "slow": True}
    return failed | _FREE | {"due": due}

"""What hubs push: subscriptions that are due, letters of theirs, and what is stored of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from feeds.model import Changes, Held, Item, Job, Known, Letter, Outcome, Poll, Polled, Push, digest_of
from feeds.ports.pushes import Pushes
from feeds.store import following, schedule
from feeds.store.changes import COUNTERS, Writing
from feeds.store.database import Database
from feeds.store.inbox import take_out
from feeds.store.leases import Holder
from feeds.store.rows import slices_row
from feeds.store.tables import SHOWN, inbox, pushes, sources

BY_PUSH = "; pushed by its hub"
_LEFT = "its source is polled no more"
_MOST_SLICES = 4000  # that pushes add up to; then the last one counts as the list of its source
_ROW = (*SHOWN, *(column.label(f"push_{column.name}") for column in pushes.c))


class SqlPushes(Pushes):
    """See ports.Pushes for what each verb promises."""

    _database: Database
    _holder: Holder

    def callback(self, token: str) -> Push | None:
        with self._database.read() as connection:
            row = _row(connection, token)
        if row is None:
            return None
        push = _push(row)
        return push.denied(_LEFT) if row.removed or row.stopped else push

    def subscriptions_due(self, now: datetime, *, limit: int) -> tuple[Push, ...]:
        wanted = (
            select(pushes.c.token)
            .join(sources, sources.c.id == pushes.c.source_id)
            .where(~sources.c.removed, ~sources.c.stopped, or_(pushes.c.act_at <= now, pushes.c.lease_until <= now))
            .order_by(pushes.c.act_at, sources.c.name)
            .limit(limit)
        )
        with self._database.read() as connection:
            if connection.execute(wanted.limit(1)).first() is None:
                return ()
        asked = []
        with self._database.write() as connection:
            for token in connection.execute(wanted).scalars().all():
                row = _row(connection, token)
                before = _push(row)
                after = before.as_time_passes(now)
                if after.is_due(now):
                    after = after.when_asked(now)
                    asked.append(after)
                following.step(connection, row, before, after, now)
        return tuple(asked)

    def follow(self, token: str, change: Callable[[Push], Push | None], now: datetime) -> None:
        with self._database.write() as connection:
            if (row := _row(connection, token)) is not None:
                before = _push(row)
                following.step(connection, row, before, change(before), now)

    def unfollow(self, now: datetime) -> int:
        there = _rows().where(pushes.c.stage != "new")
        with self._database.read() as connection:
            if connection.execute(there.limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            rows = connection.execute(there).all()
            for row in rows:
                before = _push(row)
                following.step(connection, row, before, following.offered(None, row, before, now), now)
        return len(rows)

    def subscriptions_left(self, now: datetime, *, limit: int) -> tuple[Push, ...]:
        wanted = _rows().where(or_(sources.c.removed, sources.c.stopped), pushes.c.lease_until > now).limit(limit)
        with self._database.read() as connection:
            if connection.execute(wanted.limit(1)).first() is None:
                return ()
        with self._database.write() as connection:
            left = [(row, _push(row)) for row in connection.execute(wanted).all()]
            for row, push in left:
                following.save(connection, row.id, push, push.denied(_LEFT))
        return tuple(push for _, push in left)

    def take_pushed(self, now: datetime, *, limit: int, lease: timedelta, but: Collection[str] = ()) -> list[Job]:
        waiting = select(inbox.c.id, inbox.c.key).where(inbox.c.kind == "push").order_by(inbox.c.id)
        with self._database.read() as connection:
            if connection.execute(waiting.limit(1)).first() is None:
                return []
        with self._database.translated():
            self._holder.take()
        with self._database.write() as connection:
            schedule.take_over(connection, self._holder, now)
            jobs: list[Job] = []
            kept = set(but)  # later letters of a source do not overtake an earlier one
            for letter in connection.execute(waiting).all():
                if len(jobs) == limit:
                    break
                row = _row(connection, letter.key)
                if row is not None and (row.name in kept or (row.lease_until or now) > now):
                    kept.add(row.name)
                elif (job := self._open(connection, row, letter.id, now, lease)) is not None:
                    jobs.append(job)
                else:
                    take_out(connection, [letter.id])
            return jobs

    def _open(self, connection: Connection, row: Any, number: int, now: datetime, lease: timedelta) -> Job | None:
        """The job that a letter makes; None if it makes none, and has been obeyed."""
        if row is None or row.removed or row.stopped:
            return None
        letter = Letter(**connection.execute(select(inbox).where(inbox.c.id == number)).mappings().one())
        before = _push(row)
        if "mode" in letter.head:
            following.step(connection, row, before, noted(before, letter), now)
            return None
        if before.stage == "ended" or before.has_seen(digest_of(letter.body)):
            _count(connection, row.id, n_replayed=1)
            return None
        (full,) = connection.execute(select(sources).where(sources.c.id == row.id)).all()
        (job,) = schedule.lease_rows(connection, [full], self._holder.token, now, lease)
        return replace(job, letter=letter)


def noted(push: Push, letter: Letter) -> Push:
    """What a hub told at our callback."""
    if letter.head["mode"] == "denied":
        return push.denied(letter.head.get("reason", ""))
    seconds = letter.head.get("lease", "")
    return push.verified(timedelta(seconds=int(seconds)) if seconds else None, letter.at)


def apply(connection: Connection, poll: Poll, decide: Callable[[Sequence[Item], Known], Changes]) -> Polled:
    """Write what a push brought, and take its letter out; see ports.Store.apply.

    The schedule of the source, its validators and what it says of itself stay as its last poll left them.
    """
    letter, name = poll.job.letter, poll.job.source.name
    source = connection.execute(select(*SHOWN).where(sources.c.name == name)).one_or_none()
    if letter is None or source is None or source.lease_token != poll.job.token:
        return Polled(source=name, url=poll.job.source.url, status="late", why="its lease was lost")
    outcomes: Counter[Outcome] = Counter()
    values: dict[str, Any] = {"lease_token": "", "lease_until": None}
    if not isinstance(poll.answer, Held):  # else it stays where it is
        take_out(connection, [letter.id])
        before = following.load(connection, source.id, name)
        if before is not None and before.token == letter.key:
            outcomes, more = _written(connection, source, before, poll, decide)
            values |= more
    connection.execute(update(sources).where(sources.c.id == source.id).values(values))
    return poll.polled(outcomes)


def _written(
    connection: Connection, source: Any, before: Push, poll: Poll, decide: Any
) -> tuple[Counter[Outcome], dict[str, Any]]:
    """(outcomes, columns of the source) of a push; one that is no feed brought nothing."""
    reading, letter, now = poll.reading, poll.job.letter, poll.job.facts.now
    if reading is None or letter is None:
        _count(connection, source.id, n_useless=1)
        return Counter(), {}
    known = poll.job.facts.known
    slices, writing = known | set(reading.slices), Writing(connection, source.id, poll)

    def signing(items: Sequence[Item], facts: Known) -> Changes:
        return _signed(decide(items, facts))

    if len(slices) > _MOST_SLICES:
        slices, outcomes = frozenset(reading.slices), writing.write(reading, signing)
    else:
        # A hub may send the whole feed, or only what is new of it: then the rest is still listed.
        is_part = bool(known) and known.isdisjoint(reading.slices)
        outcomes = writing.add(reading, signing, listed=tuple(slices) if is_part else reading.slices)
    push = before.brought(digest_of(letter.body), now)
    _count(connection, source.id, n_pushes=1)
    following.save(connection, source.id, before, push)
    values: dict[str, Any] = {"slices": slices_row(slices)}
    values |= {f"n_{COUNTERS[o]}": source._mapping[f"n_{COUNTERS[o]}"] + n for o, n in outcomes.items()}
    values["n_items"] = source.n_items + sum(outcomes.values())
    if push.is_trusted:
        values |= following.later(source.next_poll, push, source.polled or now)
    return outcomes, values


def _signed(changes: Changes) -> Changes:
    """The same, saying of what was found out now how it came."""
    found = {(verdict.item.slice, verdict.because) for verdict in changes.verdicts}
    keys = (replace(k, why=k.why + BY_PUSH) if (k.slice, k.why) in found else k for k in changes.keys)
    verdicts = (replace(verdict, because=verdict.because + BY_PUSH) for verdict in changes.verdicts)
    return replace(changes, verdicts=tuple(verdicts), keys=tuple(keys))


def _count(connection: Connection, source_id: int, **more: int) -> None:
    counted = {name: pushes.c[name] + number for name, number in more.items()}
    connection.execute(update(pushes).where(pushes.c.source_id == source_id).values(counted))


def _rows() -> Any:
    return select(*_ROW).join(pushes, pushes.c.source_id == sources.c.id)


def _row(connection: Connection, token: str) -> Any:
    """The source that a callback is for, its subscription beside it."""
    return connection.execute(_rows().where(and_(pushes.c.token == token, pushes.c.token != ""))).one_or_none()


def _push(row: Any) -> Push:
    return Push(source=row.name, **{name: row._mapping[f"push_{name}"] for name in following.PLAIN})

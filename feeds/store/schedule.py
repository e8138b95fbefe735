"""Which source is whose to poll, and when: configuration, claims and leases."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)

from feeds.model import Facts, Job, Source, SourceState, host_of, stands
from feeds.store import claims
from feeds.store.database import batches
from feeds.store.leases import Holder
from feeds.store.rows import slices_from, source_from, source_row
from feeds.store.tables import (
    EPOCH,
    MICRO,
    SHOWN,
    Moment,
    hosts,
    memberships,
    meta,
    pushes,
    sightings,
    sources,
    stories,
    topics,
)

_DAY = timedelta(days=1)  # the longest pause that a publisher can ask for
# What belonged to the address that a source had before; its rhythm and its keys stay. The lease too: a poll of that
# address that is still in work comes late.
_FORGOTTEN = {
    "etag": "", "last_modified": "", "body_hash": b"", "body_at": None, "probed": None, "distrusted_until": None,
    "moved_to": "", "move": "", "move_since": None, "move_count": 0, "ttl": 0, "skip_hours": 0, "skip_days": 0,
    "next_poll": None, "next_why": "", "held_until": None, "stopped": False, "failures": 0,
    "failing_since": None, "why": "", "whole": "", "trouble": "",
    "lease_token": "", "lease_until": None, "followed": False,
}  # fmt: skip
_STATE = (
    "etag", "last_modified", "body_hash", "body_at", "probed", "distrusted_until", "moved_to", "move", "move_since",
    "move_count", "next_poll", "next_why", "held_until", "interval", "usual_gap", "ttl", "skip_hours", "skip_days",
    "failures", "failing_since", "why", "polled", "changed", "newest", "stopped",
)  # fmt: skip


_STANDING = ("stopped", "failing_since", "polled", "changed", "why")


def state_row(state: SourceState) -> dict[str, Any]:
    """The schedule columns of a source."""
    return {name: getattr(state, name) for name in _STATE}


def state_from(row: Any) -> SourceState:
    """The schedule of a row of sources."""
    return SourceState(source=row.name, **{name: getattr(row, name) for name in _STATE})


def sync(
    connection: Connection, configured: Sequence[Source], names: Sequence[str], *, authority: str, now: datetime
) -> tuple[str, ...]:
    """Make sources and topics agree with the configuration; see ports.Store.sync."""
    warnings = _keep_authority(connection, authority)
    rows = {row.name: row for row in connection.execute(select(*SHOWN))}
    wanted = {source.name for source in configured}
    by_url = {row.url: row for name, row in rows.items() if name not in wanted}
    for source in configured:
        values: dict[str, Any] = {
            "name": source.name,
            "url": source.url,
            "host": host_of(source.url),
            "config": source_row(source),
            "removed": not source.enabled,
        }
        row = rows.get(source.name) or by_url.pop(source.url, None)
        if row is None:
            connection.execute(insert(sources).values(values))
            continue
        if row.url != source.url:
            values |= _FORGOTTEN
            connection.execute(delete(pushes).where(pushes.c.source_id == row.id))
        else:
            values["host"] = host_of(row.moved_to or row.url)
            if row.stopped and row.removed and source.enabled:  # switching it off and on again asks it anew
                values |= {"stopped": False, "next_poll": None, "next_why": "", "failures": 0, "why": ""}
            if row.followed and row.removed and source.enabled:  # its hub was told that we want nothing of it
                values |= {"followed": False, "next_poll": None, "next_why": ""}
                connection.execute(delete(pushes).where(pushes.c.source_id == row.id))
        told = _shown(row.config) != _shown(values["config"]) or row.removed == source.enabled
        if told or "stopped" in values:
            touch_topics_of(connection, row.id, now)
        if any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(sources).where(sources.c.id == row.id).values(values))
        rows.pop(row.name, None)
    left = [row.id for name, row in rows.items() if name not in wanted and not row.removed]
    for number in left:
        touch_topics_of(connection, number, now)
    if left:
        connection.execute(update(sources).where(sources.c.id.in_(left)).values(removed=True))
    _sync_topics(connection, names, now)
    return tuple(warnings)


def _shown(config: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a source's configuration its readers see."""
    return tuple(config.get(key, False) for key in ("name", "title", "url", "private", "content", "language"))


def stands_otherwise(row: Any, state: SourceState) -> bool:
    """Whether readers are to be told something else of a source than its row says."""
    before, after = ({name: getattr(each, name) for name in _STANDING} for each in (row, state))
    return stands(**before) != stands(**after)


def touch_topics_of(connection: Connection, source_id: int, now: datetime) -> None:
    """Note that what readers see of a source has changed, wherever it leads a story or carries one too."""
    mine = (
        select(memberships.c.topic)
        .join(sightings, sightings.c.article_id == memberships.c.article_id)
        .where(sightings.c.source_id == source_id)
        .distinct()
    )
    touch(connection, connection.execute(mine).scalars().all(), now)


def touch(connection: Connection, names: Collection[str], now: datetime) -> None:
    """Note that these topics changed."""
    connection.execute(
        update(topics)
        .where(topics.c.name.in_(names))
        .values(seq=topics.c.seq + 1, dirty_at=func.coalesce(topics.c.dirty_at, literal(now, Moment)))
    )


def want_pages(connection: Connection, numbers: Collection[int]) -> None:
    """Note that what the pages of these stories tell has changed."""
    for some in batches(sorted(numbers)):
        connection.execute(update(stories).where(stories.c.id.in_(some)).values(page_due=stories.c.page_due + 1))


def _keep_authority(connection: Connection, authority: str) -> list[str]:
    stored = connection.execute(select(meta.c.value).where(meta.c.name == "authority")).scalar()
    if stored is None:
        connection.execute(insert(meta).values(name="authority", value=authority))
    elif stored != authority:
        words = f"site.authority is {authority} in the configuration, but ids were minted under {stored}, which stands"
        return [f'{words}; write authority = "{stored}"']
    return []


def _sync_topics(connection: Connection, names: Sequence[str], now: datetime) -> None:
    known = set(connection.execute(select(topics.c.name)).scalars())
    for name in sorted(set(names) - known):
        connection.execute(insert(topics).values(name=name, seq=1, dirty_at=now))
    connection.execute(delete(topics).where(topics.c.name.in_(known - set(names))))
    # Also what a configuration that was not taken up left, or a poll that was in work while its topic went.
    connection.execute(delete(memberships).where(memberships.c.topic.not_in(names)))


def claim(
    connection: Connection,
    holder: Holder,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    after: str,
    only: Collection[str] | None,
    due: bool,
    force: bool,
) -> list[Job]:
    """Lease sources to `holder`; see ports.Store.claim."""
    take_over(connection, holder, now)
    query = select(sources).where(sources.c.name > after, claims.FREE, sources.c.host.not_in(claims.BUSY))
    query = query.where(*_asked_for(only, due=due))
    if not force:
        query = query.where(claims.UNHELD)
    query = query.order_by(sources.c.name).limit(limit)
    rows = connection.execute(query, claims.at(now, token=holder.token)).all()
    return lease_rows(connection, rows, holder.token, now, lease)


def _asked_for(only: Collection[str] | None, *, due: bool) -> list[ColumnElement[bool]]:
    """Which sources a claim is about, whoever holds them."""
    wanted: list[ColumnElement[bool]] = [~sources.c.removed]
    if only is not None:
        wanted.append(sources.c.name.in_(only))
    if due:
        wanted.append(claims.DUE)
    return wanted


def claim_next(
    connection: Connection,
    holder: Holder,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    each_host: int,
    only: Collection[str] | None,
    but: Collection[str],
    resting: Collection[str],
) -> list[Job]:
    """Lease to `holder` what has been due longest; see ports.Store.claim_next."""
    take_over(connection, holder, now)
    asked = claims.at(now, begun=sorted(but), but=sorted(but), resting=sorted(resting))
    taken, of_host = list[int](), Counter[str]()
    with connection.execute(claims.NEXT, asked) as due:  # read as far as is needed: `only` may be very long
        for row in due:
            if len(taken) == limit:
                break
            if (only is None or row.name in only) and (not row.host or of_host[row.host] < each_host):
                of_host[row.host] += 1
                taken.append(row.id)
    rows = connection.execute(claims.TAKEN, {"ids": taken}).all() if taken else ()
    return lease_rows(connection, rows, holder.token, now, lease)


def lease_rows(connection: Connection, rows: Sequence[Any], token: str, now: datetime, lease: timedelta) -> list[Job]:
    """Lease the sources of these rows under `token`."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    connection.execute(claims.LEASE, {"ids": ids, "token": token, "until": now + lease})
    asked, empty = _asked(connection, {row.host for row in rows} - {""}), defaultdict[int, set[bytes]](set)
    for number, text_hash in connection.execute(claims.EMPTY, {"ids": ids}):
        empty[number].add(text_hash)
    return [_job(row, token, now, empty[row.id], asked.get(row.host)) for row in rows]


def held(connection: Connection, host: str, now: datetime) -> datetime | None:
    """Until when a host wants no request; see ports.Store.held."""
    wanted = select(hosts.c.not_before).where(hosts.c.host == host, hosts.c.not_before > now)
    found: datetime | None = connection.execute(wanted).scalar()
    return found


def mend(connection: Connection, now: datetime, *, spread: timedelta | None) -> int:
    """Bring the schedule back to where the clock is; see ports.Store.mend_schedule."""
    at = (now - EPOCH) // MICRO
    back = connection.execute(
        update(sources)
        .where(sources.c.polled > now)
        .values(
            next_poll=at + (_plain(sources.c.next_poll) - _plain(sources.c.polled)),
            held_until=at + (_plain(sources.c.held_until) - _plain(sources.c.polled)),
            polled=now,
        )
    )
    # No pause is longer than a day, so one that seems to be was written when the clock was ahead.
    connection.execute(update(hosts).where(hosts.c.not_before > now + _DAY).values(not_before=now + _DAY))
    return back.rowcount + (_spread(connection, now, spread) if spread is not None else 0)


def _spread(connection: Connection, now: datetime, spread: timedelta) -> int:
    """Give what is overdue for longer than `spread` its place within that time. The order stays."""
    overdue = select(sources.c.id).where(sources.c.next_poll < now - spread)
    ids = connection.execute(overdue.order_by(sources.c.next_poll, sources.c.name)).scalars().all()
    if ids:
        connection.execute(
            update(sources)
            .where(sources.c.id == bindparam("row"))
            .values(next_poll=bindparam("place"), next_why="caught up with, as it was overdue"),
            [{"row": row, "place": now + spread * place / len(ids)} for place, row in enumerate(ids)],
        )
    return len(ids)


def _plain(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """A moment as the whole number that stands in the database, to reckon with."""
    return type_coerce(moment, BigInteger)


def _asked(connection: Connection, names: Collection[str]) -> dict[str, datetime]:
    """When each of these hosts last let go of a request, whoever made it."""
    found: dict[str, datetime] = {}
    for some in batches(sorted(names)):
        for row in connection.execute(claims.ASKED, {"hosts": some}):
            if row.asked is not None:
                found[row.host] = row.asked
    return found


def _job(row: Any, token: str, now: datetime, empty: Collection[bytes], host_asked: datetime | None) -> Job:
    source = source_from(row.config)
    facts = Facts(
        source=source,
        now=now,
        known=slices_from(row.slices),
        whole=bool(row.whole),
        suspect=row.why.startswith("parse_"),
        boilerplate=frozenset(empty),
    )
    return Job(source=source, state=state_from(row), token=token, facts=facts, host_asked=host_asked)


def take_over(connection: Connection, holder: Holder, now: datetime) -> None:
    """End the leases of holders that died."""
    live = connection.execute(claims.HOLDERS, {"now": now}).scalars()
    dead = holder.dead(live.all())
    if dead:
        connection.execute(
            update(sources).where(sources.c.lease_token.in_(dead)).values(lease_until=None, lease_token="")
        )


def in_work(
    connection: Connection, holder: Holder, now: datetime, *, only: Collection[str] | None, due: bool
) -> tuple[str, ...]:
    """Names of sources kept from `holder` by the leases of living others; see ports.Store.in_work."""
    take_over(connection, holder, now)
    kept = or_(
        and_(claims.ELSEWHERE, *_asked_for(only, due=False)),
        and_(sources.c.host.in_(claims.BUSY), ~sources.c.stopped, *_asked_for(only, due=due)),
    )
    query = select(sources.c.name).where(kept).order_by(sources.c.name)
    return tuple(connection.execute(query, claims.at(now, token=holder.token)).scalars())


def renew(connection: Connection, token: str, until: datetime) -> None:
    """Let what is leased under `token` be so until `until`."""
    mine = and_(sources.c.lease_token == token, sources.c.lease_until < until)
    connection.execute(update(sources).where(mine).values(lease_until=until))


def release(connection: Connection, token: str, *, but: Collection[str]) -> None:
    """Give back what is still leased under `token`, but for these names."""
    mine = and_(sources.c.lease_token == token, sources.c.name.not_in(but))
    connection.execute(update(sources).where(mine).values(lease_until=None, lease_token=""))

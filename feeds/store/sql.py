"""The store over SQLite or PostgreSQL: every verb of ports.Store, one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from feeds import faults
from feeds.errors import StoreError
from feeds.model import Article, Entry, Job, Poll, Polled, Query, Source, Standing, Story
from feeds.ports import Classify, Decide, Store, TopicState
from feeds.store import (
    changes,
    conservation,
    errands,
    explaining,
    pages,
    parting,
    schedule,
    search,
    settling,
    upkeep,
    views,
)
from feeds.store import stories as joining
from feeds.store.database import Database, batches
from feeds.store.errands import SqlHub
from feeds.store.inbox import SqlInbox
from feeds.store.leases import Holder
from feeds.store.pushes import SqlPushes
from feeds.store.pushes import apply as apply_pushed
from feeds.store.tables import PUBLISHED, meta, stories, topics

_ARTICLES_AT_ONCE = 2000  # of one transaction of reclassify: others wait for no longer than that takes


class SqlStore(SqlInbox, SqlHub, SqlPushes, Store):
    """See ports.Store for what each verb promises."""

    def __init__(self, url: str, *, as_it_is: bool = False, published: Callable[[], Iterable[str]] = tuple) -> None:
        """Open the database at `url`, and make or migrate it if need be: but not `as_it_is`, to look at it. It is not
        made of a file without a byte where there are names of `published` files.

        Raises:
            StoreBusy, StoreUnusable: see feeds.errors.
            UserError: `as_it_is` there is none.
        """
        self._database = Database(url, as_it_is=as_it_is, published=published)
        file = self._database.file
        self._holder = Holder(file.with_name(file.name + "-leases") if file else None)

    def sync(
        self, sources: Sequence[Source], topics: Sequence[str], *, authority: str, now: datetime
    ) -> tuple[str, ...]:
        with self._database.write() as connection:
            return schedule.sync(connection, sources, topics, authority=authority, now=now)

    def claim(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        after: str = "",
        only: Collection[str] | None = None,
        due: bool = True,
        force: bool = False,
    ) -> list[Job]:
        self._take()
        with self._database.write() as connection:
            return schedule.claim(
                connection, self._holder, now, limit=limit, lease=lease, after=after, only=only, due=due, force=force
            )

    def claim_next(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        each_host: int,
        only: Collection[str] | None = None,
        but: Collection[str] = (),
        resting: Collection[str] = (),
    ) -> list[Job]:
        self._take()
        with self._database.write() as connection:
            return schedule.claim_next(
                connection,
                self._holder,
                now,
                limit=limit,
                lease=lease,
                each_host=each_host,
                only=only,
                but=but,
                resting=resting,
            )

    def _take(self) -> None:
        with self._database.translated():  # its file may not be possible to make
            self._holder.take()

    def held(self, host: str, now: datetime) -> datetime | None:
        with self._database.read() as connection:
            return schedule.held(connection, host, now)

    def mend_schedule(self, now: datetime, *, spread: timedelta | None) -> int:
        with self._database.write() as connection:
            return schedule.mend(connection, now, spread=spread)

    def in_work(self, now: datetime, *, only: Collection[str] | None = None, due: bool = True) -> tuple[str, ...]:
        with self._database.write() as connection:
            return schedule.in_work(connection, self._holder, now, only=only, due=due)

    def apply(self, poll: Poll, decide: Decide) -> Polled:
        with self._database.write() as connection:
            write = changes.apply if poll.job.letter is None else apply_pushed
            return write(connection, poll, decide)

    def renew(self, now: datetime, *, lease: timedelta) -> None:
        with self._database.write() as connection:
            schedule.renew(connection, self._holder.token, now + lease)

    def release(self, *, but: Collection[str] = ()) -> None:
        with self._database.write() as connection:
            schedule.release(connection, self._holder.token, but=but)

    def settle(self, now: datetime) -> int:
        # An id that stands in a published file must never be minted anew.
        with self._database.write(durable=True) as connection:
            return settling.settle(connection, now)

    def topics(self) -> tuple[TopicState, ...]:
        with self._database.read() as connection:
            return views.topic_states(connection)

    def entries(self, topic: str, *, limit: int, window: timedelta) -> tuple[Entry, ...]:
        with self._database.read() as connection:
            return views.entries(connection, topic, limit=limit, window=window)

    def search(self, query: Query, *, limit: int, seconds: float | None = None) -> tuple[Entry, ...]:
        with self._database.read(seconds=seconds) as connection:
            return views.entries_of(connection, "", search.find(connection, query, limit=limit))

    def edition(self) -> tuple[int, int]:
        with self._database.read() as connection:
            return search.edition(connection)

    def own_pages(self) -> tuple[tuple[str, Entry], ...]:
        with self._database.read() as connection:
            return views.own_pages(connection)

    def standings(self, only: Collection[str] | None = None) -> tuple[Standing, ...]:
        with self._database.read() as connection:
            return pages.standings(connection, only)

    def volume(self, topic: str, *, days: int) -> Mapping[date, int]:
        with self._database.read() as connection:
            return pages.volume(connection, topic, days=days)

    def stories_due(self, *, limit: int) -> tuple[Story, ...]:
        with self._database.read() as connection:
            return pages.stories_due(connection, limit=limit)

    def stories_put(self, put: Mapping[str, int]) -> None:
        with self._database.write() as connection:
            pages.stories_put(connection, put)

    def want_stories(self, only: Collection[str] | None = None) -> None:
        with self._database.write() as connection:
            pages.want_stories(connection, only)

    def story_ids(self) -> frozenset[str]:
        with self._database.read() as connection:
            return frozenset(connection.execute(select(stories.c.tag).where(PUBLISHED)).scalars())

    def days(self, topic: str) -> tuple[date, ...]:
        with self._database.read() as connection:
            return views.days(connection, topic)

    def day_entries(
        self, topic: str, day: date, *, unfiled: bool, known: Mapping[int, Entry] | None = None
    ) -> Iterator[Entry]:
        with self._database.read() as connection:
            numbers = views.day_entries(connection, topic, day, unfiled=unfiled)
        for some in batches(numbers):
            found = {number: known[number] for number in some if number in known} if known else {}
            if missing := [number for number in some if number not in found]:
                with self._database.read() as connection:
                    found |= {entry.story: entry for entry in views.entries_of(connection, topic, missing)}
            yield from (found[number] for number in some if number in found)

    def file(self, topic: str, stories: Collection[int], day: date) -> None:
        with self._database.write() as connection:
            upkeep.file(connection, topic, stories, day)

    def mark_published(
        self,
        topic: str,
        *,
        seq: int,
        seen: int,
        entries: int,
        rendered_with: str,
        archived_at: str = "",
        filed: Collection[int] = (),
        day: date = date.min,
    ) -> bool:
        done = (
            update(topics)
            .where(topics.c.name == topic, topics.c.published_seq == seen)
            .values(published_seq=seq, entries=entries, rendered_with=rendered_with, archived_at=archived_at)
        )
        clean = update(topics).where(topics.c.name == topic, topics.c.seq == seq).values(dirty_at=None)
        with self._database.write() as connection:
            if connection.execute(done).rowcount != 1:
                return False
            connection.execute(clean)
            upkeep.file(connection, topic, filed, day)
            errands.mark(connection, topic)
            return True

    def tally(self, now: datetime) -> tuple[Mapping[str, int], timedelta]:
        with self._database.read() as connection:
            return views.tally(connection, now)

    def note(self, name: str) -> str:
        with self._database.read() as connection:
            return connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar() or ""

    def set_note(self, name: str, value: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(meta).where(meta.c.name == name))
            connection.execute(insert(meta).values(name=name, value=value))

    def reclassify(self, classify: Classify, *, rules: str, now: datetime, only: Collection[str] | None = None) -> int:
        last, moved = 0, 0
        while True:
            with self._database.write() as connection:
                last, some = upkeep.reclassify(
                    connection, classify, rules=rules, now=now, only=only, above=last, limit=_ARTICLES_AT_ONCE
                )
            if not last:
                return moved
            moved += some

    def archive(self, *, since: datetime | None = None) -> Iterator[tuple[Article, Source]]:
        last = 0
        while True:
            with self._database.read() as connection:
                rows = upkeep.stored(connection, above=last, limit=_ARTICLES_AT_ONCE, since=since)
            if not rows:
                return
            last = rows[-1].id
            yield from ((row.article, row.source) for row in rows)

    def article(self, number: int) -> tuple[Article, Source] | None:
        with self._database.read() as connection:
            rows = upkeep.stored(connection, above=number - 1, limit=1)
        return next(((row.article, row.source) for row in rows if row.id == number), None)

    def expire(self, now: datetime, *, keep: timedelta) -> int:
        with self._database.write() as connection:
            return upkeep.expire(connection, now, keep=keep)

    def split(self, article: int, now: datetime) -> tuple[int, int] | None:
        with self._database.write(durable=True) as connection:
            return joining.split(connection, article, now)

    def split_copy(
        self, article: int, source: str, classify: Classify, *, rules: str, now: datetime
    ) -> tuple[int, int, int] | None:
        with self._database.write(durable=True) as connection:
            return parting.part(connection, article, source, classify, rules=rules, now=now)

    def why(self, names: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
        with self._database.read() as connection:
            return explaining.why(connection, names)

    def status(self) -> tuple[Mapping[str, Any], ...]:
        with self._database.read() as connection:
            return views.status(connection, self._dead)

    def _dead(self, tokens: Iterable[str]) -> list[str]:
        try:
            return self._holder.dead(tokens)
        except OSError:  # it is not for this user to know
            return []

    def verify(self) -> Iterable[str]:
        with self._database.read() as connection:
            return list(conservation.verify(connection))

    def backup(self, file: str) -> None:
        if self._database.file is None:
            raise StoreError("backup: only for SQLite; use pg_dump for PostgreSQL")
        if Path(file).exists():
            raise StoreError(f"{file}: exists already; name a new file")
        if not Path(file).parent.is_dir():
            raise StoreError(f"{file}: there is no such folder; make it, or name another")
        with self._database.translated(), self._database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            raw.execute("VACUUM INTO ?", (file,))  # type: ignore[union-attr]
            faults.point()

    def close(self) -> None:
        if self._holder.holds:
            with suppress(StoreError):  # our lock ends with us, and others see that
                self.release()
        self._holder.close()
        self._database.close()

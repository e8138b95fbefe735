"""Settings -> App: the only place that names adapters, and the clock."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from feeds import __version__
from feeds.classify.matcher import Matcher
from feeds.classify.rules import Rules, compile_rules
from feeds.config import Settings
from feeds.errors import ConfigError, Mistake, UserError
from feeds.fetch.subscribing import out_of_reach
from feeds.following import Following
from feeds.hub import Hub
from feeds.model import (
    STORIES,
    Answer,
    Article,
    Facts,
    Failed,
    Job,
    Match,
    Message,
    Poll,
    Pulse,
    Reply,
    Request,
    Source,
    SourceState,
    Topic,
    read_pulse,
    write_pulse,
)
from feeds.ports import Clock, Dispatch, Fetch, Read, Store, WritableShelf
from feeds.publish.names import strays
from feeds.refresh import Refresh, ask, unless_held
from feeds.republish import Republish
from feeds.sandbox.gather import Gather
from feeds.serve.doorway import Doorway

if TYPE_CHECKING:
    from feeds.fetch.budget import Budget
    from feeds.fetch.http import HttpFetch
    from feeds.sandbox.children import Children
    from feeds.search import Search

log = logging.getLogger(__name__)


def make_clock() -> Clock:
    """The wall clock, or what $FEEDS_NOW puts in its place: a moment, or @FILE, read again at each look.

    Raises:
        UserError: $FEEDS_NOW is no moment with a zone.
    """
    given = os.environ.get("FEEDS_NOW", "")
    if not given:
        return lambda: datetime.now(UTC)  # noqa: TID251 - here alone
    if given.startswith("@"):
        return lambda: _moment(_read_moment(Path(given[1:])))
    fixed = _moment(given)
    return lambda: fixed


def _read_moment(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as exc:
        raise UserError(f"FEEDS_NOW: {file} cannot be read ({exc}); name a file that holds a moment") from exc


def _moment(text: str) -> datetime:
    try:
        moment: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UserError(f"FEEDS_NOW: {text!r} is no moment with a zone; write it as 2022-09-01T12:00:00Z")
    return moment.astimezone(UTC)


def doorway_of(settings: Callable[[], Settings], store: Callable[[], Store]) -> Doorway:
    """What the web server knows of the program, which may be replaced by another while it serves."""
    return Doorway(
        settings=settings,
        drop_in=lambda letter: store().drop_in(letter),
        callback=lambda token: store().callback(token),
    )


@dataclass(frozen=True)
class App:
    """The program put together. What is heavy is made when it is first asked for."""

    settings: Settings
    clock: Clock = field(default_factory=make_clock)
    rests: dict[str, float] = field(default_factory=dict)  # see Threads: shared where one App takes over from another

    @cached_property
    def rules(self) -> Rules:
        """The compiled rules of every topic."""
        return compile_rules(self.settings.rules, file=self.settings.file, line=self.settings.line)

    @cached_property
    def matcher(self) -> Matcher:
        """The topics of articles."""
        return Matcher(self.rules)

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """The outgoing topics by name."""
        return {topic.name: topic for topic in self.rules.topics}

    def __post_init__(self) -> None:
        """Say at once what the configuration asks for and this version has not.

        Raises:
            ConfigError: a database or a shelf that there is no adapter for.
        """
        settings, missing = self.settings, []
        if not settings.store.startswith("sqlite"):
            missing.append(("store.url", "PostgreSQL", 'write url = "sqlite:///var/feeds.db"'))
        if settings.publish.to.startswith("s3://"):
            missing.append(("publish.to", "a bucket", 'name a folder, as in to = "public"'))
        if missing:
            raise ConfigError(
                Mistake(
                    file=settings.file,
                    line=settings.line(key),
                    key=key,
                    what=f"{what} is for a later version of topic-feeds",
                    remedy=remedy,
                )
                for key, what, remedy in missing
            )

    @cached_property
    def store(self) -> Store:
        """The database, opened and migrated."""
        from feeds.store.sql import SqlStore

        return SqlStore(self.settings.store, published=self.shelf.names)

    @cached_property
    def store_as_it_is(self) -> Store:
        """The database to look at: neither made, nor migrated, nor made to agree with the configuration."""
        from feeds.store.sql import SqlStore

        return SqlStore(self.settings.store, as_it_is=True, published=self.shelf.names)

    @cached_property
    def shelf(self) -> WritableShelf:
        """The published files."""
        from feeds.publish.files import Folder

        return Folder(self.settings.publish.to)

    @cached_property
    def fetch(self) -> Fetch:
        """Asks a source for its bytes, over HTTP or on this machine."""
        from feeds.fetch.files import fetch_files

        def fetch(request: Request) -> Answer:
            if request.url.startswith("file:"):
                return fetch_files(request, max_bytes=self.settings.fetch.max_bytes)
            return self._http(request)

        return fetch

    @cached_property
    def _http(self) -> HttpFetch:
        from feeds.fetch.gates import Gates
        from feeds.fetch.http import HttpFetch

        contact = self.settings.site.contact.removeprefix("mailto:")
        agent = f"topic-feeds/{__version__} (+{contact})"
        return HttpFetch(
            self.settings.fetch,
            user_agent=agent,
            clock=self.clock,
            budget=self.budget,
            gates=Gates(places=self.settings.poll.per_host, pause=self.settings.poll.host_delay),
            held=self._held,
        )

    def _held(self, host: str) -> datetime | None:
        """Until when a host wants to be left alone. Where there is no database in use, nobody has said so."""
        return self.store.held(host, self.clock()) if "store" in vars(self) else None

    @cached_property
    def budget(self) -> Budget:
        """What bodies may take in memory, all together."""
        from feeds.fetch.budget import Budget

        return Budget()

    @cached_property
    def readers(self) -> Children:
        """Looks into documents from outside, in processes of their own."""
        from feeds.sandbox.children import Children

        return Children(self.settings.rules, self.settings.read)

    @cached_property
    def read(self) -> Read:
        """Makes classified articles of bytes."""
        return Gather(self.readers)

    @cached_property
    def dispatch(self) -> Dispatch:
        """Runs polls, host by host."""
        from feeds.dispatch.threads import Threads

        poll = self.settings.poll
        return Threads(
            concurrency=poll.concurrency, per_host=poll.per_host, host_delay=poll.host_delay, rests=self.rests
        )

    @cached_property
    def refresh(self) -> Refresh:
        """The pass over sources."""
        return Refresh(
            store=self.store,
            fetch=self.fetch,
            read=self.read,
            dispatch=self.dispatch,
            clock=self.clock,
            poll=self.settings.poll,
            publish=self.settings.publish,
            share=self.budget.share,
            own=frozenset(source.name for source in self.settings.sources),
        )

    def look(self, sources: Iterable[Source]) -> Iterator[Poll]:
        """Poll these sources once as if for the first time; nothing is stored, and no database is needed."""
        now = self.clock()
        jobs = [
            Job(source=source, state=SourceState(source=source.name), token="", facts=Facts(source=source, now=now))
            for source in sources
        ]
        poll = partial(
            ask,
            fetch=self.fetch,
            read=self.read,
            clock=self.clock,
            poll=self.settings.poll,
            share=self.budget.share,
        )
        return self.dispatch.run([jobs], unless_held(poll))

    @cached_property
    def republish(self) -> Republish:
        """The pass over topics."""
        return Republish(
            store=self.store,
            shelf=self.shelf,
            clock=self.clock,
            settings=self.settings,
            topics=self.topics,
            ended=self.rules.ended,
        )

    def strays(self) -> list[str]:
        """Topics whose files are published, and of which the configuration says nothing."""
        return strays(self.shelf.names(but=[STORIES]), {*self.topics, *self.rules.ended})

    @cached_property
    def search(self) -> Search:
        """The pass over a query."""
        from feeds.search import Search

        return Search(store=lambda: self.store_as_it_is, clock=self.clock, settings=self.settings, topics=self.topics)

    @cached_property
    def hub(self) -> Hub:
        """The pass over what our hub owes."""
        settings = self.settings
        return Hub(
            store=self.store,
            shelf=self.shelf,
            send=self._send,
            clock=self.clock,
            site=settings.site.url,
            topics=frozenset(self.topics),
            is_open=bool(settings.hub),
            elsewhere=tuple(hub for hub in settings.publish.hubs if hub != settings.hub),
            announced=settings.hubs,
        )

    @cached_property
    def off(self) -> str:
        """Why no hub is to push anything to us, in words; "" if they may."""
        settings = self.settings
        if not settings.poll.push:
            return "[poll] push is false"
        if settings.serve is None:
            return "there is no [serve], so nobody answers hubs"
        why = out_of_reach(settings.site.url, settings.fetch.allow)
        return f"no hub reaches [site] url, as {why}" if why else ""

    @cached_property
    def following(self) -> Following:
        """The pass over what hubs push."""
        return Following(
            store=self.store,
            send=self._send,
            begin=self.refresh.begin_pushed,
            wait=self.dispatch.wait,
            clock=self.clock,
            site=self.settings.site.url,
            off=self.off,
        )

    def _send(self, message: Message) -> Reply | Failed:
        return self._http.send(message)

    def agree(self, *, rebuild: Collection[str] | None = ()) -> int:
        """Make the store agree with the configuration; a topic that is new to it takes in the stored articles.

        `rebuild` names topics that take them in anew as well, None all. Returns how many articles came into a topic or
        left one. All that may fail comes before the one transaction that changes sources and topics: until then whoever
        works by the configuration before goes on as if nothing had happened.
        """
        now = self.clock()
        known = {state.name for state in self.store.topics()}
        only = None if rebuild is None else self.topics.keys() - known | set(rebuild)
        moved = 0
        if only is None or only:
            moved = self.store.reclassify(self._classify_as_configured, rules=self.rules.version, now=now, only=only)
        before = self.store.note("rules")
        if before != self.rules.version:
            self.store.set_note("rules", self.rules.version)
        warnings = self.store.sync(
            self.settings.sources, tuple(self.topics), authority=self.settings.site.authority, now=now
        )
        for warning in (*map(str, self.settings.warnings), *warnings):
            log.warning("config.doubtful", extra={"why": warning})
        if before and before != self.rules.version and rebuild is not None:
            log.warning(
                "rules.changed", extra={"why": "they hold for new items; `feeds topics rebuild` applies them to all"}
            )
        return moved

    def pulse(self, *, every: int = 0, amiss: Iterable[str] = ()) -> Pulse:
        """How the poller stands; `every` so many seconds it says so, 0 for once."""
        now = self.clock()
        sources, behind = self.store.tally(now)
        topics = {state.name: state.entries for state in self.store.topics() if state.name in self.topics}
        hub = self.store.hub_standing(now)
        return Pulse(
            at=now,
            every=every,
            amiss=tuple(amiss),
            sources=sources,
            behind=int(behind.total_seconds()),
            topics=topics,
            subscribers={each.topic: each.number for each in hub if not each.hub},
            hub_waiting=sum(each.waiting for each in hub),
            hub_failing=sum(each.failing for each in hub),
        )

    def tell(self, pulse: Pulse) -> None:
        """Let other processes know."""
        self.store.set_note("poller", write_pulse(pulse))

    def heard(self) -> Pulse | None:
        """What the poller last told, None if it never did; for processes that leave the store as it is."""
        return read_pulse(self.store_as_it_is.note("poller"))

    def as_configured(self, stored: Source) -> Source:
        """What the configuration says of a source now, which the store may not know yet."""
        by_name, by_url = self._configured
        return by_name.get(stored.name) or by_url.get(stored.url) or stored

    def _classify_as_configured(self, article: Article, stored: Source) -> tuple[Match, ...]:
        return self.matcher.classify(article, self.as_configured(stored))

    @cached_property
    def _configured(self) -> tuple[dict[str, Source], dict[str, Source]]:
        sources = self.settings.sources
        return {source.name: source for source in sources}, {source.url: source for source in sources}

    def close(self) -> None:
        """Let go of connections, readers, leases and the database."""
        for name in ("_http", "readers", "store", "store_as_it_is"):
            if name in vars(self):
                vars(self)[name].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

"""One topic, one pass: settle, select, render, put, and only then call it published."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from feeds.config import Settings
from feeds.errors import ShelfError
from feeds.model import Site, Topic
from feeds.ports import Clock, Store, TopicState, WritableShelf
from feeds.publish.select import WINDOW
from feeds.publish.topic import Rendered, render_site, render_topic, rendered_with

log = logging.getLogger(__name__)
_WAIT = 10.0  # seconds for another process that publishes
_ON_INDEX = 8  # newest stories of each topic that the index names


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How the publication of one topic ended."""

    topic: str
    entries: int
    written: bool  # False: its files were up to date, to the byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Republish:
    """A pass over topics, with all that it needs from the world."""

    store: Store
    shelf: WritableShelf
    clock: Clock
    settings: Settings
    topics: Mapping[str, Topic]

    def run(self, *, later: Collection[str] = (), seconds: float = _WAIT) -> Iterator[Published]:
        """Settle what waits, publish each topic that is behind the store, then the pages over them all.

        Topics named in `later` are left for another time. One that cannot be written does not hold up the others.

        Raises:
            ShelfBusy: another process was publishing for all these seconds.
            ShelfError: something could not be written; all that could be is.
        """
        failed: list[ShelfError] = []
        with self.shelf.alone(seconds=seconds):
            yield from self._run(later, failed)
        if failed:
            raise failed[0]

    def _run(self, later: Collection[str], failed: list[ShelfError]) -> Iterator[Published]:
        # Ids are minted under the authority that was stored first, whatever the configuration says now.
        site = replace(self.settings.site, authority=self.store.note("authority"))
        self.shelf.sweep()
        self.store.settle(self.clock())
        there = set(self.shelf.names())
        for state in self.store.topics():
            topic = self.topics.get(state.name)
            if topic is None:
                continue  # another process works by another configuration
            key = rendered_with(site, self.settings.publish, topic, all_topics=self._all_topics)
            behind = state.dirty or state.rendered_with != key or f"{state.name}.atom" not in there
            if behind and state.name not in later:
                try:
                    yield self._publish(site, topic, state, key)
                except ShelfError as exc:
                    failed.append(exc)
            else:
                yield Published(topic=state.name, entries=state.entries, written=False)
        try:
            self._publish_site(site, there)
        except ShelfError as exc:
            failed.append(exc)

    def _publish(self, site: Site, topic: Topic, state: TopicState, key: str) -> Published:
        limit = self.settings.publish.entries
        entries = self.store.entries(topic.name, limit=limit, window=WINDOW)
        rendered = render_topic(site, topic, entries, limit=limit, all_topics=self._all_topics)
        written = self._put(rendered)
        self.store.mark_published(
            topic.name,
            seq=state.seq,
            seen=state.published_seq,
            entries=len(rendered.entries),
            rendered_with=key,
        )
        return Published(topic=topic.name, entries=len(rendered.entries), written=written)

    def _publish_site(self, site: Site, there: set[str]) -> None:
        origins, own = self.store.origins(), self.store.own_pages()
        states = [(state.name, state.seq, state.rendered_with) for state in self.store.topics()]
        facts = repr((site, states, origins, own)).encode("utf-8", "surrogatepass")
        key = blake2b(facts, digest_size=16).hexdigest()
        if self.store.note("site") == key and "index.html" in there:
            return
        newest = [
            (topic, self.store.entries(topic.name, limit=_ON_INDEX, window=WINDOW * 0)) for topic in self._all_topics
        ]
        rendered = render_site(site, newest, origins=origins, own_pages=own)
        self._put(rendered)
        for name in sorted(name for name in there if name.startswith("article/") and name not in rendered.files):
            self.shelf.remove(name)  # its article is no longer kept
        self.store.set_note("site", key)

    def _put(self, rendered: Rendered) -> bool:
        """Put every file in the order given; True if one of them was written."""
        for story, why in rendered.quarantined:
            log.warning("entry.quarantined", extra={"id": story, "why": why})
        return sum(self.shelf.put(name, rendered.files[name]) for name in rendered.files) > 0

    @property
    def _all_topics(self) -> tuple[Topic, ...]:
        return tuple(self.topics[name] for name in sorted(self.topics))

"""One query, one pass: read it, look it up, render what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from feeds.classify.query import parse_query
from feeds.config import Settings
from feeds.model import Answered, Entry, Form, Misread, Query, Topic
from feeds.ports import Clock, Store
from feeds.publish.fragments import Fragments
from feeds.publish.search import render_form, render_search

SECONDS = 2.0  # that the database may take for one query
_ROOM = 4_000_000  # bytes of entries that are kept written


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Answers queries, from any thread, with all that it needs from the world."""

    store: Callable[[], Store]  # to look at; may raise StoreError or UserError
    clock: Clock
    settings: Settings
    topics: Mapping[str, Topic]
    fragments: Fragments = field(default_factory=lambda: Fragments(_ROOM))
    one_at_a_time: Lock = field(default_factory=Lock)  # to open the store, and to render

    def state(self) -> object:
        """See ports.Search."""
        store = self._open()
        return store.edition(), tuple((state.name, state.seq, state.published_seq) for state in store.topics())

    def read(self, text: str) -> Query | Misread:
        """Understand a query."""
        return parse_query(text, now=self.clock(), topics=self.topics)

    def find(self, query: Query, *, limit: int, seconds: float | None = SECONDS) -> tuple[Entry, ...]:
        """The newest stories that a query finds.

        Raises:
            StoreSlow: it took longer than `seconds`.
        """
        return self._open().search(query, limit=limit, seconds=seconds)

    def answer(self, text: str, form: Form) -> Answered | Misread:
        """See ports.Search."""
        topics = tuple(self.topics[name] for name in sorted(self.topics))
        site = self.settings.site
        if form == "html" and not text.strip():
            return render_form(site, "", None, topics=topics)
        query = self.read(text)
        if isinstance(query, Misread):
            return render_form(site, text, query, topics=topics) if form == "html" else query
        # Ids are minted under the authority that was stored first, whatever the configuration says now.
        site = replace(site, authority=self._open().note("authority") or site.authority)
        limit = self.settings.publish.entries
        entries = self.find(query, limit=limit)
        with self.one_at_a_time:
            return render_search(site, query, entries, form, limit=limit, topics=topics, fragments=self.fragments)

    def _open(self) -> Store:
        with self.one_at_a_time:
            return self.store()

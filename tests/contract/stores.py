"""What the store's contract does with a store: open one, bring items, look at what is published."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from feeds.identify.stories import Stories
from feeds.model import Item, Outcome, Source
from feeds.ports import Store
from feeds.store.sql import SqlStore
from tests.make import KEEP, NOW, deciding, poll

HOUR, LEASE = timedelta(hours=1), timedelta(minutes=10)
WINDOW = timedelta(hours=48)
TOPICS = ("grain", "rain")


def open_store(url: str, *sources: Source) -> Store:
    store = SqlStore(url)
    store.sync(sources, TOPICS, authority="desk.example,2026", now=NOW)
    return store


def bring(
    store: Store, name: str, *items: Item, now: datetime = NOW, known: int = 0, stories: Stories | None = None
) -> dict[Outcome, int]:
    """Poll one source that brings these items; near-duplicates count if there is an index of them."""
    (job,) = store.claim(now, limit=1, lease=LEASE, only=[name], due=False)
    done = poll(job, *items, known=known)
    keep = timedelta.max if job.source.keeps_forever else KEEP
    return dict(store.apply(done, deciding(now, keep, stories)).outcomes)


def published(store: Store, topic: str = "grain") -> list[tuple[str, str]]:
    """(source that leads, title) of a topic's entries, once settled."""
    store.settle(NOW)
    return [(e.origin.name, e.title) for e in store.entries(topic, limit=100, window=WINDOW)]


def dump(url: str) -> list[str]:
    """Every row of an SQLite database, as SQL."""
    with sqlite3.connect(url.partition(":///")[2]) as connection:
        return list(connection.iterdump())

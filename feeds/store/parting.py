"""Parting a copy from the article that it repeats: it becomes an article, and a story, of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, literal, select, update

from feeds.model import Match, Source
from feeds.ports import Classify
from feeds.store import versions
from feeds.store.beginning import begin_waiting, following_number
from feeds.store.changes import enter, see
from feeds.store.conservation import PARTED, count
from feeds.store.rows import article_from, membership_row, row_of, source_from
from feeds.store.schedule import touch, want_pages
from feeds.store.stories import set_apart, topics_of
from feeds.store.tables import articles, keys, memberships, sightings, sources

_COPIES = (
    select(sightings, sources.c.name, sources.c.config)
    .join(sources, sources.c.id == sightings.c.source_id)
    .where(sightings.c.copy.is_not(None))
    .order_by(sightings.c.first_seen, sightings.c.guid, sightings.c.canonical_url)
)


def part(
    connection: Connection, article: int, source: str, classify: Classify, *, rules: str, now: datetime
) -> tuple[int, int, int] | None:
    """Part what a source repeats of an article from it; see ports.Store.split_copy.

    What the source has under further names is a copy of its new article, as it was of the other. What the copy was
    before its edits are former versions of the article that it becomes.
    """
    of_article = select(articles, sources.c.name, sources.c.config).join(sources, sources.c.id == articles.c.source_id)
    old = connection.execute(of_article.where(articles.c.id == article)).one()
    copies = connection.execute(_COPIES.where(sightings.c.article_id == article, sources.c.name == source)).all()
    if not copies or old.name == source:
        return None
    before, copy = topics_of(connection, [old.story_id]), copies[0]
    row = row_of(copy.copy)
    mine, story = _begin(connection, copy, row, now)
    see(connection, copy.source_id, mine, row, own=True)
    theirs = sightings.c.source_id == copy.source_id, sightings.c.article_id == article
    connection.execute(update(sightings).where(*theirs).values(article_id=mine))
    versions.part(connection, copy, mine)
    names = keys.c.source_id == copy.source_id, keys.c.article_id == article
    why = literal(f"split by hand from article {article}: ") + keys.c.why
    connection.execute(update(keys).where(*names).values(article_id=mine, why=why))
    _give(connection, mine, _topics(row, copy, classify), rules)
    if old.withdrawn_at is None:
        _take(connection, old, classify, rules)
    set_apart(connection, old.story_id, story)
    touch(connection, before | topics_of(connection, [story]), now)
    want_pages(connection, (old.story_id, story))
    return mine, story, old.story_id


def _begin(connection: Connection, copy: Any, row: Mapping[str, Any], now: datetime) -> tuple[int, int]:
    mine = following_number(connection, articles.c.id)
    story = begin_waiting(connection, head=mine, dated=row["dated"], now=now)
    item = article_from(row, source=copy.name)
    enter(connection, item, row, article=mine, story=story, source_id=copy.source_id)
    count(connection, PARTED, 1)
    return mine, story


def _take(connection: Connection, old: Any, classify: Classify, rules: str) -> None:
    """Take the topics from an article that the copy alone had brought it."""
    given = set(connection.execute(select(memberships.c.topic).where(memberships.c.article_id == old.id)).scalars())
    found = _topics(old._mapping, old, classify)
    others = connection.execute(
        _COPIES.where(sightings.c.article_id == old.id, sightings.c.hash_key == old.hash_key)
    ).all()
    for other in others:
        for topic, match in _topics(row_of(other.copy), other, classify).items():
            if topic not in found or found[topic].score < match.score:
                found[topic] = match
    connection.execute(delete(memberships).where(memberships.c.article_id == old.id))
    _give(connection, old.id, {topic: match for topic, match in found.items() if topic in given}, rules)


def _topics(row: Mapping[str, Any], source: Any, classify: Classify) -> dict[str, Match]:
    stored: Source = source_from(source.config)
    return {match.topic: match for match in classify(article_from(row, source=source.name), stored)}


def _give(connection: Connection, article: int, topics: Mapping[str, Match], rules: str) -> None:
    if topics:
        connection.execute(insert(memberships), [membership_row(article, m, rules=rules) for m in topics.values()])

"""Work on the whole archive: topics decided anew, old articles removed, promises verified."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, insert, not_, or_, select, update

from feeds.model import Article, Match
from feeds.ports import Classify
from feeds.store.database import batches
from feeds.store.rows import article_from, reasons, source_from
from feeds.store.schedule import touch
from feeds.store.tables import articles, keys, memberships, revisions, sightings, sources, stories, topics

KEYS_LIVE = timedelta(days=180)  # after last sight, so that old items never return as new


def reclassify(
    connection: Connection,
    classify: Classify,
    *,
    rules: str,
    now: datetime,
    only: Collection[str] | None,
    above: int,
    limit: int,
) -> tuple[int, int]:
    """Decide the topics of the next `limit` articles above number `above`. Returns (last number seen, how many moved).

    (0, 0) when there are none left.
    """
    # A withdrawn article keeps its topics: its notice has none of their words.
    there = select(articles, sources.c.name, sources.c.config).join(sources, sources.c.id == articles.c.source_id)
    query = there.where(articles.c.id > above, articles.c.withdrawn_at.is_(None))
    rows = connection.execute(query.order_by(articles.c.id).limit(limit)).mappings().all()
    if not rows:
        return 0, 0
    numbers = [row["id"] for row in rows]
    before: dict[int, dict[str, tuple[float, float, list[list[object]]]]] = {}
    for some in batches(numbers):
        for m in connection.execute(select(memberships).where(memberships.c.article_id.in_(some))):
            before.setdefault(m.article_id, {})[m.topic] = (m.score, m.need, m.because)
    moved, touched = 0, set[str]()
    for row in rows:
        article: Article = article_from(dict(row), source=row["name"])
        matches: tuple[Match, ...] = classify(article, source_from(row["config"]))
        after = {match.topic: (match.score, match.need, reasons(match)) for match in matches}
        old = before.get(row["id"], {})
        if only is not None:
            after = {
                topic: after[topic] if topic in only else old[topic]
                for topic in (after.keys() & set(only)) | (old.keys() - set(only))
            }
        if after == old:
            continue
        moved += after.keys() != old.keys()
        touched |= {topic for topic in after.keys() | old.keys() if after.get(topic) != old.get(topic)}
        connection.execute(delete(memberships).where(memberships.c.article_id == row["id"]))
        if after:
            connection.execute(
                insert(memberships),
                [
                    {"article_id": row["id"], "topic": t, "score": s, "need": n, "because": b, "rules": rules}
                    for t, (s, n, b) in after.items()
                ],
            )
            connection.execute(
                update(stories)
                .where(stories.c.id == row["story_id"], stories.c.head_frozen_at.is_(None))
                .values(waiting=True)
            )
    if touched:
        touch(connection, touched, now)
    return numbers[-1], moved


def expire(connection: Connection, now: datetime, *, keep: timedelta) -> int:
    """Remove stories that are older than `keep` in all their articles; see ports.Store.expire."""
    before = now - keep
    is_old = and_(articles.c.dated < before, articles.c.first_seen < before)
    listed_file = and_(
        articles.c.own_page,
        exists().where(keys.c.article_id == articles.c.id, keys.c.left_at.is_(None), keys.c.kind == "guid"),
    )
    # The index on `dated` finds the few candidates; an archive of young articles costs nothing.
    candidates = connection.execute(select(articles.c.story_id).where(is_old).distinct()).scalars().all()
    kept = {
        story
        for some in batches(candidates)
        for story in connection.execute(
            select(articles.c.story_id).where(articles.c.story_id.in_(some), or_(not_(is_old), listed_file))
        ).scalars()
    }
    old = [
        row
        for some in batches(story for story in candidates if story not in kept)
        for row in connection.execute(select(articles.c.id, articles.c.story_id).where(articles.c.story_id.in_(some)))
    ]
    touched: set[str] = set()
    for some in batches(row.id for row in old):
        members = select(memberships.c.topic).where(memberships.c.article_id.in_(some)).distinct()
        touched |= set(connection.execute(members).scalars())
        for table in (memberships, revisions, sightings):
            connection.execute(delete(table).where(table.c.article_id.in_(some)))
        connection.execute(update(keys).where(keys.c.article_id.in_(some)).values(article_id=None))
        connection.execute(delete(articles).where(articles.c.id.in_(some)))
    for some in batches({row.story_id for row in old}):
        connection.execute(delete(stories).where(stories.c.id.in_(some)))
    connection.execute(delete(keys).where(keys.c.left_at < now - KEYS_LIVE, keys.c.article_id.is_(None)))
    if touched:
        touch(connection, touched, now)
    return len(old)


def verify(connection: Connection) -> Iterator[str]:
    """Every broken promise, in words."""
    if connection.dialect.name == "sqlite":
        for (words,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if words != "ok":
                yield f"database: {words}"
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"{table} row {row}: points to nothing in {parent}"
    outcomes = sum(
        (sources.c[f"n_{name}"] for name in ("new", "edited", "same", "duplicate", "stale", "rejected")),
        start=0 * sources.c.n_items,
    )
    for name, items, counted in connection.execute(
        select(sources.c.name, sources.c.n_items, outcomes).where(sources.c.n_items != outcomes)
    ):
        yield f"source {name}: {items} items fetched, but {counted} outcomes"
    there = exists().where(articles.c.id == keys.c.article_id)
    for kind, number in connection.execute(
        select(keys.c.kind, keys.c.article_id).where(keys.c.article_id.is_not(None), not_(there))
    ):
        yield f"a {kind} leads to article {number}, which is not there"
    has_article = exists().where(articles.c.story_id == stories.c.id)
    for number in connection.execute(select(stories.c.id).where(not_(has_article))).scalars():
        yield f"story {number}: it has no article"
    head = exists().where(articles.c.id == stories.c.head, articles.c.story_id == stories.c.id)
    for number in connection.execute(select(stories.c.id).where(stories.c.tag.is_not(None), not_(head))).scalars():
        yield f"story {number}: published, but its head is none of its articles"
    for topic in connection.execute(
        select(memberships.c.topic).distinct().where(memberships.c.topic.not_in(select(topics.c.name)))
    ).scalars():
        yield f"topic {topic}: articles belong to it, but it is not configured"

"""Work on the whole archive: topics decided anew, old articles removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, exists, insert, not_, or_, select, update

from feeds.model import Article, Match, Source
from feeds.ports import Classify
from feeds.store.conservation import EXPIRED, GONE, count
from feeds.store.database import batches
from feeds.store.rows import article_from, hits_from, membership_row, source_from
from feeds.store.schedule import touch, want_pages
from feeds.store.stories import filed_in, forget, forget_traces
from feeds.store.tables import articles, filings, keys, memberships, revisions, sightings, sources, stories

KEYS_LIVE = timedelta(days=180)  # after last sight, so that old items never return as new


class StoredRow(NamedTuple):
    """An article of the archive, with the topics that it was given."""

    id: int
    story: int
    article: Article
    source: Source


def stored(connection: Connection, *, above: int, limit: int, since: datetime | None = None) -> list[StoredRow]:
    """The next `limit` articles above number `above`, with their topics; dated at `since` or later.

    Without those that were withdrawn: they keep their topics, as the notice in their place has none of the words.
    """
    there = select(articles, sources.c.name, sources.c.config).join(sources, sources.c.id == articles.c.source_id)
    query = there.where(articles.c.withdrawn_at.is_(None))
    if since is not None:
        query = query.where(articles.c.dated >= since)
    rows = connection.execute(query.where(articles.c.id > above).order_by(articles.c.id).limit(limit)).mappings().all()
    given: defaultdict[int, list[Match]] = defaultdict(list)
    for some in batches(row["id"] for row in rows):
        of = select(memberships).where(memberships.c.article_id.in_(some)).order_by(memberships.c.topic)
        for m in connection.execute(of):
            match = Match(topic=m.topic, score=m.score, need=m.need, because=hits_from(m.because))
            given[m.article_id].append(match)
    return [
        StoredRow(
            row["id"],
            row["story_id"],
            article_from(dict(row), source=row["name"], topics=tuple(given[row["id"]])),
            source_from(row["config"]),
        )
        for row in rows
    ]


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
    rows = stored(connection, above=above, limit=limit)
    if not rows:
        return 0, 0
    moved, touched, told = 0, set[str](), set[int]()
    for row in rows:
        after = {match.topic: match for match in classify(row.article, row.source)}
        old = {match.topic: match for match in row.article.topics}
        if only is not None:
            after = {
                topic: after[topic] if topic in only else old[topic]
                for topic in (after.keys() & set(only)) | (old.keys() - set(only))
            }
        if after == old:
            continue
        moved += after.keys() != old.keys()
        told.add(row.story)
        touched |= {topic for topic in after.keys() | old.keys() if after.get(topic) != old.get(topic)}
        connection.execute(delete(memberships).where(memberships.c.article_id == row.id))
        if after:
            connection.execute(
                insert(memberships), [membership_row(row.id, match, rules=rules) for match in after.values()]
            )
            connection.execute(
                update(stories)
                .where(stories.c.id == row.story, stories.c.head_frozen_at.is_(None))
                .values(waiting=True)
            )
    want_pages(connection, told)
    if touched:
        touch(connection, touched, now)
    return rows[-1].id, moved


def file(connection: Connection, topic: str, numbers: Collection[int], day: date) -> None:
    """Note when stories were first published in a topic; see ports.Store.file."""
    for some in batches(sorted(numbers)):
        there = select(filings.c.story_id).where(filings.c.topic == topic, filings.c.story_id.in_(some))
        rows = [
            {"topic": topic, "story_id": number, "day": day}
            for number in sorted(set(some) - set(connection.execute(there).scalars()))
        ]
        if rows:
            connection.execute(insert(filings), rows)


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
        forget(connection, some, ())
        for table in (memberships, revisions, sightings):
            connection.execute(delete(table).where(table.c.article_id.in_(some)))
        connection.execute(update(keys).where(keys.c.article_id.in_(some)).values(article_id=None, why=EXPIRED))
        connection.execute(delete(articles).where(articles.c.id.in_(some)))
    forget_traces(connection, now)
    for some in batches({row.story_id for row in old}):
        touched |= filed_in(connection, some)  # their archives go with the last of their stories
        forget(connection, (), some)
        connection.execute(delete(stories).where(stories.c.id.in_(some)))
    connection.execute(delete(keys).where(keys.c.left_at < now - KEYS_LIVE, keys.c.article_id.is_(None)))
    count(connection, GONE, len(old))
    if touched:
        touch(connection, touched, now)
    return len(old)

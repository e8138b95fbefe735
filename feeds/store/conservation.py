"""That nothing is lost: what must hold of the whole store, whatever was polled, killed, expired and published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, insert, not_, or_, select, update

from feeds.model import Outcome, item_id
from feeds.store.database import batches
from feeds.store.rows import key16, slices_from
from feeds.store.search import search
from feeds.store.tables import (
    OF_ARTICLE,
    PUBLISHED,
    articles,
    filings,
    keys,
    memberships,
    meta,
    revisions,
    sightings,
    sources,
    stories,
    topics,
)

GONE, PARTED = "articles_gone", "articles_parted"  # in meta: how many expired; how many began as a copy that left
EXPIRED = "its article is no longer kept"  # the reason of a key whose article expired
_HAVE_ARTICLE = (Outcome.NEW.value, Outcome.CHANGED.value, Outcome.DUPLICATE.value)
_ALONE = (Outcome.STALE.value, Outcome.REJECTED.value)
_KINDS = {"g": "guid", "u": "url", "d": "item"}


def count(connection: Connection, name: str, more: int) -> None:
    """Add to one of the counters in meta."""
    if not more:
        return
    value = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar()
    if value is None:
        connection.execute(insert(meta).values(name=name, value=str(more)))
    else:
        connection.execute(update(meta).where(meta.c.name == name).values(value=str(int(value) + more)))


def verify(connection: Connection) -> Iterator[str]:
    """Every broken promise, in words."""
    for check in _CHECKS:
        yield from check(connection)


def _database(connection: Connection) -> Iterator[str]:
    """What the database itself can tell."""
    if connection.dialect.name == "sqlite":
        for (words,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if words != "ok":
                yield f"database: {words}"
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"{table} row {row}: points to nothing in {parent}"


# -------------------------------------------------------------------------------- one outcome for each item


def _counters(connection: Connection) -> Iterator[str]:
    """What was fetched is what became of it, and what began is there, or has expired."""
    outcomes = sum(
        (sources.c[f"n_{name}"] for name in ("new", "edited", "same", "duplicate", "stale", "rejected")),
        start=0 * sources.c.n_items,
    )
    for name, items, counted in connection.execute(
        select(sources.c.name, sources.c.n_items, outcomes).where(sources.c.n_items != outcomes)
    ):
        yield f"source {name}: {items} items fetched, but {counted} outcomes"
    begun = connection.execute(select(func.coalesce(func.sum(sources.c.n_new), 0))).scalar_one()
    there = connection.execute(select(func.count()).select_from(articles)).scalar_one()
    noted = {row.name: row.value for row in connection.execute(select(meta))}
    gone, parted = int(noted.get(GONE, 0)), int(noted.get(PARTED, 0))
    if begun + parted != there + gone:
        yield f"articles: {begun + parted} began and {gone} expired, but {there} are there"


def _outcomes(connection: Connection) -> Iterator[str]:
    """Each remembered name says how its item stands, and why."""
    leads = keys.c.article_id.is_not(None)
    broken = {
        "has an outcome that there is not": keys.c.outcome.not_in((*_HAVE_ARTICLE, *_ALONE)),
        "leads to an article in spite of its outcome": and_(leads, keys.c.outcome.in_(_ALONE)),
        "has lost its article": and_(not_(leads), keys.c.outcome.in_(_HAVE_ARTICLE), keys.c.why != EXPIRED),
        "has no reason": keys.c.why == "",
    }
    for words, condition in broken.items():
        for row in _named(connection, condition):
            yield f"source {row.name}: a {row.kind} that is {row.outcome or 'nothing'} {words}"
    counters = {"new": sources.c.n_new, "changed": sources.c.n_edited} | {o: sources.c[f"n_{o}"] for o in _ALONE}
    for outcome, counter in counters.items():
        some = exists().where(keys.c.source_id == sources.c.id, keys.c.outcome == outcome)
        for name in connection.execute(select(sources.c.name).where(counter == 0, some)).scalars():
            yield f"source {name}: there are items that are {outcome}, but none was counted"


def _named(connection: Connection, condition: Any) -> Iterator[Any]:
    query = select(keys.c.kind, keys.c.outcome, keys.c.article_id, sources.c.name)
    yield from connection.execute(query.join(sources, sources.c.id == keys.c.source_id).where(condition))


def _listed(connection: Connection) -> Iterator[str]:
    """What a source lists and is not looked at again has an outcome."""
    for source in connection.execute(select(sources.c.id, sources.c.name, sources.c.slices)).all():
        missing = missing_slices(connection, source.id, slices_from(source.slices))
        if missing:
            yield f"source {source.name}: {len(missing)} items count as known, but nothing is known of them"


def missing_slices(connection: Connection, source_id: int, listed: frozenset[bytes]) -> set[bytes]:
    """Which of these slices of a source no key stands for."""
    missing = set(listed)
    for some in batches(sorted(listed)):
        query = select(keys.c.slice).where(keys.c.source_id == source_id, keys.c.slice.in_(some))
        missing -= set(connection.execute(query).scalars())
    return missing


# ------------------------------------------------------------------------------ articles and their places


def _names(connection: Connection) -> Iterator[str]:
    """Names lead to articles, and articles have names: what has none would come as new again."""
    there = exists().where(articles.c.id == keys.c.article_id)
    for row in _named(connection, and_(keys.c.article_id.is_not(None), not_(there))):
        yield f"a {row.kind} leads to article {row.article_id}, which is not there"
    query = select(articles.c.id, articles.c.source_id, articles.c.guid, articles.c.canonical_url, articles.c.digest)
    for row, found in _with_keys(connection, query):
        if found is None or (found.article_id is None and found.outcome != Outcome.STALE.value):
            yield f"article {row.id}: its own name does not lead to it"
    query = select(
        sightings.c.article_id, sightings.c.source_id, sightings.c.guid, sightings.c.canonical_url, sources.c.name
    ).join(sources, sources.c.id == sightings.c.source_id)
    for row, found in _with_keys(connection, query.where(or_(sightings.c.guid != "", sightings.c.canonical_url != ""))):
        if found is None:
            yield f"source {row.name}: a place of article {row.article_id} is not remembered by its name"


def _with_keys(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, Any]]:
    """Each row, and the key of what names its item first, None if there is none."""
    rows = connection.execute(query).all()
    for some in (rows[at : at + 500] for at in range(0, len(rows), 500)):
        named = [(*_first_name(row), row) for row in some]
        wanted = {key for _, key, _ in named}
        found = {
            (row.source_id, row.kind, row.key): row
            for row in connection.execute(select(keys).where(keys.c.key.in_(wanted)))
        }
        for kind, key, row in named:
            yield row, found.get((row.source_id, kind, key))


def _first_name(row: Any) -> tuple[str, bytes]:
    name = item_id(row.guid, row.canonical_url, getattr(row, "digest", b""))
    return _KINDS[name[0]], key16(name[1:])


def _places(connection: Connection) -> Iterator[str]:
    """An article stands somewhere, unless another one stands there by now; and has all its former versions."""
    own = exists().where(sightings.c.article_id == articles.c.id, sightings.c.source_id == articles.c.source_id)
    query = select(articles.c.id, articles.c.source_id, articles.c.guid, articles.c.canonical_url, articles.c.digest)
    for row in connection.execute(query.where(not_(own))).all():
        item = key16(item_id(row.guid, row.canonical_url, row.digest))
        taken = sightings.c.source_id == row.source_id, sightings.c.item == item
        if connection.execute(select(sightings.c.article_id).where(*taken)).first() is None:
            yield f"article {row.id}: it stands nowhere, not even where it was found"
    of_it = revisions.c.article_id == articles.c.id, OF_ARTICLE
    versions = select(func.count()).where(*of_it).correlate(articles).scalar_subquery()
    for number, edits, kept in connection.execute(
        select(articles.c.id, articles.c.edits, versions).where(articles.c.edits != versions)
    ):
        yield f"article {number}: edited {edits} times, but {kept} former versions are kept"


# -------------------------------------------------------------------------------------- stories and topics


def _stories(connection: Connection) -> Iterator[str]:
    """A story has an id and an article that leads it; what a topic shows is published, with times, or waits for it."""
    has_article = exists().where(articles.c.story_id == stories.c.id)
    is_merged = stories.c.merged_into.is_not(None)
    for number in connection.execute(select(stories.c.id).where(not_(has_article), not_(is_merged))).scalars():
        yield f"story {number}: it has no article"
    head = exists().where(articles.c.id == stories.c.head, articles.c.story_id == stories.c.id)
    for number in connection.execute(select(stories.c.id).where(not_(is_merged), not_(head))).scalars():
        yield f"story {number}: its head is none of its articles"
    for number in connection.execute(select(stories.c.id).where(stories.c.tag.is_(None))).scalars():
        yield f"story {number}: it has no id"
    times = and_(stories.c.published.is_not(None), stories.c.updated.is_not(None))
    for number in connection.execute(select(stories.c.id).where(PUBLISHED, not_(times))).scalars():
        yield f"story {number}: published, but it has no time"
    member = exists().where(memberships.c.article_id == articles.c.id, articles.c.story_id == stories.c.id)
    lost = and_(not_(PUBLISHED), not_(stories.c.waiting), not_(is_merged), member)
    for number in connection.execute(select(stories.c.id).where(lost)).scalars():
        yield f"story {number}: it is in a topic, but neither published nor waiting for it"
    there = select(stories.c.id).where(PUBLISHED)
    filed = select(filings.c.topic, filings.c.story_id).where(filings.c.story_id.not_in(there))
    for topic, number in connection.execute(filed):
        yield f"topic {topic}: story {number} stands in its archive, but was never published"


def _topics(connection: Connection) -> Iterator[str]:
    """Memberships belong to configured topics, with enough points; a topic behind the store knows since when."""
    for topic in connection.execute(
        select(memberships.c.topic).distinct().where(memberships.c.topic.not_in(select(topics.c.name)))
    ).scalars():
        yield f"topic {topic}: articles belong to it, but it is not configured"
    for topic, number in connection.execute(
        select(memberships.c.topic, memberships.c.article_id).where(memberships.c.score < memberships.c.need)
    ):
        yield f"topic {topic}: article {number} belongs to it with too few points"
    behind = and_(topics.c.published_seq != topics.c.seq, topics.c.dirty_at.is_(None))
    for name in connection.execute(
        select(topics.c.name).where(or_(topics.c.published_seq > topics.c.seq, behind))
    ).scalars():
        yield f"topic {name}: what was published is not what was noted of it"


def _words(connection: Connection) -> Iterator[str]:
    """Each article is found by its words, and nothing that is not there."""
    indexed, stored = select(search.c.rowid), select(articles.c.id)
    for number in connection.execute(stored.where(articles.c.id.not_in(indexed))).scalars():
        yield f"article {number}: the search does not know it"
    for number in connection.execute(indexed.where(search.c.rowid.not_in(stored))).scalars():
        yield f"article {number}: the search knows it, but it is not there"


_CHECKS: tuple[Callable[[Connection], Iterator[str]], ...] = (
    _database, _counters, _outcomes, _listed, _names, _places, _stories, _topics, _words,
)  # fmt: skip

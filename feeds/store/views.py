"""What is read back: entries to publish, sources as readers see them, and the state of things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as LABELS
from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from feeds.model import LATE, Also, Edit, Entry, Hit, Origin
from feeds.ports import TopicState
from feeds.store import following
from feeds.store.database import batches
from feeds.store.rows import enclosures_from, hits_from, image_from
from feeds.store.tables import (
    EPOCH,
    PUBLISHED,
    SHOWN,
    Moment,
    articles,
    filings,
    hosts,
    likenesses,
    memberships,
    revisions,
    sightings,
    sources,
    stories,
    topics,
)


def topic_states(connection: Connection) -> tuple[TopicState, ...]:
    """Every configured topic, by name."""
    rows = connection.execute(select(topics).order_by(topics.c.name))
    return tuple(TopicState(**row._mapping) for row in rows)


def entries(connection: Connection, topic: str, *, limit: int, window: timedelta) -> tuple[Entry, ...]:
    """The published stories of a topic, newest first; see ports.Store.entries."""
    published = published_in(topic)
    found = select(func.max(stories.c.published, type_=Moment), func.max(stories.c.corrected_at, type_=Moment))
    newest, corrected = connection.execute(found.where(*published)).one()
    if newest is None:
        return ()
    # The place of the last one first, so that the others are not joined and sorted only to be left out.
    places = select(stories.c.published).where(*published).order_by(stories.c.published.desc())
    last = connection.execute(places.limit(1).offset(limit - 1)).scalar() if limit else newest
    since = min(last, newest - window) if last is not None else EPOCH
    query = heads().where(*published, stories.c.published >= since)
    rows = [
        row
        for number, row in enumerate(connection.execute(query))
        if number < limit or row.stories_published >= newest - window
    ]
    if corrected is not None and window:
        lately = stories.c.corrected_at >= max(newest, corrected) - window
        again = heads(stories.c.corrected_at.desc()).where(*published, lately).limit(limit)
        there = {row.stories_id for row in rows}
        rows += [row for row in connection.execute(again) if row.stories_id not in there]
    return tuple(entries_from(connection, rows, topic))


def days(connection: Connection, topic: str) -> tuple[date, ...]:
    """The days in whose archives stories of a topic stand, in order."""
    query = select(filings.c.day).where(filings.c.topic == topic).distinct().order_by(filings.c.day)
    return tuple(connection.execute(query).scalars())


def day_entries(connection: Connection, topic: str, day: date, *, unfiled: bool) -> list[int]:
    """Numbers of the published stories in the archive of `day`, newest first; see ports.Store.day_entries."""
    of_topic = select(filings.c.story_id).where(filings.c.topic == topic)
    wanted: ColumnElement[bool] = stories.c.id.in_(of_topic.where(filings.c.day == day))
    if unfiled:
        wanted = or_(wanted, stories.c.id.not_in(of_topic))
    numbers = heads().with_only_columns(stories.c.id).where(*published_in(topic), wanted)
    return list(connection.execute(numbers).scalars())


def entries_of(connection: Connection, topic: str, numbers: Sequence[int]) -> tuple[Entry, ...]:
    """These published stories as they stand in a topic, newest first."""
    rows = connection.execute(heads().where(stories.c.id.in_(numbers))).all()
    return tuple(entries_from(connection, rows, topic))


def published_in(topic: str) -> tuple[ColumnElement[bool], ...]:
    """What makes a story one of those that a topic shows."""
    member = (
        select(articles.c.story_id)
        .join(memberships, memberships.c.article_id == articles.c.id)
        .where(memberships.c.topic == topic)
    )
    return stories.c.id.in_(member), PUBLISHED, stories.c.merged_into.is_(None)


def own_pages(connection: Connection) -> tuple[tuple[str, Entry], ...]:
    """(slug, entry) of every article whose page is ours, by slug."""
    query = (
        select(stories, articles, *SHOWN)
        .join(articles, articles.c.story_id == stories.c.id)
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.slug.is_not(None))
        .order_by(articles.c.slug)
    ).set_label_style(LABELS)
    rows = connection.execute(query).all()
    return tuple(
        (row.articles_slug, entry) for row, entry in zip(rows, entries_from(connection, rows, ""), strict=True)
    )


def heads(*order: ColumnElement[Any]) -> Select[Any]:
    """Stories with the articles that lead them and their sources, columns labelled; newest first, or in this order."""
    return (
        select(stories, articles, *SHOWN)
        .join(articles, articles.c.id == stories.c.head)
        .join(sources, sources.c.id == articles.c.source_id)
        .order_by(
            *order,
            stories.c.published.desc(),
            sources.c.name,
            articles.c.guid,
            articles.c.canonical_url,
            articles.c.id,
        )
        .set_label_style(LABELS)
    )


def entries_from(connection: Connection, rows: Sequence[Any], topic: str) -> Iterator[Entry]:
    """The entries of such rows, as they stand in a topic."""
    numbers = [row.stories_id for row in rows]
    belongs = memberships_of(connection, numbers)
    also = _also(connection, numbers)
    edits = edits_of(connection, [row.articles_id for row in rows])
    for row in rows:
        mine = belongs.get(row.stories_id, {}) if row.stories_head_frozen_at else {}  # topics show what is published
        own = tuple(edits.get(row.articles_id, ()))
        yield Entry(
            story=row.stories_id,
            article=row.articles_id,
            id=row.stories_tag,
            title=row.articles_title,
            guid=row.articles_guid,
            url=f"article/{row.articles_slug}/" if row.articles_slug else row.articles_url,
            summary=row.articles_summary,
            content=row.articles_content,
            text=row.articles_text,
            policy=row.sources_config["content"],
            authors=tuple(row.articles_authors),
            language=row.articles_language,
            published=row.stories_published or row.articles_dated,
            updated=row.stories_updated or _for_now(row, own),
            corrected=row.stories_corrected_at,
            image=image_from(row.articles_image),
            enclosures=enclosures_from(row.articles_enclosures),
            rights=row.articles_rights,
            minutes=row.articles_minutes,
            own_page=row.articles_own_page,
            origin=origin_of(row),
            topics=tuple(sorted(mine)),
            because=mine.get(topic, (0.0, ()))[1],
            also=tuple(_others(also.get(row.stories_id, ()), row)),
            edits=own,
            withdrawn=row.articles_withdrawn_at,
        )


def _for_now(row: Any, edits: Iterable[Edit]) -> datetime:
    """When a story that was never published last changed: unique, as settled times begin with their second."""
    last: datetime = max([row.articles_dated, *(edit.at for edit in edits)])
    return last.replace(microsecond=500_000 + row.stories_id % 500_000)


def memberships_of(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, dict[str, tuple[float, tuple[Hit, ...]]]]:
    """story -> topic -> the best of its articles' reasons."""
    found: dict[int, dict[str, tuple[float, tuple[Hit, ...]]]] = {}
    for some in batches(numbers):
        query = (
            select(articles.c.story_id, memberships.c.topic, memberships.c.score, memberships.c.because)
            .join(memberships, memberships.c.article_id == articles.c.id)
            .where(articles.c.story_id.in_(some))
            .order_by(memberships.c.score.desc(), articles.c.id)
        )
        for story, topic, score, because in connection.execute(query):
            found.setdefault(story, {}).setdefault(topic, (score, hits_from(because)))
    return found


def _also(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """story -> its items in every outlet, earliest first."""
    found: dict[int, list[Any]] = {}
    for some in batches(numbers):
        query = (
            select(
                articles.c.story_id, sightings.c.article_id, sightings.c.title, sightings.c.link,
                sightings.c.canonical_url, sightings.c.published, sightings.c.first_seen, sources.c.name,
                sources.c.config, sources.c.feed_title, articles.c.publisher,
                func.coalesce(likenesses.c.root, articles.c.id).label("root"),
            )
            .join(articles, articles.c.id == sightings.c.article_id)
            .outerjoin(likenesses, likenesses.c.article_id == articles.c.id)
            .join(sources, sources.c.id == sightings.c.source_id)
            .where(articles.c.story_id.in_(some), sightings.c.link != "")
            .order_by(sightings.c.first_seen, sources.c.name, sightings.c.link)
        )  # fmt: skip
        for row in connection.execute(query):
            found.setdefault(row.story_id, []).append(row)
    return found


def edits_of(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Edit]]:
    """article -> what its publisher corrected, in order."""
    found: dict[int, list[Edit]] = {}
    for some in batches(numbers):
        query = (
            select(revisions.c.article_id, revisions.c.seen_at, revisions.c.corrections, revisions.c.title)
            .where(revisions.c.article_id.in_(some))
            .order_by(revisions.c.seen_at, revisions.c.id)
        )
        for article, at, what, was in connection.execute(query):
            if what:
                found.setdefault(article, []).append(Edit(at=at, what=tuple(what), was=was))
    return found


def _others(rows: Iterable[Any], head: Any) -> Iterator[Also]:
    """One item for each outlet but the head's own, and none at an address that is there already.

    Of those that repeat one text, or are of one publisher, the first is independent, and none if the head is of them.
    """
    seen, addresses = {head.sources_name}, {head.articles_canonical_url}
    rows = list(rows)
    voices = {voice for row in rows if row.article_id == head.articles_id for voice in (row.root, row.publisher)}
    for row in rows:
        if row.name in seen or row.canonical_url in addresses:
            continue
        seen.add(row.name)
        addresses.add(row.canonical_url)
        published = min(row.published or row.first_seen, row.first_seen)
        outlet = row.config["title"] or row.feed_title or row.name
        independent = voices.isdisjoint((row.root, row.publisher))
        voices |= {row.root, row.publisher}
        yield Also(
            source=row.name, outlet=outlet, title=row.title, url=row.link, published=published, independent=independent
        )


def origin_of(row: Any) -> Origin:
    """The source of a row whose columns are labelled with their tables."""
    config = row.sources_config
    private = config.get("private", False)
    return Origin(
        name=row.sources_name,
        title=config["title"] or row.sources_feed_title or row.sources_name,
        url="" if private or config["url"].startswith("file:") else config["url"],
        format=row.sources_feed_format,
        # What a feed says of itself is its own address more often than not.
        home="" if private else row.sources_feed_home,
        id="" if private else row.sources_feed_id,
        rights=row.sources_feed_rights,
        language=config["language"] or row.sources_feed_language,
    )


# --------------------------------------------------------------------------------------------- for people


def status(connection: Connection, dead: Callable[[Iterable[str]], Iterable[str]]) -> tuple[Mapping[str, Any], ...]:
    """One row for each source, by name; times as datetimes. Of leases, those whose holders are `dead` are no more."""
    query = select(*SHOWN, hosts.c.not_before).outerjoin(hosts, hosts.c.host == sources.c.host)
    rows = connection.execute(query.where(~sources.c.removed).order_by(sources.c.name)).mappings().all()
    hubs = following.shown(connection)
    ended = set(dead({row["lease_token"] for row in rows if row["lease_until"]}))
    wanted = (
        "name", "url", "feed_title", "feed_format", "polled", "changed", "newest", "next_poll", "interval", "failures",
        "failing_since", "why", "stopped", "next_why", "moved_to", "distrusted_until", "trouble",
        "whole", "cuts",
    )  # fmt: skip
    return tuple(
        {name: row[name] for name in wanted}
        | {"held_until": max(filter(None, (row["held_until"], row["not_before"])), default=None)}
        | {"lease_until": None if row["lease_token"] in ended else row["lease_until"]}
        | {
            "push": hubs.get(row["id"]),
            "title": row["config"]["title"],
            "counts": {n[2:]: row[n] for n in row if n.startswith("n_")},
        }
        for row in rows
    )


def tally(connection: Connection, now: datetime) -> tuple[Mapping[str, int], timedelta]:
    """How many sources stand how, and how far the schedule is behind; see ports.Store.tally."""
    state = case(
        (sources.c.stopped, "stopped"),
        (sources.c.failures > 0, "failing"),
        (sources.c.polled.is_(None), "new"),
        (sources.c.next_poll < now - LATE, "late"),
        else_="fresh",
    )
    query = select(state.label("state"), func.count().label("number"), func.min(sources.c.next_poll).label("due"))
    rows = connection.execute(query.where(~sources.c.removed).group_by(state)).all()
    due = min((row.due for row in rows if row.state != "stopped" and row.due), default=now)
    none = dict.fromkeys(("fresh", "late", "failing", "stopped", "new"), 0)
    return none | {row.state: row.number for row in rows}, max(now - due, timedelta())

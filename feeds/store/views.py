"""What is read back: entries to publish, sources as readers see them, and the state of things."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as LABELS
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)

from feeds.model import LATE, Also, Edit, Entry, Hit, Origin
from feeds.ports import TopicState
from feeds.store import following
from feeds.store.database import batches
from feeds.store.rows import enclosures_from, hits_from, image_from
from feeds.store.tables import (
    EPOCH,
    OF_ARTICLE,
    PUBLISHED,
    SHOWN,
    Day,
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

# What an entry is made of, and no more: the rest of these rows would cost twice as much as all that is read here.
# What many rows say alike comes as it is written, to be understood once: see `_config` and `_hits`.
CONFIG = cast(sources.c.config, Text)
ORIGIN = (
    sources.c.name, CONFIG.label("sources_config"), sources.c.feed_title, sources.c.feed_format, sources.c.feed_home,
    sources.c.feed_id, sources.c.feed_rights, sources.c.feed_language,
)  # fmt: skip
_ENTRY = (
    stories.c.id, stories.c.tag, stories.c.head_frozen_at, stories.c.published, stories.c.updated,
    stories.c.corrected_at, articles.c.id, articles.c.guid, articles.c.url, articles.c.canonical_url, articles.c.title,
    articles.c.summary, articles.c.content, articles.c.text, articles.c.authors, articles.c.language, articles.c.dated,
    articles.c.image, articles.c.enclosures, articles.c.rights, articles.c.minutes, articles.c.own_page,
    articles.c.slug, articles.c.withdrawn_at, *ORIGIN,
)  # fmt: skip


def published_in(topic: str | BindParameter[str]) -> tuple[ColumnElement[bool], ...]:
    """What makes a story one of those that a topic shows."""
    member = (
        select(articles.c.story_id)
        .join(memberships, memberships.c.article_id == articles.c.id)
        .where(memberships.c.topic == topic)
    )
    return stories.c.id.in_(member), PUBLISHED, stories.c.merged_into.is_(None)


def heads(*order: ColumnElement[Any]) -> Select[Any]:
    """Stories with the articles that lead them and their sources, columns labelled; newest first, or in this order."""
    return (
        select(*_ENTRY)
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


# Made once: to put a query of so many columns together costs more than to run it.
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_IN_TOPIC = published_in(bindparam("topic", type_=Text))
_NEWEST = select(func.max(stories.c.published, type_=Moment), func.max(stories.c.corrected_at, type_=Moment)).where(
    *_IN_TOPIC
)
_LAST = select(stories.c.published).where(*_IN_TOPIC).order_by(stories.c.published.desc()).limit(1)
_LAST = _LAST.offset(bindparam("before"))
_SINCE = heads().where(*_IN_TOPIC, stories.c.published >= bindparam("since", type_=Moment))
_CORRECTED = heads(stories.c.corrected_at.desc()).limit(bindparam("limit"))
_CORRECTED = _CORRECTED.where(*_IN_TOPIC, stories.c.corrected_at >= bindparam("since", type_=Moment))
_THESE = heads().where(stories.c.id.in_(_NUMBERS))
_FILED = select(filings.c.story_id).where(filings.c.topic == bindparam("topic", type_=Text))
_FILED_THEN = stories.c.id.in_(_FILED.where(filings.c.day == bindparam("day", type_=Day)))
_DAY = heads().with_only_columns(stories.c.id).where(*_IN_TOPIC, _FILED_THEN)
_DAY_OR_UNFILED = (
    heads().with_only_columns(stories.c.id).where(*_IN_TOPIC, or_(_FILED_THEN, stories.c.id.not_in(_FILED)))
)
_MEMBERSHIPS = (
    select(articles.c.story_id, memberships.c.topic, memberships.c.score, cast(memberships.c.because, Text))
    .join(memberships, memberships.c.article_id == articles.c.id)
    .where(articles.c.story_id.in_(_NUMBERS))
    .order_by(memberships.c.score.desc(), articles.c.id)
)
_SIGHTINGS = (
    select(
        articles.c.story_id, sightings.c.article_id, sightings.c.title, sightings.c.link, sightings.c.canonical_url,
        sightings.c.published, sightings.c.first_seen, sources.c.name, CONFIG.label("config"), sources.c.feed_title,
        articles.c.publisher, func.coalesce(likenesses.c.root, articles.c.id).label("root"),
        and_(articles.c.withdrawn_at.is_not(None), sightings.c.source_id == articles.c.source_id).label("withdrawn"),
    )
    .join(articles, articles.c.id == sightings.c.article_id)
    .outerjoin(likenesses, likenesses.c.article_id == articles.c.id)
    .join(sources, sources.c.id == sightings.c.source_id)
    .where(articles.c.story_id.in_(_NUMBERS), sightings.c.link != "")
    .order_by(sightings.c.first_seen, sources.c.name, sightings.c.link)
)  # fmt: skip
_REVISIONS = (
    select(revisions.c.article_id, revisions.c.seen_at, revisions.c.corrections, revisions.c.title)
    .where(revisions.c.article_id.in_(_NUMBERS), OF_ARTICLE)
    .order_by(revisions.c.seen_at, revisions.c.id)
)


def topic_states(connection: Connection) -> tuple[TopicState, ...]:
    """Every configured topic, by name."""
    rows = connection.execute(select(topics).order_by(topics.c.name))
    return tuple(TopicState(**row._mapping) for row in rows)


def entries(connection: Connection, topic: str, *, limit: int, window: timedelta) -> tuple[Entry, ...]:
    """The published stories of a topic, newest first; see ports.Store.entries."""
    mine = {"topic": topic}
    newest, corrected = connection.execute(_NEWEST, mine).one()
    if newest is None:
        return ()
    # The place of the last one first, so that the others are not joined and sorted only to be left out.
    last = connection.execute(_LAST, mine | {"before": limit - 1}).scalar() if limit else newest
    since = min(last, newest - window) if last is not None else EPOCH
    rows = [
        row
        for number, row in enumerate(connection.execute(_SINCE, mine | {"since": since}))
        if number < limit or row.stories_published >= newest - window
    ]
    if corrected is not None and window:
        lately = mine | {"since": max(newest, corrected) - window, "limit": limit}
        there = {row.stories_id for row in rows}
        rows += [row for row in connection.execute(_CORRECTED, lately) if row.stories_id not in there]
    return tuple(entries_from(connection, rows, topic))


def days(connection: Connection, topic: str) -> tuple[date, ...]:
    """The days in whose archives stories of a topic stand, in order."""
    query = select(filings.c.day).where(filings.c.topic == topic).distinct().order_by(filings.c.day)
    return tuple(connection.execute(query).scalars())


def day_entries(connection: Connection, topic: str, day: date, *, unfiled: bool) -> list[int]:
    """Numbers of the published stories in the archive of `day`, newest first; see ports.Store.day_entries."""
    query = _DAY_OR_UNFILED if unfiled else _DAY
    return list(connection.execute(query, {"topic": topic, "day": day}).scalars())


def entries_of(connection: Connection, topic: str, numbers: Sequence[int]) -> tuple[Entry, ...]:
    """These published stories as they stand in a topic, newest first."""
    rows = connection.execute(_THESE, {"numbers": numbers}).all()
    return tuple(entries_from(connection, rows, topic))


def own_pages(connection: Connection) -> tuple[tuple[str, Entry], ...]:
    """(slug, entry) of every article whose page is ours, by slug."""
    query = (
        select(*_ENTRY)
        .join(articles, articles.c.story_id == stories.c.id)
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.slug.is_not(None))
        .order_by(articles.c.slug)
    ).set_label_style(LABELS)
    rows = connection.execute(query).all()
    return tuple(
        (row.articles_slug, entry) for row, entry in zip(rows, entries_from(connection, rows, ""), strict=True)
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
            policy=_config(row.sources_config)["content"],
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
        for story, topic, score, because in connection.execute(_MEMBERSHIPS, {"numbers": some}):
            found.setdefault(story, {}).setdefault(topic, (score, _hits(because)))
    return found


def _also(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """story -> its items in every outlet, earliest first."""
    found: dict[int, list[Any]] = {}
    for some in batches(numbers):
        for row in connection.execute(_SIGHTINGS, {"numbers": some}):
            found.setdefault(row.story_id, []).append(row)
    return found


def edits_of(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Edit]]:
    """article -> what its publisher corrected, in order."""
    found: dict[int, list[Edit]] = {}
    for some in batches(numbers):
        for article, at, what, was in connection.execute(_REVISIONS, {"numbers": some}):
            if what:
                found.setdefault(article, []).append(Edit(at=at, what=tuple(what), was=was))
    return found


def _others(rows: Iterable[Any], head: Any) -> Iterator[Also]:
    """One item for each outlet but the head's own, and none at an address that is there already.

    An outlet that has withdrawn its article reports it no more. Of those that repeat one text, or are of one
    publisher, the first is independent, and none if the head is of them.
    """
    seen, addresses = {head.sources_name}, {head.articles_canonical_url}
    rows = list(rows)
    voices = {voice for row in rows if row.article_id == head.articles_id for voice in (row.root, row.publisher)}
    for row in rows:
        if row.name in seen or row.canonical_url in addresses or row.withdrawn:
            continue
        seen.add(row.name)
        addresses.add(row.canonical_url)
        published = min(row.published or row.first_seen, row.first_seen)
        outlet = outlet_of(row)
        independent = voices.isdisjoint((row.root, row.publisher))
        voices |= {row.root, row.publisher}
        yield Also(
            source=row.name, outlet=outlet, title=row.title, url=row.link, published=published, independent=independent
        )


def origin_of(row: Any) -> Origin:
    """The source of a row with the columns ORIGIN, labelled with their tables."""
    return _origin(
        row.sources_name,
        row.sources_config,
        row.sources_feed_title,
        row.sources_feed_format,
        row.sources_feed_home,
        row.sources_feed_id,
        row.sources_feed_rights,
        row.sources_feed_language,
    )


def outlet_of(row: Any) -> str:
    """What readers know the source of a row by; its configuration is CONFIG."""
    return _outlet(row.config, row.feed_title, row.name)


def _outlet(config: str, feed_title: str, name: str) -> str:
    title: str = _config(config)["title"] or feed_title or name
    return title


@lru_cache(maxsize=1000)
def _origin(
    name: str, config: str, title: str, form: str, home: str, identity: str, rights: str, language: str
) -> Origin:
    configured = _config(config)
    private = configured.get("private", False)
    return Origin(
        name=name,
        title=_outlet(config, title, name),
        url="" if private or configured["url"].startswith("file:") else configured["url"],
        format=form,
        # What a feed says of itself is its own address more often than not.
        home="" if private else home,
        id="" if private else identity,
        rights=rights,
        language=configured["language"] or language,
    )


@lru_cache(maxsize=1000)
def _config(cell: str) -> Mapping[str, Any]:
    """A source as configured."""
    found: dict[str, Any] = json.loads(cell)
    return found


@lru_cache(maxsize=1000)
def _hits(cell: str) -> tuple[Hit, ...]:
    """The reasons of a membership: many stories are in a topic for much the same words."""
    return hits_from(json.loads(cell))


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

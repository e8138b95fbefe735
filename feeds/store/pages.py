"""What pages for people tell beside the entries: how sources stand, how much there is of a topic, whole stories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as LABELS
from sqlalchemy import BigInteger, Connection, func, select, type_coerce, update

from feeds.model import Change, Standing, Story, stands
from feeds.store.database import batches
from feeds.store.stories import living
from feeds.store.tables import MICRO, PUBLISHED, Day, Moment, articles, likenesses, sources, stories
from feeds.store.views import CONFIG, ORIGIN, edits_of, entries_of, memberships_of, origin_of, outlet_of, published_in

_DAY = timedelta(days=1)
_STANDING = (
    *ORIGIN, sources.c.stopped, sources.c.failing_since, sources.c.polled, sources.c.changed, sources.c.why,
)  # fmt: skip


def standings(connection: Connection, only: Collection[str] | None) -> tuple[Standing, ...]:
    """Sources that are polled and how they stand; see ports.Store.standings."""
    query = select(*_STANDING).where(~sources.c.removed).order_by(sources.c.name).set_label_style(LABELS)
    named = [query] if only is None else [query.where(sources.c.name.in_(some)) for some in batches(sorted(only))]
    found = []
    for row in (row for each in named for row in connection.execute(each)):
        how, since = stands(
            stopped=row.sources_stopped,
            failing_since=row.sources_failing_since,
            polled=row.sources_polled,
            changed=row.sources_changed,
            why=row.sources_why,
        )
        found.append(Standing(origin=origin_of(row), how=how, since=since))
    return tuple(found)


def volume(connection: Connection, topic: str, *, days: int) -> Mapping[date, int]:
    """How many stories of a topic were published on each of its last days; see ports.Store.volume."""
    published = published_in(topic)
    newest = connection.execute(select(func.max(stories.c.published, type_=Moment)).where(*published)).scalar()
    if newest is None:
        return {}
    first = newest.date() - (days - 1) * _DAY
    day = type_coerce(type_coerce(stories.c.published, BigInteger) // (_DAY // MICRO), Day)
    since = datetime.combine(first, time(), UTC)
    query = (
        select(day.label("day"), func.count().label("number"))
        .where(*published, stories.c.published >= since)
        .group_by(day)
    )
    found = {row.day: row.number for row in connection.execute(query)}
    return {at: found.get(at, 0) for at in (first + nth * _DAY for nth in range(days))}


def stories_due(connection: Connection, *, limit: int) -> tuple[Story, ...]:
    """Published stories whose pages are behind; see ports.Store.stories_due."""
    wanted = select(stories.c.id, stories.c.tag, stories.c.page_due, stories.c.merged_into).where(
        stories.c.page_due > 0
    )
    rows = connection.execute(wanted.where(PUBLISHED).order_by(stories.c.id.desc()).limit(limit)).all()
    living_in = {row.id: living(connection, row.id) if row.merged_into else row.id for row in rows}
    told = {each.entry.story: each for each in _whole(connection, sorted(set(living_in.values())))}
    return tuple(
        replace(told[living_in[row.id]], id=row.tag, due=row.page_due) for row in rows if living_in[row.id] in told
    )


def _whole(connection: Connection, numbers: Sequence[int]) -> list[Story]:
    """These stories with all that is told of them."""
    belongs = memberships_of(connection, numbers)
    joined: defaultdict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    changes: defaultdict[int, list[Change]] = defaultdict(list)
    members = _members(connection, numbers)
    edits = edits_of(connection, [row.id for row in members])
    for row in members:
        outlet = outlet_of(row)
        if row.near is not None:
            joined[row.story_id][row.name] = tuple(row.shared)
        changes[row.story_id] += (
            Change(outlet=outlet, language=row.language, edit=edit) for edit in edits.get(row.id, ())
        )
    return [
        Story(
            id=entry.id,
            entry=entry,
            because=tuple((topic, hits) for topic, (_, hits) in sorted(belongs.get(entry.story, {}).items())),
            joined=tuple(sorted(joined[entry.story].items())),
            changes=tuple(sorted(changes[entry.story], key=lambda change: change.edit.at)),
            due=0,
        )
        for entry in entries_of(connection, "", numbers)
    ]


def _members(connection: Connection, numbers: Sequence[int]) -> Sequence[Any]:
    """The articles of these stories with their sources, and for which words they joined."""
    query = (
        select(
            articles.c.id, articles.c.story_id, articles.c.language, likenesses.c.near, likenesses.c.shared,
            sources.c.name, CONFIG.label("config"), sources.c.feed_title,
        )
        .join(sources, sources.c.id == articles.c.source_id)
        .outerjoin(likenesses, likenesses.c.article_id == articles.c.id)
        .where(articles.c.story_id.in_(numbers))
        .order_by(sources.c.name, articles.c.guid, articles.c.id)
    )  # fmt: skip
    return connection.execute(query).all()


def stories_put(connection: Connection, put: Mapping[str, int]) -> None:
    """Note which pages stand; see ports.Store.stories_put."""
    for tag, due in put.items():
        mine = stories.c.tag == tag, stories.c.page_due == due
        connection.execute(update(stories).where(*mine).values(page_due=0))


def want_stories(connection: Connection, only: Collection[str] | None) -> None:
    """Have pages written anew; see ports.Store.want_stories."""
    every = update(stories).where(PUBLISHED).values(page_due=stories.c.page_due + 1)
    named = [every] if only is None else [every.where(stories.c.tag.in_(some)) for some in batches(sorted(only))]
    for each in named:
        connection.execute(each)

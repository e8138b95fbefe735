"""Settling stories before they are published: who leads, what time; from stored rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from feeds.store import search
from feeds.store.changes import see
from feeds.store.rows import row_of
from feeds.store.schedule import touch
from feeds.store.stories import HANDOVER
from feeds.store.tables import articles, memberships, sightings, sources, stories

CORRECTIONS_APART = timedelta(hours=1)  # of one story: a live page is edited every few minutes
_SECOND, _MICRO = timedelta(seconds=1), timedelta(microseconds=1)
_ARTICLE_COLUMNS = frozenset(articles.c.keys()) - {"id", "story_id", "source_id", "slug", "withdrawn_at", "edits"}

# Made once, like those of views.py.
_MINE = articles.c.story_id == bindparam("story")
_WAITING = select(stories).where(stories.c.waiting)
_MEMBERS = (
    select(articles, sources.c.name, sources.c.config).join(sources, sources.c.id == articles.c.source_id).where(_MINE)
)
_COPIES = (
    select(sightings, sources.c.name, sources.c.config)
    .join(sources, sources.c.id == sightings.c.source_id)
    .join(articles, articles.c.id == sightings.c.article_id)
    # One that is the same by its address alone may say what it likes, but not in the article's name.
    .where(_MINE, sightings.c.copy.is_not(None), sightings.c.hash_key == articles.c.hash_key)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An item that might lead its story."""

    article: int
    source_id: int
    source: str
    priority: int
    row: Mapping[str, Any]  # columns of an article
    own: bool  # the article's own item, not a sighting

    @property
    def rank(self) -> tuple[int, bool, datetime, str, str, str]:
        """Smallest leads: priority, then full text, then earliest; names settle ties."""
        row = self.row
        return (-self.priority, not row["content"], row["dated"], self.source, row["guid"], row["canonical_url"])

    @property
    def place(self) -> tuple[datetime, str, str, str]:
        """The order in which stories take their microsecond."""
        return self.row["dated"], self.source, self.row["guid"], self.row["canonical_url"]


def settle(connection: Connection, now: datetime) -> int:
    """Settle every waiting story; see ports.Store.settle."""
    waiting = connection.execute(_WAITING).all()
    if not waiting:
        return 0
    heads = [(story, _head(connection, story)) for story in waiting]
    times, settled = _Times(connection), 0
    for story, head in sorted(heads, key=lambda pair: pair[1].place):
        values: dict[str, Any] = {"waiting": False}
        if story.updated is None:
            # What leads may have come after what began it.
            values["updated"] = times.next(max(story.changed_at, head.row["dated"]))
        elif story.changed_at.replace(microsecond=0) > story.updated:
            values |= _tell(connection, story, times, now)
        values["head"] = head.article
        if story.head_frozen_at is None:
            values |= {"head_frozen_at": now, "published": head.row["dated"]}
        if not values["waiting"]:
            values["page_due"] = stories.c.page_due + 1
        connection.execute(update(stories).where(stories.c.id == story.id).values(values))
        settled += not values["waiting"]
    return settled


def _tell(connection: Connection, story: Any, times: _Times, now: datetime) -> dict[str, Any]:
    """Move `updated` to the last correction: an hour after the one before at the earliest, and then by itself.

    When it moves to is told by stored rows alone, whenever that is found out.
    """
    told = story.changed_at
    if story.corrected_at is not None:
        told = max(told, story.corrected_at + CORRECTIONS_APART)
    if told > now:
        return {"waiting": True}
    members = select(memberships.c.topic).join(articles, articles.c.id == memberships.c.article_id)
    touch(
        connection, connection.execute(members.where(articles.c.story_id == story.id).distinct()).scalars().all(), now
    )
    return {"updated": times.next(told), "corrected_at": told}


def _head(connection: Connection, story: Any) -> _Candidate:
    candidates = list(_candidates(connection, story.id))
    if story.head_frozen_at is not None:
        head = next(c for c in candidates if c.own and c.article == story.head)
        candidates = [head, *(c for c in candidates if _takes_over(c, head, story.head_frozen_at))]
    best = min(candidates, key=lambda candidate: candidate.rank)
    if not best.own:
        _swap(connection, next(c for c in candidates if c.own and c.article == best.article), best)
    return best


def _takes_over(candidate: _Candidate, head: _Candidate, frozen_at: datetime) -> bool:
    """Whether it may lead in the place of a published head: it has the higher priority, and came soon."""
    return candidate.priority > head.priority and candidate.row["first_seen"] <= frozen_at + HANDOVER


def _candidates(connection: Connection, story: int) -> Iterator[_Candidate]:
    this = {"story": story}
    for row in connection.execute(_MEMBERS, this):
        yield _candidate(row, row.id, {name: getattr(row, name) for name in _ARTICLE_COLUMNS}, own=True)
    for row in connection.execute(_COPIES, this):
        yield _candidate(row, row.article_id, row_of(row.copy), own=False)


def _candidate(row: Any, article: int, columns: Mapping[str, Any], *, own: bool) -> _Candidate:
    return _Candidate(
        article=article, source_id=row.source_id, source=row.name, priority=row.config["priority"], row=columns, own=own
    )


def _swap(connection: Connection, article: _Candidate, sighting: _Candidate) -> None:
    """Let the sighting be the article, and what was the article a sighting of it."""
    see(connection, sighting.source_id, article.article, sighting.row, own=True)
    see(connection, article.source_id, article.article, article.row, own=False)
    connection.execute(
        update(articles)
        .where(articles.c.id == article.article)
        .values({**sighting.row, "source_id": sighting.source_id, "own_page": article.row["own_page"]})
    )
    search.take_up(connection, article.article, sighting.row)


class _Times:
    """Times that no story has yet: a second, and the next free microsecond in it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: dict[datetime, datetime] = {}

    def next(self, moment: datetime) -> datetime:
        second = moment.replace(microsecond=0)
        if second not in self._last:
            taken = select(func.max(stories.c.updated)).where(
                stories.c.updated >= second, stories.c.updated < second + _SECOND
            )
            self._last[second] = self._connection.execute(taken).scalar() or second - _MICRO
        self._last[second] += _MICRO
        return self._last[second]

"""Former versions: what an article was before each edit, and what its copies in other sources were before theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from feeds.model import Verdict, item_id
from feeds.store.rows import key16, row_of
from feeds.store.tables import OF_ARTICLE, articles, revisions, sources

_KEPT = ("title", "summary", "content", "text", "authors", "hash_key")


def keep(connection: Connection, was: Mapping[str, Any], verdict: Verdict, now: datetime, *, place: Any = None) -> None:
    """Keep what an article was, given as its columns, and what the edit of `verdict` changed.

    `place`: the row of sightings of the copy that it was a version of.
    """
    row = {name: was[name] for name in _KEPT} | {
        "article_id": verdict.article, "seen_at": now, "differs": list(verdict.differs),
        "corrections": list(verdict.corrections), "link": was["url"],
        "source_id": place and place.source_id, "item": place and place.item,
    }  # fmt: skip
    connection.execute(insert(revisions), row)


def keep_copy(connection: Connection, place: Any, verdict: Verdict, now: datetime) -> None:
    """Keep what a copy was, its row of sightings, before an edit; its versions go where it goes."""
    if place.article_id != verdict.article:
        mine = revisions.c.source_id == place.source_id, revisions.c.item == place.item
        of_article = revisions.c.article_id == place.article_id
        connection.execute(update(revisions).where(of_article, *mine).values(article_id=verdict.article))
    keep(connection, row_of(place.copy), verdict, now, place=place)


def hand_over(connection: Connection, was: Any) -> None:
    """Let the versions of an article, its row, be those of a copy: another source is about to have the article."""
    item = key16(item_id(was.guid, was.canonical_url, was.digest))
    of_it = revisions.c.article_id == was.id, OF_ARTICLE
    connection.execute(update(revisions).where(*of_it).values(source_id=was.source_id, item=item))


def part(connection: Connection, copy: Any, article: int) -> None:
    """Let the versions of a copy, a row of sightings, be those of the article that it is by now.

    Those of what its source has under further names go with them, as versions of copies.
    """
    moved = revisions.c.article_id == copy.article_id, revisions.c.source_id == copy.source_id
    connection.execute(update(revisions).where(*moved).values(article_id=article))
    its_own = revisions.c.article_id == article, revisions.c.item == copy.item
    connection.execute(update(revisions).where(*its_own).values(source_id=None, item=None))
    edits = select(func.count()).where(revisions.c.article_id == article, OF_ARTICLE).scalar_subquery()
    connection.execute(update(articles).where(articles.c.id == article).values(edits=edits))


def told(connection: Connection, article: int) -> Mapping[str, list[Mapping[str, Any]]]:
    """The versions of an article, and those of its copies, each in order: plain data for `why`."""
    query = select(revisions, sources.c.name).outerjoin(sources, sources.c.id == revisions.c.source_id)
    rows = connection.execute(
        query.where(revisions.c.article_id == article).order_by(revisions.c.seen_at, revisions.c.id)
    ).all()
    return {
        "revisions": [_plain(row) for row in rows if row.source_id is None],
        "copy_revisions": [{"source": row.name, "url": row.link} | _plain(row) for row in rows if row.source_id],
    }


def _plain(row: Any) -> dict[str, Any]:
    return {"seen_at": row.seen_at, "differs": row.differs, "corrections": row.corrections, "was": row.title}

"""Why: what became of an item, where it stands, what it was taken together with, and for which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as LABELS
from sqlalchemy import Connection, select, union

from feeds.store.rows import key16
from feeds.store.tables import SHOWN, articles, keys, likenesses, memberships, revisions, sightings, sources, stories


def why(connection: Connection, names: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """What became of the items that go by any of `names`; see ports.Store.why."""
    digests = [key16(name) for name in names]
    numbers = [int(name) for name in names if name.isdecimal()]
    by_key = select(keys, sources.c.name).join(sources, sources.c.id == keys.c.source_id)
    found = [
        _finding(connection, row.article_id, row)
        for row in connection.execute(
            by_key.where(keys.c.key.in_(digests), keys.c.kind != "hash").order_by(keys.c.first_seen, sources.c.name)
        )
    ]
    of_tag = union(  # each by an index of its own, which one condition over two tables would not have
        select(stories.c.id).where(stories.c.tag.in_(names)),
        select(stories.c.merged_into).where(stories.c.tag.in_(names)),
    )
    by_number = union(
        select(articles.c.id).where(articles.c.story_id.in_(of_tag)),
        select(articles.c.id).where(articles.c.id.in_(numbers)),
        select(articles.c.id).where(articles.c.slug.in_(names)),
    )
    for number in connection.execute(by_number.order_by("id")).scalars():
        row = connection.execute(
            by_key.where(keys.c.article_id == number, keys.c.kind != "hash").order_by(keys.c.first_seen).limit(1)
        ).one_or_none()
        found.append(_finding(connection, number, row))
    distinct: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for finding in found:
        distinct.setdefault((finding["source"], finding["outcome"], finding["article"]), finding)
    return tuple(distinct.values())


def _finding(connection: Connection, article: int | None, key: Any) -> Mapping[str, Any]:
    finding: dict[str, Any] = {
        "source": key.name if key else "", "outcome": key.outcome if key else "", "because": key.why if key else "",
        "first_seen": key.first_seen if key else None, "article": article, "label": key.label if key else "",
    }  # fmt: skip
    query = (
        select(articles, stories, *SHOWN)
        .join(stories, stories.c.id == articles.c.story_id)
        .join(sources, sources.c.id == articles.c.source_id)
    ).set_label_style(LABELS)
    row = connection.execute(query.where(articles.c.id == article)).one_or_none()
    if row is None:
        return finding
    members = select(memberships).where(memberships.c.article_id == article).order_by(memberships.c.topic)
    places = (
        select(sightings.c.title, sightings.c.link, sightings.c.guid, sightings.c.first_seen, sources.c.name)
        .join(sources, sources.c.id == sightings.c.source_id)
        .where(sightings.c.article_id == article)
        .order_by(sightings.c.first_seen, sources.c.name)
    )
    versions = select(revisions).where(revisions.c.article_id == article).order_by(revisions.c.seen_at, revisions.c.id)
    return finding | {
        "title": row.articles_title,
        "url": row.articles_url or (f"article/{row.articles_slug}/" if row.articles_slug else ""),
        "leads": row.sources_name,
        "published": row.articles_dated,
        "story": row.stories_id,
        "id": row.stories_tag,
        "topics": {
            m.topic: {"score": m.score, "need": m.need, "because": [list(hit) for hit in m.because]}
            for m in connection.execute(members)
        },
        "sightings": [
            {"source": s.name, "title": s.title, "url": s.link, "guid": s.guid, "first_seen": s.first_seen}
            for s in connection.execute(places)
        ],
        **_likeness(connection, article, row.stories_id),
        "revisions": [
            {"seen_at": v.seen_at, "differs": v.differs, "corrections": v.corrections, "was": v.title}
            for v in connection.execute(versions)
        ],
        "withdrawn": row.articles_withdrawn_at,
    }


def _likeness(connection: Connection, article: int | None, story: int) -> Mapping[str, Any]:
    """Why an article is in its story, what else is there, and what is rather like it elsewhere."""
    row = connection.execute(select(likenesses).where(likenesses.c.article_id == article)).one_or_none()
    others = (
        select(articles.c.id, articles.c.title, sources.c.name)
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.story_id == story, articles.c.id != article)
        .order_by(articles.c.id)
    )
    near = {"article": row.near, "score": row.score, "shared": row.shared} if row and row.near else None
    return {
        "near": near,
        "related": [
            {"article": a, "score": score, "shared": words} for a, score, words in (row.related if row else ())
        ],
        "copy_of": row.root if row and row.root != article else None,
        "with": [{"article": o.id, "source": o.name, "title": o.title} for o in connection.execute(others)],
    }

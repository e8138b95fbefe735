"""Why: what became of an item, where it stands, what it was taken together with, and for which words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as LABELS
from sqlalchemy import Connection, case, or_, select, union

from feeds.store import versions
from feeds.store.beginning import authority
from feeds.store.rows import key16
from feeds.store.stories import living
from feeds.store.tables import (
    SHOWN,
    apart,
    articles,
    keys,
    likenesses,
    memberships,
    sightings,
    sources,
    stories,
)

_KEYS = select(keys, sources.c.name).join(sources, sources.c.id == keys.c.source_id)


def why(connection: Connection, names: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """What became of the items that go by any of `names`, or did before others took the name; see ports.Store.why."""
    by_name = _KEYS.where(keys.c.key.in_([key16(name) for name in names]), keys.c.kind != "hash")
    known = connection.execute(by_name.order_by(keys.c.first_seen, sources.c.name)).all()
    found = [_finding(connection, row.article_id, row) for row in known]
    named = {(row.source_id, row.article_id) for row in known}
    found += [
        _finding(connection, article, _key_of(connection, article, source))
        for source, article in _namesakes(connection, names, {row.source_id for row in known})
        if (source, article) not in named
    ]
    numbers = [int(name) for name in names if name.isdecimal()]
    by_number = union(
        select(articles.c.id).where(articles.c.story_id.in_(list(_stories_of(connection, names)))),
        select(articles.c.id).where(articles.c.id.in_(numbers)),
        select(articles.c.id).where(articles.c.slug.in_(names)),
    )
    found += [
        _finding(connection, number, _key_of(connection, number))
        for number in connection.execute(by_number.order_by("id")).scalars()
    ]
    distinct: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for finding in found:
        distinct.setdefault((finding["source"], finding["outcome"], finding["article"]), finding)
    return tuple(distinct.values())


def _namesakes(connection: Connection, names: Sequence[str], of: set[int]) -> list[tuple[int, int]]:
    """(source, article) of all that these sources ever gave one of the names: a key leads to the newest alone.

    A source that ever gave a name has a key of it, so that the articles of few sources are looked through.
    """
    given = [name for name in names if name]
    both = union(
        *(
            select(table.c.source_id, number.label("article"))
            .where(table.c.source_id.in_(of), or_(table.c.guid.in_(given), table.c.canonical_url.in_(given)))
            for table, number in ((articles, articles.c.id), (sightings, sightings.c.article_id))
        )
    )  # fmt: skip
    return [(row.source_id, row.article) for row in connection.execute(both.order_by("article", "source_id"))]


def _stories_of(connection: Connection, names: Sequence[str]) -> Iterator[int]:
    """The stories with these ids or pages; of one that has become part of another, that other."""
    if connection.execute(select(stories.c.id).limit(1)).first() is None:
        return  # nor has a new store an authority
    ours = f"tag:{authority(connection)}:story/"
    tags = [*names, *(ours + name.removeprefix("story/") for name in names)]
    for number in connection.execute(select(stories.c.id).where(stories.c.tag.in_(tags))).scalars():
        yield living(connection, number)


def _key_of(connection: Connection, article: int, source: int | None = None) -> Any:
    """How an article stands, or an item of a source that is a place of it: by the first of its names, its own source's.

    By its text, where other articles have all its names by now.
    """
    query = _KEYS.join(articles, articles.c.id == keys.c.article_id).where(articles.c.id == article)
    if source is not None:
        query = query.where(keys.c.source_id == source)
    order = case((keys.c.source_id == articles.c.source_id, 0), else_=1), case((keys.c.kind == "hash", 1), else_=0)
    return connection.execute(query.order_by(*order, keys.c.first_seen).limit(1)).one_or_none()


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
    if key is None:
        words = "other articles have its names and its text by now"
        finding |= {"source": row.sources_name, "because": words, "first_seen": row.articles_first_seen}
    members = select(memberships).where(memberships.c.article_id == article).order_by(memberships.c.topic)
    places = (
        select(sightings.c.title, sightings.c.link, sightings.c.guid, sightings.c.first_seen, sources.c.name)
        .join(sources, sources.c.id == sightings.c.source_id)
        .where(sightings.c.article_id == article)
        .order_by(sightings.c.first_seen, sources.c.name)
    )
    return finding | {
        "title": row.articles_title,
        "url": row.articles_url or (f"article/{row.articles_slug}/" if row.articles_slug else ""),
        "of": row.sources_name,
        "leads": _leads(connection, row.stories_id),
        "published": row.articles_dated,
        "story": row.stories_id,
        "id": row.stories_tag,
        "topics": {
            m.topic: {"score": m.score, "need": m.need, "because": [list(hit) for hit in m.because]}
            for m in connection.execute(members)
        },
        "story_topics": _story_topics(connection, row.stories_id),
        "sightings": [
            {"source": s.name, "title": s.title, "url": s.link, "guid": s.guid, "first_seen": s.first_seen}
            for s in connection.execute(places)
        ],
        **_likeness(connection, article, row.stories_id),
        "apart": list(_apart(connection, row.stories_id)),
        **versions.told(connection, row.articles_id),
        "withdrawn": row.articles_withdrawn_at,
    }


def _story_topics(connection: Connection, story: int) -> Mapping[str, Any]:
    """The topics in which the entry of a story stands, each with the article that speaks for it most."""
    of_article = select(memberships, articles.c.id, sources.c.name).join(
        articles, articles.c.id == memberships.c.article_id
    )
    query = (
        of_article.join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.story_id == story)
        .order_by(memberships.c.topic, memberships.c.score.desc(), articles.c.id)
    )
    found: dict[str, Mapping[str, Any]] = {}
    for m in connection.execute(query):
        because = [list(hit) for hit in m.because]
        through = {"score": m.score, "need": m.need, "because": because, "article": m.id, "source": m.name}
        found.setdefault(m.topic, through)
    return found


def _leads(connection: Connection, story: int) -> str:
    """The source of the article that leads a story."""
    of_head = select(sources.c.name).join(articles, articles.c.source_id == sources.c.id)
    return str(
        connection.execute(
            of_head.join(stories, stories.c.head == articles.c.id).where(stories.c.id == story)
        ).scalar_one()
    )


def _apart(connection: Connection, story: int) -> Iterator[Mapping[str, Any]]:
    """The stories that an operator split this one from, or it from them."""
    pairs = select(apart).where(or_(apart.c.story_id == story, apart.c.other_id == story))
    others = {row.other_id if row.story_id == story else row.story_id for row in connection.execute(pairs)}
    heads = (
        select(stories.c.id, stories.c.tag, stories.c.head, articles.c.title, sources.c.name)
        .join(articles, articles.c.id == stories.c.head)
        .join(sources, sources.c.id == articles.c.source_id)
        .where(stories.c.id.in_({living(connection, other) for other in others}))
        .order_by(stories.c.id)
    )
    for row in connection.execute(heads):
        yield {"story": row.id, "id": row.tag, "article": row.head, "source": row.name, "title": row.title}


def _likeness(connection: Connection, article: int | None, story: int) -> Mapping[str, Any]:
    """Why an article is in its story, what else is there, and what is rather like it elsewhere."""
    row = connection.execute(select(likenesses).where(likenesses.c.article_id == article)).one_or_none()
    others = (
        select(articles.c.id, articles.c.title, sources.c.name, likenesses)
        .join(sources, sources.c.id == articles.c.source_id)
        .outerjoin(likenesses, likenesses.c.article_id == articles.c.id)
        .where(articles.c.story_id == story, articles.c.id != article)
        .order_by(articles.c.id)
    )
    return {
        "near": _near(row),
        "related": [
            {"article": a, "score": score, "shared": words, "against": "".join(against)}  # rows of before have none
            for a, score, words, *against in (row.related if row else ())
        ],
        "copy_of": row.root if row and row.root != article else None,
        "with": [
            {"article": o.id, "source": o.name, "title": o.title, "near": _near(o)} for o in connection.execute(others)
        ],
    }


def _near(row: Any) -> Mapping[str, Any] | None:
    """What an article joined its story for, by its row of `likenesses`."""
    return {"article": row.near, "score": row.score, "shared": row.shared} if row and row.near else None

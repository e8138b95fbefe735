"""Stories of several articles: what likeness is told by, who joined whom and why, which became one or were split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from feeds.model import Changes, Near, SameStory, Trace
from feeds.model.likeness import WINDOW
from feeds.store import search
from feeds.store.beginning import begin_waiting
from feeds.store.database import batches
from feeds.store.schedule import touch, want_pages
from feeds.store.tables import apart, articles, filings, keys, likenesses, memberships, stories, traces

HANDOVER = timedelta(hours=2)  # within this time of its publication a story may pass to a source of higher priority
_SPLIT = "split by hand from the story that it had joined: "  # before the reason of a key
_COLUMNS = ("article_id", "story_id", "first", "root", "dated", "seen", "publisher", "title", "lead", "marks", "wire")


def traces_since(connection: Connection) -> Callable[[int, datetime], Iterator[Trace]]:
    """What reads traces inside this transaction; see Known."""

    def read(seq: int, seen: datetime) -> Iterator[Trace]:
        query = select(traces).where(traces.c.seq > seq, traces.c.seen >= seen).order_by(traces.c.seq)
        for row in connection.execute(query):
            yield Trace(
                seq=row.seq, article=row.article_id, story=row.story_id, first=row.first, root=row.root,
                dated=row.dated, seen=row.seen, publisher=row.publisher, title=row.title, lead=row.lead,
                marks=row.marks, wire=row.wire,
            )  # fmt: skip

    return read


def pairs_apart(connection: Connection) -> frozenset[tuple[int, int]]:
    """Pairs of stories that are not to become one."""
    return frozenset((row.story_id, row.other_id) for row in connection.execute(select(apart)))


def write(connection: Connection, changes: Changes, now: datetime) -> set[str]:
    """Write what one reading says of stories, once its articles stand. Returns the topics that show another outlet."""
    roots = {trace.article: trace.root for trace in changes.traces}
    joined = set()
    for verdict in changes.verdicts:
        if verdict.article is None or verdict.story is None:
            continue
        if verdict.act == "begin":
            root = roots.get(verdict.article, verdict.article)
            _explain(connection, verdict.article, verdict.near, verdict.related, root)
        if verdict.near or verdict.act in ("begin", "sight"):
            joined.add(verdict.story)
    _write_traces(connection, [_row(trace) for trace in changes.traces])
    for some in batches(sorted(joined)):
        fresh = stories.c.head_frozen_at >= now - HANDOVER
        connection.execute(update(stories).where(stories.c.id.in_(some), fresh).values(waiting=True))
    touched = topics_of(connection, {v.story for v in changes.verdicts if v.near and v.story})
    begun = {verdict.article for verdict in changes.verdicts if verdict.act == "begin"}
    touched |= _note_roots(connection, {article: root for article, root in roots.items() if article not in begun})
    for same in changes.same_stories:
        touched |= _merge(connection, same)
    return touched


def topics_of(connection: Connection, numbers: Iterable[int]) -> set[str]:
    """The topics in which these stories are shown."""
    found: set[str] = set()
    for some in batches(sorted(numbers)):
        query = select(memberships.c.topic).join(articles, articles.c.id == memberships.c.article_id)
        found |= set(connection.execute(query.where(articles.c.story_id.in_(some)).distinct()).scalars())
    return found


def forget(connection: Connection, articles_gone: Iterable[int], stories_gone: Iterable[int]) -> None:
    """Remove all that is kept beside articles and stories that are about to be removed."""
    for some in batches(articles_gone):
        search.forget(connection, some)
        for table in (traces, likenesses):
            connection.execute(delete(table).where(table.c.article_id.in_(some)))
    for some in batches(stories_gone):
        merged = select(stories.c.id).where(stories.c.merged_into.in_(some))
        connection.execute(delete(filings).where(or_(filings.c.story_id.in_(some), filings.c.story_id.in_(merged))))
        connection.execute(delete(apart).where(or_(apart.c.story_id.in_(some), apart.c.other_id.in_(some))))
        connection.execute(delete(stories).where(stories.c.merged_into.in_(some)))


def filed_in(connection: Connection, numbers: Sequence[int]) -> set[str]:
    """The topics in whose archives these stories stand, or others that were merged into them."""
    merged = select(stories.c.id).where(stories.c.merged_into.in_(numbers))
    mine = or_(filings.c.story_id.in_(numbers), filings.c.story_id.in_(merged))
    return set(connection.execute(select(filings.c.topic).where(mine).distinct()).scalars())


def forget_traces(connection: Connection, now: datetime) -> None:
    """Remove traces that count no more."""
    connection.execute(delete(traces).where(traces.c.seen < now - WINDOW))


def _row(trace: Trace) -> dict[str, Any]:
    own = ("dated", "seen", "publisher", "title", "lead", "marks", "wire", "first", "root")
    return {name: getattr(trace, name) for name in own} | {"article_id": trace.article, "story_id": trace.story}


def _write_traces(connection: Connection, rows: list[dict[str, Any]]) -> None:
    for some in batches(rows):
        connection.execute(delete(traces).where(traces.c.article_id.in_([row["article_id"] for row in some])))
        connection.execute(insert(traces), list(some))  # their numbers follow their order


def _explain(connection: Connection, article: int, near: Near | None, related: tuple[Near, ...], root: int) -> None:
    if near is None and not related and root == article:
        return
    connection.execute(
        insert(likenesses).values(
            article_id=article, near=near.article if near else None, score=near.score if near else 0.0,
            shared=list(near.shared) if near else [], root=root,
            related=[[each.article, each.score, list(each.shared), each.against] for each in related],
        )
    )  # fmt: skip


def _note_roots(connection: Connection, roots: Mapping[int, int]) -> set[str]:
    """Note whose words these articles repeat now. Returns the topics that say so."""
    told: set[int] = set()
    for some in batches(sorted(roots)):
        before = select(
            articles.c.id, articles.c.story_id, func.coalesce(likenesses.c.root, articles.c.id).label("root")
        )
        before = before.outerjoin(likenesses, likenesses.c.article_id == articles.c.id).where(articles.c.id.in_(some))
        for row in connection.execute(before).all():
            if row.root != roots[row.id]:
                _note(connection, row.id, {"root": roots[row.id]})
                told.add(row.story_id)
    want_pages(connection, told)
    return topics_of(connection, told)


# ------------------------------------------------------------------------------------------------ two become one


def _merge(connection: Connection, same: SameStory) -> set[str]:
    """Let two stories be one. The older one by its publication stays; the newer is no longer emitted."""
    pair = sorted({living(connection, same.story), living(connection, same.near.story)})
    rows = connection.execute(select(stories).where(stories.c.id.in_(pair))).all()
    if len(rows) != 2 or tuple(pair) in pairs_apart(connection):
        return set()
    stays, goes = sorted(
        rows,
        key=lambda row: (row.head_frozen_at is None, row.head_frozen_at or row.changed_at, row.id),
    )
    touched = topics_of(connection, pair)
    moved = connection.execute(select(articles.c.id).where(articles.c.story_id == goes.id)).scalars().all()
    for article in moved:
        _note(connection, article, {"came_from": goes.id})
    _explain_merge(connection, same)
    if same.repeats:
        _repeat(connection, same.article, same.near.article)
    _move(connection, moved, stays.id)
    connection.execute(update(stories).where(stories.c.id == goes.id).values(merged_into=stays.id, waiting=False))
    want_pages(connection, pair)
    if goes.waiting and stays.head_frozen_at is None:
        connection.execute(update(stories).where(stories.c.id == stays.id).values(waiting=True))
    for one, other in pairs_apart(connection):
        if goes.id in (one, other):
            set_apart(connection, stays.id, other if one == goes.id else one)
    return touched


def _repeat(connection: Connection, article: int, other: int) -> None:
    """Let an article be of the voice of another."""
    root = connection.execute(select(likenesses.c.root).where(likenesses.c.article_id == other)).scalar() or other
    _note(connection, article, {"root": root})
    connection.execute(update(traces).where(traces.c.article_id == article).values(root=root))  # written anew by _move


def _explain_merge(connection: Connection, same: SameStory) -> None:
    """Note what an article made two stories one for. What it had joined for is noted from the other side, and so on.

    Each article of a story keeps one reason: so all of them but one have theirs, however often stories become one.
    """
    story = select(articles.c.story_id).where(articles.c.id == same.article).scalar_subquery()
    article: int | None = same.article
    reason = {"near": same.near.article, "score": same.near.score, "shared": list(same.near.shared)}
    while article is not None:
        query = select(likenesses).join(articles, articles.c.id == likenesses.c.near)
        before = connection.execute(
            query.where(likenesses.c.article_id == article, articles.c.story_id == story)
        ).one_or_none()
        _note(connection, article, reason)
        if before is None:
            return
        reason = {"near": article, "score": before.score, "shared": before.shared}
        article = before.near


def living(connection: Connection, story: int) -> int:
    """The story that this one has become part of, or itself."""
    while (into := connection.execute(select(stories.c.merged_into).where(stories.c.id == story)).scalar()) is not None:
        story = into
    return story


def _note(connection: Connection, article: int, values: dict[str, Any]) -> None:
    mine = likenesses.c.article_id == article
    if connection.execute(select(mine).where(mine)).first() is None:
        blank = {"article_id": article, "score": 0.0, "shared": [], "related": [], "root": article}
        connection.execute(insert(likenesses).values(blank))
    connection.execute(update(likenesses).where(mine).values(values))


def _move(connection: Connection, numbers: Iterable[int], story: int) -> None:
    """Let these articles be of another story, in every index."""
    for some in batches(numbers):
        connection.execute(update(articles).where(articles.c.id.in_(some)).values(story_id=story))
        connection.execute(update(traces).where(traces.c.article_id.in_(some)).values(story_id=story))
    _begin_anew(connection, story)


def _begin_anew(connection: Connection, story: int) -> None:
    """Write the traces of a story anew: it begins with the first of its articles, and words are its own articles'."""
    members = connection.execute(select(articles.c.id).where(articles.c.story_id == story)).scalars().all()
    rows = [
        {name: getattr(row, name) for name in _COLUMNS}
        for row in connection.execute(select(traces).where(traces.c.story_id == story).order_by(traces.c.seq))
    ]
    first = min(members, default=0)
    for row in rows:
        row["first"] = first
        row["root"] = row["root"] if row["root"] in members else row["article_id"]
    _write_traces(connection, rows)


# ------------------------------------------------------------------------------------------------- one becomes two


def split(connection: Connection, article: int, now: datetime) -> tuple[int, int] | None:
    """Part an article from its story for good. Returns (its story, that of the others), None if it is alone.

    If it leads, the others leave. Articles that came as a story of their own leave as that story.
    """
    story = connection.execute(select(articles.c.story_id).where(articles.c.id == article)).scalar_one()
    row = connection.execute(select(stories).where(stories.c.id == story)).one()
    query = (
        select(articles.c.id, likenesses.c.came_from)
        .outerjoin(likenesses, likenesses.c.article_id == articles.c.id)
        .where(articles.c.story_id == story)
        .order_by(articles.c.id)
    )
    members: dict[int, int | None] = {row.id: row.came_from for row in connection.execute(query)}
    if len(members) == 1:
        return None
    mine = members[article]
    leaving = {each for each, before in members.items() if before == mine} if mine is not None else {article}
    if len(leaving) == len(members):
        leaving = {article}
    if row.head in leaving:
        leaving = set(members) - leaving
    touched = topics_of(connection, [story])
    target = _story_for(connection, leaving, members, now)
    _cut_ties(connection, leaving, set(members) - leaving)
    _move(connection, sorted(leaving), target)
    _begin_anew(connection, story)
    set_apart(connection, story, target)
    connection.execute(
        update(stories).where(stories.c.id == story, stories.c.head_frozen_at.is_(None)).values(waiting=True)
    )
    touch(connection, touched, now)
    want_pages(connection, (story, target))
    return (target, story) if article in leaving else (story, target)


def _cut_ties(connection: Connection, leaving: set[int], staying: set[int]) -> None:
    """Nothing on one side is explained by the other any more."""
    for side, others in ((leaving, staying), (staying, leaving)):
        roots: dict[int, int] = {}
        for some in batches(sorted(side)):
            mine = likenesses.c.article_id.in_(some)
            parted = select(likenesses.c.article_id).where(mine, likenesses.c.near.in_(others))
            told = keys.c.article_id.in_(parted), keys.c.why.like("like article %")
            connection.execute(update(keys).where(*told).values(why=_SPLIT + keys.c.why))
            joined = update(likenesses).where(mine, likenesses.c.near.in_(others))
            connection.execute(joined.values(near=None, score=0.0, shared=[]))
            repeating = select(likenesses.c.article_id, likenesses.c.root).where(mine, likenesses.c.root.in_(others))
            for article, root in connection.execute(repeating.order_by(likenesses.c.article_id)).all():
                left = {"root": roots.setdefault(root, article)}  # they repeat each other still
                for table in (likenesses, traces):
                    connection.execute(update(table).where(table.c.article_id == article).values(left))
    for some in batches(sorted(leaving)):
        connection.execute(update(likenesses).where(likenesses.c.article_id.in_(some)).values(came_from=None))


def _story_for(connection: Connection, leaving: set[int], members: dict[int, int | None], now: datetime) -> int:
    """The story that these articles were before they were merged away, if its head is among them; else a new one."""
    for before in sorted({members[article] or 0 for article in leaving} - {0}):
        head = connection.execute(select(stories.c.head).where(stories.c.id == before)).scalar()
        if head in leaving:
            connection.execute(update(stories).where(stories.c.id == before).values(merged_into=None, waiting=True))
            return before
    head = min(leaving)
    dated = connection.execute(select(articles.c.dated).where(articles.c.id == head)).scalar_one()
    return begin_waiting(connection, head=head, dated=dated, now=now)


def set_apart(connection: Connection, one: int, other: int) -> None:
    """Note that these two stories are never to become one."""
    pair = {"story_id": min(one, other), "other_id": max(one, other)}
    if (pair["story_id"], pair["other_id"]) not in pairs_apart(connection):
        connection.execute(insert(apart).values(pair))

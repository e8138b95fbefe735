"""Writing one poll: known keys in, decision out, everything in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, tuple_, update

from feeds.model import (
    Article,
    Changes,
    Held,
    Item,
    Key,
    Known,
    Outcome,
    Poll,
    Polled,
    Reading,
    Stored,
    Verdict,
    all_keys,
    host_of,
    item_id,
)
from feeds.ports import Decide
from feeds.store import following, schedule, search, versions
from feeds.store import stories as joining
from feeds.store.beginning import authority, begin, following_number, free_slug, mint
from feeds.store.conservation import PARTED, count
from feeds.store.database import batches
from feeds.store.remembering import write_keys
from feeds.store.rows import article_row, copy_of, key16, membership_row, row_of, slices_row, stored_from
from feeds.store.tables import (
    SHOWN,
    articles,
    boilerplate,
    hosts,
    keys,
    memberships,
    sightings,
    sources,
    stories,
)

# Asked for every poll or new item: a statement that stands is read once, and not put together and hashed each time.
_SOURCE = select(*SHOWN).where(sources.c.name == bindparam("source"))
_LET_GO = update(sources).where(sources.c.id == bindparam("row")).values(lease_token="", lease_until=None)
_COUNTERS = tuple(column.name for column in sources.c if column.name.startswith("n_"))
_END = _LET_GO.values({name: sources.c[name] + bindparam(f"more_{name}") for name in _COUNTERS})
_THERE = select(stories.c.id).where(stories.c.id == bindparam("story"))
_PLACE = sightings.c.source_id == bindparam("source"), sightings.c.item == bindparam("name")
_PLACE_OF, _TAKE_PLACE = select(sightings).where(*_PLACE), delete(sightings).where(*_PLACE)

_REPEATED = 5  # titles that a text must share before it counts as boilerplate
COUNTERS = {Outcome.CHANGED: "edited"} | {o: o.value for o in Outcome if o is not Outcome.CHANGED}


def apply(connection: Connection, poll: Poll, decide: Decide) -> Polled:
    """Write what `poll` brought; see ports.Store.apply."""
    source = connection.execute(_SOURCE, {"source": poll.job.source.name}).one_or_none()
    if source is None or source.lease_token != poll.job.token:
        return Polled(source=poll.job.source.name, url=poll.job.source.url, status="late", why="its lease was lost")
    outcomes: Counter[Outcome] = Counter()
    if isinstance(poll.answer, Held):
        row = schedule.state_row(poll.state) if poll.state != poll.job.state else {}
        row |= {"asked": poll.ended} if poll.ended else {}
        connection.execute(_LET_GO, {"row": source.id, **row})
        return poll.polled(outcomes)
    if poll.reading is not None:
        outcomes = Writing(connection, source.id, poll).write(poll.reading, decide)
    polled = poll.polled(outcomes)
    counts = {"polls": 1, polled.status: 1, "items": polled.items}
    counts |= {COUNTERS[outcome]: n for outcome, n in outcomes.items()}
    state = poll.state.with_news(poll.job.facts.now) if outcomes[Outcome.NEW] else poll.state
    state = following.after_poll(connection, source, poll, outcomes, state)
    row = schedule.state_row(state) | {"asked": poll.ended}
    row["host"] = host_of(state.moved_to or source.url)
    renamed = False
    if poll.reading is not None:
        head = poll.reading.head
        feed = {
            "feed_title": head.title, "feed_id": head.id, "feed_home": head.link, "feed_language": head.language,
            "feed_rights": head.rights, "feed_format": head.format,
        }  # fmt: skip
        row |= feed | _read_row(source, poll.reading)
        renamed = any(getattr(source, name) != value for name, value in feed.items())
    if renamed or schedule.stands_otherwise(source, state):
        schedule.touch_topics_of(connection, source.id, poll.job.facts.now)
    counted = {f"more_{name}": counts.get(name.removeprefix("n_"), 0) for name in _COUNTERS}
    connection.execute(_END, {"row": source.id, **row, **counted})
    if poll.host_until is not None:
        _hold_host(connection, poll.held_host, poll.host_until)
    return polled


def _read_row(source: Any, reading: Reading) -> dict[str, Any]:
    """The columns of a source that say how its documents are read. What is listed no more is known no more."""
    row: dict[str, Any] = {"trouble": reading.trouble}
    if reading.slices:  # a feed that suddenly lists nothing takes nothing back
        row["slices"] = slices_row(reading.slices)
    if reading.cuts:
        row["cuts"] = dict(Counter(source.cuts or {}) + Counter(reading.cuts))
    if reading.differs:
        row["whole"] = reading.differs
    return row


def _hold_host(connection: Connection, host: str, until: datetime) -> None:
    if not host:
        return
    connection.execute(delete(hosts).where(hosts.c.host == host))
    connection.execute(insert(hosts).values(host=host, not_before=until))


class Writing:
    """The writes of one reading."""

    def __init__(self, connection: Connection, source_id: int, poll: Poll) -> None:
        self._connection, self._source_id = connection, source_id
        self._now = poll.job.facts.now
        self._known = poll.job.facts.known
        self._authority = ""  # of the ids of stories, once one begins
        self._touched: set[str] = set()  # topics
        self._told: set[int] = set()  # stories of which something else is to be told

    def write(self, reading: Reading, decide: Decide) -> Counter[Outcome]:
        """Write what a poll brought: the list of the source as it is now."""
        outcomes = self.add(reading, decide, listed=reading.slices)
        self._note_what_left(reading)
        return outcomes

    def add(self, reading: Reading, decide: Decide, *, listed: Sequence[bytes]) -> Counter[Outcome]:
        """Write items that came; `listed` are the slices of all that the source lists, as far as is known."""
        outcomes: Counter[Outcome] = Counter()
        known = look_up(self._connection, self._source_id, reading.items, listed=listed)
        changes = decide(reading.items, known)
        parted = sum(v.act == "begin" and v.outcome is not Outcome.NEW for v in changes.verdicts)
        count(self._connection, PARTED, parted)
        for verdict in changes.verdicts:
            outcomes[verdict.outcome] += 1
            self._write_verdict(verdict, reading.rules)
        outcomes[Outcome.SAME] += reading.known
        self._touched |= joining.write(self._connection, changes, self._now)
        schedule.want_pages(self._connection, self._told)
        write_keys(self._connection, self._source_id, changes, reading.slices, now=self._now)
        self._learn_boilerplate(changes)
        if self._touched:
            schedule.touch(self._connection, self._touched, self._now)
        return +outcomes

    # ------------------------------------------------------------------------------------------ articles

    def _write_verdict(self, verdict: Verdict, rules: str) -> None:
        item = verdict.item
        if not isinstance(item, Article) or verdict.article is None or verdict.story is None:
            return
        match verdict.act:
            case "pass":
                return
            case "begin":
                self._begin(item, verdict.article, verdict.story)
            case "revise":
                self._revise(item, verdict)
            case "sight":
                pass
        self._told.add(verdict.story)
        left = self._leave(item, verdict)
        if left is not None and verdict.was_copy:
            versions.keep_copy(self._connection, left, verdict, self._now)
        own = verdict.act != "sight"
        see(self._connection, self._source_id, verdict.article, article_row(item), own=own, again=left is not None)
        self._join_topics(item, verdict.article, verdict, rules)

    def _begin(self, item: Article, article: int, story: int) -> None:
        connection = self._connection
        if connection.execute(_THERE, {"story": story}).scalar() is None:
            self._authority = self._authority or authority(connection)
            tag = mint(self._authority, self._now)
            begin(connection, story, tag=tag, head=article, dated=item.dated, changed=item.first_seen)
        enter(connection, item, article_row(item), article=article, story=story, source_id=self._source_id)
        if item.own_page:  # its page is published whatever its topics
            connection.execute(update(stories).where(stories.c.id == story).values(waiting=True))

    def _revise(self, item: Article, verdict: Verdict) -> None:
        connection = self._connection
        old = connection.execute(select(articles).where(articles.c.id == verdict.article)).one()
        row = article_row(item)
        if old.source_id == self._source_id:
            row |= {"edits": old.edits + 1, "first_seen": old.first_seen, "published": old.published or item.published}
            row["dated"] = min(row["published"] or old.first_seen, old.first_seen)
        else:  # whose page it is has come: what was the article is a place of it
            versions.hand_over(connection, old)
            see(connection, old.source_id, old.id, {name: getattr(old, name) for name in row}, own=False)
            row |= {"edits": 1, "source_id": self._source_id}
        versions.keep(connection, old._asdict(), verdict, self._now)
        row["withdrawn_at"] = (old.withdrawn_at or self._now) if verdict.withdrawn else None
        connection.execute(update(articles).where(articles.c.id == old.id).values(row))
        search.take_up(connection, old.id, row)
        if verdict.withdrawn != (old.withdrawn_at is not None):  # it reports the story no more, or again
            self._touched |= joining.topics_of(connection, [old.story_id])
        if verdict.corrections:
            connection.execute(
                update(stories)
                .where(stories.c.id == verdict.story, stories.c.head == old.id, stories.c.head_frozen_at.is_not(None))
                .values(changed_at=self._now, waiting=True)
            )

    # -------------------------------------------------------------------------------------------- topics

    def _leave(self, item: Article, verdict: Verdict) -> Any:
        """The place that the item had. One of another article it is no more: that one's topics show it no longer."""
        place = {"source": self._source_id, "name": key16(item.item)}
        left = self._connection.execute(_PLACE_OF, place).one_or_none()
        if left is not None and left.article_id != verdict.article:
            members = select(memberships.c.topic).where(memberships.c.article_id == left.article_id)
            self._touched |= set(self._connection.execute(members).scalars())
            its_story = select(articles.c.story_id).where(articles.c.id == left.article_id)
            self._told |= set(self._connection.execute(its_story).scalars())
        return left

    def _join_topics(self, item: Article, article: int, verdict: Verdict, rules: str) -> None:
        connection = self._connection
        same_text = articles.c.id == article, articles.c.hash_key == item.fingerprint.key
        # A copy brings the topics of its source; an item that says something else has no say in the article's.
        speaks = verdict.act != "sight" or connection.execute(select(articles.c.id).where(*same_text)).first()
        topics_of_item = item.topics if speaks else ()
        members = select(memberships).where(memberships.c.article_id == article)
        is_new = verdict.act == "begin"
        before = {} if is_new else {row.topic: row.score for row in connection.execute(members)}
        if verdict.withdrawn and before:  # its notice has none of the words, and who read the article must see it
            self._touched |= set(before)
            return
        if verdict.act != "sight" and before:
            connection.execute(delete(memberships).where(memberships.c.article_id == article))
        for match in topics_of_item:
            if verdict.act == "sight":
                if before.get(match.topic, -1.0) >= match.score:
                    continue
                connection.execute(
                    delete(memberships).where(memberships.c.article_id == article, memberships.c.topic == match.topic)
                )
            connection.execute(insert(memberships), membership_row(article, match, rules=rules))
        after = set(before) | {match.topic for match in topics_of_item}
        self._touched |= after
        if after:
            connection.execute(
                update(stories)
                .where(stories.c.id == verdict.story, stories.c.head_frozen_at.is_(None))
                .values(waiting=True)
            )

    # -------------------------------------------------------------------------------------------- memory

    def _note_what_left(self, reading: Reading) -> None:
        """Note in the keys of items when they left their source's list: their last sight."""
        left = self._known - set(reading.slices) if reading.slices else ()
        for some in batches(sorted(left)):
            self._connection.execute(
                update(keys)
                .where(keys.c.source_id == self._source_id, keys.c.slice.in_(some), keys.c.left_at.is_(None))
                .values(left_at=self._now)
            )

    def _learn_boilerplate(self, changes: Changes) -> None:
        texts = {
            v.item.fingerprint.text
            for v in changes.verdicts
            if isinstance(v.item, Article) and v.item.fingerprint.text and v.outcome in (Outcome.NEW, Outcome.CHANGED)
        }
        for some in batches(sorted(texts)):
            repeated = self._connection.execute(
                select(articles.c.text_hash)
                .where(articles.c.source_id == self._source_id, articles.c.text_hash.in_(some))
                .group_by(articles.c.text_hash)
                .having(func.count(articles.c.title_hash.distinct()) >= _REPEATED)
            ).scalars()
            learnt = select(boilerplate.c.text_hash).where(boilerplate.c.source_id == self._source_id)
            for text_hash in set(repeated) - set(self._connection.execute(learnt).scalars()):
                self._connection.execute(insert(boilerplate).values(source_id=self._source_id, text_hash=text_hash))


def enter(
    connection: Connection, item: Article, row: Mapping[str, Any], *, article: int, story: int, source_id: int
) -> None:
    """Store a new article, whose columns are `row`, with its page if it has one, where the search finds it."""
    slug = free_slug(connection, item) if item.own_page else None
    whole = {**row, "id": article, "story_id": story, "source_id": source_id, "slug": slug}
    connection.execute(insert(articles), whole)
    search.take_in(connection, article, whole)


def see(
    connection: Connection, source_id: int, article: int, row: Mapping[str, Any], *, own: bool, again: bool = True
) -> None:
    """Note an item, given as the columns of an article, as a place of that article; `again`: it was one before.

    One that is not the article's own is kept whole, so that it may come to lead.
    """
    item = key16(item_id(row["guid"], row["canonical_url"], row["digest"]))
    if again:
        connection.execute(_TAKE_PLACE, {"source": source_id, "name": item})
    connection.execute(
        insert(sightings),  # values beside it are cheaper than in it: it is compiled once
        {
            "source_id": source_id, "item": item, "article_id": article, "guid": row["guid"], "link": row["url"],
            "canonical_url": row["canonical_url"], "title": row["title"], "published": row["published"],
            "first_seen": row["first_seen"], "hash_key": row["hash_key"], "text": "" if own else row["text"],
            "copy": None if own else copy_of(row),
        },
    )  # fmt: skip


def look_up(connection: Connection, source_id: int, items: Sequence[Item], *, listed: Sequence[bytes] = ()) -> Known:
    """What the store knows of the keys of `items`. `listed`: slices of all items of their document."""
    wanted: dict[tuple[str, bytes], str] = {}
    for item in items:
        for kind, key in all_keys(item):
            wanted[kind, key16(key)] = key
    found = [
        row
        for some in batches(sorted(wanted))
        for row in connection.execute(
            select(keys, sources.c.name)
            .join(sources, sources.c.id == keys.c.source_id)
            .where(tuple_(keys.c.kind, keys.c.key).in_(some))
        )
    ]
    copies = {
        row.item: row
        for some in batches(sorted({key16(item.item) for item in items}))
        for row in connection.execute(
            select(sightings).where(
                sightings.c.source_id == source_id, sightings.c.item.in_(some), sightings.c.copy.is_not(None)
            )
        )
    }
    numbers = {row.article_id for row in found if row.article_id} | {row.article_id for row in copies.values()}
    stored = {article.article: article for article in _stored(connection, sorted(numbers))}
    told_by = or_(sources.c.id == source_id, sources.c.name.in_(sorted({each.source for each in stored.values()})))
    its = connection.execute(
        select(sources.c.id, sources.c.name, sources.c.url, sources.c.feed_home).where(told_by)
    ).all()
    name = next(row.name for row in its if row.id == source_id)
    return Known(
        keys=tuple(_key_from(row, wanted[row.kind, row.key]) for row in found),
        articles=stored,
        sightings={
            item.item: stored_from(
                row_of(row.copy), article=row.article_id, story=stored[row.article_id].story, source=name
            )
            for item in items
            if (row := copies.get(key16(item.item))) is not None and row.article_id in stored
        },
        listed=frozenset(listed),
        carried=_carried(connection, source_id, [row.article_id for row in found if row.source_id == source_id]),
        homes={row.name: host_of(row.url) or host_of(row.feed_home) for row in its},
        next_article=following_number(connection, articles.c.id),
        next_story=following_number(connection, stories.c.id),
        traces_since=joining.traces_since(connection),
        apart=joining.pairs_apart(connection),
    )


def _carried(connection: Connection, source_id: int, numbers: Sequence[int | None]) -> frozenset[int]:
    """Which of these articles other sources carry as well."""
    found: set[int] = set()
    for some in batches(sorted({number for number in numbers if number})):
        query = select(sightings.c.article_id).where(
            sightings.c.article_id.in_(some), sightings.c.source_id != source_id, sightings.c.copy.is_not(None)
        )
        found |= set(connection.execute(query).scalars())
    return frozenset(found)


def _key_from(row: Any, key: str) -> Key:
    return Key(
        kind=row.kind, key=key, source=row.name, article=row.article_id, outcome=Outcome(row.outcome), why=row.why,
        slice=row.slice, publisher=row.publisher, claimed=row.claimed, first_seen=row.first_seen,
        left=row.left_at,
    )  # fmt: skip


def _stored(connection: Connection, numbers: Sequence[int]) -> Iterator[Stored]:
    for some in batches(numbers):
        query = select(articles, sources.c.name).join(sources, sources.c.id == articles.c.source_id)
        for row in connection.execute(query.where(articles.c.id.in_(some))).mappings():
            yield stored_from(dict(row), article=row["id"], story=row["story_id"], source=row["name"])

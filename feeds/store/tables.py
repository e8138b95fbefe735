"""The tables. The migrations make them; a test holds the two equal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
    types,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

SCHEMA = "0012"  # the newest migration; a database with another version is migrated, or refused if newer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970, UTC: exact, comparable and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """To the database."""
        return None if value is None else (value - EPOCH) // MICRO

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


class Day(TypeDecorator[date]):
    """A day of UTC as whole days since 1970."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """To the database."""
        return None if value is None else (value - EPOCH.date()).days

    def process_result_value(self, value: Any | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else EPOCH.date() + timedelta(days=value)


metadata = MetaData()
JSON = types.JSON(none_as_null=True)
_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows by INTEGER alone


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


meta = Table("meta", metadata, Column("name", String(40), primary_key=True), _text("value"))

sources = Table(
    "sources",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    _text("url"),
    _text("host"),
    Column("config", JSON, nullable=False),  # the source as configured
    _flag("removed"),  # no longer configured, or switched off: polled no more
    # what the feed says of itself
    _text("feed_title"),
    _text("feed_id"),
    _text("feed_home"),
    _text("feed_language"),
    _text("feed_rights"),
    _text("feed_format"),
    # the schedule
    Column("next_poll", Moment),
    Column("held_until", Moment),
    Column("lease_until", Moment),
    _text("lease_token"),
    _text("etag"),
    _text("last_modified"),
    Column("body_hash", LargeBinary, nullable=False, default=b""),
    _text("moved_to"),
    _number("interval"),  # seconds
    _number("failures"),
    Column("failing_since", Moment),
    _text("why"),
    Column("polled", Moment),
    Column("changed", Moment),
    Column("newest", Moment),
    _flag("stopped"),
    _text("next_why"),  # what decided next_poll, in words
    # how it behaves: what it asks of us, whether its 304s are true, where it points
    _number("usual_gap"),  # seconds
    _number("ttl"),  # seconds
    _number("skip_hours"),  # bits
    _number("skip_days"),
    Column("body_at", Moment),
    Column("probed", Moment),
    Column("distrusted_until", Moment),
    _text("move"),
    Column("move_since", Moment),
    _number("move_count"),
    _flag("followed"),  # it offers a hub: there is a row of pushes
    Column("asked", Moment),  # when its host last let go of a request: the pause holds from there, in every process
    # reading
    Column("slices", LargeBinary),  # 8 bytes for each item that it lists
    _text("trouble"),  # what was malformed in the last document
    _text("whole"),  # why it is always read whole; "" where known items are cut out first
    Column("cuts", JSON),  # what was cut of its documents -> how often
    # counters since the source was first polled
    *(_number(f"n_{name}") for name in ("polls", "not_modified", "unchanged", "failed", "items")),
    *(_number(f"n_{name}") for name in ("new", "edited", "same", "duplicate", "stale", "rejected")),
    Index("sources_due", "next_poll"),
    Index("sources_host", "host"),
)

# What all but a claim need of a source: its slices may be kilobytes.
SHOWN = tuple(column for column in sources.c if column.name != "slices")

hosts = Table("hosts", metadata, Column("host", String(255), primary_key=True), Column("not_before", Moment))

stories = Table(
    "stories",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tag", String(300), unique=True),  # tag URI, minted when the story began
    Column("head", _ID),  # the article that leads: until publication, the one that it began with
    Column("head_frozen_at", Moment),
    Column("published", Moment),  # its place: the date of its head, for good once that is frozen
    Column("updated", Moment, unique=True),  # ours: unique to the microsecond
    Column("changed_at", Moment, nullable=False),  # the last significant change
    Column("corrected_at", Moment),  # the last one that `updated` told of: at most one an hour
    _flag("waiting"),  # to be settled before the next publication
    Column("merged_into", _ID),
    _number("page_due"),  # how often it has changed since its page was last put
    Index("stories_pages", "id", sqlite_where=text("page_due > 0"), postgresql_where=text("page_due > 0")),
    Index("stories_waiting", "waiting", sqlite_where=text("waiting"), postgresql_where=text("waiting")),
)

PUBLISHED = stories.c.head_frozen_at.is_not(None)  # in a topic, or on a page of its own, at least once

articles = Table(
    "articles",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("source_id", _ID, ForeignKey("sources.id"), nullable=False),
    Column("story_id", _ID, ForeignKey("stories.id"), nullable=False),
    _text("guid"),
    _text("url"),
    _text("canonical_url"),
    _text("title"),
    _text("summary"),
    _text("content"),
    _text("text"),
    Column("authors", JSON, nullable=False),
    _text("language"),
    Column("published", Moment),
    Column("updated", Moment),
    Column("first_seen", Moment, nullable=False),
    Column("dated", Moment, nullable=False),
    Column("image", JSON),
    Column("enclosures", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    _text("rights"),
    _text("publisher"),
    _number("minutes"),
    _flag("own_page"),
    Column("slug", String(100), unique=True),
    Column("digest", LargeBinary, nullable=False),
    Column("hash_key", LargeBinary, nullable=False),
    _text("hash_kind"),
    Column("title_hash", LargeBinary, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("withdrawn_at", Moment),  # when its publisher's notice was first seen
    _number("edits"),  # versions before this one: a row of revisions for each that is no copy's
    Index("articles_story", "story_id"),
    Index("articles_dated", "dated"),
    Index("articles_text", "source_id", "text_hash"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("source_id", _ID, ForeignKey("sources.id"), primary_key=True),
    Column("item", LargeBinary, primary_key=True),  # 16 bytes over what names the item within its source
    Column("article_id", _ID, ForeignKey("articles.id"), nullable=False),
    _text("guid"),
    _text("link"),
    _text("canonical_url"),
    _text("title"),
    Column("published", Moment),
    Column("first_seen", Moment, nullable=False),
    Column("hash_key", LargeBinary, nullable=False),
    _text("text"),  # "" where the item is the article's own
    Column("copy", JSON),  # the whole item where it is not the article's own, so that it may come to lead
    Index("sightings_article", "article_id"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("article_id", _ID, ForeignKey("articles.id"), nullable=False),
    Column("seen_at", Moment, nullable=False),  # when the newer version was first seen
    Column("differs", JSON, nullable=False),  # which of title, text, link, authors
    Column("corrections", JSON, nullable=False, server_default="[]"),  # what of it readers should hear of
    _text("title"),
    _text("link"),
    _text("summary"),
    _text("content"),
    _text("text"),
    Column("authors", JSON, nullable=False),
    Column("hash_key", LargeBinary, nullable=False),
    # Of a copy: which place of the article it was. NULL: a former version of the article itself.
    Column("source_id", _ID, ForeignKey("sources.id")),
    Column("item", LargeBinary),
    Index("revisions_article", "article_id"),
)

OF_ARTICLE = revisions.c.source_id.is_(None)  # what an article itself was; what its copies were is no edit of it

keys = Table(
    "keys",
    metadata,
    Column("kind", String(4), primary_key=True),
    Column("key", LargeBinary, primary_key=True),  # 16 bytes over the guid, canonical URL or digest
    Column("source_id", _ID, ForeignKey("sources.id"), primary_key=True),
    Column("article_id", _ID),  # NULL: stale, rejected, or no longer kept
    _text("class"),  # of hash keys: A, B or C
    _text("publisher"),
    Column("claimed", Moment),
    Column("first_seen", Moment, nullable=False),
    Column("left_at", Moment),  # when the item left its source's list; NULL while it is listed
    _text("outcome"),
    _text("why"),
    _text("label"),  # of rejected and stale items, whose title and address stand nowhere else
    Column("slice", LargeBinary, nullable=False),  # where the item stood when the key was last written
    Index("keys_slice", "source_id", "slice"),
    Index("keys_article", "article_id"),
)

topics = Table(
    "topics",
    metadata,
    Column("name", String(40), primary_key=True),
    _number("seq"),  # grows with every change of its stories
    _number("published_seq"),
    Column("dirty_at", Moment),
    _number("entries"),  # that stand in its feed
    _text("rendered_with"),
    _text("archived_at"),  # address of the site that its archives were written for
)

# The archive (RFC 5005) of a topic that a story stands in: that of the day on which it was first published there.
filings = Table(
    "filings",
    metadata,
    Column("topic", String(40), primary_key=True),
    Column("story_id", _ID, primary_key=True),
    Column("day", Day, nullable=False),
    Index("filings_day", "topic", "day"),
    Index("filings_story", "story_id"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("article_id", _ID, ForeignKey("articles.id"), primary_key=True),
    Column("topic", String(40), primary_key=True),
    Column("score", Float, nullable=False),
    Column("need", Float, nullable=False),
    Column("because", JSON, nullable=False),  # [[word, where, points], ...]
    _text("rules"),  # version of the rules that decided
    Index("memberships_topic", "topic", "article_id"),
)

boilerplate = Table(
    "boilerplate",
    metadata,
    Column("source_id", _ID, ForeignKey("sources.id"), primary_key=True),
    Column("text_hash", LargeBinary, primary_key=True),
)

# What the likeness of recent articles is told by. A row that changes is written anew under the next number,
# so that every process can take up what others stored since its last look.
traces = Table(
    "traces",
    metadata,
    Column("seq", _ID, primary_key=True),
    Column("article_id", _ID, ForeignKey("articles.id"), nullable=False, unique=True),
    Column("story_id", _ID, nullable=False),
    Column("first", _ID, nullable=False),  # the article that the story began with
    Column("root", _ID, nullable=False),  # the article whose words this one repeats
    Column("dated", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    _text("publisher"),
    Column("title", LargeBinary, nullable=False),  # 8 bytes a token, rarest first
    Column("lead", LargeBinary, nullable=False),
    _text("marks"),
    _text("wire"),
    Index("traces_story", "story_id"),
    Index("traces_seen", "seen"),
    sqlite_autoincrement=True,
)

likenesses = Table(
    "likenesses",
    metadata,
    Column("article_id", _ID, ForeignKey("articles.id"), primary_key=True),
    Column("near", _ID),  # the article that it joined its story for
    Column("score", Float, nullable=False),
    Column("shared", JSON, nullable=False),  # words
    Column("related", JSON, nullable=False),  # [[article, score, [word, ...], what is against it], ...]
    Column("root", _ID, nullable=False),
    Column("came_from", _ID),  # the story that it was in when two became one
)

# Stories that an operator split: they never become one again. The smaller number stands first.
apart = Table("apart", metadata, Column("story_id", _ID, primary_key=True), Column("other_id", _ID, primary_key=True))

# What the web server leaves for the poller.
inbox = Table(
    "inbox",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", String(4), nullable=False),  # hub or push
    _text("key"),
    Column("at", Moment, nullable=False),
    Column("head", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("inbox_kind", "kind", "id"),
    sqlite_autoincrement=True,
)

# How sources that offer a hub are followed by what it pushes: see feeds.model.push.
pushes = Table(
    "pushes",
    metadata,
    Column("source_id", _ID, ForeignKey("sources.id"), primary_key=True),
    _text("hub"),
    _text("topic"),
    Column("token", String(64), nullable=False, unique=True),
    _text("secret"),
    Column("stage", String(10), nullable=False),
    Column("act_at", Moment),
    Column("asked", Moment),
    Column("lease_until", Moment),
    *(_number(name) for name in ("tries", "misses", "owed")),
    Column("pushed", Moment),
    _text("why"),
    Column("seen", LargeBinary, nullable=False),  # 16 bytes for each of the last bodies
    *(_number(f"n_{name}") for name in ("pushes", "replayed", "useless")),
    Index("pushes_act_at", "act_at"),
)

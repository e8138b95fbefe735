"""The nouns: every value that crosses a stage.

All are frozen; a field says its unit and where it comes from. Times are aware datetimes in UTC.
HTML is always the output of our sanitiser; titles and names are always plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

Content: TypeAlias = Literal["headline", "excerpt", "full"]
Kind: TypeAlias = Literal["wire", "outlet", "official", "state", "ngo", "own"]
Status: TypeAlias = Literal["changed", "not_modified", "unchanged", "failed", "gone", "late"]
HashClass: TypeAlias = Literal["A", "B", "C"]

# ---------------------------------------------------------------------------------------- configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured source; config.toml is its only home."""

    name: str  # unique: letters, digits, dashes
    url: str  # http(s) address of a feed, or `file:` followed by an absolute path, folder or glob
    title: str = ""  # for readers; "" means: what the feed calls itself
    language: str = ""  # BCP 47, for items that name none
    country: str = ""  # home of the outlet, ISO 3166 alpha-2
    kind: Kind = "outlet"
    priority: int = 0  # higher wins the story's head
    topics: tuple[str, ...] = ()  # topics that every item of this source belongs to
    content: Content = "excerpt"
    timezone: str = "UTC"  # IANA name, for dates that carry no zone
    interval_min: int = 900  # seconds
    enabled: bool = True

    @property
    def is_file(self) -> bool:
        """Whether the source lies on this machine."""
        return self.url.startswith("file:")

    @property
    def keeps_forever(self) -> bool:
        """Whether its items are never stale: article files and the desk's own output."""
        return self.is_file or self.kind == "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One outgoing topic, as readers see it; its rules live in `classify`."""

    name: str  # [a-z0-9-]{1,40}: the file name of its feeds
    title: str
    description: str = ""
    categories: tuple[Category, ...] = ()  # what its entries carry beside the topic itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of an outgoing entry (RFC 4287 section 4.2.2)."""

    term: str
    scheme: str  # URI of the vocabulary
    label: str


# ------------------------------------------------------------------------------------------- fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask a source for. Validators are what the source gave, byte for byte."""

    source: str  # name, for messages
    url: str
    etag: str = ""
    last_modified: str = ""
    body_hash: bytes = b""  # of the last body that was read to the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document from outside, not yet looked into."""

    url: str  # where it came from, after redirects; absolute
    body: bytes  # decoded from its content coding
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names
    modified: datetime | None = None  # of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed."""

    status: int
    url: str  # where it pointed, absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """How long a publisher asks us to wait; zero where it says nothing."""

    max_age: int = 0  # seconds, from Cache-Control or Expires
    retry_after: int = 0  # seconds
    ttl: int = 0  # seconds, from the feed itself: ttl, sy:


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that differs from the last one. `documents` is one, or one for each file of a folder."""

    documents: tuple[Document, ...]
    body_hash: bytes
    etag: str = ""
    last_modified: str = ""
    hops: tuple[Hop, ...] = ()
    hints: Hints = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Nothing new: a 304, or a body equal to the last one."""

    equal_body: bool = False  # a 200 whose bytes were known
    etag: str | None = None  # the new validators; None leaves the stored ones
    last_modified: str | None = None
    hops: tuple[Hop, ...] = ()
    hints: Hints = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """410 or 451: the source is not to be asked again until the operator says so."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A fetch or a reading that did not work out; `why` is of a small closed set."""

    why: str  # dns, tls, deadline, blocked, too_large, http_404, not_a_feed ...
    url: str
    detail: str = ""  # for people, without credentials
    status: int = 0  # HTTP, 0 if there was no answer
    hints: Hints = Hints()
    holds_host: bool = False  # 429: the whole host waits, not this address alone


Answer: TypeAlias = Fetched | NotModified | Gone | Failed

# ---------------------------------------------------------------------------------------------- read


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that an entry offers (RSS enclosure, Atom link rel=enclosure)."""

    url: str  # absolute http(s)
    type: str = ""  # media type
    length: int = 0  # bytes, 0 if unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture that the source's own feed offers; linked, never rehosted."""

    url: str  # absolute http(s)
    width: int = 0  # pixels, 0 if unknown
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHtml:
    """Markup as the source gave it, and what its relative links are relative to."""

    value: str
    base: str = ""
    plain: bool = False  # declared as text/plain: not markup at all
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry as the source gave it: nothing cleaned, nothing trusted."""

    guid: str = ""
    link: str = ""
    title: RawHtml = RawHtml(value="")
    summary: RawHtml = RawHtml(value="")
    content: RawHtml = RawHtml(value="")
    authors: tuple[str, ...] = ()
    language: str = ""
    published: str = ""  # in whatever form; ISO 8601 where the reader could parse it
    updated: str = ""
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: Image | None = None
    rights: str = ""
    base: str = ""  # what its links are relative to; absolute
    own_page: bool = False  # an article file: we publish its page ourselves
    trouble: str = ""  # why this entry cannot become an article; the others still can
    digest: bytes = b""  # 8 bytes over all of the above: equal means nothing to do


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a feed says of itself."""

    format: str  # rss20, atom10, rdf10, json11, article ...
    title: str = ""
    id: str = ""
    link: str = ""  # its page for people
    language: str = ""
    rights: str = ""
    ttl: int = 0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A document read to the end. Entries whose digest was known are counted, not carried."""

    head: FeedHead
    entries: tuple[RawEntry, ...]
    known: int = 0  # entries left out because their digest was known
    digests: tuple[bytes, ...] = ()  # of all entries, to be remembered once they are stored
    trouble: str = ""  # what was malformed and survived, "" if nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A document that is no feed and no article."""

    why: str  # not_a_feed, empty, too_deep ...
    detail: str = ""
    feeds: tuple[str, ...] = ()  # feeds that an HTML page in its place links to


# ---------------------------------------------------------------------------- normalised, classified


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What makes two texts the same article; from text only, never from HTML, URL or date."""

    key: bytes  # version byte + 16 bytes
    kind: HashClass  # A: across publishers; B: within one; C: within one and one day
    title: bytes  # 8 bytes over the normalised title
    text: bytes  # 8 bytes over the normalised text; b"" if there is none


def item_id(guid: str, canonical_url: str, digest: bytes) -> str:
    """Name an item within its source; the first letter keeps the three kinds apart."""
    if guid:
        return "g" + guid
    return "u" + canonical_url if canonical_url else "d" + digest.hex()


UNPRINTED = Fingerprint(key=b"", kind="C", title=b"", text=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One reason for a topic."""

    word: str  # as the rule spells it
    where: str  # title, lead, body, category, source, country, always
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A topic that an article belongs to, and why."""

    topic: str
    score: float
    need: float
    because: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One item of one source, cleaned: what we store, compare and publish."""

    source: str  # name of the source it came from
    guid: str  # as the source gives it, "" if it gives none; belongs to its source alone
    url: str  # the publisher's own link, absolute http(s); "" if it gives none
    canonical_url: str  # `url` in the one spelling that we compare; "" with it
    title: str  # plain text, never empty
    summary: str  # sanitised HTML; "" if the source gives none
    content: str  # sanitised HTML of the full text; "" if the source gives none
    text: str  # plain text of content, else of summary
    authors: tuple[str, ...]  # plain text
    language: str  # BCP 47: the entry's, else the feed's, else the source's
    published: datetime | None  # as the source claims, within [1990, now + 1 day]; else None
    updated: datetime | None  # likewise
    first_seen: datetime  # when we saw it first
    image: Image | None
    enclosures: tuple[Enclosure, ...]
    categories: tuple[str, ...]  # plain text, as the source spells them
    rights: str  # plain text
    publisher: str  # registrable domain of canonical_url, else the source's name
    minutes: int  # reading time at 220 words a minute, at least 1
    own_page: bool  # an article file: its page is ours
    digest: bytes  # of the raw entry
    fingerprint: Fingerprint = UNPRINTED  # `identify` gives it
    topics: tuple[Match, ...] = ()  # `classify` gives them

    @property
    def item(self) -> str:
        """What names this item within its source: guid, else canonical URL, else digest."""
        return item_id(self.guid, self.canonical_url, self.digest)

    @property
    def dated(self) -> datetime:
        """The date we publish: the claimed one, but never later than our first sight of it."""
        return min(self.published or self.first_seen, self.first_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An item that cannot become an article."""

    source: str
    why: str  # for people
    guid: str = ""
    url: str = ""
    title: str = ""
    digest: bytes = b""

    @property
    def item(self) -> str:
        """What names this item within its source, as for articles."""
        return item_id(self.guid, self.url, self.digest)


Item: TypeAlias = Article | Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a reader must know of the source and the moment; plain data, so it can cross to a child."""

    source: Source
    now: datetime
    known: frozenset[bytes] = frozenset()  # digests seen at the last good poll
    boilerplate: frozenset[bytes] = frozenset()  # text hashes that say nothing about an item


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All documents of one answer, read, normalised, fingerprinted and classified."""

    head: FeedHead
    items: tuple[Item, ...]
    known: int = 0  # items whose bytes were known: outcome `same`
    digests: tuple[bytes, ...] = ()
    rules: str = ""  # version of the rules that chose the topics
    trouble: str = ""


# ----------------------------------------------------------------------------------------- identity


class Outcome(StrEnum):
    """What becomes of a fetched item; each ends in exactly one (DESIGN, Outcomes)."""

    NEW = "new"
    CHANGED = "changed"  # title, text, link or authors differ
    SAME = "same"  # known, and nothing of weight differs
    DUPLICATE = "duplicate"  # a sighting of an article known from elsewhere
    STALE = "stale"  # never seen and older than `keep`: remembered, not stored
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What deciding needs of an article, or of a sighting of it, that the store holds."""

    article: int  # its row
    story: int
    source: str
    guid: str
    url: str
    canonical_url: str
    title: str
    text: str
    authors: tuple[str, ...]
    digest: bytes
    published: datetime | None
    first_seen: datetime
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One remembered key of an item. A key outlives its article: old items never return as new."""

    kind: Literal["guid", "url", "hash", "item"]  # item: digest, of items that have neither guid nor url
    key: str  # the guid, the canonical URL, or hex
    source: str
    article: int | None  # None: stale, rejected, or no longer kept
    outcome: Outcome  # how the item stands: `same` is never written
    why: str = ""
    digest: bytes = b""  # of the raw entry when the key was last written
    hash_kind: str = ""  # of hash keys: A, B or C
    publisher: str = ""  # registrable domain, for the window of hash keys
    claimed: datetime | None = None  # the item's claimed date, likewise
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of the keys of one reading, read inside the writing transaction."""

    keys: tuple[Key, ...] = ()
    articles: Mapping[int, Stored] = field(default_factory=dict)
    sightings: Mapping[str, Stored] = field(default_factory=dict)  # by item id, of this reading's source
    next_article: int = 1
    next_story: int = 1


# What is to be written of an item: nothing; a new article (its story may be older); a new version of the article;
# or the item as one more place of an article that it changes nothing of.
Act: TypeAlias = Literal["pass", "begin", "revise", "sight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one item, and why, in words."""

    item: Item
    outcome: Outcome
    article: int | None = None
    story: int | None = None
    because: str = ""
    differs: tuple[str, ...] = ()  # changed: which of title, text, link, authors
    significant: bool = False  # changed: title or text hash moved, so `updated` moves
    act: Act = "pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that one reading does to the store, decided before anything is written."""

    verdicts: tuple[Verdict, ...] = ()
    keys: tuple[Key, ...] = ()


# ------------------------------------------------------------------------------------------ schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of polling one source."""

    source: str
    etag: str = ""
    last_modified: str = ""
    body_hash: bytes = b""
    moved_to: str = ""  # a permanent redirect that was learnt
    next_poll: datetime | None = None  # None: at once
    interval: int = 0  # seconds between polls, 0 at first
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    why: str = ""  # of the last failure, or why it stopped
    polled: datetime | None = None
    changed: datetime | None = None  # last body that differed
    newest: datetime | None = None  # last time that it brought a new item
    stopped: bool = False  # gone: not asked again until the operator says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A source that is ours to poll until the lease ends."""

    source: Source
    state: SourceState
    token: str  # fences the write-back
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A job done: the answer, what it says, and what the schedule shall be."""

    job: Job
    answer: Answer
    reading: Reading | None  # None: nothing to store but the schedule
    state: SourceState
    host_until: datetime | None = None  # 429: nobody asks this host before

    def polled(self, outcomes: Mapping[Outcome, int]) -> Polled:
        """How it ended, with what became of its items."""
        status: Status = "changed"
        why, url = "", self.job.source.url
        match self.answer:
            case NotModified(equal_body=equal):
                status = "unchanged" if equal else "not_modified"
            case Gone(status=code):
                status, why = "gone", f"http_{code}"
            case Failed(why=reason, detail=detail):
                status, why = "failed", f"{reason}: {detail}" if detail else reason
            case Fetched():
                pass
        return Polled(source=self.job.source.name, url=url, status=status, why=why, outcomes=outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How one poll ended, for the table and the counters."""

    source: str
    url: str
    status: Status
    why: str = ""
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """Items fetched; each is in exactly one outcome."""
        return sum(self.outcomes.values())


# ------------------------------------------------------------------------------------------ published


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The source of a published entry, as atom:source and RSS source show it."""

    name: str
    title: str
    url: str  # of its feed; "" for files
    home: str = ""  # its page for people
    id: str = ""
    rights: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another outlet that carries the story."""

    outlet: str
    title: str
    url: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published story: all that rendering needs, from stored rows alone."""

    story: int
    article: int
    id: str  # tag URI (RFC 4151), minted once at first publication
    title: str
    url: str  # the publisher's page, or our page of an article file, relative to the site
    summary: str  # sanitised HTML
    content: str  # sanitised HTML
    text: str
    policy: Content
    authors: tuple[str, ...]
    language: str
    published: datetime
    updated: datetime  # ours: the last significant change, unique to the microsecond
    image: Image | None
    enclosures: tuple[Enclosure, ...]
    rights: str
    minutes: int
    own_page: bool
    origin: Origin
    topics: tuple[str, ...]  # all topics of the story, sorted
    because: tuple[Hit, ...] = ()  # why it is in the topic it was selected for
    also: tuple[Also, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The publishing site, as its readers see it."""

    title: str
    url: str  # absolute, with a trailing slash
    authority: str  # of tag URIs: "news.example.org,2026"
    contact: str  # mailto: or http(s)
    language: str

"""An item cleaned, fingerprinted and classified; or rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from feeds.model.raw import Enclosure, FeedHead, Image
from feeds.model.sources import Source

KeyKind: TypeAlias = Literal["guid", "url", "hash", "item"]  # item: digest, of items without guid and address
HashClass: TypeAlias = Literal["A", "B", "C"]


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


def item_keys(item: Item) -> tuple[tuple[KeyKind, str], ...]:
    """(kind, key) of each key that says `item` is this very item: what names it first, then its address."""
    kinds: dict[str, KeyKind] = {"g": "guid", "u": "url", "d": "item"}
    first = kinds[item.item[0]], item.item[1:]
    address = (item.canonical_url if isinstance(item, Article) else item.url) if item.guid else ""
    return (first, ("url", address)) if address else (first,)


def text_at(text: str, claimed: datetime) -> str:
    """The key of a text at the date that is claimed for it. `text`: its own key, in hex."""
    return f"{text}@{claimed.isoformat()}"


def text_keys(item: Article) -> tuple[tuple[KeyKind, str], ...]:
    """(kind, key) of what remembers the text of `item`: the text, and perhaps the text and its date.

    The first leads to the article that had the text last, the second, of a dated item, to the one that claims its date.
    Of an undated item of class C, whose text is that of a day, the second is the text of any day.
    """
    mark, text = item.fingerprint, item.fingerprint.key.hex()
    if item.published:
        return ("hash", text), ("hash", text_at(text, item.published))
    if mark.kind == "C":
        return ("hash", text), ("hash", f"{item.publisher} {mark.title.hex()} {mark.text.hex()}@")
    return (("hash", text),)


def all_keys(item: Item) -> tuple[tuple[KeyKind, str], ...]:
    """(kind, key) of all by which `item` may be known already."""
    return (*item_keys(item), *text_keys(item)) if isinstance(item, Article) else item_keys(item)


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
    slice: bytes = b""  # of the raw entry: what is known of it at the next poll
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
    slice: bytes = b""

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
    known: frozenset[bytes] = frozenset()  # slices seen at the last good poll
    whole: bool = False  # read documents of this source to the end, known items included
    suspect: bool = False  # its last document took too much to be read
    boilerplate: frozenset[bytes] = frozenset()  # text hashes that say nothing about an item


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All documents of one answer, read, normalised, fingerprinted and classified."""

    head: FeedHead
    items: tuple[Item, ...]
    known: int = 0  # items whose bytes were known: outcome `same`
    slices: tuple[bytes, ...] = ()  # of all items; known from the moment on that they are stored
    rules: str = ""  # version of the rules that chose the topics
    trouble: str = ""
    cuts: Mapping[str, int] = field(default_factory=dict)  # what was cut -> how often
    differs: str = ""  # read both ways, and not the same: where

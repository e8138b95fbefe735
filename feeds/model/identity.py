"""What the store knows of an item, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from feeds.model.article import Article, Fingerprint, Item, KeyKind
from feeds.model.likeness import Near, SameStory, Trace


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
    withdrawn: bool = False  # of an article: it is the notice that it was withdrawn

    @classmethod
    def of(cls, item: Article, *, article: int, story: int, withdrawn: bool = False) -> Stored:
        """An item as the store will hold it."""
        shared = (name for name in cls.__slots__ if name not in ("article", "story", "withdrawn"))
        values = {name: getattr(item, name) for name in shared}
        return cls(article=article, story=story, withdrawn=withdrawn, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One remembered key of an item. A key outlives its article: old items never return as new."""

    kind: KeyKind
    key: str  # the guid, the canonical URL, or hex
    source: str
    article: int | None  # None: stale, rejected, or no longer kept
    outcome: Outcome  # how the item stands: `same` is never written
    why: str = ""
    slice: bytes = b""  # of the raw entry when the key was last written
    hash_kind: str = ""  # of hash keys: A, B or C
    publisher: str = ""  # registrable domain, for the window of hash keys
    claimed: datetime | None = None  # the item's claimed date, likewise
    first_seen: datetime
    left: datetime | None = None  # when its item left the list of the source; None: it stood there at the last poll


def _no_traces(seq: int, seen: datetime) -> Iterable[Trace]:  # noqa: ARG001
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of the keys of one reading, read inside the writing transaction."""

    keys: tuple[Key, ...] = ()
    articles: Mapping[int, Stored] = field(default_factory=dict)
    sightings: Mapping[str, Stored] = field(default_factory=dict)  # by item id, of this reading's source
    listed: frozenset[bytes] = frozenset()  # slices of all items that stand in the document, looked at or not
    carried: frozenset[int] = frozenset()  # articles that other sources carry as well
    homes: Mapping[str, str] = field(
        default_factory=dict
    )  # by source: the host of its feed, of a file the one it names
    next_article: int = 1
    next_story: int = 1
    # Traces above a number that were written after a time, in their order; read inside the same transaction.
    traces_since: Callable[[int, datetime], Iterable[Trace]] = field(default=_no_traces, compare=False)
    apart: frozenset[tuple[int, int]] = frozenset()  # pairs of stories that an operator split, the smaller number first


# What is to be written of an item: nothing; a new article (its story may be older); a new version of the article, by
# its source or by the one that is at home at its address, whose it is from then on;
# or the item as one more place of an article that it changes nothing of.
Act: TypeAlias = Literal["pass", "begin", "revise", "sight"]


# What an edit can correct that readers should hear of.
Correction: TypeAlias = Literal["withdrawn", "restored", "headline", "figures", "names", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one item, and why, in words."""

    item: Item
    outcome: Outcome
    article: int | None = None
    story: int | None = None
    because: str = ""
    differs: tuple[str, ...] = ()  # changed: which of title, text, link, authors
    corrections: tuple[Correction, ...] = ()  # changed: what readers should hear of; of an article, `updated` moves
    was_copy: bool = False  # changed: from what was known of it as a copy of an article, which was not edited
    withdrawn: bool = False  # a new version of an article that is, or still is, the notice that it was withdrawn
    act: Act = "pass"
    near: Near | None = None  # new: the article whose story it joined by likeness
    related: tuple[Near, ...] = ()  # new: articles of other stories that are rather like it


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that one reading does to the store, decided before anything is written."""

    verdicts: tuple[Verdict, ...] = ()
    keys: tuple[Key, ...] = ()
    traces: tuple[Trace, ...] = ()  # in the order in which they are to be stored
    same_stories: tuple[SameStory, ...] = ()

"""What a document says, before anything is cleaned or trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_NAMED, _NAMEABLE = 3, 150  # feeds of a page that are named for people; characters of one


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
    digest: bytes = b""  # 8 bytes over all of the above: names an item without guid and address, b"" if it has a guid
    slice: bytes = b""  # 8 bytes over where it stands, its bytes in their context: equal means nothing to do


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a feed says of itself."""

    format: str  # rss20, atom10, rdf10, json11, article ...
    title: str = ""
    id: str = ""
    link: str = ""  # its page for people
    language: str = ""
    rights: str = ""
    ttl: int = 0  # seconds between polls that it asks for
    skip_hours: int = 0  # bit n: not to be polled in hour n, UTC
    skip_days: int = 0  # bit n: not on day n of the week, 0 for Monday
    hub: str = ""  # that pushes what is new (WebSub)
    topic: str = ""  # what the hub knows the feed by: the address that the feed gives as its own


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A document read to the end. Entries whose slice was known are counted, not carried."""

    head: FeedHead
    entries: tuple[RawEntry, ...]
    known: int = 0  # entries left out because their slice was known
    slices: tuple[bytes, ...] = ()  # of all entries, to be remembered once they are stored
    trouble: str = ""  # what was malformed and survived, "" if nothing
    cuts: Mapping[str, int] = field(default_factory=dict)  # what was cut -> how often: items, long_author ...
    differs: str = ""  # read both ways, and not the same: where


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A document that is no feed and no article."""

    why: str  # not_a_feed, empty, too_deep ...
    detail: str = ""
    feeds: tuple[str, ...] = ()  # feeds that an HTML page in its place links to

    @property
    def words(self) -> str:
        """The detail for people: with the first feeds that the page links, but not without end."""
        named = [url if len(url) <= _NAMEABLE else f"{url[:_NAMEABLE]}…" for url in self.feeds[:_NAMED]]
        if more := len(self.feeds) - len(named):
            named.append(f"{more} more")
        return self.naming(named)

    def naming(self, feeds: Sequence[str]) -> str:
        """The detail for people, with what the page links as it is named here."""
        return "; ".join(filter(None, (self.detail, f"the page links {' and '.join(feeds)}" if feeds else "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of an OPML list."""

    url: str  # of the feed; absolute http(s)
    title: str = ""  # plain text
    home: str = ""  # its page for people; absolute http(s)
    language: str = ""

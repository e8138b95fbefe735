"""A story as it is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds.model.article import Hit
from feeds.model.identity import Correction
from feeds.model.raw import Enclosure, Image
from feeds.model.sources import Content

STORIES = "story"  # the folder of the pages of stories, on the shelf


def ended_name(topic: str) -> str:
    """The published name of the note that stands in the place of a topic that has ended. Web servers know by it."""
    return f"{topic}/ended.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The source of a published entry, as atom:source and RSS source show it."""

    name: str
    title: str
    url: str  # of its feed; "" for files
    format: str = ""  # of its feed, as its reader named it: "rss20", "atom10", "json11"
    home: str = ""  # its page for people
    id: str = ""
    rights: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another outlet that carries the story."""

    outlet: str
    source: str = ""  # its name in the configuration
    title: str
    url: str
    published: datetime
    independent: bool = True  # not a copy of the head, of an outlet named before it, or of the same agency


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One correction of an article by its publisher."""

    at: datetime  # when we first saw the newer version
    what: tuple[Correction, ...]
    was: str  # the headline before


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published story: all that rendering needs, from stored rows alone."""

    story: int
    article: int
    id: str  # tag URI (RFC 4151), minted when the story began
    title: str
    guid: str  # the head's, within its source; settles the order of equal times
    url: str  # the publisher's page, or our page of an article file, relative to the site
    summary: str  # sanitised HTML
    content: str  # sanitised HTML
    text: str
    policy: Content
    authors: tuple[str, ...]
    language: str
    published: datetime
    updated: datetime  # ours: the last significant change, unique to the microsecond
    corrected: datetime | None = None  # when `updated` last told of a correction
    image: Image | None
    enclosures: tuple[Enclosure, ...]
    rights: str
    minutes: int
    own_page: bool
    origin: Origin
    topics: tuple[str, ...]  # all topics of the story, sorted
    because: tuple[Hit, ...] = ()  # why it is in the topic it was selected for
    also: tuple[Also, ...] = ()
    edits: tuple[Edit, ...] = ()  # corrections of its article, in their order
    withdrawn: datetime | None = None  # when its publisher's notice was first seen

    @property
    def carriers(self) -> frozenset[str]:
        """Names of the sources that carry it, in the configuration."""
        return frozenset((self.origin.name, *(other.source for other in self.also)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One correction, by any of the outlets that tell a story."""

    outlet: str
    language: str
    edit: Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A published story with all that its page tells, from stored rows alone."""

    id: str  # tag URI: its own, though another story may tell it now
    entry: Entry  # as it is published; of the story that it has become part of, if it has
    because: tuple[tuple[str, tuple[Hit, ...]], ...] = ()  # topic, and why it is there; sorted
    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()  # source, and the words for which its article joined
    changes: tuple[Change, ...] = ()  # in their order
    due: int  # how often it has changed since its page was last put

    @property
    def moved(self) -> bool:
        """Whether it has become part of another."""
        return self.id != self.entry.id

"""What is kept of an article to tell how like another it is, and what was found so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(hours=72)  # how long a trace counts, and how far apart the dates of one story may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A member of a story, as the index of near-duplicates holds it. Tokens are 64-bit ids, rarest first."""

    article: int
    story: int
    first: int  # the article that the story began with: whoever joins must be like it too
    root: int  # the article whose words this one repeats; itself if it was written independently
    dated: datetime
    seen: datetime  # when the trace was written: it counts for 72 h from there
    publisher: str
    title: bytes  # 8 bytes a token, little-endian
    lead: bytes  # likewise; b"" if there is none
    marks: str  # what tells items of a series apart: dates, weekdays, numbers
    wire: str  # the news agency that it names, "" if none
    seq: int = field(default=0, compare=False)  # grows with each trace that is written; the store gives it


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Another article that one is like, and why."""

    article: int
    story: int
    score: float  # 0 to 1
    shared: tuple[str, ...] = ()  # words that both have, rarest first
    against: str = ""  # what speaks against their being one story, if anything does


@dataclass(frozen=True, slots=True, kw_only=True)
class SameStory:
    """Two stories that an article shows to be one."""

    article: int
    story: int  # its own
    near: Near  # in the other
    repeats: bool = False  # whether it has the other's very text

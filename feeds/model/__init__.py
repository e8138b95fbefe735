"""The nouns: every value that crosses a stage.

All are frozen; a field says its unit and where it comes from. Times are aware datetimes in UTC.
HTML is always the output of our sanitiser; titles and names are always plain text.
"""

from feeds.model.article import (
    UNPRINTED,
    Article,
    Facts,
    Fingerprint,
    HashClass,
    Hit,
    Item,
    KeyKind,
    Match,
    Reading,
    Rejected,
    item_id,
    item_keys,
)
from feeds.model.fetched import TROUBLE, Answer, Document, Failed, Fetched, Gone, Held, Hints, Hop, NotModified, Request
from feeds.model.identity import Act, Changes, Correction, Key, Known, Outcome, Stored, Verdict
from feeds.model.inbox import LARGEST_LETTER, Letter, LetterKind
from feeds.model.likeness import Near, SameStory, Trace
from feeds.model.published import Also, Edit, Entry, Origin, ended_name
from feeds.model.pulse import Pulse, read_pulse, write_pulse
from feeds.model.query import Answered, Filter, Form, Misread, Query, Term
from feeds.model.raw import Enclosure, FeedHead, Image, Outline, RawEntry, RawFeed, RawHtml, Unreadable
from feeds.model.schedule import LATE, Job, Poll, Polled, SourceState, Status
from feeds.model.sources import Category, Content, Kind, Site, Source, Topic, host_of

__all__ = [
    "LARGEST_LETTER",
    "LATE",
    "TROUBLE",
    "UNPRINTED",
    "Act",
    "Also",
    "Answer",
    "Answered",
    "Article",
    "Category",
    "Changes",
    "Content",
    "Correction",
    "Document",
    "Edit",
    "Enclosure",
    "Entry",
    "Facts",
    "Failed",
    "FeedHead",
    "Fetched",
    "Filter",
    "Fingerprint",
    "Form",
    "Gone",
    "HashClass",
    "Held",
    "Hints",
    "Hit",
    "Hop",
    "Image",
    "Item",
    "Job",
    "Key",
    "KeyKind",
    "Kind",
    "Known",
    "Letter",
    "LetterKind",
    "Match",
    "Misread",
    "Near",
    "NotModified",
    "Origin",
    "Outcome",
    "Outline",
    "Poll",
    "Polled",
    "Pulse",
    "Query",
    "RawEntry",
    "RawFeed",
    "RawHtml",
    "Reading",
    "Rejected",
    "Request",
    "SameStory",
    "Site",
    "Source",
    "SourceState",
    "Status",
    "Stored",
    "Term",
    "Topic",
    "Trace",
    "Unreadable",
    "Verdict",
    "ended_name",
    "host_of",
    "item_id",
    "item_keys",
    "read_pulse",
    "write_pulse",
]

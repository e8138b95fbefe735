"""What a source is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask a source for. Validators are what the source gave, byte for byte."""

    source: str  # name, for messages
    url: str
    etag: str = ""
    last_modified: str = ""
    body_hash: bytes = b""  # of the last body that was read to the end


TROUBLE = "x-trouble"  # the header of a document without body: why it could not be had


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that differs from the last one. `documents` is one, or one for each file of a folder; none when read."""

    documents: tuple[Document, ...]
    size: int = 0  # bytes of the documents that were read
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
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A fetch or a reading that did not work out; `why` is of a small closed set."""

    why: str  # dns, tls, deadline, blocked, too_large, http_404, not_a_feed ...
    url: str
    detail: str = ""  # for people, without credentials
    status: int = 0  # HTTP, 0 if there was no answer
    hops: tuple[Hop, ...] = ()
    hints: Hints = Hints()
    holds_host: bool = False  # 429: the whole host waits, not this address alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request that is sent as it stands, to an address that somebody gave us: a callback, a hub."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 10.0  # for the whole exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, whatever its status; redirects are not followed."""

    status: int
    body: bytes = b""  # its beginning
    retry_after: int = 0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Left for later, and that is not its fault: its host wanted a pause after another source, or no reader starts."""


Answer: TypeAlias = Fetched | NotModified | Gone | Failed

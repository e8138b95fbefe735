"""Sources and topics as configured, and the site that publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Content: TypeAlias = Literal["headline", "excerpt", "full"]
Kind: TypeAlias = Literal["wire", "outlet", "official", "state", "ngo", "own"]


def host_of(url: str) -> str:
    """The host that an address asks, in one spelling: name or literal address without port, case and last dot.

    "" for what lies on this machine, and for what is no address: nobody is asked for that.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
    host = host.rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


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
    private: bool = False  # its address is nobody else's business

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The publishing site, as its readers see it."""

    title: str
    url: str  # absolute, with a trailing slash
    authority: str  # of tag URIs: "news.example.org,2026"
    contact: str  # mailto: or http(s)
    language: str
    search: bool = False  # there is a /search for its pages to lead to

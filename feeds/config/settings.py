"""What the rest of the program knows of config.toml: plain values, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from feeds.config.lines import line_of
from feeds.errors import Mistake
from feeds.model import Content, Site, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """[publish]: where the files go and how much they hold."""

    to: str  # absolute path of a folder, or s3://bucket/prefix
    entries: int = 100  # per topic feed
    content: Content = "excerpt"
    keep: timedelta = timedelta(days=180)
    debounce: timedelta = timedelta(seconds=30)
    hubs: tuple[str, ...] = ()  # addresses of WebSub hubs elsewhere that are pinged


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """[poll]: the rhythm."""

    interval_min: timedelta = timedelta(minutes=15)
    interval_max: timedelta = timedelta(hours=24)
    concurrency: int = 64
    per_host: int = 1
    host_delay: float = 1.0  # seconds
    push: bool = True  # let hubs push what sources publish, where they offer that


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """[fetch]: limits of one exchange."""

    allow: tuple[str, ...] = ()  # networks in CIDR, addresses, or host:port that may be dialled though private
    timeout: float = 30.0  # seconds, redirects included
    max_bytes: int = 20_000_000  # decoded
    proxy: str = ""  # http://host:port


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """[read]: what looking into one document may take."""

    timeout: float = 5.0  # seconds
    memory: int = 512 * 2**20  # bytes of address space of one process
    processes: int = 0  # that read at the same time; 0: one for each core


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """[serve]: the web server."""

    listen: str = "127.0.0.1:8080"  # host:port or unix:/absolute/path
    hub: bool = True
    metrics: tuple[str, ...] = ()  # networks in CIDR from which /metrics may be read, beside this machine
    search: bool = True  # /search answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration. Paths are absolute."""

    file: str  # as the operator named it
    site: Site
    store: str  # SQLAlchemy URL
    publish: PublishSettings
    poll: PollSettings = PollSettings()
    fetch: FetchSettings = FetchSettings()
    read: ReadSettings = ReadSettings()
    serve: ServeSettings | None = None
    engine: Literal["local", "procrastinate"] = "local"
    sources: tuple[Source, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)  # the tables `topics`, `lists` and `defaults`, as written
    lines: Mapping[str, int] = field(default_factory=dict)  # dotted key of a rule or table -> line, from 1
    warnings: tuple[Mistake, ...] = ()  # what can be used and still is likely not meant

    @property
    def hub(self) -> str:
        """The address of our own WebSub hub, "" if there is none."""
        return f"{self.site.url}hub" if self.serve is not None and self.serve.hub else ""

    @property
    def hubs(self) -> tuple[str, ...]:
        """The addresses of all WebSub hubs that readers are told of, our own first."""
        return tuple(dict.fromkeys((*filter(None, [self.hub]), *self.publish.hubs)))

    def line(self, key: str) -> int:
        """The line of `key` (as in topics.energy.words), else of the nearest key above it, else 0."""
        return line_of(self.lines, key)

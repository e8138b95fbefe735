"""What the web server knows of the site around the files: where it is, its hubs, and where letters go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feeds.config import Settings
from feeds.model import Letter, Push, can_be_topic, links


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """A server without one serves files and nothing else."""

    settings: Callable[[], Settings]  # as they are now: a daemon may take up others
    drop_in: Callable[[Letter], bool]  # see ports.Inbox; it may block and raise FeedsError
    callback: Callable[[str], Push | None] = lambda _: None  # see ports.Pushes; likewise

    @property
    def site(self) -> str:
        """The address that the published files are below."""
        return self.settings().site.url

    @property
    def is_open(self) -> bool:
        """Whether readers may subscribe here by WebSub."""
        return bool(self.settings().hub)

    def link(self, name: str) -> str:
        """The Link field of a published file, "" for none."""
        hubs = self.settings().hubs if can_be_topic(name) else ()
        return links(self.site + name, hubs) if hubs else ""

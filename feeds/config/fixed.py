"""What a running daemon cannot change: everything that stands on it would have to move."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.config.settings import Settings
from feeds.errors import Mistake


def fixed(old: Settings, new: Settings) -> Iterator[Mistake]:
    """A mistake for each key that needs a restart."""
    for key, before, after in (
        ("store.url", old.store, new.store),
        ("publish.to", old.publish.to, new.publish.to),
        ("serve", old.serve, new.serve),
    ):
        if before != after:
            what, remedy = "has changed, which needs a restart", "restart the daemon, or change it back"
            yield Mistake(file=new.file, line=new.line(key), key=key, what=what, remedy=remedy)

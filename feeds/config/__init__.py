"""config.toml -> Settings: every mistake at once, with file, line, key and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.config.settings import FetchSettings, PollSettings, PublishSettings, ReadSettings, ServeSettings, Settings

if TYPE_CHECKING:
    from feeds.config.loader import find, load

__all__ = [
    "FetchSettings",
    "PollSettings",
    "PublishSettings",
    "ReadSettings",
    "ServeSettings",
    "Settings",
    "find",
    "load",
]


def __getattr__(name: str) -> Any:
    """Import the loader, and pydantic with it, only for those who load."""
    if name in ("find", "load"):
        from feeds.config import loader

        return getattr(loader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

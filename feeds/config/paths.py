"""Where the relative paths of a config lead: to its own folder, or to the state folder that systemd gives."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import commonpath, join, normpath

STORE = "sqlite:///var/feeds.db"  # where nothing is said
PUBLISH = "public"

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The two folders, absolute."""

    config: str  # that holds the config file
    state: str  # $STATE_DIRECTORY if it is set, else the same

    def source(self, url: str) -> str:
        """The URL of a source; `file:` with an absolute path, globs kept."""
        return f"file:{_under(self.config, url[5:])}" if url.startswith("file:") else url

    def store(self, url: str) -> str:
        """The URL of the database; SQLite's with an absolute path."""
        return f"{_SQLITE}{self.database(url)}" if url.startswith(_SQLITE) else url

    def database(self, url: str) -> str:
        """The absolute path of the SQLite file, "" for other databases."""
        return _under(self.state, url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else ""

    def publish(self, to: str) -> str:
        """The absolute path of the folder to publish to, or the bucket as it is."""
        return to if to.startswith("s3://") else _under(self.state, to)

    def listen(self, address: str) -> str:
        """The address to listen at; `unix:` with an absolute path."""
        return f"unix:{_under(self.config, address[5:])}" if address.startswith("unix:") else address


def holds(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies in it; both absolute."""
    return commonpath((folder, path)) == folder


def _under(folder: str, path: str) -> str:
    return normpath(join(folder, path))

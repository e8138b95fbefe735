"""What can go wrong, as a tree.

FeedsError
├── UserError          the operator can mend it: no traceback
│   ├── ConfigError    every mistake of config.toml at once (exit 78)
│   └── Unknown        no such source, topic or item (exit 1 or 2, as the command says)
├── StoreError         nothing can be saved: stop
│   ├── StoreBusy      the lock was not had within 10 s (exit 75)
│   ├── StoreFailing   the disk under it is full, read-only or broken; it may come back (exit 1)
│   ├── StoreSlow      a question took longer than it may, and was given up (exit 1)
│   └── StoreUnusable  corrupt, or newer than the program (exit 78)
├── SandboxError       no process can be had to read documents in: stop
├── FetchCrowded       others take all the memory, or all the questions for names, that there are: later
├── FetchHeld          a redirect leads to a host that wants to be left alone: later
└── ShelfError         a published file cannot be written or read; what stood there stands (exit 1)
    └── ShelfBusy      another process published for longer than we wait (exit 75)

An expected outcome (a dead server, a bad entry, a duplicate) is a value of `feeds.model`, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_BUSY, EXIT_CONFIG = 0, 1, 2, 75, 78


class FeedsError(Exception):
    """All errors that we raise ourselves."""

    exit_code = EXIT_FAILED


class UserError(FeedsError):
    """The operator can mend it; the message says how."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing wrong in a file that the operator wrote."""

    file: str
    line: int  # from 1; 0 if no line can be named
    key: str  # dotted, as in sources[2].url; "" for the whole file
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key + ': ' if self.key else ''}{self.what}; {self.remedy}"


class ConfigError(UserError):
    """Everything that is wrong with the configuration, in the order of the file."""

    exit_code = EXIT_CONFIG

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda m: (m.file, m.line, m.key)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class Unknown(UserError):
    """A name that the operator gave is not known."""


class StoreError(FeedsError):
    """The store cannot be used."""


class StoreBusy(StoreError):
    """Another process held the lock for longer than we wait."""

    exit_code = EXIT_BUSY


class StoreFailing(StoreError):
    """The disk under the database is full, read-only or broken: nothing was written, and it may come back."""


class StoreSlow(StoreError):
    """A question took longer than it may, and was given up."""


class StoreUnusable(StoreError):
    """The database is corrupt, or newer than this program, which writes nothing to it then."""

    exit_code = EXIT_CONFIG


class SandboxError(FeedsError):
    """No process can be had to read documents in; nothing was read."""


class FetchCrowded(FeedsError):
    """There was no room beside what others hold; no source's trouble."""


class FetchHeld(FeedsError):
    """A redirect leads to a host that wants to be left alone for a while; it was not asked."""


class ShelfError(FeedsError):
    """A published file cannot be written or read; what stood under its name stands unbroken."""


class ShelfBusy(ShelfError):
    """Another process was publishing for longer than we wait."""

    exit_code = EXIT_BUSY

"""Where the web server leaves what came in, for the poller."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from feeds.model import Letter, LetterKind


class Inbox(Protocol):
    """Verbs of the store. The server writes letters; only the poller takes them out.

    Whoever handles a letter removes it in the transaction of what it led to, so that none is lost and none is obeyed
    twice; `discard` is for those that led to nothing.
    """

    def drop_in(self, letter: Letter) -> bool:
        """Leave a letter. False: there is no room; nothing was written.

        There is room for INBOX_ROWS letters of each kind and INBOX_BYTES in all (feeds.store.inbox).
        """
        ...

    def inbox(self, kind: LetterKind, *, limit: int) -> tuple[Letter, ...]:
        """The `limit` oldest letters of a kind, in the order in which they came. They stay."""
        ...

    def discard(self, letters: Collection[int]) -> None:
        """Throw letters away; those that are gone already do no harm."""
        ...

"""Where the web server leaves what came in, for the poller."""

from __future__ import annotations

from typing import Protocol

from feeds.model import Letter, LetterKind


class Inbox(Protocol):
    """Verbs of the store. The server writes letters; only the poller takes them out.

    Whoever handles a letter removes it in the transaction of what it led to, so that none is lost and none is obeyed
    twice.
    """

    def drop_in(self, letter: Letter) -> bool:
        """Leave a letter. False: there is no room; nothing was written.

        There is room for INBOX_ROWS letters of each kind and INBOX_BYTES in all, and of one key for a part of that
        (feeds.store.inbox). A form sent to the hub finds none while as many intents of its host wait as may.
        """
        ...

    def inbox(self, kind: LetterKind, *, limit: int) -> tuple[Letter, ...]:
        """The `limit` oldest letters of a kind, in the order in which they came. They stay."""
        ...

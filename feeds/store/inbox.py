"""The inbox: letters that the web server leaves and the poller takes out."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select

from feeds.model import Letter, LetterKind
from feeds.ports.inbox import Inbox
from feeds.store.database import Database, batches
from feeds.store.tables import inbox

INBOX_ROWS = 500  # of each kind: neither crowds out the other
INBOX_BYTES = 64 * 2**20  # of all bodies


class SqlInbox(Inbox):
    """See ports.Inbox for what each verb promises."""

    _database: Database

    def drop_in(self, letter: Letter) -> bool:
        size = func.coalesce(func.sum(func.length(inbox.c.body)), 0)
        alike = func.count().filter(inbox.c.kind == letter.kind)
        with self._database.write() as connection:
            rows, taken = connection.execute(select(alike, size)).one()
            if rows >= INBOX_ROWS or taken + len(letter.body) > INBOX_BYTES:
                return False
            connection.execute(
                insert(inbox).values(
                    kind=letter.kind, key=letter.key, at=letter.at, head=dict(letter.head), body=letter.body
                )
            )
            return True

    def inbox(self, kind: LetterKind, *, limit: int) -> tuple[Letter, ...]:
        query = select(inbox).where(inbox.c.kind == kind).order_by(inbox.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple(Letter(**row) for row in connection.execute(query).mappings())

    def discard(self, letters: Collection[int]) -> None:
        with self._database.write() as connection:
            take_out(connection, letters)


def take_out(connection: Connection, letters: Collection[int]) -> None:
    """Remove letters, inside the transaction of what they led to."""
    for some in batches(letters):
        connection.execute(delete(inbox).where(inbox.c.id.in_(some)))

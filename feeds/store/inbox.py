"""The inbox: letters that the web server leaves and the poller takes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, and_, delete, func, insert, select

from feeds.model import Letter, LetterKind
from feeds.ports.inbox import Inbox
from feeds.store.database import Database, batches
from feeds.store.tables import inbox
from feeds.store.tables_hub import errands

INBOX_ROWS = 500  # of each kind: neither crowds out the other
INBOX_BYTES = 64 * 2**20  # of all bodies
PENDING, PENDING_OF_HOST = 1_000, 10  # intents that callbacks have not been asked about yet
ROWS_OF_KEY: Mapping[LetterKind, int] = {"hub": PENDING_OF_HOST, "push": 20}  # so that no one takes the room of all
BYTES_OF_KEY = 8 * 2**20


class SqlInbox(Inbox):
    """See ports.Inbox for what each verb promises."""

    _database: Database

    def drop_in(self, letter: Letter) -> bool:
        alike = inbox.c.kind == letter.kind
        same = and_(alike, inbox.c.key == letter.key)
        size = func.sum(func.length(inbox.c.body))
        counts = select(
            func.count().filter(alike),
            func.count().filter(same),
            func.coalesce(size, 0),
            func.coalesce(size.filter(same), 0),
        )
        with self._database.write() as connection:
            rows, of_key, taken, by_key = connection.execute(counts.select_from(inbox)).one()
            if letter.kind == "hub":
                pending, of_host = pending_intents(connection, letter.key)
                if rows + pending >= PENDING:
                    return False
                of_key += of_host
            if rows >= INBOX_ROWS or of_key >= ROWS_OF_KEY[letter.kind]:
                return False
            if taken + len(letter.body) > INBOX_BYTES or by_key + len(letter.body) > BYTES_OF_KEY:
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


def take_out(connection: Connection, letters: Collection[int]) -> None:
    """Remove letters, inside the transaction of what they led to."""
    for some in batches(letters):
        connection.execute(delete(inbox).where(inbox.c.id.in_(some)))


def pending_intents(connection: Connection, host: str) -> tuple[int, int]:
    """How many intents callbacks have not been asked about yet: in all, and of this host."""
    query = select(func.count(), func.count().filter(errands.c.host == host)).where(errands.c.role == "intent")
    every, of_host = connection.execute(query).one()
    return every, of_host

"""The words of every article, to search in: an FTS5 table of SQLite.

Takes about a kilobyte an article (measured: 980 bytes beside 3,880 that there were, of items with 525 bytes of folded
text), 0.1 ms of CPU to write one, and for the migration as much for each stored article, 500 at a time in memory.
"""

import sqlalchemy as sa
from alembic import op

from feeds.store.search import search, words_of

revision = "0007"
down_revision = "0006"

_AT_ONCE = 500


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    # unicode61 parts words as topics do, at all that is no letter or digit; marks were our folding's business.
    connection.exec_driver_sql(
        "CREATE VIRTUAL TABLE search USING fts5(title, text, columnsize=0, tokenize='unicode61 remove_diacritics 0')"
    )
    above = 0
    columns = sa.text(
        "SELECT id, title, summary, content, text FROM articles WHERE id > :above ORDER BY id LIMIT :limit"
    )
    while rows := connection.execute(columns, {"above": above, "limit": _AT_ONCE}).mappings().all():
        connection.execute(sa.insert(search), [{"rowid": row["id"], **words_of(dict(row))} for row in rows])
        above = rows[-1]["id"]

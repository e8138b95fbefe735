"""What an edit corrected, when a story's readers were last told of one, and what `db verify` reckons with.

Articles count their versions; `meta` counts the articles that expired, and those that began as the parting of a copy.
A list of items is read once more where the rows of keys do not stand for all of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_LISTED = "SELECT id, slices FROM sources WHERE slices IS NOT NULL"
_STANDS = "SELECT DISTINCT slice FROM keys WHERE source_id = :id"


def upgrade() -> None:
    op.add_column("revisions", sa.Column("corrections", sa.JSON(), nullable=False, server_default="[]"))
    op.execute(
        "UPDATE revisions SET corrections = "
        "CASE WHEN CAST(differs AS TEXT) LIKE '%title%' THEN '[\"headline\"]' ELSE '[\"text\"]' END WHERE significant"
    )
    op.drop_column("revisions", "significant")
    op.add_column("stories", sa.Column("corrected_at", sa.BigInteger(), nullable=True))
    op.add_column("articles", sa.Column("edits", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE articles SET edits = (SELECT count(*) FROM revisions WHERE article_id = articles.id)")
    op.execute(
        "UPDATE keys SET why = 'its article is no longer kept' "
        "WHERE article_id IS NULL AND outcome IN ('new', 'changed', 'duplicate')"
    )
    connection = op.get_bind()
    begun = connection.execute(sa.text("SELECT coalesce(sum(n_new), 0) FROM sources")).scalar_one()
    there = connection.execute(sa.text("SELECT count(*) FROM articles")).scalar_one()
    note = sa.text("INSERT INTO meta (name, value) VALUES (:name, :value)")
    connection.execute(note, {"name": "articles_gone", "value": str(begun - there)})
    connection.execute(note, {"name": "articles_parted", "value": "0"})
    for source, listed in connection.execute(sa.text(_LISTED)).all():
        stands = {bytes(some) for (some,) in connection.execute(sa.text(_STANDS), {"id": source})}
        if not {bytes(listed[at : at + 8]) for at in range(0, len(listed), 8)} <= stands:
            connection.execute(sa.text("UPDATE sources SET slices = NULL WHERE id = :id"), {"id": source})

"""What an edit corrected, when a story's readers were last told of one, and how many versions an article had."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


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

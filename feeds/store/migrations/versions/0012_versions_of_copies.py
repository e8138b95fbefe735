"""Former versions of copies: which place of an article a version was of. What is stored by now is the article's own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # SQLite adds a column with what it refers to in one statement, or not at all.
    source = sa.Column("source_id", _ID, sa.ForeignKey("sources.id"), nullable=True)
    op.add_column("revisions", source, inline_references=True)
    op.add_column("revisions", sa.Column("item", sa.LargeBinary(), nullable=True))

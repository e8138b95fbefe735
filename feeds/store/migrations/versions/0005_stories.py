"""Near-duplicates: what likeness is told by, why an article joined its story, and which stories stay apart.

The traces are read at the first new article after a start, half a kilobyte each, so that no body is read again.
Articles stored before have none: what comes after joins them only by guid, address and text, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column("seq", _ID, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("first", _ID, nullable=False),
        sa.Column("root", _ID, nullable=False),
        sa.Column("dated", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("publisher", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("lead", sa.LargeBinary(), nullable=False),
        sa.Column("marks", sa.Text(), server_default="", nullable=False),
        sa.Column("wire", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("article_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("traces_story", "traces", ["story_id"], unique=False)
    op.create_index("traces_seen", "traces", ["seen"], unique=False)
    op.create_table(
        "likenesses",
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("near", _ID, nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("shared", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("related", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("root", _ID, nullable=False),
        sa.Column("came_from", _ID, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_table(
        "apart",
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "other_id"),
    )

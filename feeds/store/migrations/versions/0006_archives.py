"""On which day a story was first published in a topic: the archive (RFC 5005) that it stands in, for good.

Stories published before this migration stand in the archive of the day on which their head was settled.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "story_id"),
    )
    op.create_index("filings_day", "filings", ["topic", "day"], unique=False)
    op.create_index("filings_story", "filings", ["story_id"], unique=False)
    op.add_column("topics", sa.Column("archived_at", sa.Text(), server_default="", nullable=False))
    op.execute(
        "INSERT INTO filings (topic, story_id, day) "
        "SELECT DISTINCT m.topic, s.id, s.head_frozen_at / 86400000000 FROM memberships m "
        "JOIN articles a ON a.id = m.article_id JOIN stories s ON s.id = a.story_id "
        "WHERE s.tag IS NOT NULL AND s.merged_into IS NULL AND s.head_frozen_at IS NOT NULL"
    )

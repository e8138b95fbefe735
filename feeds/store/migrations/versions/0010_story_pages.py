"""Which stories have changed since their page was last put, so that publishing writes the pages of those alone.

Every story that is published by now gets its page.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("stories", sa.Column("page_due", sa.BigInteger(), server_default="0", nullable=False))
    due = sa.text("page_due > 0")
    op.create_index("stories_pages", "stories", ["id"], unique=False, sqlite_where=due, postgresql_where=due)
    op.execute("UPDATE stories SET page_due = 1 WHERE tag IS NOT NULL")

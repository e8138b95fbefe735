"""What conduct towards a publisher has to remember: its wishes, whether its 304s are true, where it has moved to.

Sources that were polled before start with nothing known, which costs them at most one whole request a day later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("next_why", "move"):
        op.add_column("sources", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("usual_gap", "ttl", "skip_hours", "skip_days", "move_count"):
        op.add_column("sources", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    for name in ("body_at", "probed", "distrusted_until", "move_since", "asked"):
        op.add_column("sources", sa.Column(name, sa.BigInteger(), nullable=True))

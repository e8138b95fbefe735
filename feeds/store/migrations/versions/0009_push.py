"""How sources that offer a hub are followed by what it pushes, so that they need to be polled once a day only."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pushes",
        sa.Column("source_id", _ID, sa.ForeignKey("sources.id"), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("hub", "topic")),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("secret", sa.Text(), server_default="", nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("act_at", "asked", "lease_until")),
        *(sa.Column(n, sa.BigInteger(), server_default="0", nullable=False) for n in ("tries", "misses", "owed")),
        sa.Column("pushed", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(f"n_{name}", sa.BigInteger(), server_default="0", nullable=False)
            for name in ("pushes", "replayed", "useless")
        ),
        sa.PrimaryKeyConstraint("source_id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("pushes_act_at", "pushes", ["act_at"], unique=False)
    op.add_column("sources", sa.Column("followed", sa.Boolean(), server_default=sa.text("false"), nullable=False))

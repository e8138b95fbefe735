"""What is known of a source's list stands in its own row: 8 bytes an item, read with the claim and by no other query.

Before, each slice was a row of 40 bytes and more, and a claim asked once more for each source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("sources", sa.Column("slices", sa.LargeBinary(), nullable=True))
    op.add_column("sources", sa.Column("trouble", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("whole", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("cuts", sa.JSON(), nullable=True))
    connection = op.get_bind()
    known: dict[int, list[bytes]] = {}
    for source, digest in connection.execute(sa.text("SELECT source_id, digest FROM slices ORDER BY digest")):
        known.setdefault(source, []).append(digest)
    for source, digests in known.items():
        update = sa.text("UPDATE sources SET slices = :slices WHERE id = :id")
        connection.execute(update, {"slices": b"".join(digests), "id": source})
    op.drop_table("slices")
    op.drop_index("keys_digest", "keys")
    op.execute("ALTER TABLE keys RENAME COLUMN digest TO slice")
    op.create_index("keys_slice", "keys", ["source_id", "slice"])

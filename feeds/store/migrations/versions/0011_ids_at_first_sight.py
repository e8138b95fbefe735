"""Every story has an id and a head from its beginning, so that a search finds what no topic ever showed.

What was published is told from then on by `head_frozen_at` alone.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from feeds.store.beginning import mint

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    connection = op.get_bind()
    stories = sa.table("stories", sa.column("id"), sa.column("tag"), sa.column("head"), sa.column("published"))
    # Of one that was merged away the articles are elsewhere, and know where they came from.
    op.execute(
        "UPDATE stories SET head = coalesce((SELECT min(id) FROM articles WHERE story_id = stories.id),"
        " (SELECT min(article_id) FROM likenesses WHERE came_from = stories.id)) WHERE head IS NULL"
    )
    op.execute(
        "UPDATE stories SET published = (SELECT dated FROM articles WHERE id = stories.head) WHERE published IS NULL"
    )
    authority = connection.execute(sa.text("SELECT value FROM meta WHERE name = 'authority'")).scalar() or ""
    nameless = connection.execute(sa.select(stories.c.id).where(stories.c.tag.is_(None))).scalars().all()
    if nameless:
        now = datetime.now(UTC)  # noqa: TID251  # ids tell when they were minted, and nothing is decided by it
        named = sa.update(stories).where(stories.c.id == sa.bindparam("number")).values(tag=sa.bindparam("minted"))
        connection.execute(named, [{"number": each, "minted": mint(authority, now)} for each in nameless])

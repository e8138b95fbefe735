"""Stories as they begin: each gets its id at once and for good, whether or not a topic ever shows it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from feeds.store.tables import meta, stories

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def begin(connection: Connection, number: int, *, tag: str, head: int, dated: datetime, changed: datetime) -> None:
    """Begin a story: led by `head`, an article of `dated`, until publication settles who leads it, and its place."""
    row = {"id": number, "tag": tag, "head": head, "published": dated, "changed_at": changed}
    connection.execute(insert(stories), row)


def authority(connection: Connection) -> str:
    """Under which ids are minted: the one that was stored first, whatever the configuration says now."""
    return str(connection.execute(select(meta.c.value).where(meta.c.name == "authority")).scalar_one())


def mint(authority: str, now: datetime) -> str:
    """The id of a new story: a tag URI (RFC 4151) that ends in a ULID."""
    return f"tag:{authority}:story/{ulid(now)}"


def ulid(now: datetime) -> str:
    """26 characters: 48 bits of milliseconds, 80 random ones, in Crockford's base 32 (the ULID specification)."""
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(secrets.token_bytes(10), "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))

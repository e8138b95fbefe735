"""Stories as they begin: each gets its id at once and for good, whether or not a topic ever shows it."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime

from sqlalchemy import Column, Connection, func, insert, select, update

from feeds.model import Article
from feeds.store.rows import key16
from feeds.store.tables import articles, meta, stories

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def begin(connection: Connection, number: int, *, tag: str, head: int, dated: datetime, changed: datetime) -> None:
    """Begin a story: led by `head`, an article of `dated`, until publication settles who leads it, and its place."""
    row = {"id": number, "tag": tag, "head": head, "published": dated, "changed_at": changed}
    connection.execute(insert(stories), row)


def begin_waiting(connection: Connection, *, head: int, dated: datetime, now: datetime) -> int:
    """Begin a story beside all polls, to be settled at the next publication; its number."""
    number = following_number(connection, stories.c.id)
    begin(connection, number, tag=mint(authority(connection), now), head=head, dated=dated, changed=now)
    connection.execute(update(stories).where(stories.c.id == number).values(waiting=True))
    return number


def following_number(connection: Connection, numbers: Column[int]) -> int:
    """The first number above all in this column."""
    return (connection.execute(select(func.max(numbers))).scalar() or 0) + 1


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


def free_slug(connection: Connection, item: Article) -> str:
    """An address for the page of `item`, of its title's Latin letters and digits, that no other article has."""
    plain = unicodedata.normalize("NFKD", item.title.casefold().replace("ı", "i")).encode("ascii", "ignore").decode()
    stem = "-".join(re.findall("[a-z0-9]+", plain))[:80].strip("-") or f"article-{key16(item.item).hex()[:10]}"
    taken = set(connection.execute(select(articles.c.slug).where(articles.c.slug.like(f"{stem}%"))).scalars())
    return next(slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)

"""Values to rows and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from feeds.model import Article, Enclosure, Fingerprint, Hit, Image, Match, Source, Stored

_PLAIN = (
    "guid", "url", "canonical_url", "title", "summary", "content", "text", "language", "published", "updated",
    "first_seen", "rights", "publisher", "minutes", "own_page", "digest",
)  # fmt: skip
_TIMES = ("published", "updated", "first_seen", "dated")
_BYTES = ("digest", "hash_key", "title_hash", "text_hash")


def key16(text: str) -> bytes:
    """What stands in the database for a guid, an address or an item's name of any length."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def article_row(article: Article) -> dict[str, Any]:
    """The columns of an article; its row number, source, story and slug are the store's."""
    row = {name: getattr(article, name) for name in _PLAIN}
    return row | {
        "dated": article.dated,
        "authors": list(article.authors),
        "categories": list(article.categories),
        "enclosures": [[e.url, e.type, e.length] for e in article.enclosures],
        "image": [article.image.url, article.image.width, article.image.height] if article.image else None,
        "hash_key": article.fingerprint.key,
        "hash_kind": article.fingerprint.kind,
        "title_hash": article.fingerprint.title,
        "text_hash": article.fingerprint.text,
    }


def article_from(row: Mapping[str, Any], *, source: str, topics: tuple[Match, ...] = ()) -> Article:
    """The article of a row."""
    return Article(
        **{name: row[name] for name in _PLAIN},
        source=source,
        authors=tuple(row["authors"]),
        categories=tuple(row["categories"]),
        enclosures=enclosures_from(row["enclosures"]),
        image=image_from(row["image"]),
        fingerprint=_fingerprint(row),
        topics=topics,
    )


def copy_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """An article's columns as JSON can hold them."""
    copy = {name: row[name] for name in row if name not in _TIMES and name not in _BYTES}
    copy |= {name: row[name].isoformat() if row[name] else None for name in _TIMES}
    return copy | {name: row[name].hex() for name in _BYTES}


def row_of(copy: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a copy."""
    row = dict(copy)
    row |= {name: datetime.fromisoformat(copy[name]).astimezone(UTC) if copy[name] else None for name in _TIMES}
    return row | {name: bytes.fromhex(copy[name]) for name in _BYTES}


def stored_from(row: Mapping[str, Any], *, article: int, story: int, source: str) -> Stored:
    """What deciding needs of a row, or of a copy made into one."""
    return Stored(
        article=article,
        story=story,
        source=source,
        authors=tuple(row["authors"]),
        fingerprint=_fingerprint(row),
        withdrawn=row.get("withdrawn_at") is not None,
        **{
            name: row[name]
            for name in ("guid", "url", "canonical_url", "title", "text", "digest", "published", "first_seen")
        },
    )


def image_from(cell: Any) -> Image | None:
    """The image of a row."""
    return Image(url=cell[0], width=cell[1], height=cell[2]) if cell else None


def enclosures_from(cell: Any) -> tuple[Enclosure, ...]:
    """The enclosures of a row."""
    return tuple(Enclosure(url=url, type=kind, length=length) for url, kind, length in cell)


def membership_row(article: int, match: Match, *, rules: str) -> dict[str, Any]:
    """That an article is in a topic, and why, by this version of the rules."""
    because = [[hit.word, hit.where, hit.points] for hit in match.because]
    return {
        "article_id": article, "topic": match.topic, "score": match.score, "need": match.need, "because": because,
        "rules": rules,
    }  # fmt: skip


def hits_from(cell: Any) -> tuple[Hit, ...]:
    """The reasons of a membership."""
    return tuple(Hit(word=word, where=where, points=points) for word, where, points in cell)


def slices_row(slices: Collection[bytes]) -> bytes:
    """The slices of a source as its row holds them: 8 bytes each, in order."""
    return b"".join(sorted(slices))


def slices_from(cell: bytes | None) -> frozenset[bytes]:
    """The slices of a row."""
    return frozenset(cell[at : at + 8] for at in range(0, len(cell), 8)) if cell else frozenset()


def source_row(source: Source) -> dict[str, Any]:
    """A source as configured, as JSON holds it."""
    return {name: getattr(source, name) for name in Source.__slots__ if name != "topics"} | {
        "topics": list(source.topics)
    }


def source_from(cell: Mapping[str, Any]) -> Source:
    """A source as it was configured when last seen."""
    return Source(**{**cell, "topics": tuple(cell["topics"])})


def _fingerprint(row: Mapping[str, Any]) -> Fingerprint:
    return Fingerprint(key=row["hash_key"], kind=row["hash_kind"], title=row["title_hash"], text=row["text_hash"])

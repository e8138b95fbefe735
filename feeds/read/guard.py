"""What a document must not be, judged before any parser of feeds sees it. Linear in its size, whatever it holds."""

from __future__ import annotations

import re

from feeds.model import Unreadable

LARGEST = 64 * 1024 * 1024  # bytes; what is configured for fetching is less
MOST_ENTITIES, LONGEST_ENTITY = 64, 2048  # of a DTD, and characters of one: feeds that declare any name letters by them

_SPACE = b" \t\r\n\f\v"
_FLOOD = re.compile(rb"\n[ \t\r\n\f\v]{1000,}")
_LEADS = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\0?[ \t\r\n\f\v]){1001}")  # in UTF-8 or UTF-16
_EVERY = 500  # bytes: a flood has at least two of these in a row
_TWO_BLANKS = re.compile(rb"[ \t\r\n\f\v]{2}")
_FIRST_TAG = re.compile(rb"<\w")
_ENTITY = re.compile(rb"""<!ENTITY\s+(%\s*)?[^\s>"']{1,200}\s+(?:"([^"]{0,4096})"|'([^']{0,4096})')?""", re.IGNORECASE)
_DECLARES = b"<!ENTITY"


def leads(body: bytes) -> bool:
    """Whether a flood of blanks stands before all else, in a document as it came."""
    return _LEADS.match(body) is not None


def tame(body: bytes) -> tuple[bytes, int] | Unreadable:
    """Return `body` without leading white space and floods of blank lines, and how many floods there were.

    feedparser looks for a DOCTYPE with an expression that is quadratic in blank lines: 64 KB of them cost it half a
    minute. Unreadable: too_large, or dtd_entities.
    """
    if len(body) > LARGEST:
        return Unreadable(why="too_large", detail=f"more than {LARGEST // 1024**2} MiB")
    body = body.lstrip(_SPACE)
    floods = 0
    if _TWO_BLANKS.search(body[::_EVERY]):  # a look at every five-hundredth byte costs next to nothing
        body, floods = _FLOOD.subn(b"\n", body)
    # All that feedparser itself takes for a DTD; what expat would expand, `split` hears from expat.
    first = _FIRST_TAG.search(body)
    head = body[: first.start() if first else len(body)].replace(b"\0", b"")  # UTF-16 hides nothing
    if _DECLARES in head.upper():
        found = list(_ENTITY.finditer(head))
        values = [entity[2] if entity[2] is not None else entity[3] for entity in found]
        if len(found) != head.upper().count(_DECLARES) or len(found) > MOST_ENTITIES:
            return entities("more, or other, entities than any feed needs")
        for entity, value in zip(found, values, strict=True):
            if entity[1] or grows(value.decode("latin-1") if value is not None else None):
                return entities("an entity that grows or leads elsewhere")
    return body, floods


def grows(value: str | None) -> bool:
    """Whether an entity with this replacement text (None: it is external) is more than a name for some letters.

    Entities in entities multiply. expat stops at that, but feedparser then turns to its lenient parser, which expands
    them once more and without a limit.
    """
    return value is None or len(value) > LONGEST_ENTITY or re.search(r"&(?!#)|%", value) is not None


def entities(what: str) -> Unreadable:
    """The answer to a DTD that declares `what`."""
    return Unreadable(why="dtd_entities", detail=f"its DTD declares {what}")

"""Cut a feed to the entries that its reader has not seen: RFC 3229 and its manipulation "feed".

Our documents are a head, entries and a tail. They hold no comment, CDATA section or processing instruction, so the tags
of an entry can stand nowhere but around one. What is built otherwise is left whole.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[int, int], ...]  # of bytes: where each entry begins, and where it has ended

_KEPT = 64  # entity tags of earlier revisions that are known of one feed; each revision has two
_TAGS: Mapping[str, re.Pattern[bytes]] = {
    "atom": re.compile(rb"<entry[ >].*?</entry>", re.DOTALL),
    "rss": re.compile(rb"<item[ >].*?</item>", re.DOTALL),
}
_JSON = json.JSONDecoder()
_ITEMS = '"items":['  # cannot stand inside a JSON string, whose quotes are escaped


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Revision:
    """The entries of a feed as it is, and since when each has stood in it with these bytes."""

    number: int  # grows with each change of the document
    tags: tuple[str, ...]  # of its forms
    spans: Spans
    keys: tuple[bytes, ...]  # digest of each entry
    since: tuple[int, ...]  # number of the revision that brought each entry
    earlier: Mapping[str, int]  # entity tag of an earlier form -> number of its revision
    joint: bytes  # what stands between two entries


def revise(before: Revision | None, kind: str, body: bytes, tags: tuple[str, ...]) -> Revision | None:
    """The revision that `body` makes after `before`; None if its entries cannot be told apart.

    The same tags give back `before` itself.
    """
    if before is not None and before.tags == tags:
        return before
    spans = find_entries(kind, body)
    if not spans:
        return None
    keys = tuple(blake2b(body[start:end], digest_size=8).digest() for start, end in spans)
    number, known, earlier = 0, {}, {}
    if before is not None:
        number, known = before.number + 1, dict(zip(before.keys, before.since, strict=True))
        earlier = {tag: n for tag, n in before.earlier.items() if tag not in before.tags}
        earlier |= dict.fromkeys(before.tags, before.number)
    return Revision(
        number=number,
        tags=tags,
        spans=spans,
        keys=keys,
        since=tuple(known.get(key, number) for key in keys),
        earlier=dict(list(earlier.items())[-_KEPT:]),
        joint=b"," if kind == "json" else b"",
    )


def base(revision: Revision, tags: Iterable[str]) -> int | None:
    """Number of the oldest revision that a reader holds by these tags; None if none of them is known."""
    return min((revision.earlier[tag] for tag in tags if tag in revision.earlier), default=None)


@lru_cache(maxsize=32)  # the readers of one hour ask for the same few
def newer(revision: Revision, body: bytes, seen: int, *, packed: bool) -> bytes | None:
    """`body` with those entries alone that came or changed after revision `seen`, in gzip if `packed`.

    None if that is none of them, or all: then it is not worth a form of its own.
    """
    spans = [span for span, since in zip(revision.spans, revision.since, strict=True) if since > seen]
    if not spans or len(spans) == len(revision.spans):
        return None
    entries = revision.joint.join(body[start:end] for start, end in spans)
    document = body[: revision.spans[0][0]] + entries + body[revision.spans[-1][1] :]
    return gzip.compress(document, 6, mtime=0) if packed else document


def find_entries(kind: str, body: bytes) -> Spans:
    """Where the entries of one of our feeds stand, in order; nothing if it is built in another way."""
    if kind == "json":
        try:
            return tuple(_items(body.decode()))
        except ValueError:
            return ()
    if kind not in _TAGS or b"<!" in body or body.count(b"<?") > 1:
        return ()
    spans = tuple(found.span() for found in _TAGS[kind].finditer(body))
    gaps = (body[end:start] for (_, end), (start, _) in pairwise(spans))
    return () if any(gap.strip() for gap in gaps) else spans


def _items(text: str) -> Iterator[tuple[int, int]]:
    before, mark, _ = text.partition(_ITEMS)
    place = len(before + mark)
    offset = len((before + mark).encode())
    while text.startswith("{", place):
        end = _JSON.raw_decode(text, place)[1]
        size = len(text[place:end].encode())
        yield offset, offset + size
        place, offset = end + 1, offset + size + 1  # past the comma

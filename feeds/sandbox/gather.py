"""The documents of one answer, each read by itself -> one reading: a broken file costs the others nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from xxhash import xxh3_64_digest

from feeds.model import TROUBLE, Document, Facts, FeedHead, Item, Reading, Rejected, Unreadable

ReadOne: TypeAlias = Callable[[Document, Facts], Reading | Unreadable]


class Gather:
    """The `Read` port over a reader of single documents."""

    def __init__(self, read_one: ReadOne) -> None:
        self._read_one = read_one

    def __call__(self, documents: Sequence[Document], facts: Facts) -> Reading | Unreadable:
        """All items of `documents`. One document that cannot be read is the source's trouble; one of many is a
        rejected item among the others."""
        found = [self._read(document, facts) for document in documents]
        if len(found) == 1:
            return found[0]
        items: list[Item] = []
        slices: list[bytes] = []
        known = 0
        for document, one in zip(documents, found, strict=True):
            if isinstance(one, Reading):
                items += one.items
                slices += one.slices
                known += one.known
                continue
            digest = xxh3_64_digest(document.url.encode() + document.body)
            slices.append(digest)
            if digest in facts.known:
                known += 1
            else:
                why = f"{one.why}: {one.detail}" if one.detail else one.why
                items.append(
                    Rejected(source=facts.source.name, why=why, guid=document.url, digest=digest, slice=digest)
                )
        whole = [one for one in found if isinstance(one, Reading)]
        return Reading(
            head=whole[0].head if whole else FeedHead(format="none"),
            items=tuple(items),
            known=known,
            slices=tuple(dict.fromkeys(slices)),
            rules=whole[0].rules if whole else "",
            trouble="; ".join(dict.fromkeys(one.trouble for one in whole if one.trouble)),
            cuts=sum((Counter(one.cuts) for one in whole), Counter[str]()),
            differs=next((one.differs for one in whole if one.differs), ""),
        )

    def _read(self, document: Document, facts: Facts) -> Reading | Unreadable:
        trouble = document.headers.get(TROUBLE)
        return Unreadable(why="unreadable_file", detail=trouble) if trouble else self._read_one(document, facts)

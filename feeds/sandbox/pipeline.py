"""Documents -> classified articles: read, normalise, fingerprint, classify. Pure, and plain data both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

from xxhash import xxh3_64_digest

from feeds.classify.matcher import Matcher
from feeds.identify.fingerprint import fingerprint
from feeds.model import (
    Article,
    Document,
    Facts,
    FeedHead,
    Item,
    RawEntry,
    RawFeed,
    Reading,
    Rejected,
    Unreadable,
)
from feeds.normalise.article import clean_head, normalise
from feeds.read import read


class Pipeline:
    """The `Read` port, in this process."""

    def __init__(self, matcher: Matcher, *, rules: str) -> None:
        """`rules` is the version of the rules that `matcher` follows."""
        self._matcher, self._rules = matcher, rules

    def __call__(self, documents: Sequence[Document], facts: Facts) -> Reading | Unreadable:
        """All items of `documents`. One document that cannot be read is the source's trouble; one of many is a
        rejected item among the others."""
        feeds = [_cleaned(_read(document, facts)) for document in documents]
        if len(feeds) == 1 and isinstance(feeds[0], Unreadable):
            return feeds[0]
        items: list[Item] = []
        for document, feed in zip(documents, feeds, strict=True):
            items += self._items(document, feed, facts)
        whole = [feed for feed in feeds if isinstance(feed, RawFeed)]
        lost = tuple(item.digest for item in items if isinstance(item, Rejected) and item.guid.startswith("file:"))
        return Reading(
            head=whole[0].head if whole else FeedHead(format="none"),
            items=tuple(items),
            known=sum(feed.known for feed in whole),
            digests=tuple(dict.fromkeys([d for feed in whole for d in feed.digests] + list(lost))),
            rules=self._rules,
            trouble="; ".join(dict.fromkeys(feed.trouble for feed in whole if feed.trouble)),
        )

    def _items(self, document: Document, feed: RawFeed | Unreadable, facts: Facts) -> list[Item]:
        if isinstance(feed, Unreadable):
            digest = xxh3_64_digest(document.url.encode() + document.body)
            if digest in facts.known:
                return []
            why = f"{feed.why}: {feed.detail}" if feed.detail else feed.why
            return [Rejected(source=facts.source.name, why=why, guid=document.url, digest=digest)]
        outlet = facts.source.title or feed.head.title
        entries = feed.entries if _is_whole_source(document, facts) else _with_own_guids(feed.entries, document)
        return [self._finish(normalise(raw, feed.head, facts), outlet, facts) for raw in entries]

    def _finish(self, item: Item, outlet: str, facts: Facts) -> Item:
        if not isinstance(item, Article):
            return item
        item = replace(item, fingerprint=fingerprint(item, outlet=outlet, boilerplate=facts.boilerplate))
        return replace(item, topics=self._matcher.classify(item, facts.source))


def _is_whole_source(document: Document, facts: Facts) -> bool:
    """Whether the document is all there is of its source: not one file of a folder or glob."""
    return not facts.source.is_file or unquote(document.url) == facts.source.url.replace("file:", "file://", 1)


def _with_own_guids(entries: Sequence[RawEntry], document: Document) -> list[RawEntry]:
    """A guid belongs to its feed: in a folder of feeds, the file's name tells them apart."""
    name = document.url.rpartition("/")[2]
    return [replace(e, guid=f"{name}#{e.guid}") if e.guid and not e.own_page else e for e in entries]


def _cleaned(feed: RawFeed | Unreadable) -> RawFeed | Unreadable:
    return feed if isinstance(feed, Unreadable) else replace(feed, head=clean_head(feed.head))


def _read(document: Document, facts: Facts) -> RawFeed | Unreadable:
    trouble = document.headers.get("x-trouble")
    return Unreadable(why="unreadable_file", detail=trouble) if trouble else read(document, facts)

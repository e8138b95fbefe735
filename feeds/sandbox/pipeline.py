"""One document -> classified items: read, normalise, fingerprint, classify. Pure; what the child processes run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from urllib.parse import unquote

from feeds.classify.matcher import Matcher
from feeds.identify.fingerprint import fingerprint
from feeds.model import Article, Document, Facts, Item, Outline, RawEntry, RawHtml, Reading, Unreadable
from feeds.normalise.article import clean_head, normalise
from feeds.normalise.caps import entry_cuts, head_cuts
from feeds.normalise.text import plain
from feeds.read import read, read_opml

_ASKED = 50  # items of a document that a model may be asked about, at some 5 ms each


class Pipeline:
    """Reads one document to the end, in the process that calls it."""

    def __init__(self, matcher: Matcher, *, rules: str) -> None:
        """`rules` is the version of the rules that `matcher` follows."""
        self._matcher, self._rules = matcher, rules

    def __call__(self, document: Document, facts: Facts) -> Reading | Unreadable:
        """All items of `document`."""
        feed = read(document, facts)
        if isinstance(feed, Unreadable):
            return replace(feed, detail=_line(feed.detail))
        outlet = facts.source.title or plain(RawHtml(value=feed.head.title))
        entries = feed.entries if _is_whole_source(document, facts) else _with_own_guids(feed.entries, document)
        cuts = Counter(feed.cuts)
        cuts.update(chain(head_cuts(feed.head), *map(entry_cuts, entries)))
        return Reading(
            head=clean_head(feed.head),
            items=tuple(
                self._finish(normalise(raw, feed.head, facts), outlet, facts, ask=n < _ASKED)
                for n, raw in enumerate(entries)
            ),
            known=feed.known,
            slices=tuple(dict.fromkeys(feed.slices)),
            rules=self._rules,
            trouble=_line(feed.trouble),
            cuts=cuts,
            differs=feed.differs,
        )

    def _finish(self, item: Item, outlet: str, facts: Facts, *, ask: bool) -> Item:
        if not isinstance(item, Article):
            return replace(item, why=_line(item.why))
        item = replace(item, fingerprint=fingerprint(item, outlet=outlet, boilerplate=facts.boilerplate))
        return replace(item, topics=self._matcher.classify(item, facts.source, ask=ask))


def outlines(document: Document) -> tuple[Outline, ...] | Unreadable:
    """The feeds that an OPML document lists; their titles are plain text."""
    found = read_opml(document)
    if isinstance(found, Unreadable):
        return replace(found, detail=_line(found.detail))
    return tuple(replace(outline, title=_line(outline.title), language=_line(outline.language)) for outline in found)


def _is_whole_source(document: Document, facts: Facts) -> bool:
    """Whether the document is all there is of its source: not one file of a folder or glob."""
    return not facts.source.is_file or unquote(document.url) == facts.source.url.replace("file:", "file://", 1)


def _with_own_guids(entries: Sequence[RawEntry], document: Document) -> list[RawEntry]:
    """A guid belongs to its feed: in a folder of feeds, the file's name tells them apart."""
    name = document.url.rpartition("/")[2]
    return [replace(e, guid=f"{name}#{e.guid}") if e.guid and not e.own_page else e for e in entries]


def _line(text: str) -> str:
    """Words about a document that may quote it."""
    return plain(RawHtml(value=text, plain=True))

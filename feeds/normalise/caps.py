"""What `normalise` leaves out of an entry because it is too long, by name: so that it can be counted."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.model import FeedHead, RawEntry, RawHtml
from feeds.normalise.article import LONGEST_LANGUAGE, MOST_NAMES
from feeds.normalise.text import LONGEST_TEXT, html_cut, is_line_cut
from feeds.normalise.urls import LONGEST


def entry_cuts(raw: RawEntry) -> list[str]:
    """A name for each field of `raw` that is cut or dropped for its length: long_title, long_text, tags, long_name,
    long_address, long_value, many_values. Costs a few comparisons of lengths where nothing is."""
    if raw.trouble:
        return []
    cuts = [found for part in (raw.summary, raw.content) if (found := html_cut(part))]
    if is_line_cut(raw.title):
        cuts.append("long_title")
    cuts += ["long_name" for name in raw.authors[:MOST_NAMES] if len(name) > LONGEST_TEXT]
    cuts += ["long_address" for url in _addresses(raw) if len(url) > LONGEST]
    cuts += ["long_value" for value in raw.categories[:MOST_NAMES] if _is_cut(value)]
    cuts += ["long_value" for value in (raw.guid, raw.published, raw.updated) if len(value) > LONGEST_TEXT]
    cuts += ["long_value" for file in raw.enclosures[:MOST_NAMES] if len(file.type) > LONGEST_TEXT]
    if _is_cut(raw.rights):
        cuts.append("long_value")
    if len(raw.language) > LONGEST_LANGUAGE:
        cuts.append("long_value")
    cuts += ["many_values" for many in (raw.authors, raw.categories, raw.enclosures) if len(many) > MOST_NAMES]
    return cuts


def head_cuts(head: FeedHead) -> list[str]:
    """The same of what a feed says of itself."""
    cuts = ["long_title"] if _is_cut(head.title) else []
    cuts += ["long_address"] if len(head.link) > LONGEST else []
    cuts += ["long_value"] if _is_cut(head.rights) else []
    return cuts + ["long_value" for value in (head.id, head.language) if len(value) > LONGEST_TEXT]


def _addresses(raw: RawEntry) -> Iterator[str]:
    yield raw.link
    if raw.image:
        yield raw.image.url
    for file in raw.enclosures[:MOST_NAMES]:
        yield file.url


def _is_cut(value: str) -> bool:
    return len(value) > LONGEST_TEXT and is_line_cut(RawHtml(value=value))

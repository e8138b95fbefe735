"""Sniff what a document is and hand it to the reader of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from feeds.model import Document, Facts, RawFeed, Unreadable
from feeds.read.article_html import linked_feeds, read_html
from feeds.read.article_markdown import read_markdown
from feeds.read.article_text import read_text
from feeds.read.encoding import decode
from feeds.read.entries import seal
from feeds.read.feed import read_feed
from feeds.read.jsonfeed import read_json

Reader: TypeAlias = Callable[[Document, Facts], RawFeed | Unreadable]

_ARTICLES: dict[str, Reader] = {"txt": read_text, "md": read_markdown, "html": read_html}
_NOTHING = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"  # white space, byte order marks and the zeros of UTF-16
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16, in which every Latin letter brings a zero
_HEAD = 4096  # bytes that are looked at to name the root element
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<(?:!doctype\s+)?([a-z][\w:.-]*)", re.IGNORECASE)
_FEED_TAG = re.compile(rb"<(?:\w+:)?(?:rss|rdf|feed|channel|item|entry)[\s>]", re.IGNORECASE)


def read(document: Document, facts: Facts) -> RawFeed | Unreadable:
    """Read one document to the end.

    Entries whose slice is in `facts.known` are counted, not carried; `slices` names all of them, so that
    `len(entries) + known == len(slices)` is the number of entries in the document, but for those that `cuts` counts
    as items beyond the newest 1,000. Pure, and never raises: `why` is empty, not_a_feed, too_large, too_deep,
    too_many_attributes, dtd_entities, or parser_ followed by the name of the exception that a parser let through.
    """
    try:
        found = _reader(document)(document, facts)
    except Exception as exc:  # noqa: BLE001 - the edge of one document; feedparser alone is known to raise 19 kinds
        return Unreadable(why=f"parser_{type(exc).__name__}", detail=str(exc)[:200])
    return found if isinstance(found, Unreadable) else seal(found, facts.known)


def _reader(document: Document) -> Reader:
    """By the file's suffix for articles; else by the bytes; else by what the server calls it."""
    start = document.body[:_HEAD].lstrip(_NOTHING)
    if not start and not document.body.strip(_NOTHING):
        return _nothing
    if document.url.startswith("file:") and (article := _ARTICLES.get(document.url.lower().rpartition(".")[2])):
        return _binary if b"\0" in start and not document.body.startswith(_WIDE) else article
    if start[:1] in (b"{", b"[") or (start[:1] != b"<" and "json" in document.headers.get("content-type", "")):
        return read_json
    if _root(start) == "html" and not _FEED_TAG.search(document.body):
        return _page
    return _feed


def _binary(_document: Document, _facts: Facts) -> Unreadable:
    return Unreadable(why="not_an_article", detail="its bytes are no text")


def _nothing(_document: Document, _facts: Facts) -> Unreadable:
    return Unreadable(why="empty")


def _page(document: Document, _facts: Facts) -> Unreadable:
    """A page for people: not a feed, but it may say where one is."""
    feeds = linked_feeds(decode(document.body), document.url)
    return Unreadable(why="not_a_feed", detail="an HTML page", feeds=feeds)


def _feed(document: Document, facts: Facts) -> RawFeed | Unreadable:
    """An XML feed, or anything that feedparser makes entries of."""
    found = read_feed(document, facts)
    if isinstance(found, RawFeed):
        return found
    if found.why != "not_a_feed":
        return found
    feeds = linked_feeds(decode(document.body), document.url)
    root = _root(document.body[:_HEAD])
    return replace(found, detail=f"its first element is <{root}>" if root else "neither XML nor JSON", feeds=feeds)


def _root(start: bytes) -> str:
    """Name of the first element, or of the DOCTYPE; "" if there is none near the beginning."""
    found = _ROOT.search(_COMMENT.sub(b"", start))
    return found.group(1).decode("ascii", "replace").lower() if found else ""

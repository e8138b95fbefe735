"""RSS, Atom and CDF through feedparser: this is the only file that imports it.

Two things about feedparser are settled here for the whole process: it parses with our SAX driver (its own choice
would be one that opens files), and it leaves guids as the publisher wrote them (by default it resolves them like
links, so that the guid "123" would change with the address of the feed).
"""

from __future__ import annotations

import codecs
import io
import re
from typing import Any
from xml.sax import SAXParseException

import feedparser
import feedparser.api

from feeds.model import Document, Facts, FeedHead, RawEntry, RawFeed, Unreadable
from feeds.read import encoding
from feeds.read.entries import each
from feeds.read.feed_entry import link, names, raw_entry, text
from feeds.read.skips import skips

feedparser.api.PREFERRED_XML_PARSERS = ["feeds.read.saxdriver"]
for _parser in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    _parser.can_be_relative_uri = _parser.can_be_relative_uri - {"id"}

_XML = "application/xml"
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding=["']([\w.:-]+)["']""")
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s*([A-Za-z-]{2,35})\s*</")
_NOT_ASCII = (*encoding.BOMS, b"\x4c\x6f\xa7\x94")  # byte order marks, and "<?xm" in EBCDIC

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def read_feed(document: Document, facts: Facts) -> RawFeed | Unreadable:
    """Read all that feedparser can rescue; neither a version nor an entry: not a feed."""
    body, content_type = _settle(document, language=facts.source.language)
    try:
        result = _parse(body, content_type, document.url)
    except (ValueError, OverflowError):
        mended = encoding.mend_references(body)
        if mended == body:
            raise
        result = _parse(mended, content_type, document.url)
    version = text(result, "version")
    if not version and not result.entries:
        return Unreadable(why="not_a_feed")
    captions = version.startswith("rss") and "media" in result.namespaces
    heirs = names(result.feed) if version.startswith("atom") else ()  # RFC 4287 section 4.2.1

    def entry(item: Any) -> RawEntry:
        return raw_entry(item, base=document.url, captions=captions, typed=version.startswith("atom"), heirs=heirs)

    return RawFeed(
        head=_head(result.feed, version, body),
        entries=each(result.entries, entry),
        trouble=_in_words(result.get("bozo_exception")),
    )


def _parse(body: bytes, content_type: str, url: str) -> Any:
    return feedparser.parse(
        io.BytesIO(body),  # never a str: it would be opened as an address or as the name of a file
        response_headers={"content-type": content_type, "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _settle(document: Document, *, language: str) -> tuple[bytes, str]:
    """The body and the Content-Type to declare it with, so that feedparser never has to guess.

    A byte order mark beats the charset of HTTP, which beats the XML declaration (RFC 7303 section 3); one in which
    the body is not valid loses. Where feedparser would take cp1252 for want of better, the language tells: ours of
    the source, or the feed's own.
    """
    body = document.body.lstrip(b" \t\r\n")
    if body.startswith(codecs.BOM_UTF8):
        body, claims = body[3:].lstrip(b" \t\r\n"), ["utf-8"]
    elif b"\0" in body[:4] or body.startswith(_NOT_ASCII):
        return body, _XML
    else:
        declared = _DECLARED.match(body)
        claims = [encoding.charset(document.headers.get("content-type", "")), declared[1].decode() if declared else ""]
    name = encoding.fitting(body, *filter(None, claims), "utf-8")
    if not name:
        own = _LANGUAGE.search(body)
        return encoding.decode(
            body, language=language or (own[1].decode() if own else "")
        ).encode(), f"{_XML}; charset=utf-8"
    return body, f"{_XML}; charset={name}"


def _head(feed: Any, version: str, body: bytes) -> FeedHead:
    hours, days = skips(body) if {"skiphours", "skipdays"} & feed.keys() else (0, 0)
    return FeedHead(
        format=version or "unknown",
        title=text(feed, "title"),
        id=text(feed, "id"),
        link=link(feed),
        language=text(feed, "language"),
        rights=text(feed, "rights"),
        ttl=_ttl(feed),
        skip_hours=hours,
        skip_days=days,
    )


def _ttl(feed: Any) -> int:
    """Seconds between polls that the feed asks for: RSS ttl in minutes, or the syndication module."""
    minutes, period, frequency = (text(feed, key).lower() for key in ("ttl", "sy_updateperiod", "sy_updatefrequency"))
    ttl = int(minutes) * 60 if re.fullmatch(r"[0-9]{1,6}", minutes) else 0
    times = int(frequency) if re.fullmatch(r"[0-9]{1,6}", frequency) else 1
    return max(ttl, _PERIODS.get(period, 0) // max(times, 1))


def _in_words(bozo: Exception | None) -> str:
    """What was malformed. Another encoding than the declared one is no trouble once it is found."""
    return f"line {bozo.getLineNumber()}: {bozo.getMessage()}" if isinstance(bozo, SAXParseException) else ""

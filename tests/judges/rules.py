"""Every requirement on our feeds that a grammar cannot say, by name: RFC 4287, RFC 5005, RSS 2.0 and its Profile, JSON
Feed 1.1, OPML 2.0, and our own. Findings begin with the name of the rule that was broken."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from lxml import etree

from tests.hostile.judge import FORBIDDEN

Finding: TypeAlias = str
NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ABSOLUTE = re.compile(r"https?://[!-~]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_RTL = re.compile(r"(ar|arc|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b")
LARGEST = 1_000_000  # bytes of a feed to subscribe to


def judged(name: str, body: bytes) -> list[Finding]:
    """What is wrong with the published feed or subscription list `name`."""
    form = "opml" if name == ".well-known/feeds" else name.partition("?")[0].rpartition(".")[2]
    judge: Callable[[str, bytes], Iterable[Finding]] = {"atom": atom, "rss": rss, "json": json_feed, "opml": opml}[form]
    try:
        text = body.decode()
        found = [f"characters: {text[at.start() - 9 : at.end() + 9]!r}" for at in FORBIDDEN.finditer(text)]
        return [*found, *judge(name, body)]
    except (ValueError, etree.XMLSyntaxError) as exc:
        return [f"well-formed: {exc}"]


# ------------------------------------------------------------------------------------------------------- Atom


def atom(name: str, body: bytes) -> Iterator[Finding]:
    """Rules of Atom (RFC 4287) and of archives (RFC 5005)."""
    feed = etree.fromstring(body)
    entries = feed.findall("a:entry", NAMES)
    archive = feed.find("fh:archive", NAMES) is not None
    yield from _ones(feed, "a:id", "a:title", "a:updated", "a:author")
    yield from _atom_links(feed, name, archive)
    yield from _many("id", (e.findtext("a:id", "", NAMES) for e in entries))
    yield from _many("updated", (e.findtext("a:updated", "", NAMES) for e in entries))
    if not archive and len(body) > LARGEST:
        yield f"size: {len(body)} bytes"
    dates = [e.findtext("a:published", "", NAMES) for e in entries]
    if [_moment(date) for date in dates] != sorted((_moment(date) for date in dates), reverse=True):
        yield "order: not the newest first"
    newest = max((e.findtext("a:updated", "", NAMES) for e in entries), key=_moment, default="")
    if newest and _moment(newest) != _moment(feed.findtext("a:updated", "", NAMES)):
        yield "feed updated: not that of its newest entry"
    for entry in entries:
        yield from _atom_entry(entry)
    for element in feed.iter(*(f"{{{NAMES['a']}}}{tag}" for tag in ("updated", "published"))):
        if not _RFC3339.fullmatch(element.text or ""):
            yield f"date: {element.text}"
    for element in feed.iter():
        if _LANG in element.attrib and not _LANGUAGE.fullmatch(str(element.get(_LANG))):
            yield f"language: {element.get(_LANG)}"
        if element.get("type") == "xhtml":
            yield "type: xhtml"


def _atom_links(feed: Any, name: str, archive: bool) -> Iterator[Finding]:
    links = {link.get("rel", "alternate"): link for link in feed.findall("a:link", NAMES)}
    if len(links) != len(feed.findall("a:link", NAMES)):
        yield "feed links: one relation twice"
    for rel in ("self", "alternate", *(["current"] if archive else [])):
        if rel not in links:
            yield f"feed links: no {rel}"
    for link in feed.iterfind(".//a:link", NAMES):
        if not _ABSOLUTE.fullmatch(link.get("href", "")):
            yield f"address: {link.get('href')}"
    own = links["self"].get("href", "") if "self" in links else ""
    if not own.endswith("/" + name):
        yield f"self: {own} is not {name}"
    for rel in ("self", "current", "prev-archive"):
        if rel in links and links[rel].get("type") != "application/atom+xml":
            yield f"feed links: type of {rel}"
    if archive != bool(re.search(r"/\d{4}-\d\d-\d\d\.atom$", own)):
        yield "archive: a document of a day says so, and no other"
    before = links["prev-archive"].get("href", "") if "prev-archive" in links else ""
    if archive and before >= own:
        yield f"archive: {before} is not before {own}"
    if "next-archive" in links:
        yield "archive: leads to a later one, which it cannot know"


def _atom_entry(entry: Any) -> Iterator[Finding]:
    yield from _ones(entry, "a:id", "a:title", "a:updated", "a:published", "a:source", "a:summary")
    if not entry.findall("a:author/a:name", NAMES):
        yield "author: none"
    if not _URI.fullmatch(entry.findtext("a:id", "", NAMES)):
        yield f"id: {entry.findtext('a:id', '', NAMES)} is no URI"
    links = [(link.get("rel"), link) for link in entry.findall("a:link", NAMES)]
    yield from _many("alternate", (f"{e.get('type')} {e.get('hreflang')}" for rel, e in links if rel == "alternate"))
    if not any(rel == "alternate" for rel, _ in links):
        yield "alternate: none"
    if not (language := entry.get(_LANG, "")):
        yield "language: none, so that the feed's is inherited"
    for rel, link in links:
        if rel == "alternate" and (link.get("type") != "text/html" or link.get("hreflang", "und") != language):
            yield "alternate: type or language"
        if rel not in {"alternate", "via", "related", "enclosure"}:
            yield f"relation: {rel}"
        if rel == "related" and (": " not in link.get("title", "") or link.get("type") != "text/html"):
            yield f"related: {link.get('title')!r} names no outlet and headline, or no type"
        if rel == "via" and not link.get("title"):
            yield "via: no title"
        if link.get("type") and not _MEDIA.fullmatch(link.get("type")):
            yield f"media type: {link.get('type')}"
    if sum(rel == "related" for rel, _ in links) > 10:
        yield "related: more than ten"
    yield from _atom_source(entry, [link.get("href", "") for rel, link in links if rel == "via"])
    for tag in ("summary", "content"):
        for text in entry.findall(f"a:{tag}", NAMES):
            if text.get("type") != "html":
                yield f"type: {tag} is not html"
            yield from _direction(language, text.text or "", text.text == entry.findtext("a:summary", "", NAMES))
    if _moment(entry.findtext("a:updated", "", NAMES)) < _moment(entry.findtext("a:published", "", NAMES)).replace(
        microsecond=0
    ):
        yield "updated: before it was published"
    yield from _thumbnails(entry)


def _atom_source(entry: Any, via: list[str]) -> Iterator[Finding]:
    for source in entry.findall("a:source", NAMES):
        yield from (f"source {each}" for each in _ones(source, "a:id", "a:title", "a:updated"))
        own = [link.get("href", "") for link in source.findall("a:link", NAMES) if link.get("rel") == "self"]
        if own != via:
            yield f"via: {via} is not the source, {own}"


def _direction(language: str, html: str, excerpt: bool) -> Iterator[Finding]:
    """Atom and RSS have no word for direction: the text says it itself, unless there is only a name and a time."""
    if _RTL.match(language) and '<div dir="rtl"' not in html and not (excerpt and re.search(r" UTC\.</p>", html)):
        yield f"direction: {language}, but {html[:40]!r}"


def _thumbnails(parent: Any) -> Iterator[Finding]:
    found = parent.findall(".//media:thumbnail", NAMES)
    if len(found) != len(parent.findall("media:thumbnail", NAMES)) or len(found) > 1:
        yield "thumbnail: not straight below its entry, or several"
    for thumbnail in found:
        if not _ABSOLUTE.fullmatch(thumbnail.get("url", "")):
            yield f"address: {thumbnail.get('url')}"
        if any(not (thumbnail.get(side) or "1").isdecimal() for side in ("width", "height")):
            yield "thumbnail: its size is no number"


# -------------------------------------------------------------------------------------------------------- RSS


def rss(name: str, body: bytes) -> Iterator[Finding]:
    """Rules of RSS 2.0 and of the RSS Profile of the RSS Advisory Board."""
    root = etree.fromstring(body)
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        yield "version: no RSS 2.0"
        return
    yield from _ones(channel, "title", "link", "description", "lastBuildDate", "ttl", "language")
    if not (channel.findtext("ttl") or "").isdecimal():
        yield f"ttl: {channel.findtext('ttl')} is no number of minutes"
    own = [link for link in channel.findall("a:link", NAMES) if link.get("rel") == "self"]
    if [(link.get("type"), link.get("href", "").endswith("/" + name)) for link in own] != [
        ("application/rss+xml", True)
    ]:
        yield "self: none, or another"
    for image in channel.findall("image"):
        if int(image.findtext("width") or 88) > 144 or int(image.findtext("height") or 31) > 400:
            yield "image: larger than 144 x 400"
    for link in channel.iter("link", f"{{{NAMES['a']}}}link"):
        if not _ABSOLUTE.fullmatch(link.get("href") or link.text or ""):
            yield f"address: {link.text}"
    if re.search(rb"<title>[^<]*&(?!#x26;)", body):
        yield "title: an ampersand that is not &#x26;"
    for element in channel.iter("pubDate", "lastBuildDate"):
        if not _RFC822.fullmatch(element.text or ""):
            yield f"date: {element.text}"
    items = channel.findall("item")
    yield from _many("guid", (item.findtext("guid") or "" for item in items))
    for item in items:
        yield from _rss_item(item)


def _rss_item(item: Any) -> Iterator[Finding]:
    yield from _ones(item, "title", "link", "guid", "pubDate", "description", "dc:creator")
    if item.find("guid") is not None and item.find("guid").get("isPermaLink") != "false":
        yield "guid: it is no permanent link, and does not say so"
    for tag in ("title", "dc:creator", "source", "dc:rights"):
        if re.search("[<>]", item.findtext(tag, "", NAMES)):
            yield f"markup: {tag} may be taken for it"
    if item.find("author") is not None:
        yield "author: must be an e-mail address"
    if len(item.findall("enclosure")) > 1:
        yield "enclosure: several"
    for enclosure in item.findall("enclosure"):
        if set(enclosure.keys()) != {"url", "length", "type"} or not enclosure.get("length", "").isdecimal():
            yield "enclosure: url, length and type"
    for source in item.findall("source"):
        if not _ABSOLUTE.fullmatch(source.get("url", "")) or not source.text:
            yield "source: no address or no name"
    order = [child.tag for child in item]
    encoded = f"{{{NAMES['content']}}}encoded"
    if encoded in order and order.index(encoded) < order.index("description"):
        yield "order: content before description"
    language = item.findtext("dc:language", "", NAMES)
    if language and not _LANGUAGE.fullmatch(language):
        yield f"language: {language}"
    for text in (item.findtext("description") or "", *(each.text or "" for each in item.findall(encoded))):
        yield from _direction(language, text, text == item.findtext("description"))
    yield from _thumbnails(item)


# -------------------------------------------------------------------------------------------------- JSON Feed

_FEED_KEYS: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
    "items": list,
}  # fmt: skip
_ITEM_KEYS: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip
_ADDRESSES = (
    "home_page_url",
    "feed_url",
    "icon",
    "favicon",
    "next_url",
    "url",
    "external_url",
    "image",
    "banner_image",
)


def json_feed(name: str, body: bytes) -> Iterator[Finding]:
    """Rules of JSON Feed 1.1."""
    feed = json.loads(body)
    yield from _keys(feed, _FEED_KEYS, "version", "title", "home_page_url", "feed_url", "items")
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version: {feed.get('version')}"
    if not str(feed.get("feed_url")).endswith("/" + name):
        yield f"self: {feed.get('feed_url')}"
    for hub in feed.get("hubs", []):
        if set(hub) != {"type", "url"}:
            yield "hub: type and url"
    yield from _many("id", (str(item.get("id")) for item in feed.get("items", [])))
    for item in feed.get("items", []):
        yield from _keys(item, _ITEM_KEYS, "id", "url", "title", "date_published", "date_modified", "authors")
        if not {"content_html", "content_text"} & item.keys():
            yield "content: neither HTML nor text"
        for key in ("date_published", "date_modified"):
            if not _RFC3339.fullmatch(str(item.get(key))):
                yield f"date: {item.get(key)}"
        for file in item.get("attachments", []):
            if not _ABSOLUTE.fullmatch(str(file.get("url"))) or not _MEDIA.fullmatch(str(file.get("mime_type"))):
                yield "attachment: address and type"
        if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
            yield "tags: not all are words"
        yield from _direction(item.get("language", ""), item.get("content_html", ""), True)
    for each in (feed, *feed.get("items", [])):
        for author in each.get("authors", []):
            if not {"name", "url", "avatar"} & author.keys():
                yield "author: says nothing"
        if not _LANGUAGE.fullmatch(each.get("language", "en")):
            yield f"language: {each.get('language')}"


def _keys(value: dict[str, Any], known: dict[str, type], *needed: str) -> Iterator[Finding]:
    for key, part in value.items():
        if key not in known and not key.startswith("_"):
            yield f"key: {key} is no word of JSON Feed 1.1"
        elif key in known and not isinstance(part, known[key]):
            yield f"kind: {key} is {type(part).__name__}"
        elif key in _ADDRESSES and not _ABSOLUTE.fullmatch(part):
            yield f"address: {part}"
    yield from (f"missing: {key}" for key in needed if not value.get(key) and not isinstance(value.get(key), list))


# ------------------------------------------------------------------------------------------------------- OPML

_OUTLINE = {"type", "text", "title", "description", "xmlUrl", "htmlUrl", "language"}  # of OPML 2.0, and of no date


def opml(name: str, body: bytes) -> Iterator[Finding]:
    """Rules of OPML 2.0 for a subscription list."""
    root = etree.fromstring(body)
    if root.tag != "opml" or root.get("version") != "2.0" or [child.tag for child in root] != ["head", "body"]:
        yield "version: no OPML 2.0"
        return
    yield from _ones(root, "head/title")
    if [child.tag for child in root[0]] != ["title"]:
        yield "head: more than a title, of which a date would change at each run"
    outlines = list(root.iterfind("body//*"))
    for outline in outlines:
        if outline.tag != "outline" or not set(outline.keys()) <= _OUTLINE:
            yield f"outline: {outline.tag} {outline.keys()}"
        if outline.get("type") != "rss" or not (outline.get("text") or "").strip():
            yield "outline: no feed, or without its text"
        for key in ("xmlUrl", *({"htmlUrl"} & set(outline.keys()))):
            if not _ABSOLUTE.fullmatch(outline.get(key, "")):
                yield f"address: {key} {outline.get(key)}"
        if not _LANGUAGE.fullmatch(outline.get("language", "en")):
            yield f"language: {outline.get('language')}"
        if name != "sources.opml" and not outline.get("xmlUrl", "").endswith(".atom"):
            yield "outline: another feed of a topic than Atom"
    yield from _many("address", (outline.get("xmlUrl", "") for outline in outlines))


# ------------------------------------------------------------------------------------------------------ shared


def _ones(parent: Any, *paths: str) -> Iterator[Finding]:
    for path in paths:
        found = parent.findall(path, NAMES)
        if path not in {"a:author", "a:source"} and len(found) == 1 and not (found[0].text or "").strip():
            yield f"empty: {path}"
        if len(found) != 1:
            yield f"once: {len(found)} of {path}"


def _many(what: str, values: Iterable[str]) -> Iterator[Finding]:
    yield from (f"unique: {what} {value}" for value, count in Counter(values).items() if count > 1)


def _moment(text: str) -> datetime:
    if _RFC3339.fullmatch(text):
        return datetime.fromisoformat(text)
    return parsedate_to_datetime("Thu, 01 Jan 1970 00:00:00 +0000")

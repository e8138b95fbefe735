"""Atom 1.0 (RFC 4287) and RSS 2.0 by feedgen, with an extension that mends what feedgen 1.0.0 gets wrong.

What is mended, each held by a test of its own: entry links lose rel, type, hreflang, title and length; the last link
set becomes the channel's, and only the first self link reaches RSS; dates go through setlocale(), which is
process-wide; missing dates become now(); entries are put in backwards; atom:source has no id and no date; a lone
thumbnail is wrapped into a group; an enclosure without type raises; RSS titles carry `<` and `>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Literal, TypeAlias

import feedgen.entry
import feedgen.feed
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from feeds.model import Image, Origin
from feeds.publish.channel import TYPES, Channel
from feeds.publish.entry import RELATED, Shown
from feeds.publish.languages import UNDETERMINED
from feeds.publish.times import rfc3339

Format: TypeAlias = Literal["atom", "rss"]

TTL = 15  # minutes; what our Cache-Control says in seconds

_ATOM = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_NAMESPACES = {"dc": _DC, "media": _MEDIA}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PARTS = {
    "atom": (b"<entry", b"</entry>", b"</feed>\n"),
    "rss": (b"<item>", b"</item>", b"</channel></rss>\n"),
}  # how an entry begins and ends, and what follows the last
_UPDATED = {"atom": (b"<updated>", b"</updated>"), "rss": (b"<lastBuildDate>", b"</lastBuildDate>")}
_ROOT = {"atom": _NAMESPACES, "rss": _NAMESPACES | {"atom": _ATOM, "content": _CONTENT}}
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_RSS_TITLE = re.compile(rb"<title>[^<]*</title>")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


# feedgen's own calls setlocale() twice for each date: two threads can leave the process in another locale.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = _rfc822


def atom(channel: Channel, entries: Sequence[Shown]) -> bytes:
    """Return the Atom document of a channel. Same arguments, same bytes."""
    document: bytes = _generator(channel, entries, "atom").atom_str()
    return document + b"\n"


def rss(channel: Channel, entries: Sequence[Shown]) -> bytes:
    """Return the RSS document of a channel. Same arguments, same bytes."""
    document: bytes = _generator(channel, entries, "rss").rss_str()
    return _RSS_TITLE.sub(_unambiguous, document) + b"\n"


def fragments(entries: Sequence[Shown], form: Format) -> list[bytes]:
    """Return what feedgen writes for each entry, to be put into any channel by `join`.

    Raises:
        ValueError: one of them cannot be written.
        TypeError: likewise.
    """
    start, end, _ = _PARTS[form]
    # The prefixes that the root of feedgen's documents declares, so that no entry declares them.
    root = etree.Element("root", nsmap=_ROOT[form])
    for entry in entries:
        written = _entry(entry, form)
        root.append(written.atom_entry() if form == "atom" else written.rss_entry())
    body: bytes = etree.tostring(root, encoding="UTF-8").removesuffix(b"</root>")
    # Text and attributes hold no `<`, so that these are the elements and nothing else.
    found = [start + part for part in body.split(start)[1:]]
    if len(found) != len(entries) or not all(part.endswith(end) for part in found):
        raise ValueError("feedgen wrote something else")
    return found if form == "atom" else [_RSS_TITLE.sub(_unambiguous, part) for part in found]


def join(channel: Channel, form: Format, written: Iterable[bytes]) -> bytes:
    """Return the document of a channel with entries that `fragments` wrote: the bytes of `atom` or `rss`."""
    before, behind = _around_updated(replace(channel, updated=_ANY_TIME), form)
    updated = channel.updated.isoformat() if form == "atom" else _rfc822(channel.updated)
    return b"".join((before, updated.encode(), behind, *written, _PARTS[form][2]))


@lru_cache(maxsize=1000)  # two for each topic, and one for each archive that is written
def _around_updated(channel: Channel, form: Format) -> tuple[bytes, bytes]:
    """What stands above the entries of a document, before and behind the time when it changed; all else stays."""
    empty = {"atom": atom, "rss": rss}[form](channel, ()).removesuffix(_PARTS[form][2])
    start, end = _UPDATED[form]
    before, found, rest = empty.partition(start)
    _, found_end, behind = rest.partition(end)
    if not (found and found_end):
        raise ValueError("feedgen wrote something else")
    return before + found, found_end + behind


def _generator(channel: Channel, entries: Sequence[Shown], form: Format) -> FeedGenerator:
    """One generator for each format: self link and type differ."""
    generator = FeedGenerator()
    generator.register_extension("mended", _MendedFeed, _MendedEntry)
    generator.mended.links = _channel_links(channel, form)
    generator.mended.is_archive = bool(channel.archive)
    generator.id(channel.id)
    generator.title(_title(channel.title, form))
    generator.subtitle(channel.description)
    generator.author(name=channel.author, uri=channel.about)
    generator.link(href=channel.page, rel="alternate", type="text/html")  # RSS takes the last: so the only one
    generator.generator("topic-feeds")  # without a version: an upgrade is no news
    generator.icon(channel.icon)
    generator.rights(channel.rights)
    generator.ttl(TTL)
    generator.updated(channel.updated)
    if channel.language:
        generator.language(channel.language)
    for entry in entries:
        generator.add_entry(_entry(entry, form), order="append")
    return generator


def _entry(shown: Shown, form: Format) -> FeedEntry:
    entry = FeedEntry()
    entry.register_extension("mended", _MendedEntry)
    entry.mended.shown = shown
    entry.id(shown.id)
    entry.title(_title(shown.title, form))
    entry.link(href=shown.url)
    entry.published(shown.published)
    entry.updated(shown.updated)
    entry.summary(shown.summary, type="html")
    if shown.content:
        entry.content(shown.content, type="html")
    if shown.rights:
        entry.rights(shown.rights)
    entry.author([{"name": name} for name in shown.authors])
    entry.category([{"term": c.term, "scheme": c.scheme, "label": c.label} for c in shown.categories])
    return entry


def _title(title: str, form: Format) -> str:
    return _shy(title) if form == "rss" else title


def _shy(text: str) -> str:
    """RSS does not say whether a text is HTML: some readers drop what looks like a tag, others obey it."""
    return text.replace("<", "‹").replace(">", "›")


def _unambiguous(title: re.Match[bytes]) -> bytes:
    """`&#x26;` is what the RSS Profile (element title) asks for; no serialiser can be told so."""
    return title[0].replace(b"&amp;", b"&#x26;")


def _channel_links(channel: Channel, form: Format) -> list[dict[str, str]]:
    """Without next-archive (RFC 5005 section 4): what will follow an archive is not known when it is last written."""
    atom = TYPES["atom"]
    links = [{"rel": "self", "type": TYPES[form], "href": channel.archive or channel.url(form)}]
    if channel.archive:
        links.append({"rel": "current", "type": atom, "href": channel.url("atom")})
    if channel.previous:
        links.append({"rel": "prev-archive", "type": atom, "href": channel.previous})
    return links + [{"rel": "hub", "href": hub} for hub in channel.hubs]


class _MendedFeed:
    """Feed level: every link, in both formats. feedgen calls it by these names."""

    def __init__(self) -> None:
        self.links: list[dict[str, str]] = []
        self.is_archive = False

    def extend_ns(self) -> dict[str, str]:
        return _NAMESPACES

    def extend_atom(self, feed: etree._Element) -> None:
        for link in self.links:  # feedgen's elements have no namespace but a plain attribute `xmlns`
            etree.SubElement(feed, "link", link)
        if self.is_archive:
            etree.SubElement(feed, f"{{{_HISTORY}}}archive", nsmap={"fh": _HISTORY})

    def extend_rss(self, rss: etree._Element) -> None:
        for link in self.links:
            etree.SubElement(rss[0], f"{{{_ATOM}}}link", link, nsmap={"atom": _ATOM})


class _MendedEntry:
    """Entry level: whole links, a whole source, language, enclosures and the picture."""

    shown: Shown

    def extend_atom(self, entry: etree._Element) -> None:
        shown = self.shown
        entry.set(_XML_LANG, shown.language or UNDETERMINED)
        for broken in entry.findall("link"):
            entry.remove(broken)
        for link in _entry_links(shown):
            etree.SubElement(entry, "link", {key: value for key, value in link.items() if value})
        self._add_source(entry)
        _add_thumbnail(entry, shown.image)

    def _add_source(self, entry: etree._Element) -> None:
        """RFC 4287 section 4.2.11. Its `updated` is the entry's: a poll that brought nothing must move no byte."""
        origin = self.shown.source
        source = etree.SubElement(entry, "source")
        etree.SubElement(source, "id").text = origin.id
        etree.SubElement(source, "title").text = origin.title
        etree.SubElement(source, "updated").text = rfc3339(self.shown.updated)
        if origin.url:
            link = {"rel": "self", "type": media_type(origin), "href": origin.url}
            etree.SubElement(source, "link", {key: value for key, value in link.items() if value})
        if origin.home:
            etree.SubElement(source, "link", {"rel": "alternate", "type": "text/html", "href": origin.home})
        if origin.rights:
            etree.SubElement(source, "rights").text = origin.rights

    def extend_rss(self, item: etree._Element) -> None:
        shown = self.shown
        # RSS's own author must be an e-mail address; of several creators most readers show one, seldom the first.
        _add_dc(item, "creator", _shy(", ".join(shown.authors)))
        _add_dc(item, "language", shown.language or UNDETERMINED)
        if shown.rights:
            _add_dc(item, "rights", _shy(shown.rights))
        for file in shown.enclosures[:1]:  # RSS 2.0 has room for one
            attributes = {"url": file.url, "length": str(file.length), "type": file.type or "application/octet-stream"}
            etree.SubElement(item, "enclosure", attributes)
        if shown.source.url:
            etree.SubElement(item, "source", {"url": shown.source.url}).text = _shy(shown.source.title)
        _add_thumbnail(item, shown.image)


def _entry_links(shown: Shown) -> list[dict[str, str]]:
    """The publisher's page, the feed it came from, the other outlets' pages and the files it offers."""
    links = [{"rel": "alternate", "type": "text/html", "hreflang": shown.language, "href": shown.url}]
    if shown.source.url:
        kind = media_type(shown.source)
        links.append({"rel": "via", "type": kind, "href": shown.source.url, "title": shown.source.title})
    for also in shown.also[:RELATED]:
        title = f"{also.outlet}: {also.title}"
        links.append({"rel": "related", "type": "text/html", "href": also.url, "title": title})
    for file in shown.enclosures:
        length = str(file.length) if file.length else ""
        links.append({"rel": "enclosure", "type": file.type, "length": length, "href": file.url})
    return links


def media_type(origin: Origin) -> str:
    """What a source's feed is served as, "" if we do not know: read as RSS 1.0 it is RDF."""
    if origin.format in ("rss10", "rss090"):
        return "application/rdf+xml"
    return next((TYPES[form] for form in TYPES if origin.format.startswith(form)), "")


def _add_dc(item: etree._Element, name: str, value: str) -> None:
    etree.SubElement(item, f"{{{_DC}}}{name}", nsmap={"dc": _DC}).text = value


def _add_thumbnail(parent: etree._Element, image: Image | None) -> None:
    """Straight under the entry: Media RSS allows no group around a single thumbnail."""
    if image:
        sizes = {"width": image.width, "height": image.height}
        attributes = {"url": image.url} | {name: str(size) for name, size in sizes.items() if size > 0}
        etree.SubElement(parent, f"{{{_MEDIA}}}thumbnail", attributes, nsmap={"media": _MEDIA})

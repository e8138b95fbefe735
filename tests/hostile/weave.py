"""Hostile snippets -> documents for the pipeline: one in every field of every item, in every form of a feed.

Forms that claim to be well-formed are: characters that XML cannot carry come as HTML references instead. The broken
forms hold everything raw, so that feedparser falls back to its loose parser. JSON carries every code point.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from lxml.html import fragment_fromstring

from feeds.model.likeness import WINDOW

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)
_TYPES = ("html", "html", "html", "text/html", "text", "text/plain", "application/xhtml+xml", "image/svg+xml", "HTML")
APART = WINDOW + timedelta(hours=1)  # articles that are no further apart in time may be one story
FIELDS = ("title", "summary", "content", "author", "category", "link", "enclosure", "image", "source", "rights", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Woven:
    """One item before it takes a form."""

    number: int
    when: datetime
    fields: Mapping[str, str]  # by name of FIELDS

    @property
    def guid(self) -> str:
        return f"urn:x-hostile:{self.number}"

    @property
    def mark(self) -> str:
        """A word that stands in the title, or where the title is a bare snippet, in the content."""
        return f"mark{self.number}"


def weave(numbers: Sequence[int], snippets: Callable[[int], str], now: datetime) -> list[Woven]:
    """An item for each number, with another snippet of `numbers` in each field: in the end all were in all fields.

    Each has a time of its own, three APART from the next, so that no two become one story, be they ever so alike.
    """
    items = []
    for at, number in enumerate(numbers):
        fields = {name: snippets(numbers[(at + 7 * shift) % len(numbers)]) for shift, name in enumerate(FIELDS)}
        if number % 4:
            fields["title"] = f"mark{number} {fields['title']}"
        fields["content"] = (f"<p>mark{number}</p>" + fields["content"], f"mark{number} {fields['content']}")[
            number % 2
        ]
        items.append(Woven(number=number, when=now - timedelta(minutes=1) - 3 * at * APART, fields=fields))
    return items


# ------------------------------------------------------------------------------------------------------- escaping


def _xml(text: str) -> str:
    """What XML can carry, the rest as references of HTML."""
    return _NOT_XML.sub(lambda match: f"&#{ord(match[0])};", text)


def _text(text: str) -> str:
    return escape(_xml(text))


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))


def _cdata(text: str) -> str:
    return "<![CDATA[" + _xml(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _raw(text: str) -> str:
    return text


def _raw_attribute(text: str) -> str:
    return f'"{text}"'


def _xhtml(text: str) -> str:
    """`text` as well-formed XHTML of the same elements and attributes; "" if it cannot be."""
    try:
        element = fragment_fromstring(_NOT_XML.sub("", text), create_parent="div")
        element.set("xmlns", "http://www.w3.org/1999/xhtml")
        written = etree.tostring(element, encoding="unicode", with_tail=False)
        expat.ParserCreate(namespace_separator=" ").Parse(written, True)
    except (etree.LxmlError, ValueError, expat.ExpatError, AssertionError, RecursionError):
        return ""
    return written


# ---------------------------------------------------------------------------------------------------------- forms


def _rss(name: str, items: Sequence[Woven], *, text: Callable[[str], str], attribute: Callable[[str], str]) -> bytes:
    def item(woven: Woven) -> str:
        f = woven.fields
        return f"""<item><title>{text(f["title"])}</title><link>{text(f["link"])}</link>
<guid isPermaLink="false">{woven.guid}</guid><pubDate>{woven.when:%a, %d %b %Y %H:%M:%S +0000}</pubDate>
<dc:creator>{text(f["author"])}</dc:creator><category domain={attribute(f["base"])}>{text(f["category"])}</category>
<enclosure url={attribute(f["enclosure"])} length="9" type={attribute(("audio/mpeg", f["rights"])[woven.number % 2])}/>
<media:content url={attribute(f["image"])} medium="image" width="640" height="480"/>
<source url={attribute(f["link"])}>{text(f["source"])}</source><dc:rights>{text(f["rights"])}</dc:rights>
<description>{text(f["summary"])}</description><content:encoded>{text(f["content"])}</content:encoded></item>"""

    head = f"<title>{text(name)}</title><link>http://{_host(name)}/</link><description>x</description>"
    return _bytes(f'<rss version="2.0" {_SPACES}><channel>{head}{"".join(map(item, items))}</channel></rss>')


def rss_escaped(name: str, items: Sequence[Woven]) -> bytes:
    return _rss(name, items, text=_text, attribute=_attribute)


def rss_cdata(name: str, items: Sequence[Woven]) -> bytes:
    return _rss(name, items, text=_cdata, attribute=_attribute)


def rss_broken(name: str, items: Sequence[Woven]) -> bytes:
    """Escaped like the others, but with all the raw bytes that no XML may hold."""
    return _rss(name, items, text=escape, attribute=quoteattr)


def _atom(name: str, items: Sequence[Woven], typed: Callable[[str, str, Woven], str]) -> bytes:
    def entry(woven: Woven) -> str:
        f = woven.fields
        base = f" xml:base={_attribute(f['base'])}" if woven.number % 3 == 0 else ""
        kind, page = _attribute(("audio/mpeg", f["rights"])[woven.number % 2]), _attribute(f["link"])
        return f"""<entry{base}>{typed("title", f["title"], woven)}<id>{woven.guid}</id>
<updated>{woven.when.isoformat()}</updated><link href={page}/>
<link rel="enclosure" href={_attribute(f["enclosure"])} type={kind}/>
<author><name>{_text(f["author"])}</name><uri>{_text(f["link"])}</uri></author>
<category term={_attribute(f["category"])} label={_attribute(f["category"])}/>
<media:thumbnail url={_attribute(f["image"])}/>{typed("rights", f["rights"], woven)}
<source><id>{_text(f["link"])}</id>{typed("title", f["source"], woven)}<link rel="self" href={page}/></source>
{typed("summary", f["summary"], woven)}{typed("content", f["content"], woven)}</entry>"""

    head = f"<id>urn:x:{_host(name)}</id><title>{_text(name)}</title><updated>2026-11-20T11:00:00Z</updated>"
    space = f'xmlns="http://www.w3.org/2005/Atom" {_SPACES}'
    return _bytes(f"<feed {space}>{head}{''.join(map(entry, items))}</feed>")


def atom_html(name: str, items: Sequence[Woven]) -> bytes:
    def typed(tag: str, text: str, woven: Woven) -> str:
        return f'<{tag} type="html">{_text(text)}</{tag}>'

    return _atom(name, items, typed)


def atom_text(name: str, items: Sequence[Woven]) -> bytes:
    def typed(tag: str, text: str, woven: Woven) -> str:
        return f'<{tag} type="text">{_text(text)}</{tag}>'

    return _atom(name, items, typed)


def atom_xhtml(name: str, items: Sequence[Woven]) -> bytes:
    """XHTML where the snippet can be made well-formed, else HTML in CDATA."""

    def typed(tag: str, text: str, woven: Woven) -> str:
        written = _xhtml(text)
        return f'<{tag} type="xhtml">{written}</{tag}>' if written else f'<{tag} type="html">{_cdata(text)}</{tag}>'

    return _atom(name, items, typed)


def atom_mixed(name: str, items: Sequence[Woven]) -> bytes:
    """Types that promise something else than comes."""

    def typed(tag: str, text: str, woven: Woven) -> str:
        kind = _TYPES[(woven.number + len(tag)) % len(_TYPES)]
        return f'<{tag} type="{kind}">{_text(text)}</{tag}>'

    return _atom(name, items, typed)


def json_feed(name: str, items: Sequence[Woven]) -> bytes:
    def item(woven: Woven) -> dict[str, object]:
        f = woven.fields
        return {
            "id": woven.guid,
            "url": f["link"],
            "external_url": f["base"],
            "title": f["title"],
            "summary": f["summary"],
            ("content_html", "content_text")[woven.number % 5 == 0]: f["content"],
            "image": f["image"],
            "date_published": woven.when.isoformat(),
            "authors": [{"name": f["author"], "url": f["link"], "avatar": f["image"]}],
            "tags": [f["category"]],
            "language": ("en", f["rights"][:40])[woven.number % 2],
            "attachments": [{"url": f["enclosure"], "mime_type": f["rights"], "size_in_bytes": 9}],
        }

    feed = {"version": "https://jsonfeed.org/version/1.1", "title": name, "items": [item(woven) for woven in items]}
    return json.dumps(feed).encode()


FORMS: dict[str, Callable[[str, Sequence[Woven]], bytes]] = {
    "rss-escaped": rss_escaped,
    "rss-cdata": rss_cdata,
    "rss-broken": rss_broken,
    "atom-html": atom_html,
    "atom-text": atom_text,
    "atom-xhtml": atom_xhtml,
    "atom-mixed": atom_mixed,
    "json": json_feed,
}


def title_feed(woven: Woven, *, form: int, with_item: bool) -> bytes:
    """A feed whose own title, id, address and rights are hostile; its one item is not, but for the summary."""
    f, when = woven.fields, woven.when - APART
    title, page = f["source"], f["link"]
    words, text = f"Report number {woven.number}", f"Report number {woven.number} {f['summary']}"
    if form % 3 == 0:
        item = {"id": woven.guid, "title": words, "content_html": text, "date_published": when.isoformat()}
        head = {"version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": page, "feed_url": page}
        return json.dumps(head | {"language": f["base"], "items": [item] * with_item}).encode()
    if form % 3 == 1:
        items = (
            f"<item><title>{words}</title><guid isPermaLink='false'>{woven.guid}</guid><pubDate>"
            f"{when:%a, %d %b %Y %H:%M:%S +0000}</pubDate><description>{_text(text)}</description></item>"
        )
        return _bytes(
            f"<rss version='2.0' {_SPACES}><channel><title>{_cdata(title)}</title><link>{_text(page)}</link>"
            f"<copyright>{_text(f['rights'])}</copyright><language>{_text(f['base'][:35])}</language>"
            f"<image><url>{_text(f['image'])}</url><title>{_text(title)}</title></image>"
            f"{items * with_item}</channel></rss>"
        )
    entries = (
        f"<entry><id>{woven.guid}</id><title>{words}</title><updated>{when.isoformat()}</updated>"
        f"<summary type='html'>{_text(text)}</summary></entry>"
    )
    return _bytes(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>{_text(title)}</title><id>{_text(page)}</id>"
        f"<link href={_attribute(page)}/><rights type='html'>{_text(f['rights'])}</rights>"
        f"<icon>{_text(f['image'])}</icon><author><name>{_text(f['author'])}</name></author>"
        f"<updated>{when.isoformat()}</updated>{entries * with_item}</feed>"
    )


def article_file(woven: Woven, suffix: str) -> bytes:
    """An article of our own, of which a page is made. Without zeros: such a file is taken for no text."""
    f = {name: value.replace("\0", "") for name, value in woven.fields.items()}
    if suffix == "html":
        return _bytes(
            f"<html lang={_raw_attribute(f['rights'][:20])}><head><meta name=author content={quoteattr(f['author'])}>"
            f"<meta name=description content={quoteattr(f['summary'])}>"
            f"<meta property=og:image content={quoteattr(f['image'])}>"
            f"<title>{woven.mark}</title><base href={quoteattr(f['base'])}></head>"
            f"<body><h1>{woven.mark} {f['source']}</h1><p>{woven.mark}</p>{f['content']}</body></html>"
        )
    head = f"---\ntitle: {woven.mark} {f['title']}\nauthor: {f['author']}\nlang: {f['rights'][:20]}\n---\n".replace(
        "\r", ""
    )
    if suffix == "md":
        link = f'\n\n[{woven.mark}]({f["link"]}) ![x]({f["image"]} "{f["category"]}")\n\n'
        return _bytes(f"{head}# {f['source']}\n\n{woven.mark} {f['summary']}{link}{f['content']}\n")
    return _bytes(f"{woven.mark} {f['title']}\n\n{woven.mark} {f['summary']}\n\n{f['content']}\n")


def _host(name: str) -> str:
    return f"{re.sub('[^a-z0-9]', '', name.lower())}.example"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

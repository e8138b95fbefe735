"""HTML pages: an article file, or a page in a feed's place that says where the feed is."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Document, Facts, Image, RawEntry, RawFeed, RawHtml, Unreadable
from feeds.read.encoding import charset, decode
from feeds.read.entries import article

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
MOST_TAGS = 10_000  # of one page: parsing is quadratic in depth, and no text may have more
_MOST_FEEDS = 20  # that a page may name
_MOST_ARTICLES = 100  # of which the longest is looked for
_ASIDE = ["script", "style", "template", "noscript", "form", "nav", "header", "footer", "aside"]
_WEB = ("http://", "https://")


def linked_feeds(html: str, url: str) -> tuple[str, ...]:
    """Absolute addresses of the feeds that the page at `url` links to (autodiscovery), in its order."""
    tree = LexborHTMLParser(_cut(html))
    base = urljoin(url, _attribute(tree, "base[href]", "href"))
    found = [
        address
        for node in tree.css("link[rel~=alternate i][href]")
        if (node.attributes.get("type") or "").partition(";")[0].strip().lower() in _FEED_TYPES
        and (address := urljoin(base, (node.attributes["href"] or "").strip())).startswith(_WEB)
    ]
    return tuple(dict.fromkeys(found))[:_MOST_FEEDS]


def read_html(document: Document, facts: Facts) -> RawFeed | Unreadable:
    """One article: its text is the longest <article>, else <main>, else the body, without what surrounds a text."""
    declared = charset(document.body[:1024].decode("latin-1"))  # <meta charset>, as HTML has it within 1024 bytes
    html = decode(document.body, charset=declared, language=facts.source.language)
    page = _cut(html)
    tree = LexborHTMLParser(page)
    root = _root(tree)
    if root is None:
        return Unreadable(why="empty", detail="a page without a body")
    headline = root.css_first("h1")
    title = (_text(headline) if headline else "") or _meta(tree, "og:title") or _text(tree.css_first("title"))
    published = _meta(tree, "article:published_time", "date") or _attribute(tree, "time[datetime]", "datetime")
    picture = _meta(tree, "og:image")
    if headline:
        headline.decompose()
    root.strip_tags(_ASIDE)
    first = next((words for node in root.css("p") if (words := _text(node))), "")
    entry = RawEntry(
        title=RawHtml(value=title, plain=True),
        summary=RawHtml(value=_meta(tree, "description", "og:description") or first, plain=True),
        content=RawHtml(value=(root.inner_html or "").strip(), base=_home(tree)),
        authors=tuple(filter(None, [_meta(tree, "author")])),
        language=_attribute(tree, "html[lang]", "lang"),
        published=published,
        updated=_meta(tree, "article:modified_time"),
        image=Image(url=picture) if picture.startswith(_WEB) else None,
        base=_home(tree),
    )
    return replace(article(document, entry), cuts={"tags": 1} if len(page) < len(html) else {})


def _cut(html: str) -> str:
    return html if html.count("<") <= MOST_TAGS else "<".join(html.split("<", MOST_TAGS + 1)[: MOST_TAGS + 1])


def _root(tree: LexborHTMLParser) -> LexborNode | None:
    articles = tree.css("article")[:_MOST_ARTICLES]
    return max(articles, key=lambda node: len(_text(node))) if articles else tree.css_first("main") or tree.body


def _home(tree: LexborHTMLParser) -> str:
    """What relative links are relative to: a file cannot know unless it says."""
    address = _attribute(tree, "base[href]", "href") or _attribute(tree, "link[rel~=canonical][href]", "href")
    return address if address.startswith(_WEB) else ""


def _meta(tree: LexborHTMLParser, *names: str) -> str:
    """Content of the first <meta> with one of `names` that has any."""
    queries = (f'meta[{key}="{name}" i][content]' for name in names for key in ("property", "name"))
    return next((content for query in queries if (content := _attribute(tree, query, "content"))), "")


def _attribute(tree: LexborHTMLParser, query: str, name: str) -> str:
    node = tree.css_first(query)
    return (node.attributes.get(name) or "").strip() if node else ""


def _text(node: LexborNode | None) -> str:
    return re.sub(r"\s+", " ", node.text()).strip() if node else ""

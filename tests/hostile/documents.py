"""Published documents taken apart: each value goes to the judge as what its format says it is.

A document that holds an element, a key or a file that is not named here is condemned for it: nothing goes unjudged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from xml.parsers import expat

from lxml import etree

from tests.hostile import judge

Finding: TypeAlias = tuple[str, tuple[str, ...]]  # where, what
Judge: TypeAlias = Callable[[str], tuple[str, ...]]

_A = "{http://www.w3.org/2005/Atom}"
_M = "{http://search.yahoo.com/mrss/}"
_D = "{http://purl.org/dc/elements/1.1/}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def _nothing(value: str) -> tuple[str, ...]:
    return ("text where none belongs",) if value.strip() else ()


def _link(value: str) -> tuple[str, ...]:
    return judge.address(value)


def _either(value: str) -> tuple[str, ...]:
    """RSS does not say whether text is HTML."""
    return judge.untyped(value)


_OUTLINE = {"html": ("head", "body"), "body": ("a", "header", "main", "footer")}
_ARTICLE_TEXT = re.compile(rb"(</header>\n<div[^>]*>\n).*(\n</div>\n<footer>)", re.DOTALL)
_NUMBER: dict[str, Judge] = dict.fromkeys(("width", "height", "length"), judge.line)
_ATOM: Mapping[str, tuple[Judge, Mapping[str, Judge]]] = {
    "feed": (_nothing, {_LANG: judge.line}),
    "entry": (_nothing, {_LANG: judge.line}),
    "source": (_nothing, {}),
    "{http://purl.org/syndication/history/1.0}archive": (_nothing, {}),
    "author": (_nothing, {}),
    "id": (judge.identifier, {}),
    "title": (judge.line, {}),
    "subtitle": (judge.line, {}),
    "name": (judge.line, {}),
    "uri": (_link, {}),
    "generator": (judge.line, {}),
    "icon": (_link, {}),
    "rights": (judge.line, {}),
    "published": (judge.line, {}),
    "updated": (judge.line, {}),
    "summary": (judge.html, {"type": judge.line}),
    "content": (judge.html, {"type": judge.line}),
    "category": (_nothing, {"term": judge.line, "label": judge.line, "scheme": judge.identifier}),
    "link": (
        _nothing,
        {"href": _link, **dict.fromkeys(("rel", "type", "hreflang", "title"), judge.line), **_NUMBER},
    ),
}
_RSS: Mapping[str, tuple[Judge, Mapping[str, Judge]]] = {
    "rss": (_nothing, {"version": judge.line}),
    "channel": (_nothing, {}),
    "item": (_nothing, {}),
    "title": (_either, {}),
    "link": (_link, {}),
    "description": (judge.html, {}),
    "{http://purl.org/rss/1.0/modules/content/}encoded": (judge.html, {}),
    "guid": (judge.identifier, {"isPermaLink": _either}),
    "category": (_either, {"domain": judge.identifier}),
    "source": (_either, {"url": _link}),
    "enclosure": (_nothing, {"url": _link, "type": _either, **_NUMBER}),
    _A + "link": (_nothing, {"href": _link, "rel": _either, "type": _either}),
    **dict.fromkeys(("generator", "copyright", "language", "lastBuildDate", "pubDate", "ttl", "docs"), (_either, {})),
    **dict.fromkeys((_D + "creator", _D + "language", _D + "rights"), (_either, {})),
}
_THUMBNAIL: Mapping[str, tuple[Judge, Mapping[str, Judge]]] = {_M + "thumbnail": (_nothing, {"url": _link, **_NUMBER})}
_JSON: Mapping[str, Judge] = {
    **dict.fromkeys(("url", "home_page_url", "feed_url", "favicon", "image", "home", "prev_archive"), _link),
    "id": judge.identifier,
    "content_html": judge.html,
    **dict.fromkeys(("version", "title", "summary", "description", "name", "tags", "language"), judge.line),
    **dict.fromkeys(("date_published", "date_modified", "published", "mime_type"), judge.line),
    **dict.fromkeys(("rights", "outlet", "word", "where"), judge.line),
}


def judged(name: str, body: bytes) -> Iterator[Finding]:
    """What is wrong with the published file `name`."""
    suffix = name.rpartition(".")[2]
    if suffix in {"atom", "rss", "opml", "feeds"} or name.endswith("well-known/feeds"):
        yield from _xml(name, body)
    elif suffix == "json":
        yield from _json(name, body)
    elif suffix == "html":
        yield name, _page(name, body)
    elif not name.endswith(("favicon", ".ico", ".svg", ".css")):
        yield name, ("a file of a kind that nobody judges",)


def html_values(name: str, body: bytes) -> list[str]:
    """All HTML of a feed, in its order."""
    if name.endswith(".json"):
        return [item["content_html"] for item in json.loads(body)["items"]]
    tags = ("summary", "content") if name.endswith(".atom") else ("description", "encoded")
    elements = (e for e in etree.fromstring(body, _strict()).iter() if etree.QName(e).localname in tags)
    return [element.text or "" for element in elements]


def untyped_values(body: bytes) -> list[str]:
    """All texts of RSS of which it does not say whether they are HTML, in their order."""
    elements = etree.fromstring(body, _strict()).iter(*(tag for tag, (rule, _) in _RSS.items() if rule is _either))
    return [element.text or "" for element in elements]


def _strict() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=False)


def _page(name: str, body: bytes) -> tuple[str, ...]:
    if not name.startswith("article/"):
        return judge.page(body, outline=_OUTLINE)
    # A text of others may nest headings or links as HTML does not want it, as long as that stays in its place.
    frame = _ARTICLE_TEXT.sub(rb"\1\2", body)
    return judge.page(body, outline={**_OUTLINE, "article": ("header", "div", "footer")}, frame=frame)


def _xml(name: str, body: bytes) -> Iterator[Finding]:
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(body, True)
        root = etree.fromstring(body, _strict())
    except (expat.ExpatError, etree.XMLSyntaxError) as exc:
        yield name, (f"ill-formed: {exc}",)
        return
    if b"<!DOCTYPE" in body or root.getprevious() is not None or root.getnext() is not None:
        yield name, ("something stands around the root",)
    yield name, tuple(judge.characters(body.decode()))
    if root.tag == "opml":
        yield from _opml(name, root)
        return
    atom = {tag if tag.startswith("{") else _A + tag: rules for tag, rules in _ATOM.items()}
    known = atom if root.tag == _A + "feed" else dict(_RSS)
    known |= _THUMBNAIL
    for element in root.iter():
        where = f"{name}: {element.tag}, line {element.sourceline}"
        if not isinstance(element.tag, str) or element.tag not in known:
            yield where, ("an element that nobody judges",)
            continue
        text, attributes = known[element.tag]
        yield where, text(element.text or "") + _nothing(element.tail or "")
        for key, value in element.attrib.items():
            rule = attributes.get(str(key))
            yield f"{where}, {key!r}", rule(str(value)) if rule else ("an attribute that nobody judges",)


def _opml(name: str, root: Any) -> Iterator[Finding]:
    for element in root.iter():
        where = f"{name}: {element.tag}, line {element.sourceline}"
        yield where, judge.line(element.text or "") if (element.text or "").strip() else ()
        if element.tag not in {"opml", "head", "title", "body", "outline"}:
            yield where, ("an element that nobody judges",)
        for key, value in element.attrib.items():
            yield f"{where}, {key!r}", _link(str(value)) if key in {"xmlUrl", "htmlUrl"} else judge.line(str(value))


def _json(name: str, body: bytes) -> Iterator[Finding]:
    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is no JSON")

    try:
        feed = json.loads(body.decode(), parse_constant=refuse)
    except ValueError as exc:
        yield name, (f"ill-formed: {exc}",)
        return
    yield name, tuple(judge.characters(body.decode()))
    yield from _values(name, "", feed)


def _values(where: str, key: str, value: Any) -> Iterator[Finding]:
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from _values(f"{where}.{inner}", inner, part)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _values(f"{where}[{at}]", key, part)
    elif isinstance(value, str):
        rule = _JSON.get(key)
        yield where, rule(value) if rule else ("a key that nobody judges",)

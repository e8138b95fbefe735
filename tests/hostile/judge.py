"""The judge of what was published: an HTML5 parser and lists of its own, nothing of the program that it judges.

It knows what is inert and condemns all else: it need not know every way to be active. Findings are words for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import html5lib

Place: TypeAlias = Literal["feed", "page"]

# What no document of ours may hold: C0 but TAB and LF (CR is a line end in XML, and ours are LF), DEL and C1, lone
# surrogates, U+FFFD and the noncharacters.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_BREAK = re.compile("[\n\r\u2028\u2029]")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INERT = _names(
    "a abbr address article aside b bdi blockquote br caption center cite code dd del details dfn div dl dt em"
    " figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q rp rt ruby s samp"
    " section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_FRAME = _names("html head body meta title link nav label input")  # of our own pages
_PICTURE = {f"{{http://www.w3.org/2000/svg}}{name}" for name in ("svg", "title", "desc", "rect")}  # likewise
_WORDS = _names("alt colspan datetime dir height hreflang lang rel rowspan start title value width")
_PICTURE_WORDS = _names("role viewBox preserveAspectRatio x y width height id aria-labelledby")
_FRAME_WORDS: Mapping[str, frozenset[str]] = {
    "": frozenset({"class", "id", "aria-label", "aria-labelledby", "aria-current", "aria-hidden"}),
    "meta": frozenset({"charset", "name", "content"}),
    "link": frozenset({"type"}),
    "a": frozenset({"type"}),
    "label": frozenset({"for"}),
    "input": frozenset({"type", "size", "readonly"}),
}
_LINK_RELATIONS = frozenset({"canonical", "alternate", "icon", "alternate icon", "stylesheet"})
_LINKS = {("a", "href"): ("http", "https", "mailto"), ("img", "src"): ("http", "https")}
_XHTML = "http://www.w3.org/1999/xhtml"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")


@lru_cache(maxsize=50_000)
def html(value: str) -> tuple[str, ...]:
    """What is wrong with HTML of a feed, however its reader parses it: with script off, or on."""
    found = [*characters(value)]
    for scripting in (False, True) if "noscript" in value.casefold() else (False,):
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
        found += _elements(parser.parseFragment(value, scripting=scripting), "feed")
    return tuple(dict.fromkeys(found))


def page(document: bytes, *, outline: Mapping[str, Sequence[str]], frame: bytes = b"") -> tuple[str, ...]:
    """What is wrong with a whole page of ours.

    `outline` names the children that elements must have. `frame`, by default the whole page, must be correct HTML.
    """
    text = document.decode()
    found = [*characters(text)]
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    tree = parser.parse(text, scripting=True)
    found += _elements(tree, "page")
    for tag, children in outline.items():
        for element in tree.iter(f"{{{_XHTML}}}{tag}"):
            if (names := [_name(child.tag) for child in element]) != list(children):
                found.append(f"{tag} of {', '.join(names)}"[:200])
    if not text.lower().startswith("<!doctype html>"):
        found.append("no doctype")
    if frame:
        parser.parse(frame.decode(), scripting=True)
    return tuple(dict.fromkeys([*found, *(f"ill-formed: {code}" for _, code, _ in parser.errors)]))


def line(value: str) -> tuple[str, ...]:
    """What is wrong with a value that is plain text: it is one line, in the order in which it was written."""
    found = [*characters(value)]
    if _BREAK.search(value):
        found.append("more than one line")
    if _REORDERING.search(value):
        found.append("characters that reorder the line")
    return tuple(found)


def untyped(value: str) -> tuple[str, ...]:
    """What is wrong with text of which a reader may think that it is HTML: it holds no markup either way."""
    found = [*line(value)]
    if "<" not in value:  # without it no parser leaves text, and most values have none
        return tuple(found)
    tree = html5lib.parseFragment(value, treebuilder="etree")
    found += [f"markup in a plain value: {_name(element.tag)}" for element in tree.iter() if element is not tree]
    return tuple(found)


@lru_cache(maxsize=50_000)
def address(value: str, *, schemes: tuple[str, ...] = ("http", "https")) -> tuple[str, ...]:
    """What is wrong with an absolute address, read as browsers read it: blanks around and inside are overlooked."""
    seen = re.sub(r"[\t\n\r]", "", value).strip("".join(map(chr, range(0x21))))
    scheme = _SCHEME.match(seen)
    if not scheme:
        return (f"no absolute address: {value[:80]!r}",)
    if scheme[1].lower() not in schemes:
        return (f"scheme {scheme[1].lower()}: {value[:80]!r}",)
    if seen != value or not value.isascii() or re.search(r"[\s\\<>\"`{}|^\x00-\x20\x7f]", value):
        return (f"characters that no address may hold: {value[:80]!r}",)
    if scheme[1].lower() == "mailto":
        return ()
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as exc:
        return (f"{exc}: {value[:80]!r}",)
    if "@" in parts.netloc:
        return (f"credentials: {value[:80]!r}",)
    bare = parts.netloc.lower().removesuffix(f":{port}" if port is not None else "")
    ok = _HOST.fullmatch(bare) and bare.strip("[]") == host and seen[len(scheme[0]) :].startswith("//")
    return () if ok else (f"no host: {value[:80]!r}",)


def identifier(value: str) -> tuple[str, ...]:
    """What is wrong with an id: it leads nowhere, but some reader will make a link of it."""
    scheme = _SCHEME.match(value)
    if not scheme or scheme[1].lower() in {"javascript", "vbscript", "data", "file", "blob", "about", "view-source"}:
        return (f"an id that acts: {value[:80]!r}",)
    return tuple(characters(value)) + (("blanks or brackets in an id",) if re.search(r"[\s<>\"]", value) else ())


def characters(value: str) -> Iterator[str]:
    if match := FORBIDDEN.search(value):
        yield f"U+{ord(match[0]):04X} in {value[max(0, match.start() - 20) : match.end() + 20]!r}"


# ----------------------------------------------------------------------------------------------------- elements


def _name(tag: Any) -> str:
    return tag.removeprefix("{" + _XHTML + "}") if isinstance(tag, str) else "a comment"


def _elements(tree: Any, place: Place) -> Iterator[str]:
    for element in tree.iter():
        tag = element.tag
        if not isinstance(tag, str):
            if place == "page":
                yield "a comment"
        elif tag != "DOCUMENT_FRAGMENT":
            yield from _element(tag, element.attrib, element, place)


def _element(tag: str, attributes: Mapping[Any, str], element: Any, place: Place) -> Iterator[str]:
    namespace, _, name = tag.rpartition("}")
    if place == "page" and tag in _PICTURE:
        yield from (f"attribute {key} of {name}" for key in attributes if key not in _PICTURE_WORDS)
        yield from characters(element.text or "")
        return
    if namespace != "{" + _XHTML or not (name in _INERT or (place == "page" and name in _FRAME)):
        yield f"element {_name(tag)}"
        return
    for key, value in attributes.items():
        yield from _attribute(name, str(key), value, place)
    if name == "link" and attributes.get("rel") not in _LINK_RELATIONS:
        yield f"link rel {attributes.get('rel')!r}"
    if name == "link" and attributes.get("rel") not in {"canonical", "alternate"}:
        yield from () if _is_below(attributes.get("href", "")) else ("a file of another host",)
    if name == "input" and attributes.get("type") != "url":
        yield f"input of type {attributes.get('type')!r}"
    for text in (element.text, element.tail):  # here are the characters that came as references
        yield from characters(text or "")


def _attribute(tag: str, name: str, value: str, place: Place) -> Iterator[str]:
    yield from characters(value)
    if (tag, name) in _LINKS or (tag, name) == ("link", "href"):
        if place == "page" and _is_below(value):
            return
        yield from address(value, schemes=_LINKS.get((tag, name), ("http", "https")))
    elif name not in _WORDS and not (place == "page" and name in _FRAME_WORDS[""] | _FRAME_WORDS.get(tag, frozenset())):
        yield f"attribute {name} of {tag}"


def _is_below(value: str) -> bool:
    """Whether a link of a page leads to another of our own files: only such a page may be relative."""
    return re.fullmatch(r"#[a-z-]+|(?:\./|(?:\.\./)+)(?:[A-Za-z0-9.-]+/?)*", value) is not None


def together(findings: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, int]:
    """How often each finding came, with an example of where; for the message of a failing test."""
    counts: dict[str, tuple[int, str]] = {}
    for where, found in findings:
        for finding in found:
            count, first = counts.get(finding, (0, where))
            counts[finding] = (count + 1, first)
    return {f"{finding} (first: {first})": count for finding, (count, first) in counts.items()}

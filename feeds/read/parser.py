"""feedparser, as a component: the only file that imports it.

What is settled here holds for the whole process:

- It reads bytes that are UTF-8 and declared so, from memory; a str it would open as an address or as a file.
- It parses with our SAX driver. Its own choice would be one that opens files.
- Guids stay as the publisher wrote them. By default it resolves them like links, so that the guid "123" would change
  with the address of the feed.
- It neither sanitises nor resolves addresses: nh3 and `normalise` do, on new entries alone.
- No field is longer than its cap. Several of its expressions are quadratic in the length of a field.
"""

from __future__ import annotations

import importlib.util
import io
import re
from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from xml.parsers import expat
from xml.sax import SAXParseException, make_parser

import feedparser
import feedparser.api
import feedparser.mixin

from feeds.read.saxdriver import BufferedExpatParser
from feeds.read.shortcuts import Shortcuts, shorter_dates

VERSION: str = feedparser.__version__
PROVEN = frozenset({"6.0.11", "6.0.12", "6.0.14"})  # releases that our shortcuts were compared with (decision 007)
NAMESPACES: Mapping[str, str] = feedparser.mixin._FeedParserMixin.namespaces

LONGEST_NAME = 400  # characters of an author: 2,000 cost feedparser 27 ms
LONGEST_TEXT = 256 * 1024  # of what may be HTML
LONGEST_VALUE = 8 * 1024  # of an address, a date, a category and all else

_NAMES = frozenset({"author", "contributor", "email", "name", "publisher"})
_TEXTS = frozenset(
    {"content", "copyright", "description", "info", "rights", "subtitle", "summary", "tagline", "tags", "title"}
)
_COUNTERS = (
    *("hasContent", "inauthor", "incontent", "incontributor", "inimage"),
    *("inpublisher", "insource", "intextinput", "svgOK"),
)
_AT_NOTHING = {**dict.fromkeys(_COUNTERS, 0), "_summaryKey": None}
_EXPAT = (2, 7, 2)  # CVE-2025-59375 and the likes of it are mended
_DRIVER = "feeds.read.saxdriver"

_cuts: ContextVar[Counter[str] | None] = ContextVar("cuts", default=None)  # of the document that we parse


class StartsAfresh:
    """Lets no item inherit what was before it.

    feedparser keeps where it is in counters, which elements in places that it does not foresee leave off by one: then
    every later item is read otherwise than it would be alone.
    """

    contentparams: dict[str, Any]
    sourcedata: dict[str, Any]

    def _start_item(self, attributes: Any) -> None:
        vars(self).update(_AT_NOTHING)
        self.contentparams.clear()
        self.sourcedata.clear()
        super()._start_item(attributes)  # type: ignore[misc]  # feedparser's mixin follows in the MRO

    _start_entry = _start_item


class EndsWhatItBegan:
    """Lets the end of every element end its base, its language and its depth.

    feedparser forgets to do so where a <div> stands in text that is not declared as XHTML, and then they hold for all
    that follows, other items included.
    """

    basestack: list[str]
    baseuri: str
    depth: int
    lang: str | None
    langstack: list[str | None]

    def unknown_endtag(self, tag: str) -> None:
        """As feedparser's: end an element."""
        before = self.depth
        super().unknown_endtag(tag)  # type: ignore[misc]  # feedparser's mixin follows in the MRO
        if self.depth == before:
            self.our_leave()

    def our_leave(self) -> None:
        """Go back to the base, the language and the depth of what is around the element."""
        if self.basestack:
            self.basestack.pop()
            if self.basestack and self.basestack[-1]:
                self.baseuri = self.basestack[-1]
        if self.langstack:
            self.langstack.pop()
            if self.langstack:
                self.lang = self.langstack[-1]
        self.depth -= 1


def _cap(element: str, pieces: list[str | bytes]) -> None:
    """Cut what an element holds before feedparser looks at it."""
    cuts = _cuts.get()
    if cuts is None:
        return
    kind, cap = "value", LONGEST_VALUE
    if element in _NAMES:
        kind, cap = "name", LONGEST_NAME
    elif element in _TEXTS:
        kind, cap = "text", LONGEST_TEXT
    length = 0
    for at, piece in enumerate(pieces):
        length += len(piece) if isinstance(piece, str) else 1  # the lenient parser's bytes are one character
        if length > cap:
            pieces[at:] = [piece[: cap - length]] if isinstance(piece, str) else []
            cuts[f"long_{kind}"] += 1
            return


class _Strict(StartsAfresh, Shortcuts, EndsWhatItBegan, feedparser.api.StrictFeedParser):  # type: ignore[misc]  # it has no types
    can_be_relative_uri = feedparser.api.StrictFeedParser.can_be_relative_uri - {"id"}
    our_absolute = staticmethod(lru_cache(1024)(feedparser.mixin.make_safe_absolute_uri))
    our_cap, our_long = staticmethod(_cap), LONGEST_NAME
    our_cp1252 = "".join(feedparser.mixin._cp1252.get(code, chr(code)) for code in range(0x10000))


class _Capped(StartsAfresh):
    """Cuts fields on feedparser's own ways."""

    can_be_relative_uri = _Strict.can_be_relative_uri
    elementstack: list[Any]

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """As feedparser's: end `element` and file its text."""
        if self.elementstack and self.elementstack[-1][0] == element:
            _cap(element, self.elementstack[-1][2])
        return super().pop(element, strip_whitespace)  # type: ignore[misc]  # feedparser's mixin follows in the MRO


class _LongWay(_Capped, feedparser.api.StrictFeedParser):  # type: ignore[misc]  # it has no types
    """For a release of feedparser that may do otherwise than those our shortcuts were compared with."""


class _Loose(_Capped, feedparser.api.LooseFeedParser):  # type: ignore[misc]  # likewise
    """Begins anew where the strict parser gave up: what that one cut is cut again."""

    def __init__(self, *given: Any) -> None:
        cuts = _cuts.get()
        if cuts is not None:
            cuts.clear()
        super().__init__(*given)


def _shorten(names: Any) -> None:
    """Have feedparser's dictionary asked for what is no alias as any dictionary is."""
    aliases = {*names.keymap, "category", "enclosures", "license", "updated", "updated_parsed"}
    ask, has, get, put, default = (
        *(names.__getitem__, names.__contains__, names.get),
        *(names.__setitem__, names.setdefault),
    )
    names.__hash__ = object.__hash__  # by identity, as its own
    names.__getitem__ = lambda self, key: ask(self, key) if key in aliases else dict.__getitem__(self, key)
    names.__contains__ = lambda self, key: has(self, key) if key in aliases else dict.__contains__(self, key)
    names.get = lambda self, key, other=None: get(self, key, other) if key in aliases else dict.get(self, key, other)
    names.__setitem__ = lambda self, key, value: (
        put(self, key, value) if key in aliases else dict.__setitem__(self, key, value)
    )
    names.setdefault = lambda self, key, value: (
        default(self, key, value) if key in aliases else dict.setdefault(self, key, value)
    )


feedparser.api.PREFERRED_XML_PARSERS = [_DRIVER]
feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser = _LongWay, _Loose
if VERSION in PROVEN:
    feedparser.api.StrictFeedParser = _Strict
    _shorten(feedparser.util.FeedParserDict)
    feedparser.mixin.make_safe_absolute_uri = _Strict.our_absolute
    feedparser.mixin._cp1252 = _Strict.our_cp1252
    for _dated in (feedparser.namespaces._base, feedparser.namespaces.dc):
        _dated._parse_date = shorter_dates(_dated._parse_date)
    _Strict.our_date = staticmethod(feedparser.namespaces._base._parse_date)


def parse(body: bytes, *, base: str) -> tuple[Any, Counter[str]]:
    """What feedparser makes of `body`, UTF-8 that came from the absolute address `base`, and what was cut."""
    cuts: Counter[str] = Counter()
    token = _cuts.set(cuts)
    try:
        result = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    finally:
        _cuts.reset(token)
    return result, cuts


def malformed(result: Any) -> str:
    """What was malformed, "" if nothing was. Another encoding than the declared one is no trouble once it is found."""
    trouble = result.get("bozo_exception")
    return f"line {trouble.getLineNumber()}: {trouble.getMessage()}" if isinstance(trouble, SAXParseException) else ""


def unproven() -> str:
    """That this release of feedparser was not compared with our shortcuts, which are then not used; "" if it was."""
    known = ", ".join(sorted(PROVEN))
    return (
        ""
        if VERSION in PROVEN
        else f"feedparser {VERSION} is none of {known}: feeds are read without shortcuts, slowly"
    )


def old_expat() -> str:
    """What is wrong with the expat that Python brings, "" if nothing is: the limits of a reader hold whatever it is."""
    version = expat.EXPAT_VERSION
    found = tuple(map(int, re.findall(r"[0-9]+", version)))
    return (
        ""
        if found >= _EXPAT
        else f"{version} is older than {'.'.join(map(str, _EXPAT))}; a newer Python brings a newer one"
    )


def assert_ours() -> None:
    """Make sure that no other XML driver was picked up, nor can be.

    Raises:
        RuntimeError: one was, or this is a feedparser that is not built as we expect.
    """
    if importlib.util.find_spec("drv_libxml2") is not None:
        raise RuntimeError(
            "the SAX driver drv_libxml2 can be imported: it reads files; uninstall libxml2's Python module"
        )
    driver = make_parser(feedparser.api.PREFERRED_XML_PARSERS)  # noqa: S317 - as feedparser does, and nothing is parsed
    if type(driver) is not BufferedExpatParser:
        raise RuntimeError("feedparser would not parse with our SAX driver")
    result, cuts = parse(
        b"<rss version='2.0'><channel><item><author>%s</author></item></channel></rss>" % (b"a" * 500),
        base="http://a.example/",
    )
    if cuts != {"long_name": 1} or len(result.entries[0].author) != LONGEST_NAME or result.bozo:
        raise RuntimeError(f"feedparser {VERSION} is not built as we expect: it does not let itself be capped")

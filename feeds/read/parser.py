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

VERSION: str = feedparser.__version__
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
_EXPAT = (2, 7, 2)  # CVE-2025-59375 and the likes of it are mended
_DRIVER = "feeds.read.saxdriver"

_cuts: ContextVar[Counter[str] | None] = ContextVar("cuts", default=None)  # of the document that we parse


class _Capped:
    """Cuts what an element holds before feedparser looks at it, and lets no item inherit what was before it.

    feedparser keeps where it is in counters, which elements in places that it does not foresee leave off by one: then
    every later item is read otherwise than it would be alone.
    """

    elementstack: list[list[Any]]
    contentparams: dict[str, Any]
    sourcedata: dict[str, Any]

    def _start_item(self, attributes: Any) -> None:
        for name in _COUNTERS:
            setattr(self, name, 0)
        self._summaryKey = None
        self.contentparams.clear()
        self.sourcedata.clear()
        super()._start_item(attributes)  # type: ignore[misc]  # feedparser's mixin follows in the MRO

    _start_entry = _start_item

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """As feedparser's: end `element` and file its text."""
        if self.elementstack:
            top, _, pieces = self.elementstack[-1]
            if top == element and (len(pieces) > 1 or (pieces and len(pieces[0]) > LONGEST_NAME)):
                _cap(element, pieces)
        return super().pop(element, strip_whitespace)  # type: ignore[misc]  # likewise


class _Lenient(_Capped):
    """Begins anew where the strict parser gave up: what that one cut is cut again."""

    def __init__(self, *given: Any) -> None:
        cuts = _cuts.get()
        if cuts is not None:
            cuts.clear()
        super().__init__(*given)


def _cap(element: str, pieces: list[str | bytes]) -> None:
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


feedparser.api.PREFERRED_XML_PARSERS = [_DRIVER]
for _name, _capped in (("StrictFeedParser", _Capped), ("LooseFeedParser", _Lenient)):
    _theirs = getattr(feedparser.api, _name)
    _ours = type(_name, (_capped, _theirs), {"can_be_relative_uri": _theirs.can_be_relative_uri - {"id"}})
    setattr(feedparser.api, _name, _ours)
# Two things that cost it time and give the same with less: one is asked at every element, nearly always with the
# same two addresses; and characters that a dictionary does not name cost `translate` an exception each.
feedparser.mixin.make_safe_absolute_uri = lru_cache(1024)(feedparser.mixin.make_safe_absolute_uri)
feedparser.mixin._cp1252 = "".join(feedparser.mixin._cp1252.get(code, chr(code)) for code in range(0x10000))


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

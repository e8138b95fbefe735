"""What feedparser does for every element, done with less: its results are the same, to the last key.

It takes an element through four functions, three dictionaries and two searches for a handler by name, and looks at all
that any feed ever did wrong. Here the common case is told first, and whatever is not quite common goes the long way
through feedparser's own code. `tests/system/test_system_shortcuts.py` holds both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from feeds.read.leaves import LEAVES, Leaves

_Attributes: TypeAlias = dict[str, Any]
_XHTML = "application/xhtml+xml"

# Joined to any base of the web these stay what they are.
_ABSOLUTE = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!$-:<=>@-\[\]-~]*)?(?:\?[!$-:<-\[\]-~]+)?(?:#[!$-:<-\[\]-~]+)?"
)

_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC_822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)"
    r" (?:GMT|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))?", re.ASCII)


class Shortcuts(Leaves):
    """To be put before feedparser's strict parser. `start`, `end` and `characters` are for expat itself to call.

    What stands in `self` belongs to feedparser; names of our own begin with `our_`.
    """

    our_absolute: Callable[[str, str], str]  # feedparser's make_safe_absolute_uri

    # feedparser's own, as far as they are touched here
    basestack: list[str]
    can_be_relative_uri: set[str]
    decls: dict[str, str]
    feeddata: dict[str, Any]
    namespacemap: dict[str | None, str]
    namespaces_in_use: dict[str, str]
    _matchnamespaces: dict[str, str]
    _get_context: Callable[[], Any]
    map_content_type: Callable[[str], str]
    push: Callable[[str, object], None]

    our_long_start: Callable[[str, list[str]], None]  # begin and end an element through feedparser
    our_long_end: Callable[[str], None]
    our_leave: Callable[[], None]  # ends base, language and depth of an element

    def __init__(self, *given: Any) -> None:
        self.our_starts: dict[str, tuple[Any, ...] | None] = {}
        self.our_ends: dict[str, tuple[Any, ...] | None] = {}
        self.our_keys: dict[str, tuple[str, str] | None] = {}  # of attributes
        self.our_base = ""  # joined to itself it stays what it is
        super().__init__(*given)

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """As feedparser's: from here on a name may mean something else."""
        self.our_starts.clear()
        self.our_ends.clear()
        super().track_namespace(prefix, uri)  # type: ignore[misc]  # feedparser's parser follows in the MRO

    # ------------------------------------------------------------------------------------------------- elements

    def start(self, name: str, attributes: list[str]) -> None:
        """Begin an element.

        `name` is what expat says: "uri local prefix" or less; `attributes` are such names and values in turn.
        """
        if (leaf := self.our_leaf) is not None:
            self.our_unfold(leaf)
        try:
            known = self.our_starts[name]
        except KeyError:
            known = self.our_starts[name] = self._our_start_of(name)
        if known is None or self.incontent or self.decls or not self.baseuri:
            self.our_long_start(name, attributes)
            return
        end = known[-1]
        if (
            end is not None
            and (not attributes or (len(attributes) == 2 and attributes[0] == end[2]))
            and self.baseuri == self.our_base
            and self.our_is_usual()
        ):
            self.our_leaf = end, known, attributes
            self.elementstack.append([end[1], 1, []])
            return
        if not self.our_begin(known, attributes):
            self.our_long_start(name, attributes)

    def our_begin(self, known: tuple[Any, ...], attributes: list[str]) -> bool:
        """Begin an element that is known to be usual; False if its attributes are not."""
        given: _Attributes = {}
        if attributes:
            found = self._our_attributes(attributes)
            if found is None:
                return False
            given = found
        handler, key, leaves_textinput, leaves_image, is_root, _ = known

        self.depth += 1
        base = lang = None
        if given:
            base = given.get("xml:base", given.get("base"))
            lang = given.get("xml:lang", given.get("lang"))
        if base or self.baseuri != self.our_base:
            self._our_rebase(base or self.baseuri)
        if lang == "":
            lang = None
        elif lang is None:
            lang = self.lang
        if lang and is_root:
            self.feeddata["language"] = lang.replace("_", "-")
        self.lang = lang
        self.basestack.append(self.baseuri)
        self.langstack.append(lang)
        if leaves_textinput:
            self.intextinput = 0
        if leaves_image:
            self.inimage = 0
        if handler is not None:
            try:
                handler(self, given)
            except AttributeError:  # feedparser takes what goes wrong inside for want of a handler
                pass
            else:
                return True
        if given:
            self._get_context()[key] = given
        else:
            self.push(key, 1)
        return True

    def end(self, name: str) -> None:
        """End an element."""
        if (leaf := self.our_leaf) is not None and self.our_end_leaf(leaf):
            return
        try:
            known = self.our_ends[name]
        except KeyError:
            known = self.our_ends[name] = self._our_end_of(name)
        if known is None or self.svgOK:
            self.our_long_end(name)
            return
        handler, key, tag = known
        if handler is None:
            self.pop(key)
        else:
            try:
                handler(self)
            except AttributeError:
                self.pop(key)
        if self.incontent:
            if not self.contentparams.get("type", "xml").endswith("xml") and tag not in {"xhtml:div", "div"}:
                self.contentparams["type"] = _XHTML
            if self.contentparams.get("type") == _XHTML and self.elementstack:
                self.elementstack[-1][2].append(f"</{tag.rpartition(':')[2]}>")
        self.our_leave()

    def characters(self, text: str) -> None:
        """Text between tags."""
        if self.elementstack:
            if dict.get(self.contentparams, "type") == _XHTML:
                text = escape(text)
            self.elementstack[-1][2].append(text)

    def _our_start_of(self, name: str) -> tuple[Any, ...] | None:
        tag = self._our_tag(name)
        if tag is None:
            return None
        prefix, suffix = self._our_key(tag)
        handler = getattr(type(self), f"_start_{prefix}{suffix}", None)
        return (
            handler,
            prefix + suffix,
            not prefix and tag not in {"title", "link", "description", "name"},
            not prefix and tag not in {"title", "link", "description", "url", "href", "width", "height"},
            tag in {"feed", "rss"},
            LEAVES.get(prefix + suffix),
        )

    def _our_end_of(self, name: str) -> tuple[Any, ...] | None:
        tag = self._our_tag(name)
        if tag is None:
            return None
        prefix, suffix = self._our_key(tag)
        return getattr(type(self), f"_end_{prefix}{suffix}", None), prefix + suffix, tag

    def _our_tag(self, name: str) -> str | None:
        """The name that feedparser gives an element: its own prefix, or that of the document, and the local name."""
        parts = name.split()
        namespace, local = ("", name) if len(parts) == 1 else (parts[0], parts[1])
        if len(parts) > 3 or "backend.userland.com/rss" in namespace.lower() or local.lower() in {"math", "svg"}:
            return None
        prefix = self._matchnamespaces.get(namespace.lower(), "")
        if not prefix and namespace:
            # an empty prefix of feedparser's table does not end its search, either
            prefix = next((name for name, uri in self.namespaces_in_use.items() if name and uri == namespace), "")
        return f"{prefix}:{local}".lower() if prefix else local.lower()

    def _our_key(self, tag: str) -> tuple[str, str]:
        prefix, colon, suffix = tag.partition(":")
        if not colon:
            prefix, suffix = "", tag
        prefix = self.namespacemap.get(prefix, prefix)
        return f"{prefix}_" if prefix else "", suffix

    def _our_attributes(self, attributes: list[str]) -> _Attributes | None:
        """Values by the names that feedparser gives attributes, of which one with a prefix has two; None if one is
        unusual."""
        found: _Attributes = {}
        has_prefix = False
        pairs = tuple(zip(attributes[::2], attributes[1::2], strict=True))
        for name, value in pairs:
            try:
                keys = self.our_keys[name]
            except KeyError:
                keys = self.our_keys[name] = self._our_keys_of(name)
            if keys is None:
                return None
            key = keys[0]
            found[key] = value.lower() if key in {"rel", "type"} else value
            has_prefix = has_prefix or key != keys[1]
        if has_prefix:  # by what the document calls them, which has the last word
            for name, value in pairs:
                key = (self.our_keys[name] or "")[1]
                found[key] = value.lower() if key in {"rel", "type"} else value
        return found

    def _our_keys_of(self, name: str) -> tuple[str, str] | None:
        parts = name.split()
        if len(parts) == 1 and parts[0] == name:
            key = other = name.lower()
        elif len(parts) == 3:
            prefix = self._matchnamespaces.get(parts[0].lower(), "")
            key = (f"{prefix}:{parts[1]}" if prefix else parts[1]).lower()
            other = f"{parts[2]}:{parts[1]}".lower()
        else:
            return None
        return None if key.startswith("xmlns") or other.startswith("xmlns") else (key, other)

    def _our_rebase(self, base: str) -> None:
        own = self.baseuri
        self.baseuri = self.our_absolute(own, base) or own
        if base == own == self.baseuri:
            self.our_base = base

    # ---------------------------------------------------------------------------------------------------- texts

    def push_content(self, tag: str, given: _Attributes, default: str, expecting: object) -> None:
        """As feedparser's: begin an element that may hold markup."""
        self.incontent += 1
        if self.lang:
            self.lang = self.lang.replace("_", "-")
        kind = self.map_content_type(given.get("type", default))
        text = kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
        self.contentparams = type(self.contentparams)(
            type=kind,
            language=self.lang,
            base=self.baseuri,
            base64=1 if given.get("mode", "") == "base64" or not text else 0,
        )
        self.push(tag, expecting)

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """As feedparser's: end `element` and file its text."""
        if not self.elementstack:
            return None
        top, expecting, pieces = self.elementstack[-1]
        if top != element:
            return None
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if len(text) > self.our_long and type(pieces) is list:
            self.our_cap(element, pieces)
            text = "".join(pieces)
        about = self.contentparams
        kind = dict.get(about, "type")
        is_rare = kind == _XHTML or dict.get(about, "base64") or type(pieces) is not list
        if is_rare or not self.inentry or self.insource or self.sanitize_html or self.resolve_relative_uris:
            return super().pop(element, strip_whitespace)  # type: ignore[misc]
        self.elementstack.pop()
        if strip_whitespace:
            text = text.strip()
        if not expecting:
            return text
        if text and element in self.can_be_relative_uri and (element != "id" or self.guidislink):
            text = self.resolve_uri(text)
        is_open = kind == "text/plain" and ("&" in text or "</" in text) and not self.version.startswith("atom")
        if is_open and self.looks_like_html(text):
            about["type"] = "text/html"
        dict.pop(about, "mode", None)
        dict.pop(about, "base64", None)
        text = self.our_mended(text)
        if element not in {"category", "tags", "itunes_keywords"} and not (
            element == "title" and -1 < self.title_depth <= self.depth
        ):
            return self._our_file(element, text)
        return text

    def _our_file(self, element: str, text: str) -> str:
        """Put the text of an element where feedparser does."""
        entry = self.entries[-1]
        if element == "content":
            dict.setdefault(entry, element, []).append(self._our_about(text))
        elif element == "link":
            if not self.inimage:
                text = self.our_unbent(text)
                entry[element] = text
                if text:
                    entry["links"][-1]["href"] = text
        else:
            if element == "description":
                element = "summary"
            depths = self.property_depth_map.setdefault(entry, {})
            old = depths.get(element)
            if old is None or self.depth <= old:
                depths[element] = self.depth
                entry[element] = text
            if self.incontent:
                entry[f"{element}_detail"] = self._our_about(text)
        return text

    def _our_about(self, text: str) -> dict[str, Any]:
        about = type(self.contentparams)(self.contentparams)
        about["value"] = text
        return about

    @staticmethod
    def _enforce_href(given: _Attributes) -> _Attributes:
        if href := given.get("url", given.get("uri", given.get("href"))):
            given.pop("url", None)
            given.pop("uri", None)
            given["href"] = href
        return given

    def resolve_uri(self, uri: str) -> Any:
        """As feedparser's: `uri` relative to the base."""
        return uri if _ABSOLUTE.fullmatch(uri) else super().resolve_uri(uri)

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        people, author = context.get(f"{key}s"), context.get(key)
        if not people or people[-1] or not isinstance(author, str) or not author or "@" in author:
            super()._sync_author_detail(key)
            return
        context.setdefault(f"{key}_detail", people[-1])
        people[-1]["name"] = author


def shorter_dates(parse: Callable[[str], tuple[int, ...] | None]) -> Callable[[str | None], tuple[int, ...] | None]:
    """feedparser's `parse` of dates, with the two commonest forms told first."""

    @lru_cache(256)
    def parsed(text: str | None) -> tuple[int, ...] | None:
        if not text:
            return None
        try:
            if found := _RFC_822.fullmatch(text):
                day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
                date, clock = (int(year), _MONTHS.index(month), int(day)), (int(hour), int(minute), int(second))
                moment = datetime(*date, *clock)  # noqa: DTZ001 - in what zone is told next
                if sign:
                    offset = timedelta(hours=int(hours), minutes=int(minutes))
                    moment += -offset if sign == "+" else offset
                return moment.utctimetuple()
            if _ISO_8601.fullmatch(text):
                return datetime.fromisoformat(text).utctimetuple()
        except (ValueError, OverflowError):
            pass
        return parse(text)

    return parsed

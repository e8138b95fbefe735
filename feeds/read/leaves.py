"""The elements that most items consist of, where they hold text and nothing else: begun for show, ended in one step.

feedparser takes each through its handlers, three stacks and tests for all that a feed may hold. Of a title, a link, a
date, a guid, a category or a description that stands in an item as usual only its text matters. Whatever makes one
unusual (an element inside, another attribute, something of another kind where it is to be filed) has it begun once
more, and then it goes the way of all other elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

# What ends it, False if it is unusual; feedparser's name for its text; the attribute that it may have.
Leaf: TypeAlias = tuple[Callable[[Any, str | None], bool], str, str]
Open: TypeAlias = tuple[Leaf, tuple[Any, ...], list[str]]  # and what begins it otherwise, and its attributes

_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_C1 = re.compile("[\x80-\x9f]")
_put = dict.__setitem__  # for keys that are no aliases


class Leaves:
    """To be put before feedparser's strict parser, with `Shortcuts`."""

    our_leaf: Open | None = None

    our_cap: Callable[[str, list[Any]], None]  # cuts the text of an element
    our_long: int  # characters of it that may need cutting
    our_cp1252: str  # what feedparser's table makes of each character of the first plane
    our_date: Callable[[str], Any]  # feedparser's _parse_date

    # feedparser's own, as far as they are touched here
    baseuri: str
    contentparams: dict[str, Any]
    depth: int
    elementstack: list[Any]
    entries: list[Any]
    guidislink: bool
    hasContent: int  # noqa: N815
    inauthor: int
    incontent: int
    inentry: int
    inimage: int
    insource: int
    intextinput: int
    lang: str | None
    langstack: list[str | None]
    property_depth_map: dict[Any, dict[str, int]]
    resolve_relative_uris: bool
    sanitize_html: bool
    svgOK: int  # noqa: N815
    title_depth: int
    version: str
    _add_tag: Callable[[str | None, str | None, str | None], None]
    _sync_author_detail: Callable[..., None]
    _summaryKey: str | None  # noqa: N815
    looks_like_html: Callable[[str], bool]
    resolve_uri: Callable[[str], Any]

    our_begin: Callable[[tuple[Any, ...], list[str]], bool]

    def our_is_usual(self) -> bool:
        """Whether feedparser files what stands here in the item, as it is."""
        return bool(self.inentry) and not (
            self.incontent
            or self.insource
            or self.inimage
            or self.intextinput
            or self.svgOK
            or self.contentparams
            or self.sanitize_html
            or self.resolve_relative_uris
        )

    def our_unfold(self, leaf: Open) -> None:
        """What is open is no leaf: begin it as any other element, with the text that it has so far."""
        self.our_leaf = None
        pieces = self.elementstack.pop()[2]
        self.our_begin(*leaf[1:])
        self.elementstack[-1][2].extend(pieces)

    def our_end_leaf(self, leaf: Open) -> bool:
        """End what is open; False if it turned out to be no leaf."""
        (end, _, _), _, attributes = leaf
        if not end(self, attributes[1] if attributes else None):
            self.our_unfold(leaf)
            return False
        self.our_leaf = None
        if self.langstack:
            self.lang = self.langstack[-1]
        return True

    def our_mended(self, text: str) -> str:
        """Mend UTF-8 that was taken for Latin-1, and the characters of Windows among those of Latin-1."""
        if text.isascii():
            return text
        with suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode()
        # They begin with C2 in UTF-8, as little else does: to look for that takes a sixth of the time.
        may_be = b"\xc2" in text.encode("utf-8", "surrogatepass")
        return text.translate(self.our_cp1252) if may_be and _C1.search(text) else text

    @staticmethod
    def our_unbent(url: str) -> str:
        """As feedparser: what `?a=1&b=2` once was, before somebody took `&b` for a reference."""
        return _REFERENCE.sub(r"&\g<1>", url.replace("&amp;", "&")) if "&" in url else url

    def _our_text(self) -> str:
        element, _, pieces = self.elementstack.pop()
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if len(text) > self.our_long:
            self.our_cap(element, pieces)
            text = "".join(pieces)
        return text.strip()

    def _our_keep(self, element: str, text: str, kind: str = "") -> None:
        """File a text where feedparser does: the outermost, and the first of these, stays. Of `kind` if it may be
        markup."""
        entry, depth = self.entries[-1], self.depth + 1
        depths = self.property_depth_map.setdefault(entry, {})
        old = depths.get(element)
        if old is None or depth <= old:
            depths[element] = depth
            _put(entry, element, text)
        if kind:
            language = self.lang.replace("_", "-") if self.lang else self.lang
            about = type(self.contentparams)(type=kind, language=language, base=self.baseuri, value=text)
            _put(entry, f"{element}_detail", about)

    def _our_title(self, _: str | None) -> bool:
        text = self._our_text()
        is_open = ("&" in text or "</" in text) and not self.version.startswith("atom")
        kind = "text/html" if is_open and self.looks_like_html(text) else "text/plain"
        text = self.our_mended(text)
        if not -1 < self.title_depth <= self.depth + 1:
            self._our_keep("title", text, kind)
        if text:
            self.title_depth = self.depth + 1
        return True

    def _our_description(self, _: str | None) -> bool:
        if self._summaryKey or ("summary" in self.entries[-1] and not self.hasContent):
            return False  # then it is the content
        self._our_keep("summary", self.our_mended(self._our_text()), "text/html")
        return True

    def _our_link(self, _: str | None) -> bool:
        entry = self.entries[-1]
        links = dict.setdefault(entry, "links", [])
        if type(links) is not list:
            return False
        text = self._our_text()
        text = self.our_unbent(self.our_mended(self.resolve_uri(text) if text else text))
        link = type(self.contentparams)(rel="alternate", type="text/html")
        if text:
            _put(link, "href", text)
        links.append(link)
        _put(entry, "link", text)
        return True

    def _our_guid(self, is_link: str | None) -> bool:
        self.guidislink = is_link in {None, "true"}
        text, entry = self.our_mended(self._our_text()), self.entries[-1]
        self._our_keep("id", text)
        dict.setdefault(entry, "guidislink", self.guidislink and "link" not in entry)
        if self.guidislink:
            dict.setdefault(entry, "link", text)
        return True

    def _our_published(self, _: str | None) -> bool:
        text = self.our_mended(self._our_text())
        self._our_keep("published", text)
        _put(self.entries[-1], "published_parsed", self.our_date(text))
        return True

    def _our_updated(self, _: str | None) -> bool:
        text = self.our_mended(self._our_text())
        self._our_keep("updated", text)
        _put(self.entries[-1], "updated_parsed", self.our_date(text))
        return True

    def _our_author(self, _: str | None) -> bool:
        people = dict.setdefault(self.entries[-1], "authors", [])
        if type(people) is not list:
            return False
        people.append(type(self.contentparams)())
        self._our_keep("author", self.our_mended(self._our_text()))
        self.inauthor = 0
        self._sync_author_detail()
        return True

    def _our_category(self, domain: str | None) -> bool:
        tags = dict.setdefault(self.entries[-1], "tags", [])
        if type(tags) is not list:
            return False
        self._add_tag(None, domain, None)
        text = self.our_mended(self._our_text())
        if not text:
            return True
        if tags and not tags[-1]["term"]:
            tags[-1]["term"] = text
        else:
            self._add_tag(text, None, None)
        return True


LEAVES: Mapping[str, Leaf] = {
    **dict.fromkeys(("title", "dc_title"), (Leaves._our_title, "title", "")),
    "description": (Leaves._our_description, "description", ""),
    "link": (Leaves._our_link, "link", ""),
    **dict.fromkeys(("guid", "id"), (Leaves._our_guid, "id", "isPermaLink")),
    **dict.fromkeys(("pubdate", "published"), (Leaves._our_published, "published", "")),
    **dict.fromkeys(("updated", "dc_date"), (Leaves._our_updated, "updated", "")),
    **dict.fromkeys(("author", "dc_creator"), (Leaves._our_author, "author", "")),
    **dict.fromkeys(("category", "dc_subject"), (Leaves._our_category, "category", "domain")),
}

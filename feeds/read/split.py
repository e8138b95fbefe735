"""Where each item of an XML feed begins and ends, so that known items need not be parsed.

Cutting an item out of a document must change nothing that feedparser makes of the others. Where that is not certain,
the document is read whole. An item's key is a hash of its bytes in their context: whatever outside the item can change
its reading is part of the key, so that a change there makes every item new.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from xml.parsers import expat

from xxhash import xxh3_64

from feeds.model import Unreadable
from feeds.read.guard import MOST_ENTITIES, entities, grows

Span: TypeAlias = tuple[int, int]  # byte offsets, the end exclusive

DEEPEST = 256  # elements in elements; feedparser takes seconds for a hundred thousand
MOST_ATTRIBUTES = 256  # of one element; feedparser looks through all of them for each
DROWNS = f"too_deep: more than {DEEPEST} elements inside one another, or {MOST_ATTRIBUTES} attributes of one"

_NAME = re.compile(rb"[^\s/>]+")
_ROOTS = ("rss", "feed", "rdf")
_RDF_LIST = "http://www.w3.org/1999/02/22-rdf-syntax-ns# li"  # one for each item
_USERLAND = "backend.userland.com/rss"  # feedparser takes whatever holds this for RSS
_MEDIA = "search.yahoo.com/mrss"

# What may come, go and change in a head and is nothing to its items: no language, no author, no state in feedparser.
_MERE = frozenset(
    {"category", "cloud", "copyright", "date", "description", "docs", "generator", "guid", "icon", "id", "link", "logo"}
    | {"lastbuilddate", "modified", "pubdate", "published", "rating", "rights", "subtitle", "tagline", "title", "ttl"}
    | {"updated", "webmaster"}
)
_LENT = frozenset({"author", "authors", "creator", "language", "managingeditor"})  # elements that items inherit from
_HOLDERS = frozenset(  # elements of the head that may hold others; in the rest feedparser does not expect them
    {"author", "category", "contributor", "image", "items", "owner", "seq", "skipdays", "skiphours", "textinput"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A document, and where its items are."""

    body: bytes
    why: str = ""  # it must be read whole: why; "" where known items may be left out
    spans: tuple[Span, ...]  # of the items, in order
    keys: tuple[bytes, ...]  # 8 bytes each; () if it must be read whole
    drowning: frozenset[int]  # numbers of items that a parser would drown in: too deep, or too many attributes

    def without(self, left_out: Collection[int]) -> bytes:
        """The document without the items of these numbers."""
        parts, at = [], 0
        for number, (start, end) in enumerate(self.spans):
            if number in left_out:
                parts.append(self.body[at:start])
                at = end
        parts.append(self.body[at:])
        return b"".join(parts)


class Splitter:
    """Finds the items of documents for a parser that knows certain namespaces by prefixes of its own."""

    def __init__(self, namespaces: Mapping[str, str], *, version: str) -> None:
        """`namespaces`: the parser's prefix for each URI; `version`: the parser's, part of every key."""
        self._known = {uri.lower(): prefix for uri, prefix in namespaces.items()}
        self._standard = frozenset(self._known.values())
        self._version = version

    def split(self, body: bytes, *, base: str) -> Split | Unreadable:
        """Find the items of `body`, which is UTF-8 and came from the absolute address `base`. Pure.

        Unreadable: what no feed needs and a parser drowns in: dtd_entities, or where it cannot be left out with its
        item too_deep and too_many_attributes.
        """
        run = _Run(body, self._known, self._standard)
        try:
            run.parser.Parse(body, True)  # noqa: FBT003 - the last bytes
        except _Refused as refused:
            return refused.trouble
        except (expat.ExpatError, ValueError, LookupError):
            # feedparser's lenient parser must see all of it.
            return run.drowned or Split(body=body, why="malformed", spans=(), keys=(), drowning=frozenset())
        drowning = frozenset(run.drowning)
        if run.why:
            return Split(body=body, why=run.why, spans=tuple(run.spans), keys=(), drowning=drowning)
        context = repr((run.context, base, self._version)).encode("utf-8", "surrogatepass")
        view, keys = memoryview(body), []
        for start, end in run.spans:
            key = xxh3_64(context)
            key.update(view[start:end])
            keys.append(key.digest())
        return Split(body=body, spans=tuple(run.spans), keys=tuple(keys), drowning=drowning)


class _Refused(Exception):
    def __init__(self, trouble: Unreadable) -> None:
        self.trouble = trouble


class _Run:
    """One pass of expat over one document."""

    def __init__(self, body: bytes, known: Mapping[str, str], standard: frozenset[str]) -> None:
        self._body = body
        self.why = ""  # the first reason to read it whole
        self.spans: list[Span] = []
        self.drowning: set[int] = set()  # numbers of spans
        self.drowned: Unreadable | None = None  # why the first of them is
        self.context: list[object] = []  # all outside of the items that can change their reading
        self.parser = parser = expat.ParserCreate("utf-8", " ")  # with namespaces: an undeclared prefix is an error
        self._prefixes = _Prefixes(known, standard)
        self._known = known
        self._pending: list[tuple[str | None, str]] = []  # declarations of the next start tag
        self._depth = self._entry_depth = self._entities = 0
        self._has_channel = False
        self._path: list[str] = []  # local names of the open elements of the head
        self._is_odd = False  # the head: some element stands where feedparser does not expect any
        self._listening = 0  # depth of the element of the head whose text is part of the context
        self._ordinary: set[str] = set()  # names that mean nothing to us inside of an item
        parser.ordered_attributes = True  # names and values in one list: cheaper than a dictionary each time
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.StartNamespaceDeclHandler = self._on_namespace
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.EntityDeclHandler = self._on_entity

    def _whole(self, why: str) -> None:
        self.why = self.why or why

    def _on_doctype(self, *_: object) -> None:
        self._whole("doctype")

    def _on_entity(self, _name: str, is_parameter: int, value: str | None, *_: object) -> None:
        self._entities += 1
        if is_parameter or grows(value) or self._entities > MOST_ENTITIES:
            raise _Refused(entities("an entity that grows or leads elsewhere, or too many"))

    def _on_namespace(self, prefix: str | None, uri: str | None) -> None:
        if not uri:
            return
        self._pending.append((prefix, uri))
        self._whole(self._prefixes.trouble(prefix, uri))
        if _USERLAND in uri.lower():
            self._whole("userland namespace")

    # ------------------------------------------------------------------------------------- outside of items

    def _on_start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        is_item = self._is_item(name)
        if trouble := _drowns(self._depth, attributes):
            if not is_item or self._depth != self._entry_depth:
                raise _Refused(trouble)
            self._drown(trouble)
        declared = self._declared()
        local = name.rpartition(" ")[2].lower()
        if self._depth <= 2 and self._is_frame(name, local, attributes, declared):
            return
        if is_item and self._begin_item(declared):
            return
        self._begin_in_head(name, local, attributes, declared)

    def _begin_in_head(
        self, name: str, local: str, attributes: list[str], declared: list[tuple[str | None, str]]
    ) -> None:
        """Take note of what the element may do to items. Of a plain head that is little; of an odd one all is noted."""
        if self.spans:
            self._whole("head behind an item")  # feedparser reads it by what the item before it left behind
        self._look_for_root(local)
        if declared:
            self.context.append(declared)
        is_top = not self._path or (self._entry_depth == 2 and self._path == ["channel"])
        if not is_top and self._path[-1] not in _HOLDERS:
            self._is_odd = True
        self._path.append(local)
        if not self._listening:
            is_mere = is_top and local in _MERE and self._own_prefix(name) in {"", "dc"}
            if is_mere or name == _RDF_LIST:
                return
            if local in _LENT or "_" in local:  # to feedparser dc_creator is dc:creator
                self._listening = self._depth
                self.parser.CharacterDataHandler = self.context.append
        self.context.append((self._depth, name, attributes))

    def _on_end(self, _name: str) -> None:
        if self._depth == self._listening:
            self.parser.CharacterDataHandler = None
            self._listening = 0
        if self._path:
            self._path.pop()
        self._depth -= 1

    def _declared(self) -> list[tuple[str | None, str]]:
        declared = self._pending[:]
        self._pending.clear()
        return declared

    def _is_frame(self, name: str, local: str, attributes: list[str], declared: list[tuple[str | None, str]]) -> bool:
        """Whether it is the root, or the channel of RSS."""
        if self._depth == 1:
            if local not in _ROOTS or (local != "rdf" and self._own_prefix(name)):
                self._whole("root element")
            if local == "rdf" and not any(_is_rdf_rss(prefix, uri.lower()) for prefix, uri in declared):
                self._whole("rdf without an rss namespace")
            self._entry_depth = 3 if local == "rss" else 2
        elif self._entry_depth == 3:
            if local != "channel":
                self._whole("rss child other than channel")
            if self._has_channel:
                self._whole("second channel")
            self._has_channel = True
        else:
            return False
        self.context.append((name, attributes, declared))
        return True

    def _is_item(self, name: str) -> bool:
        return name.rpartition(" ")[2].lower() in ("item", "entry") and not self._own_prefix(name)

    def _own_prefix(self, name: str) -> str:
        """feedparser's prefix for the namespace of an element; "foreign" if it has none."""
        return self._known.get(name.rpartition(" ")[0].lower(), "foreign")

    def _is_taken_for_item(self, name: str) -> bool:
        """Whether feedparser takes it for one though its namespace is another: it does where it has no prefix."""
        uri, _, local = name.rpartition(" ")
        return local.lower() in ("item", "entry") and self._prefixes.is_default(uri)

    def _look_for_root(self, local: str) -> None:
        if local in ("rss", "feed"):
            self._whole("root inside")  # from it feedparser takes version and language for all

    # ------------------------------------------------------------------------------------------- inside one

    def _begin_item(self, declared: list[tuple[str | None, str]]) -> bool:
        """Take note of an item and change over to handlers that do as little as can be: most elements stand inside
        of items, and there only the end matters, and what is odd."""
        if self._depth != self._entry_depth:
            self._whole("item at another depth")
            return False
        begin, pending, depth = self.parser.CurrentByteIndex, self._pending, self._depth
        self._look_for_media(declared)
        if self._is_odd and not self.spans:
            self.context.append(self._body[:begin])
        ordinary = self._ordinary

        def on_start(name: str, attributes: list[str]) -> None:
            nonlocal depth
            depth += 1
            if pending or name not in ordinary or depth > DEEPEST or len(attributes) > MOST_ATTRIBUTES:
                if trouble := _drowns(depth, attributes):
                    self._drown(trouble)
                self._look_for_media(self._declared())
                self._look_for_root(name.rpartition(" ")[2].lower())
                if self._is_item(name) or self._is_taken_for_item(name):
                    self._whole("nested item")
                ordinary.add(name)

        def on_end(_name: str) -> None:
            nonlocal depth
            if depth == self._entry_depth:
                self._end_item(begin)
            depth -= 1

        self.parser.StartElementHandler, self.parser.EndElementHandler = on_start, on_end
        return True

    def _drown(self, trouble: Unreadable) -> None:
        self.drowning.add(len(self.spans))
        self.drowned = self.drowned or trouble

    def _look_for_media(self, declared: list[tuple[str | None, str]]) -> None:
        if declared and any(prefix == "media" or _MEDIA in uri.lower() for prefix, uri in declared):
            self._whole("media namespace inside an item")  # our reading of captions asks for that of the document

    def _end_item(self, begin: int) -> None:
        end = self.parser.CurrentByteIndex  # of an empty element: behind it
        name = _NAME.match(self._body, begin + 1)
        if name and self._body.startswith(b"</" + name[0], end):
            self.spans.append((begin, self._body.index(b">", end) + 1))
        elif self.drowned and len(self.spans) in self.drowning:
            raise _Refused(self.drowned)
        else:
            self._whole("empty-element item")
        self._depth -= 1
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._on_start, self._on_end


def _is_rdf_rss(prefix: str | None, uri: str) -> bool:
    """Whether feedparser tells by this declaration that it is RSS, and of which version."""
    return uri == "http://purl.org/rss/1.0/" or (prefix, uri) == (None, "http://my.netscape.com/rdf/simple/0.9/")


def _drowns(depth: int, attributes: list[str]) -> Unreadable | None:
    """What no feed needs, and feedparser takes seconds for; `attributes` are names and values in turn."""
    if depth > DEEPEST:
        return Unreadable(why="too_deep", detail=f"more than {DEEPEST} elements inside one another")
    if len(attributes) > 2 * MOST_ATTRIBUTES:
        words = f"an element with more than {MOST_ATTRIBUTES} attributes"
        return Unreadable(why="too_many_attributes", detail=words)
    return None


class _Prefixes:
    """feedparser keeps one flat map of prefixes for a document, so what one item declares can rename the elements of
    another. Cutting is sound only where that map is one to one."""

    def __init__(self, known: Mapping[str, str], standard: frozenset[str]) -> None:
        self._known, self._all_standard = known, standard
        self._uri_of: dict[str, str] = {}
        self._prefix_of: dict[str, str | None] = {}  # None: the default namespace
        self._foreign: set[str] = set()  # standard prefixes bound to an unknown namespace
        self._standard: set[str] = set()  # standard prefixes whose own namespace occurs

    def trouble(self, prefix: str | None, uri: str) -> str:
        """Note a declaration. Why the map is not one to one any more, "" while it is."""
        own = self._known.get(uri.lower())
        if own is None:
            if prefix in self._all_standard:
                self._foreign.add(prefix)
            if self._prefix_of.setdefault(uri, prefix) != prefix:
                return "namespace with two prefixes"  # or with one, and with none
        elif prefix is not None and prefix != own and prefix in self._all_standard:
            return "standard prefix crossed"
        if prefix is not None and self._uri_of.setdefault(prefix, uri) != uri:
            return "prefix rebound"
        if own is not None:
            self._standard.add(own)
        return "standard prefix on a foreign namespace" if self._foreign & self._standard else ""

    def is_default(self, uri: str) -> bool:
        """Whether it is an unknown namespace that is declared without a prefix."""
        return uri in self._prefix_of and self._prefix_of[uri] is None

"""Which hub pushes a feed, and what it knows the feed by: from the header of the response and the links of the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urljoin

from feeds.model import Document

_LONGEST = 8 * 1024  # characters of a header that are looked at
# RFC 8288 section 3: <address>; name=value; name="value". What is not quoted ends at a comma.
_LINK = re.compile(r'<([^<>]{1,2048})>((?:\s{0,20};\s{0,20}[^\s=;,<>"]{1,40}(?:="[^"]{0,400}"|=[^\s;,"<>]{0,400})?)*)')
_REL = re.compile(r';\s{0,20}rel=(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


def offer(document: Document, links: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """(hub, topic), both absolute; "" for what is not said. `links` are (relation, address), those of the feed itself.

    A header has precedence, and of several hubs one that is asked in secret (W3C WebSub section 4). Only who says
    both can be subscribed to.
    """
    said = list(_header(document.headers.get("link", "")))
    hubs, topics = (
        _addresses(said, relation, document.url) or _addresses(links, relation, document.url)
        for relation in ("hub", "self")
    )
    secret = (hub for hub in hubs if hub.startswith("https:"))
    return next(secret, hubs[0] if hubs else ""), topics[0] if topics else ""


def _header(value: str) -> Iterator[tuple[str, str]]:
    for link in _LINK.finditer(value[:_LONGEST]):
        if found := _REL.search(link[2]):
            yield (found[1] or found[2] or "").lower(), link[1]


def _addresses(links: Iterable[tuple[str, str]], relation: str, base: str) -> list[str]:
    return [address for rel, href in links if href and relation in rel.split() and (address := _joined(base, href))]


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""

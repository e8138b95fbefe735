"""Our shortcuts through feedparser lead where its own ways lead: the same dictionaries, to the last key.

The other side is feedparser as it comes, without its sanitiser and its resolving of addresses, but for what `parser`
settles on purpose: guids stay as they are, no item inherits a state, and every end ends its base and language (this
one in the strict parser alone, as ends mean little where they may be missing). CI takes a fixed tenth of the real feeds
and of the fixtures, and 300 documents made at random; `make test-deep` all, and 5,000.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from typing import Any

import pytest

from feeds.model import Document, Unreadable
from feeds.read import parser
from feeds.read.guard import tame
from feeds.read.settle import settle
from tests.real import DEEP, a_tenth, needs_data, snapshots
from tests.stock import feedparser
from tests.system.test_system_incremental import fixtures
from tests.unit.read.read_samples import URL

pytestmark = pytest.mark.timeout(3600 if DEEP else 300)

for name, intended in (
    ("StrictFeedParser", (parser.StartsAfresh, parser.EndsWhatItBegan)),
    ("LooseFeedParser", (parser.StartsAfresh,)),
):
    stock = getattr(feedparser.api, name)
    settled = {"can_be_relative_uri": stock.can_be_relative_uri - {"id"}}
    setattr(feedparser.api, name, type(name, (*intended, stock), settled))

COMPARED = ("feed", "version", "namespaces", "bozo", "encoding")


def theirs(body: bytes) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": URL},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as exc:  # it raises whatever it likes
        return type(exc).__name__


def compare(name: str, body: bytes) -> int:
    """Read `body` both ways. Returns how many entries there were; -1 if something was cut, which they do not."""
    there = theirs(body)
    try:
        here, cuts = parser.parse(body, base=URL)
    except Exception as exc:
        here, cuts = type(exc).__name__, Counter()
    if cuts:
        return -1
    if isinstance(here, str) or isinstance(there, str):
        assert here == there, name
        return 0
    for key in COMPARED:
        assert dict.get(here, key) == dict.get(there, key), (name, key)
    assert len(here.entries) == len(there.entries), name
    for number, (ours, own) in enumerate(zip(here.entries, there.entries, strict=True)):
        assert ours == own, (name, number)
    return len(here.entries)


@needs_data
def test_every_fixture_and_every_real_feed() -> None:
    found = []
    for name, body in a_tenth(fixtures()) + a_tenth([(n, b) for n, b in snapshots() if b.lstrip()[:1] != b"{"]):
        tamed = tame(settle(Document(url=URL, body=body), language=""))
        if not isinstance(tamed, Unreadable) and len(body) < 1_000_000:
            found.append(compare(name, tamed[0]))
    print(f"{len(found)} documents, {sum(n for n in found if n > 0)} entries, {found.count(-1)} of them with cuts")
    assert len(found) > 500
    assert found.count(-1) < len(found) / 50


NAMES = (
    *("title", "description", "summary", "content", "link", "guid", "id", "author", "name", "email", "uri", "source"),
    *("image", "textinput", "url", "width", "copyright", "info", "category", "enclosure", "pubDate", "updated", "div"),
    *("dc:creator", "dc:date", "media:content", "media:description", "media:group", "media:title", "media:thumbnail"),
    *("itunes:summary", "itunes:image", "content:encoded", "contributor", "publisher", "svg", "math", "language"),
    *(
        "unknown",
        "x:unknown",
        "x:title",
        "geo:lat",
        "body",
        "p",
        "b",
        "language",
        "generator",
        "cloud",
        "managingEditor",
    ),
    *("title", "link", "guid", "pubDate", "category", "description", "dc:subject", "dc:title", "published"),
    *("links", "tags", "authors", "dc_date"),
)
NAMED = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="urn:x"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"'
)
ATTRIBUTES = (
    *(
        'type="html"',
        'type="xhtml"',
        'type="text"',
        'type="IMAGE/png"',
        'mode="base64"',
        'rel="Self"',
        'rel="enclosure"',
    ),
    *('xml:base="http://b.example/c/"', 'xml:base="d/"', 'base="e"', 'xml:lang="tr"', 'xml:lang=""', 'lang="uk_UA"'),
    *('href="/f"', 'href="https://g.example/h?i=j&amp;k=l#m"', 'url="n"', 'isPermaLink="false"', 'isPermaLink="true"'),
    *('isPermaLink="false"', 'isPermaLink=""', 'domain=""', 'domain="s"', 'xmlns:k="http://www.w3.org/1999/xlink"'),
    *('rdf:about="urn:o"', 'x:type="P"', 'x:xmlns="urn:q"', 'term="r"', 'domain="s"', 'label="t"', 'src="u"'),
    *('xmlns="http://www.w3.org/1999/xhtml"', 'xmlns:y="urn:y"', 'xmlns:media="urn:z"', 'HREF="v"', 'version="2.0"'),
    *('xmlns="http://www.w3.org/2005/Atom"', 'text="w"', 'lastmod="2026-11-22T06:00:00Z"'),
)
TEXTS = (
    *("", " ", "x", "a &lt;b&gt;c&lt;/b&gt;", "&lt;main&gt; word", "A&amp;amp;T", "&lt;p&gt;&amp;nbsp;", "&#38;"),
    *("https://a.example/", "/relative", "http://a.example/b?c=d&amp;amp;e=f", "//h.example/i", "http:///j.example/../k"),
    *("<![CDATA[<p>l</p>]]>", "<![CDATA[ <br/> m ]]>", "caf\u00c3\u00a9", "\u0093n\u0094", "\u00e9 \u2019"),
    *("Thu, 26 Nov 2026 06:00:00 GMT", "2026-11-22T06:00:00+03:00", "26 Kas 2026", "Sun, 1 Feb 99 25:00 EST"),
    *("a@b.example (Ann)", "Ann &lt;a@b.example&gt;", "Ann", "aGVsbG8=", "tr"),
)  # fmt: skip


def element(chance: random.Random, depth: int) -> str:
    name = chance.choice(NAMES)
    given = {a.partition("=")[0]: a for a in chance.sample(ATTRIBUTES, chance.choice([0, 0, 0, 0, 1, 1, 2, 3]))}
    inside = "".join(
        element(chance, depth - 1) if depth and chance.random() < 0.3 else chance.choice(TEXTS)
        for _ in range(chance.choice([0, 1, 1, 1, 2]))
    )
    return f"<{name}{''.join(' ' + a for a in given.values())}>{inside}</{name}>"


def made(chance: random.Random) -> bytes:
    def several(most: int) -> str:
        return "\n".join(element(chance, 3) for _ in range(chance.randint(0, most)))

    kind = chance.choice(["rss", "rss", "atom", "rdf"])
    item = "entry" if kind == "atom" else "item"
    items = "".join(f"<{item}>{several(8)}</{item}>{several(1)}" for _ in range(chance.randint(1, 4)))
    if kind == "rss":
        return f'<rss version="2.0" {NAMED}><channel>{several(4)}{items}</channel></rss>'.encode()
    if kind == "atom":
        return f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMED}>{several(4)}{items}</feed>'.encode()
    return (
        f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" {NAMED}><channel>{several(4)}</channel>{items}</rdf:RDF>'.encode()
    )


def test_documents_made_at_random() -> None:
    chance = random.Random(8)
    found = [compare(f"made {number}", made(chance)) for number in range(5000 if DEEP else 300)]
    print(f"{len(found)} documents, {sum(found)} entries")
    assert sum(found) > len(found)

"""Reading in part equals reading whole though elements stand where no feed has them; and equal keys mean equal entries.

Real feeds are mixed, and then elements of any name, in any namespace, with bases and languages of their own, are put
behind tags of their heads and items at random: roots, items, markup in text, content in content. CI takes 120 such
pairs of documents, a deep run 12,000; what was once found this way stands in the tables of tests/unit/read.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from feeds.model import RawFeed
from feeds.read.entries import MOST, digest
from feeds.read.split import Split
from tests.real import DEEP, needs_data
from tests.system.test_system_incremental import SPLITTER, bare, compare, kinds, read, weave
from tests.unit.read.read_samples import URL

pytestmark = pytest.mark.timeout(7200 if DEEP else 300)

NAMES = (
    *("title", "description", "summary", "content", "link", "guid", "id", "author", "name", "email", "uri", "source"),
    *("image", "textinput", "url", "href", "width", "ttl", "copyright", "info", "category", "enclosure", "pubDate"),
    *("updated", "created", "creator", "contributor", "publisher", "managingEditor", "webMaster", "owner", "language"),
    *("encoded", "keywords", "group", "thumbnail", "credit", "player", "body", "div", "p", "b", "svg", "math", "point"),
    *("generator", "cloud", "skipHours", "hour", "authors", "tags", "dc_creator", "comments", "unknown", "TITLE"),
    *("rss", "feed", "channel", "item", "entry", "items"),
)
SPACES = (
    *("http://purl.org/dc/elements/1.1/", "http://search.yahoo.com/mrss/", "http://purl.org/rss/1.0/modules/content/"),
    *("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"),
    *("http://purl.org/rss/1.0/", "http://www.georss.org/georss", "http://www.w3.org/2000/svg", "urn:a", "urn:b"),
)
PREFIXES = ("dc", "media", "content", "itunes", "atom", "xhtml", "x", "y", "author")
ATTRIBUTES = (
    *('type="html"', 'type="xhtml"', 'type="text"', 'mode="base64"', 'rel="self"', 'rel="enclosure"', 'href="/f"'),
    *('xml:base="http://b.example/c/"', 'xml:base="d/"', 'base="e/"', 'xml:lang="tr"', 'xml:lang=""', 'lang="uk_UA"'),
    *('isPermaLink="false"', 'url="https://g.example/h.jpg"', 'term="i"', 'domain="j"', 'version="0.91"', 'src="k"'),
)
TEXTS = (
    *("", " ", "x", "Ann", "l@m.example (Ann)", "a &lt;b&gt;c&lt;/b&gt;", "A&amp;amp;T", "&lt;main&gt; word", "tr"),
    *("<![CDATA[<p>n</p>]]>", "<![CDATA[<item>o</item>]]>", "/relative", "https://p.example/q?r=s&amp;t=u", "&#8217;"),
    *("2026-11-22T06:00:00Z", "<![CDATA[Sun, 22 Nov 2026 06:00:00 GMT]]>", "<!-- v -->", "caf\u00c3\u00a9", "aGVsbG8="),
)  # fmt: skip


def element(chance: random.Random, depth: int) -> str:
    """An element of any name with anything in it, up to `depth` elements deep."""
    given = {a.partition("=")[0]: a for a in chance.sample(ATTRIBUTES, chance.choice([0, 0, 1, 1, 2, 3]))}
    prefix = ""
    if chance.random() < 0.15:
        prefix = chance.choice(PREFIXES)
        given["xmlns"] = f'xmlns:{prefix}="{chance.choice(SPACES)}"'
        prefix = f"{prefix}:" if chance.random() < 0.7 else ""
    elif chance.random() < 0.05:
        given["xmlns"] = f'xmlns="{chance.choice(SPACES)}"'
    # Roots and items are rare: documents with one inside are read whole, and there is nothing to compare.
    name = prefix + chance.choice(NAMES[-6:] if chance.random() < 0.02 else NAMES[:-6])
    inside = "".join(
        element(chance, depth - 1) if depth and chance.random() < 0.4 else chance.choice(TEXTS)
        for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))
    )
    return f"<{' '.join([name, *given.values()])}>{inside}</{name}>"


_TAG_END = re.compile(b">")


def disturbed(text: bytes, chance: random.Random, *, times: int) -> bytes:
    """`text` with so many elements behind tags of it; what falls into a comment or in CDATA is harmless there."""
    for _ in range(times):
        ends = [found.end() for found in _TAG_END.finditer(text)][:-1]
        if ends:
            at = chance.choice(ends)
            text = text[:at] + element(chance, chance.randint(0, 2)).encode() + text[at:]
    return text


def pair(chance: random.Random) -> tuple[bytes, bytes]:
    """Two documents: some items of real feeds, disturbed, under a real head; and these with others under another."""
    given = chance.sample(chance.choice([kinds()[b"rss"], kinds()[b"feed"]]), chance.randint(1, 3))
    split = SPLITTER.split(weave(given, chance), base=URL)
    if not isinstance(split, Split) or not split.spans:
        return pair(chance)
    spans = [(start, end) for start, end in split.spans if end - start < 6000][:6] or split.spans[:1]
    head, tail = split.body[: split.spans[0][0]], split.body[split.spans[-1][1] :]
    items = [disturbed(split.body[start:end], chance, times=chance.choice([0, 0, 1, 1, 2])) for start, end in spans]
    name = re.match(rb"<([^\s/>]+)", items[0])
    assert name
    made = "".join(element(chance, 2) for _ in range(chance.randint(1, 4))).encode()
    items.append(b"<%s>%s</%s>" % (name[1], made, name[1]))
    # Behind the tags of root and channel: before them is no place for elements.
    frame = re.search(rb"<channel\b[^>]*>|<(?:\w+:)?feed\b[^>]*>", head)
    assert frame
    top, head = head[: frame.end()], head[frame.end() - 1 :]
    heads = [disturbed(head, chance, times=chance.choice([0, 0, 1, 2])) for _ in range(2)]
    if chance.random() < 0.5:
        heads[1] = disturbed(heads[0], chance, times=1)
    others = chance.sample(items, chance.randint(1, len(items)))
    others = [disturbed(item, chance, times=chance.choice([0, 0, 1])) for item in others]
    one, other = (top + h[1:] + b"\n".join(i) + tail for h, i in zip(heads, (items, others), strict=True))
    return one, other


def compare_keys(name: str, one: bytes, other: bytes) -> int:
    """Hold the entries of equal keys against each other. Returns how many there were."""
    found = []
    for body in (one, other):
        keyed, whole = read(body), read(body, whole=True)
        if not isinstance(keyed, RawFeed) or not isinstance(whole, RawFeed) or not keyed.slices:
            return 0
        found.append(
            {k: digest(e, language=whole.head.language) for k, e in zip(keyed.slices, whole.entries, strict=True)}
        )
    shared = found[0].keys() & found[1].keys()
    for key in shared:
        assert found[0][key] == found[1][key], (name, one, other)
    return len(shared)


@needs_data
def test_elements_where_no_feed_has_them() -> None:
    chance = random.Random(9)
    many = 12_000 if DEEP else 120
    compared, alike = [], 0
    for number in range(many):
        one, other = pair(chance)
        compared += [compare(f"disturbed {number}", body, chance) for body in (one, other)]
        alike += compare_keys(f"disturbed {number}", one, other)
    in_part = sum(map(bool, compared))
    print(f"{2 * many} documents, {in_part} of them read in part, {sum(compared)} readings in part, {alike} equal keys")
    assert in_part > many / 2
    assert alike > many / 8


FORMS = ("{}", "<![CDATA[{}]]>", "&#x20;{}", "<!-- of -->{}", " {}\n")


def many_items(chance: random.Random) -> bytes:
    """More than are read, in an order that their dates tell in one form or another, or do not tell."""
    begin, step = datetime(2026, 1, 1, tzinfo=UTC), chance.choice([1, -1, 0])
    odd = chance.random() < 0.3
    items = []
    for number in range(MOST + chance.randint(1, 60)):
        day = begin + timedelta(hours=number * step)
        date = chance.choice(FORMS).format(format_datetime(day) if chance.random() < 0.8 else day.isoformat())
        name = chance.choice(["pubDate", "pubDate", "updated", "d:date", "d:created", "unknown"])
        more = element(chance, 1) if odd and number in (0, 7) else ""
        items.append(f"<item><title>{number}</title>{more}<{name}>{date}</{name}></item>")
    named = 'xmlns:d="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {named}><channel><title>t</title>{"".join(items)}</channel></rss>'.encode()


def test_the_newest_of_many_items_are_the_same_ones() -> None:
    chance = random.Random(10)
    in_part = 0
    many = 200 if DEEP else 4
    for number in range(many):
        body = many_items(chance)
        part, whole = read(body), read(body, whole=True)
        assert isinstance(part, RawFeed)
        assert isinstance(whole, RawFeed)
        assert bare(part.entries) == bare(whole.entries), number
        in_part += bool(part.slices)
    assert in_part >= many / 2

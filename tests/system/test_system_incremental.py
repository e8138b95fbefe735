"""Reading in part equals reading whole: entry by entry, over every document we have and over random mixtures of them.

CI takes a fixed tenth of the real feeds and of the fixtures of feedparser, and 150 mixtures; `make test-deep` all, and
3,000.
"""

from __future__ import annotations

import random
import re
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

import pytest
import zstandard

from feeds.model import Document, RawEntry, RawFeed, Unreadable
from feeds.read import parser
from feeds.read.feed import read_feed
from feeds.read.split import Split, Splitter
from tests.real import DATA, DEEP, a_tenth, needs_data, snapshots
from tests.unit.read.read_samples import URL, facts

pytestmark = [needs_data, pytest.mark.timeout(7200 if DEEP else 300)]

SPLITTER = Splitter(parser.NAMESPACES, version=parser.VERSION)
NOTHING = frozenset[bytes]()


def fixtures() -> list[tuple[str, bytes]]:
    """Name and bytes of each fixture of feedparser."""
    with (DATA / "hostile" / "fixtures.tar.zst").open("rb") as packed:
        stream = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(packed, read_across_frames=True)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            found = [(m.name, file.read()) for m in archive if m.isfile() and (file := archive.extractfile(m))]
    return sorted(found)


def read(body: bytes, *known: bytes, whole: bool = False) -> RawFeed | Unreadable | str:
    """What is read, every entry without its slice; or the exception that feedparser let through."""
    given = replace(facts(*known), whole=whole)
    try:
        found = read_feed(Document(url=URL, body=body), given, one_in=1 << 62)
    except Exception as exc:
        return type(exc).__name__
    return found


def bare(entries: Iterable[RawEntry]) -> list[RawEntry]:
    return [replace(entry, slice=b"") for entry in entries]


def compare(name: str, body: bytes, chance: random.Random) -> int:
    """Read `body` with several choices of known items, and hold each against the whole. Returns how many there were."""
    first = read(body)
    if not isinstance(first, RawFeed) or not first.slices:
        return 0  # it is read whole anyway
    whole = read(body, whole=True)
    assert isinstance(whole, RawFeed), name
    assert bare(first.entries) == bare(whole.entries), name
    assert (first.head, first.trouble, first.cuts) == (whole.head, whole.trouble, whole.cuts), name
    slices = [entry.slice for entry in first.entries]
    assert tuple(slices) == first.slices
    choices = [slices, slices[1:], slices[:-1], *(chance.sample(slices, len(slices) // 2) for _ in range(2))]
    for known in choices:
        part = read(body, *known)
        assert isinstance(part, RawFeed), name
        fresh = [n for n, key in enumerate(slices) if key not in known]
        assert bare(part.entries) == bare(whole.entries[n] for n in fresh), (name, fresh)
        assert part.head == whole.head, name
        assert (part.known, part.slices) == (len(slices) - len(fresh), first.slices), name
    return len(choices)


def test_every_fixture_and_every_real_feed() -> None:
    chance = random.Random(4)
    documents = a_tenth(fixtures()) + a_tenth([(n, b) for n, b in snapshots() if b.lstrip()[:1] != b"{"])
    compared = [compare(name, body, chance) for name, body in documents]
    read_in_part = sum(map(bool, compared))
    print(f"{len(documents)} documents, {read_in_part} of them read in part, {sum(compared)} readings in part")
    assert read_in_part > len(documents) / 3


_DECLARED = re.compile(rb"""\sxmlns(?::[\w.-]+)?=(?:"[^"]*"|'[^']*')""")
_ROOT = re.compile(rb"<((?:[\w.-]+:)?(?:rss|feed|rdf))\b[^>]*>", re.IGNORECASE)


def weave(documents: Sequence[Split], chance: random.Random) -> bytes:
    """A document of the head of the first, with items of all, shuffled, and the namespaces that all declare."""
    first = documents[0].body
    root = _ROOT.search(first)
    assert root
    declared = {name.split(b"=")[0]: name for name in _DECLARED.findall(root[0])}
    items = []
    for document in documents:
        there = _ROOT.search(document.body)
        for name in _DECLARED.findall(there[0]) if there else ():
            declared.setdefault(name.split(b"=")[0], name)
        items += [document.body[start:end] for start, end in document.spans]
    chance.shuffle(items)
    tag = _DECLARED.sub(b"", root[0])
    tag = tag[: len(root[1]) + 1] + b"".join(declared.values()) + tag[len(root[1]) + 1 :]
    start, end = documents[0].spans[0][0], documents[0].spans[-1][1]
    return first[: root.start()] + tag + first[root.end() : start] + b"\n".join(items[:40]) + first[end:]


@cache
def kinds() -> dict[bytes, list[Split]]:
    """Real feeds and fixtures that are read in part, by the name of their root."""
    by_root: dict[bytes, list[Split]] = {}
    for _, body in a_tenth(fixtures()) + a_tenth(snapshots()):
        found = SPLITTER.split(body, base=URL) if body.lstrip()[:1] == b"<" and len(body) < 300_000 else None
        root = _ROOT.search(body)
        if isinstance(found, Split) and found.keys and root:
            by_root.setdefault(root[1].rpartition(b":")[2].lower(), []).append(found)
    return by_root


def test_random_mixtures() -> None:
    chance = random.Random(5)
    many = 3000 if DEEP else 150
    compared = []
    for number in range(many):
        documents = chance.sample(chance.choice([kinds()[b"rss"], kinds()[b"feed"]]), chance.randint(2, 5))
        compared.append(compare(f"mixture {number}", weave(documents, chance), chance))
    print(f"{many} mixtures, {sum(map(bool, compared))} of them read in part, {sum(compared)} readings in part")
    assert sum(map(bool, compared)) > many / 4


# Elements that feedparser keeps a state for, in places where it does not expect them.
NAMES = (
    *("title", "description", "summary", "content", "link", "guid", "author", "name", "source", "image", "textinput"),
    *("copyright", "info", "tagline", "category", "enclosure", "pubDate", "dc:creator", "media:description", "body"),
    *("media:content", "itunes:summary", "content:encoded", "contributor", "publisher", "div", "svg", "comments"),
)
NAMED = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def nested(chance: random.Random, depth: int) -> str:
    """Some elements, one inside the other, with text that looks like markup."""
    if not depth or chance.random() < 0.3:
        return chance.choice(
            ["", "x", "a &lt;b&gt;c&lt;/b&gt;", "&lt;main&gt; word", "https://a.example/", "<![CDATA[<p>]]>"]
        )
    names = [chance.choice(NAMES) for _ in range(chance.randint(1, 3))]
    return "".join(f"<{name}>{nested(chance, depth - 1)}</{name}>" for name in names)


def test_items_that_nest_what_no_feed_nests() -> None:
    chance = random.Random(6)
    compared = []
    for number in range(5000 if DEEP else 300):
        items = "".join(f"<item>{nested(chance, 3)}<guid>{n}</guid></item>" for n in range(chance.randint(2, 4)))
        head = nested(chance, 2) if chance.random() < 0.5 else "<title>t</title>"
        body = f'<rss version="2.0" {NAMED}><channel>{head}{items}</channel></rss>'
        compared.append(compare(f"nested {number}", body.encode(), chance))
    print(f"{len(compared)} documents, {sum(map(bool, compared))} of them read in part")
    assert sum(map(bool, compared)) > len(compared) / 4

"""What reading costs against `feedparser.parse` as it comes: `python -m tests.bench.reading`.

CPU time of all processes that take part, both sides taken in turns, medians of the ratios. The other side is feedparser
as installed: with its sanitiser, its own SAX driver, none of our caps and none of our shortcuts. Ours collects its
garbage as readers do. Real feeds where ../shared/data is, else feeds made of the samples.
"""

from __future__ import annotations

import gc
import io
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules
from feeds.config import ReadSettings
from feeds.model import Document, Facts, Reading, Source
from feeds.read import parser, read
from feeds.read.split import Split, Splitter
from feeds.sandbox.children import Children
from feeds.sandbox.nursery import COLLECTED
from feeds.sandbox.pipeline import Pipeline
from tests.bench.verdict import say
from tests.make import NOW
from tests.real import DATA, snapshots
from tests.stock import feedparser

ROUNDS = 5
SOURCE = Source(name="bench", url="https://bench.example/feed")
FACTS = Facts(source=SOURCE, now=NOW)
SAMPLES = Path(__file__).parents[2] / "samples"
TABLES = {"topics": {name: {"use": name} for name in ("diplomacy", "turkey", "ukraine")}}
SPLITTER = Splitter(parser.NAMESPACES, version=parser.VERSION)


def cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def cpu_of(processes: Sequence[int]) -> float:
    """Seconds of CPU that these processes have used so far, to the nanosecond."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in processes) / 1e9


def feedparsers(bodies: Sequence[bytes]) -> float:
    return cpu(lambda: [feedparser.parse(io.BytesIO(body)) for body in bodies])


def as_a_reader(work: Callable[[], object]) -> float:
    """CPU time of `work`, its garbage collected as in a reader."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTED)
    try:
        return cpu(work)
    finally:
        gc.set_threshold(*before)


def compare(what: str, ours: Callable[[], float], theirs: Callable[[], float], target: float) -> None:
    """The median of how many times cheaper `ours` was, in as many rounds."""
    ratios = [theirs() / ours() for _ in range(ROUNDS)]
    say(what, statistics.median(ratios), target)


def real_feeds() -> list[bytes]:
    """Well-formed XML feeds that can be read in part, of ten items and more."""
    bodies = (
        [body for _, body in snapshots()[::7]] if DATA.is_dir() else [f.read_bytes() for f in SAMPLES.glob("*.xml")]
    )
    found = []
    for body in bodies:
        split = SPLITTER.split(body, base=SOURCE.url) if body.lstrip()[:1] == b"<" else None
        if isinstance(split, Split) and len(split.keys) >= (10 if DATA.is_dir() else 2) and len(body) < 2_000_000:
            found.append(body)
    return found


def of_fifty() -> bytes:
    """A feed of fifty items and 250 KB: those of a real feed, repeated and told apart by their guids."""
    of_rss = [body for body in real_feeds() if b"<rss" in body[:1000]]
    best = min(of_rss, key=lambda body: abs(len(body) / body.count(b"<item") - 5000))
    split = SPLITTER.split(best, base=SOURCE.url)
    assert isinstance(split, Split)
    items = []
    for number in range(50):
        start, end = split.spans[number % len(split.spans)]
        item = re.sub(rb"<guid.*?</guid>", b"", best[start:end], flags=re.DOTALL)
        items.append(item[: item.rindex(b"</")] + b"<guid>urn:x:%d</guid></item>" % number)
    start, end = split.spans[0][0], split.spans[-1][1]
    return best[:start] + b"\n".join(items) + best[end:]


def with_head(body: bytes, word: bytes) -> bytes:
    """`body` as it is a poll later: its head says another time."""
    return re.sub(rb"(<channel[^>]*>)", rb"\1<lastBuildDate>" + word + rb"</lastBuildDate>", body, count=1)


def slices_of(body: bytes, read_one: Callable[[Document, Facts], object]) -> tuple[bytes, ...]:
    found = read_one(Document(url=SOURCE.url, body=body), FACTS)
    assert isinstance(found, Reading), found
    return found.slices


class Sides:
    """Ways of reading many documents, each returning the CPU time that it took."""

    def __init__(self) -> None:
        rules = compile_rules(TABLES)
        self.pipeline = Pipeline(Matcher(rules), rules=rules.version)
        self.children = Children(TABLES, ReadSettings(timeout=60.0, processes=1), recycled=1 << 30)
        self.children(Document(url=SOURCE.url, body=b"<rss/>"), FACTS)

    def in_process(self, jobs: Sequence[tuple[bytes, Sequence[bytes]]]) -> float:
        asked = [(Document(url=SOURCE.url, body=body), replace(FACTS, known=frozenset(known))) for body, known in jobs]
        return as_a_reader(lambda: [self.pipeline(document, facts) for document, facts in asked])

    def in_child(self, jobs: Sequence[tuple[bytes, Sequence[bytes]]]) -> float:
        asked = [(Document(url=SOURCE.url, body=body), replace(FACTS, known=frozenset(known))) for body, known in jobs]
        readers = [reader.number for reader in self.children._idle]
        before = cpu_of(readers)
        spent = cpu(lambda: [self.children(document, facts) for document, facts in asked])
        return spent + cpu_of(readers) - before

    def close(self) -> None:
        self.children.close()


def sanitised(bodies: Sequence[bytes]) -> float:
    """Reading and sanitising alone, as feedparser does: no fingerprints, no topics."""
    from feeds.model import RawFeed
    from feeds.normalise.text import clean_html, plain

    def work() -> None:
        for body in bodies:
            found = read(Document(url=SOURCE.url, body=body), FACTS)
            for entry in found.entries if isinstance(found, RawFeed) else ():
                plain(entry.title)
                clean_html(entry.summary, entry.link)
                clean_html(entry.content, entry.link)

    return as_a_reader(work)


def main() -> None:
    """Print the figures of issue and design."""
    sides = Sides()
    feeds, fifty = real_feeds(), of_fifty()
    heavy = [body for body in feeds if len(body) / max(1, body.count(b"<item") + body.count(b"<entry")) > 6000]
    print(f"{len(feeds)} feeds, {sum(map(len, feeds)) / 1e6:.1f} MB; {len(heavy)} of them with more than 6 KB an item")
    print(f"and one of 50 items and {len(fifty) / 1000:.0f} KB\n")
    known = slices_of(fifty, sides.pipeline)
    changed = [with_head(fifty, b"%d" % number) for number in range(20)]
    compare("first read, sanitised, all feeds", lambda: sanitised(feeds), lambda: feedparsers(feeds), 3)
    each = [statistics.median(feedparsers([body]) / sanitised([body]) for _ in range(ROUNDS)) for body in feeds]
    say("first read, sanitised, the median feed", statistics.median(each), 3)
    if heavy:
        compare(
            "first read, sanitised, more than 6 KB an item", lambda: sanitised(heavy), lambda: feedparsers(heavy), 3
        )
    compare("first read, to classified articles, all feeds",
            lambda: sides.in_process([(body, ()) for body in feeds]), lambda: feedparsers(feeds), 1)  # fmt: skip
    newest = [(body, slices_of(body, sides.pipeline)[1:]) for body in feeds]
    nothing, one = [(body, known) for body in changed], [(body, known[1:]) for body in changed]
    for side, way in (("", sides.in_process), (", in a child", sides.in_child)):
        for what, jobs, theirs, target in (
            ("0 new of 50, head changed", nothing, [fifty], 45),
            ("1 new of 50, head changed", one, [fifty], 25),
            ("real feeds, the newest item unseen", newest, feeds, 8),
        ):
            times = len(jobs) // len(theirs)  # so many of ours against one of theirs
            ratios = [feedparsers(theirs) / (way(jobs) / times) for _ in range(ROUNDS)]
            say(what + side, statistics.median(ratios), target)
    ratios = [sides.in_child([(fifty, ())] * 3) / sides.in_process([(fifty, ())] * 3) for _ in range(ROUNDS)]
    say(
        "what a child adds to a first read of 50 items",
        100 * (statistics.median(ratios) - 1),
        15,
        at_most=True,
        unit="%",
    )
    sides.close()


if __name__ == "__main__":
    main()

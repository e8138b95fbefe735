"""`make bench`: what a stage costs against what anybody would use; ratio, target, and whether it holds.

CPU time, both sides in one process and taken in turns, medians. Real feeds where ../shared/data is, else the samples.
The targets are those of DESIGN.md; some belong to work that is still to come.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules
from feeds.model import Article, Document, Facts, Reading, Source
from feeds.sandbox.pipeline import Pipeline
from tests.real import DATA, snapshots

ROUNDS = 5
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOURCE = Source(name="bench", url="https://bench.example/feed")
SAMPLES = Path(__file__).parents[2] / "samples"


def main() -> None:
    feeds = (
        [body for _, body in snapshots()[::15]] if DATA.is_dir() else [f.read_bytes() for f in SAMPLES.glob("*.xml")]
    )
    rules = compile_rules({"topics": {name: {"use": name} for name in ("diplomacy", "turkey", "ukraine")}})
    matcher = Matcher(rules)
    pipeline = Pipeline(matcher, rules=rules.version)
    print(f"{len(feeds)} {'real' if DATA.is_dir() else 'sample'} feeds, {sum(map(len, feeds)) / 1e6:.1f} MB\n")

    def read(known: frozenset[bytes] = frozenset()) -> list[Reading]:
        facts = Facts(source=SOURCE, now=NOW, known=known)
        found = [pipeline(Document(url=SOURCE.url, body=body), facts) for body in feeds]
        return [reading for reading in found if isinstance(reading, Reading)]

    def parse() -> None:
        for body in feeds:
            feedparser.parse(body)

    first = read()
    known = frozenset(digest for reading in first for digest in reading.slices)
    articles = [item for reading in first for item in reading.items if isinstance(item, Article)]
    compare("first read, to classified articles, against feedparser.parse", read, parse, 3)
    compare("the same again, every item known", lambda: read(known), parse, 25)
    seconds = statistics.median(cpu(lambda: [matcher.classify(a, SOURCE) for a in articles]) for _ in range(ROUNDS))
    say("items classified a second and core, three packs", len(articles) / seconds, 20_000)


def compare(what: str, ours: Callable[[], object], theirs: Callable[[], object], target: float) -> None:
    """How many times cheaper `ours` is, both taken in turns."""
    pairs = [(cpu(ours), cpu(theirs)) for _ in range(ROUNDS)]
    say(what, statistics.median(b for _, b in pairs) / statistics.median(a for a, _ in pairs), target)


def say(what: str, figure: float, target: float) -> None:
    print(f"{what:62} {figure:10,.1f}  target {target:8,g}  {'holds' if figure >= target else 'DOES NOT HOLD'}")


def cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()

"""How many items a second the three packs are matched against: `python -m tests.bench.matching`. CPU time, median."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules
from feeds.model import Article, Document, Facts, Reading, Source
from feeds.sandbox.pipeline import Pipeline
from tests.bench.verdict import say
from tests.make import NOW
from tests.real import DATA, snapshots

ROUNDS = 5
SOURCE = Source(name="bench", url="https://bench.example/feed")
SAMPLES = Path(__file__).parents[2] / "samples"


def main() -> None:
    bodies = [b for _, b in snapshots()[::15]] if DATA.is_dir() else [f.read_bytes() for f in SAMPLES.glob("*.xml")]
    rules = compile_rules({"topics": {name: {"use": name} for name in ("diplomacy", "turkey", "ukraine")}})
    matcher = Matcher(rules)
    pipeline = Pipeline(matcher, rules=rules.version)
    read = [pipeline(Document(url=SOURCE.url, body=body), Facts(source=SOURCE, now=NOW)) for body in bodies]
    articles = [i for found in read if isinstance(found, Reading) for i in found.items if isinstance(i, Article)]
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for article in articles:
            matcher.classify(article, SOURCE)
        rates.append(len(articles) / (time.process_time() - started))
    say(f"{len(articles)} articles as they are, three packs", statistics.median(rates), 20_000, unit="/s")


if __name__ == "__main__":
    main()

"""`make bench`: every benchmark, each in a process of its own; what it measures, the target, and whether it holds."""

from __future__ import annotations

import subprocess
import sys

BENCHES = {
    "Reading, against feedparser as it comes": ["tests.bench.reading"],
    "Topics: speed": ["tests.bench.matching"],
    "Topics: quality on labelled items, a quarter kept aside": ["tests.bench.topics"],
    "Topics: quality on headlines that were read": ["tests.bench.topics_judged"],
    "Near-duplicates: speed": ["tests.bench.likeness"],
    "Near-duplicates: quality, a quarter kept aside": ["tests.bench.stories", "--set", "mined"],
    "Hostile documents": ["tests.bench.corpus", "--tenth", "--verdict"],
    "What publishers do to their feeds": ["tests.bench.immunity", "--polls", "12"],
    "Publishing, against feedgen": ["tests.bench.publishing"],
    "Slow hosts beside good ones": ["tests.bench.fairness"],
    "Serving, against nginx and starlette": ["tests.bench.serving"],
    "Serving, beside a crowd of bad clients": ["tests.bench.crowd"],
    "From hub to hub": ["tests.bench.pushing"],
}


def main() -> None:
    for title, command in BENCHES.items():
        print(f"\n{title}\n", flush=True)
        subprocess.run([sys.executable, "-m", *command], check=True)


if __name__ == "__main__":
    main()

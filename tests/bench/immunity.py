"""How many of 1,000 items each mutation doubles or loses, over all real sequences: `python -m tests.bench.immunity`.

`--tenth` takes a fixed tenth of them, `--polls N` the first N polls of each; without real inputs a small wire is used.
"""

from __future__ import annotations

import argparse
import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.immunity.measure import Figures, measure
from tests.immunity.mutations import MUTATIONS
from tests.immunity.sequences import made, names, real

DOUBLED, LOST = 0.0, 1.0  # of 1,000 items, at most


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenth", action="store_true")
    parser.add_argument("--polls", type=int, default=30)
    parser.add_argument("--worst", action="store_true", help="name the sequences that are not immune")
    options = parser.parse_args()
    feeds = names()
    if options.tenth:
        feeds = random.Random(7).sample(feeds, max(1, len(feeds) // 10))
    total = {name: Figures() for name in MUTATIONS}
    with ProcessPoolExecutor() as workers:
        for feed, found in workers.map(partial(run, polls=options.polls), feeds or [""]):
            if not found:
                print(f"  {feed}: nothing to read in its first {options.polls} polls", flush=True)
            for name, figures in found.items():
                total[name].add(figures)
                if options.worst and (figures.doubled or figures.lost):
                    worst = f"{figures.doubled} doubled, {figures.lost} lost of {figures.items}"
                    print(f"  {feed}, {name}: {worst}", flush=True)
    print(f"{'mutation':40} {'items':>8} {'doubled':>8} {'lost':>6}   of 1,000: doubled, lost")
    for name, figures in total.items():
        doubled, lost = (1000 * n / max(1, figures.items) for n in (figures.doubled, figures.lost))
        verdict = "holds" if doubled <= DOUBLED and lost <= LOST else "DOES NOT HOLD"
        counts = f"{figures.items:8,} {figures.doubled:8} {figures.lost:6}"
        print(f"{name:40} {counts}   {doubled:6.2f} {lost:6.2f}  {verdict}")


def run(feed: str, *, polls: int) -> tuple[str, dict[str, Figures]]:
    """The feed, and the figures of its first polls under each mutation; none if nothing of it can be read."""
    sequence = real(feed, polls=polls) if feed else made()
    figures = {name: measure(sequence, mutation) for name, mutation in MUTATIONS.items()} if sequence else {}
    return feed or "a made one", figures


if __name__ == "__main__":
    main()

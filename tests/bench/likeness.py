"""How fast and how small the index of near-duplicates is: `python -m tests.bench.likeness`.

Reads headlines from ../shared/data/polls beside the repository. CPU time and counted bytes; two million turns of an
empty loop are timed beside it, to tell a slow machine from a slow index.
"""

from __future__ import annotations

import argparse
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from time import process_time

from feeds.identify.stories import Stories
from feeds.identify.stories_desk import StoryDesk
from feeds.model import Article, Known, Trace
from tests.bench.stories_windows import NOW, article
from tests.bench.verdict import is_missing, say
from tests.real import DATA, lines


def stream(count: int) -> list[Article]:
    """The first items of a year of headlines, some with leads, five seconds apart."""
    found = []
    rows = islice(lines(DATA / "polls" / "_headline_stream_2025_26.jsonl.zst"), count)
    for number, row in enumerate(rows):
        moment = NOW + number * timedelta(seconds=5)
        given = {"id": str(number), "summary": row.get("summary", ""), "published": moment.isoformat()}
        found.append(article({"title": row["title"], "url": row["url"], "host": row["host"], **given}, number))
    return [replace(item, published=item.first_seen) for item in found]


def fill(items: list[Article]) -> tuple[Stories, list[Trace], float]:
    """An index that placed these items, their traces, and items a CPU-second over the last quarter."""
    stories, traces, begun = Stories(), list[Trace](), 0.0
    known = Known(traces_since=lambda seq, _: traces[seq:])
    for number, item in enumerate(items, start=1):
        if number == len(items) * 3 // 4:
            begun = process_time()
        desk = StoryDesk(stories, known, now=item.first_seen, outlet="")
        desk.place(item, article=number, story=None, spare=number)
        traces += [replace(trace, seq=seq) for seq, trace in enumerate(desk.traces.values(), start=len(traces) + 1)]
    return stories, traces, len(items) / 4 / (process_time() - begun)


def _loops() -> float:
    begun = process_time()
    for _ in range(2_000_000):
        pass
    return 2 / (process_time() - begun)


def main() -> None:
    """Print items a second and bytes an item, against their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=12_000, help="that the window holds in the end")
    options = parser.parse_args()
    if is_missing(DATA):
        return
    items = stream(options.items)
    loops = _loops()
    _, traces, speed = fill(items)
    print(f"an empty loop turns {loops:.0f} and {_loops():.0f} million times a CPU-second")
    begun = process_time()
    Stories().take_up(lambda *_: traces, now=items[-1].first_seen)
    restored = process_time() - begun
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    stories = Stories()
    empty = tracemalloc.get_traced_memory()[0] - before
    stories.take_up(lambda *_: iter(traces), now=items[-1].first_seen)
    held = tracemalloc.get_traced_memory()[0] - before - empty
    tracemalloc.stop()
    say(f"items a CPU-second, {len(stories):,} in the window", speed, 3000, unit="/s")
    say("bytes an item in the window, its words among them", held / len(stories), 1000, at_most=True, unit=" B")
    say("traces taken up again at start, a CPU-second", len(traces) / restored, 3000, unit="/s")


if __name__ == "__main__":
    main()

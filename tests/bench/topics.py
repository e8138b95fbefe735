"""How well the three packs decide on labelled items: `python -m tests.bench.topics`.

Reads ../shared/data/labelled beside the repository. Publishers' categories are left out, because most labels were made
from them; items judged null for a topic are not scored. A quarter of the items, chosen by a hash of their id, is kept
aside: errors in it are never printed, so that nobody tunes on it.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from time import process_time
from typing import Any

import zstandard

from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names
from feeds.classify.rules import compile_rules
from feeds.model import Source

LABELLED = Path(__file__).resolve().parents[3] / "shared" / "data" / "labelled"
HOMES = {"ntv_tr": "TR"}  # sets that come from one domestic outlet


def read_set(path: Path) -> Iterator[dict[str, Any]]:
    """The items of one .jsonl.zst file."""
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(file, read_across_frames=True)
        for line in io.TextIOWrapper(stream, encoding="utf-8"):
            yield json.loads(line)


def is_aside(item: dict[str, Any]) -> bool:
    """Whether the item belongs to the quarter that nobody tunes on."""
    return blake2b(item["id"].encode(), digest_size=1).digest()[0] % 4 == 0


def rates(counts: Counter[str]) -> str:
    """Precision, recall and F1, and what they were counted from."""
    right, false, missed = counts["right"], counts["false"], counts["missed"]
    precision = right / (right + false) if right + false else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    f1 = 2 * right / (2 * right + false + missed) if right else 0.0
    return f"P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}   {right:5} right {false:5} false {missed:5} missed"


def main() -> None:
    """Print the table, and with --errors what went wrong outside the quarter kept aside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="", help="only this set")
    parser.add_argument("--topic", default="", help="only this topic")
    parser.add_argument("--errors", action="store_true", help="print the items that were decided wrongly")
    options = parser.parse_args()
    if not LABELLED.is_dir():
        sys.exit(f"no labelled items in {LABELLED}")
    matcher = Matcher(compile_rules({"topics": {name: {"use": name} for name in pack_names()}}))
    items, seconds = 0, 0.0
    for path in sorted(LABELLED.glob(f"{options.set or '*'}.jsonl.zst")):
        name = path.name.removesuffix(".jsonl.zst")
        counts: dict[tuple[str, str], Counter[str]] = {}
        for item in read_set(path):
            host = item["url"].partition("://")[2].partition("/")[0].removeprefix("www.")
            source = Source(name=name, url="", country=HOMES.get(name, ""))
            begun = process_time()
            matches = matcher.explain(
                item["title"],
                item["summary"],
                item.get("content", ""),
                source=source,
                domain=host,
                language=item["lang"],
            )
            seconds += process_time() - begun
            items += 1
            for match in matches:
                label, given = item["labels"].get(match.topic), match.score >= match.need
                if label is None or options.topic not in ("", match.topic):
                    continue
                part = "aside" if is_aside(item) else "open"
                verdict = ("right" if given else "missed") if label else ("false" if given else "none")
                counts.setdefault((match.topic, part), Counter())[verdict] += 1
                if options.errors and part == "open" and verdict in ("false", "missed"):
                    because = ", ".join(f"{hit.word} {hit.where} {hit.points:g}" for hit in match.because)
                    print(
                        f"{verdict} {match.topic} {match.score:g} [{because}] {item['title']} | {item['summary'][:200]}"
                    )
        for (topic, part), counted in sorted(counts.items()):
            print(f"{name:16} {topic:10} {part:6} {rates(counted)}")
    print(f"{items} items, {items / seconds:,.0f} a CPU-second, explained")


if __name__ == "__main__":
    main()

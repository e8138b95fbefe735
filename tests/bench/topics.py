"""How well the three packs decide on labelled items: `python -m tests.bench.topics`; the part kept aside: `--aside`.

Reads ../shared/data/labelled beside the repository. Publishers' categories are left out, because most labels were made
from them; items judged null for a topic are not scored. A quarter of the items, chosen by a hash of their id, is kept
aside: its errors are never printed, so that nobody tunes on it. Intervals of 95 %: Wilson's for precision and recall,
a bootstrap for F1. Where negatives are weak (the publisher did not name all topics of an item), precision is too low.
"""

from __future__ import annotations

import argparse
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import zstandard

from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names
from feeds.classify.rules import compile_rules
from feeds.model import Source
from tests.bench.verdict import is_missing
from tests.real import DATA

LABELLED = DATA / "labelled"
HOMES = {"ntv_tr": "TR"}  # sets that come from one domestic outlet
WEAK = {(name, topic) for name in ("ap_slug", "feed_categories") for topic in pack_names()} | {
    ("euvsdisinfo", "diplomacy")
}


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
    """Precision, recall and F1 with their intervals, and what they were counted from."""
    right, false, missed = counts["right"], counts["false"], counts["missed"]
    precision, recall = interval(right, right + false), interval(right, right + missed)
    return (
        f"P {precision}  R {recall}  F1 {f1(right, false, missed)}  {right:5} right {false:5} false {missed:5} missed"
    )


def interval(part: int, all_of_them: int) -> str:
    """A share and its Wilson interval, in words."""
    if not all_of_them:
        return "   -             "
    share, z2 = part / all_of_them, 1.96**2 / all_of_them
    middle = (share + z2 / 2) / (1 + z2)
    half = sqrt(z2 * share * (1 - share) + z2 * z2 / 4) / (1 + z2)
    return f"{share:.3f} ({max(middle - half, 0):.2f}-{min(middle + half, 1):.2f})"


def f1(right: int, false: int, missed: int) -> str:
    """F1 and its interval by bootstrap over the items that count."""
    if not right:
        return "0.000            "
    chance, outcomes = Random(1), "r" * right + "f" * false + "m" * missed
    drawn = []
    for _ in range(400):
        times = Counter(chance.choices(outcomes, k=len(outcomes)))
        drawn.append(2 * times["r"] / (len(outcomes) + times["r"]))
    drawn.sort()
    return f"{2 * right / (2 * right + false + missed):.3f} ({drawn[10]:.2f}-{drawn[-11]:.2f})"


def main() -> None:
    """Print the table, and with --errors what went wrong outside the quarter kept aside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="", help="only this set")
    parser.add_argument("--topic", default="", help="only this topic")
    parser.add_argument("--aside", action="store_true", help="the quarter kept aside, instead of the rest")
    parser.add_argument("--errors", action="store_true", help="print the items that were decided wrongly")
    parser.add_argument("--likeness", action="store_true", help="with the model of the extra `embed`")
    options = parser.parse_args()
    if is_missing(LABELLED):
        return
    if options.aside and options.errors:
        parser.error("errors in the part kept aside are not for reading")
    packs = {name: {"use": name} for name in pack_names()}
    matcher = Matcher(compile_rules({"topics": packs, "defaults": {"likeness": options.likeness}}))
    counts: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for path in sorted(LABELLED.glob(f"{options.set or '*'}.jsonl.zst")):
        name = path.name.removesuffix(".jsonl.zst")
        source = Source(name=name, url="", country=HOMES.get(name, ""))
        for item in read_set(path):
            if is_aside(item) is not options.aside:
                continue
            host = item["url"].partition("://")[2].partition("/")[0].removeprefix("www.")
            text = item["title"], item["summary"], item.get("content", "")
            for match in matcher.explain(*text, source=source, domain=host, language=item["lang"]):
                label, given = item["labels"].get(match.topic), match.score >= match.need
                if label is None or options.topic not in ("", match.topic):
                    continue
                verdict = ("right" if given else "missed") if label else ("false" if given else "none")
                for where in {(name, "all"), (name, item["lang"].lower().partition("-")[0] or "?")}:
                    counts[(match.topic, *where)][verdict] += 1
                if options.errors and verdict in ("false", "missed"):
                    because = ", ".join(f"{hit.word} {hit.where} {hit.points:g}" for hit in match.because)
                    print(f"{verdict} {match.topic} {match.score:g} [{because}] {text[0]} | {text[1][:200]}")
    _print(counts)


def _print(counts: Mapping[tuple[str, str, str], Counter[str]]) -> None:
    """One line for each topic, set and language; the language only where a set has several."""
    languages = Counter((topic, name) for topic, name, _ in counts)
    for (topic, name, language), counted in sorted(counts.items()):
        several = languages[topic, name] > 2
        if (language == "all" or several) and any(counted[v] for v in ("right", "false", "missed")):
            weak = "  weak negatives" if (name, topic) in WEAK else ""
            print(f"{topic:10} {name:16} {language:4} {rates(counted)}{weak}")


if __name__ == "__main__":
    main()

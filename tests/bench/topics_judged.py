"""How well the ready topics decide on headlines that were read one by one: `python -m tests.bench.topics_judged`.

topics_judged.tsv holds our verdicts, never text: the topic, the hash of an address in the recorded stream, the part,
how many headlines of the stream this one stands for, and whether it belongs. `open` was tuned on, `aside` was not, and
`late` is a later month that was drawn after all tuning. Headlines that readers found to lie at the border are left out.
Intervals of 95 % by bootstrap within each weight, that is, within each stratum that was drawn from.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import NamedTuple

from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_names
from feeds.classify.rules import compile_rules
from feeds.fold import html_text
from tests.bench.topics import read_set
from tests.bench.verdict import is_missing
from tests.real import DATA

STREAM = DATA / "polls" / "_headline_stream_2025_26.jsonl.zst"
VERDICTS = Path(__file__).with_name("topics_judged.tsv")
AIMS = {"diplomacy": {"F1": 0.80}, "turkey": {"P": 0.95, "R": 0.92}, "ukraine": {"P": 0.97, "R": 0.94}}
ROUNDS = 300


class Judged(NamedTuple):
    """One headline that was read."""

    weight: float  # how many of the stream it stands for
    belongs: bool
    chosen: bool  # by the rules


def main() -> None:
    """One line for each part."""
    if is_missing(STREAM):
        return
    verdicts = defaultdict(list)
    for line in VERDICTS.read_text(encoding="utf-8").splitlines():
        topic, key, part, stands_for, verdict = line.split("\t")
        verdicts[key].append((topic, part, float(stands_for), verdict == "1"))
    matcher = Matcher(compile_rules({"topics": {name: {"use": name} for name in pack_names()}}))
    parts: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for row in read_set(STREAM):
        for topic, part, weight, belongs in verdicts.pop(blake2b(row["url"].encode(), digest_size=8).hexdigest(), ()):
            matches = matcher.explain(_plain(row["title"]), _plain(row["summary"] or ""), "", domain=row["host"])
            chosen = next(match.score >= match.need for match in matches if match.topic == topic)
            parts[topic, part].append(Judged(weight, belongs, chosen))
    for (topic, part), judged in sorted(parts.items()):
        values = list(zip(["P", "R", "F1"], rates(judged), _spread(judged), strict=True))
        figures = "  ".join(f"{name} {value:.3f} ({low:.2f}-{high:.2f})" for name, value, (low, high) in values)
        aims = AIMS[topic]
        target = " ".join(f"{name} >= {aim:.2f}" for name, aim in aims.items())
        holds = all(value >= aims.get(name, 0) for name, value, _ in values)
        print(f"{topic:9} {part:5} {len(judged):4} read  {figures}  target {target}  {'holds' if holds else 'misses'}")


def rates(judged: Sequence[Judged]) -> tuple[float, float, float]:
    """Precision, recall and F1 of the whole stream, estimated from those that were read."""
    right = sum(one.weight for one in judged if one.belongs and one.chosen)
    false = sum(one.weight for one in judged if one.chosen) - right
    missed = sum(one.weight for one in judged if one.belongs) - right
    return right / (right + false), right / (right + missed), 2 * right / (2 * right + false + missed)


def _spread(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    chance = Random(1)
    strata: defaultdict[float, list[Judged]] = defaultdict(list)
    for one in judged:
        strata[one.weight].append(one)
    rounds = [
        rates([one for some in strata.values() for one in chance.choices(some, k=len(some))]) for _ in range(ROUNDS)
    ]
    return [(sorted(values)[ROUNDS // 40], sorted(values)[-ROUNDS // 40 - 1]) for values in zip(*rounds, strict=True)]


def _plain(markup: str) -> str:
    return " ".join(html_text(html.unescape(markup)).split())


if __name__ == "__main__":
    main()

"""How well near-duplicates join among mined clusters, where what differs in its headline was read.

The clusters of `../shared/data/dups` are items with one headline, so two headlines of one event count there as two
stories. `stories_mined.csv` holds what two readers, who saw no score, say of two clusters: same, follow or other, as in
stories_judged.py; "" where nobody was asked. It has every pair of clusters that was in one story at 0.34, and of those
that were not, but were nearest to a cluster kept aside by words, letters or a sentence model, a sample: `weight` is for
how many each stands. What has come into one story since is not read, and counts as wrong.

A pair is counted once for each of its items that is in the part, so that one half of a pair outside of it takes nothing
away: counting only pairs that lie in the part wholly leaves out three in four of two clusters, and none of one.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from tests.bench.stories_judged import portion, share

PRECISION, RECALL = 0.97, 0.60  # that are asked of what joins
VERDICTS = Path(__file__).with_name("stories_mined.csv")
Pair = frozenset[str]  # two clusters, or one: the items of one headline
Rows = defaultdict[str, list[tuple[float, bool]]]  # by cluster


@dataclass(frozen=True, slots=True)
class Read:
    """What was said of two clusters."""

    weight: float
    verdicts: tuple[str, ...]  # by reader


def verdicts() -> dict[Pair, Read]:
    """What was read."""
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        return {
            frozenset((f"h:{one}", f"h:{other}")): Read(float(weight), tuple(said))
            for one, other, weight, *said in [*csv.reader(file)][1:]
        }


def measure(told: Iterable[tuple[str, int]], joinings: Sequence[tuple[str, str]], aside: set[str]) -> None:
    """Print precision and recall by each reader.

    `told` is the cluster and the story of each item, `joinings` the clusters of an item and of what it joined.
    """
    clusters, stories = defaultdict[str, Counter[int]](Counter), defaultdict[int, set[str]](set)
    for cluster, story in told:
        clusters[cluster][story] += 1
        stories[story].add(cluster)
    read = verdicts()
    together = {frozenset(pair) for members in stories.values() for pair in combinations(members, 2)}
    print(f"  {len(together - read.keys())} pairs of clusters are in one story and were not read: they count as wrong")
    one_headline = {frozenset((cluster,)): Read(1, ("same", "same")) for cluster in clusters}
    known = one_headline | read | {pair: Read(1, ("", "")) for pair in together - read.keys()}
    for name, part, reader in (
        ("open, first reader", clusters.keys() - aside, 0),
        ("aside, first reader", aside, 0),
        ("aside, second reader", aside, 1),
    ):
        # A pair that lies in both parts is one of those aside.
        pairs = {pair: of for pair, of in known.items() if pair & part and not pair & (aside - part)}
        same = {pair for pair, of in pairs.items() if of.verdicts[reader] == "same"}
        joins, precise, recalled = (Rows(list) for _ in range(3))
        for item, joined in joinings:
            if item in part and joined not in aside - part:
                joins[item].append((1, frozenset((item, joined)) in same))
        for pair in sorted(pairs, key=sorted):
            both, apart = _items(pair, clusters)
            for cluster in pair & part:
                precise[cluster].append((both, pair in same))
                if pair in same:
                    recalled[cluster] += [(pairs[pair].weight * both, True), (pairs[pair].weight * apart, False)]
        _say(f"{name:20} joins  precision", joins, PRECISION)
        _say(f"{name:20} pairs  precision", precise, PRECISION)
        if part is aside:  # of the open half, only what was joined is read
            _say(f"{name:20} pairs  recall   ", recalled, RECALL)


def _say(what: str, rows: Rows, target: float) -> None:
    verdict = "holds" if portion([*rows.values()]) >= target else "DOES NOT HOLD"
    print(f"  {what} {share([*rows.values()])}  target >= {target}  {verdict}")


def _items(pair: Pair, clusters: dict[str, Counter[int]]) -> tuple[int, int]:
    """Pairs of items that are in one story, and that are not; of one headline each from both sides."""
    one, *others = (clusters[cluster] for cluster in sorted(pair))
    if others:
        both = sum(count * others[0][story] for story, count in one.items())
        return both, one.total() * others[0].total() - both
    both = sum(count * (count - 1) for count in one.values())
    return both, one.total() * (one.total() - 1) - both

"""How well near-duplicates join among mined clusters, where what differs in its headline was read.

The clusters of `../shared/data/dups` are items with one headline, so two headlines of one event count there as two
stories. `stories_mined.csv` holds what two readers, who saw no score, say of two clusters: same, follow or other, as in
stories_judged.py; "" where nobody was asked. It has every pair of clusters that was in one story at 0.34 or with
same.txt, and of those that were not, but were nearest to a cluster kept aside by words, letters or a sentence model, a
sample: `weight` is for how many each stands. What has come into one story since is not read, and counts as wrong.

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
Rows = defaultdict[int, list[tuple[float, bool]]]  # by story


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


def measure(told: Iterable[tuple[str, int, int]], joinings: Sequence[tuple[str, str]], aside: set[str]) -> None:
    """Print precision and recall by each reader.

    `told` is the cluster, the article and the story of each item, `joinings` the clusters of an item and of what it
    joined. An article of two clusters is a page of which the headline changed: no likeness has joined those.
    """
    clusters, stories = defaultdict[str, Counter[int]](Counter), defaultdict[int, set[str]](set)
    pages = defaultdict[int, set[str]](set)
    for cluster, article, story in told:
        clusters[cluster][story] += 1
        stories[story].add(cluster)
        pages[article].add(cluster)
    read = verdicts()
    together, one_page = (
        {frozenset(pair) for members in groups.values() for pair in combinations(members, 2)}
        for groups in (stories, pages)
    )
    print(f"  {len(together - read.keys())} pairs of clusters are in one story and were not read: they count as wrong")
    one_headline = {frozenset((cluster,)): Read(1, ("same", "same")) for cluster in clusters}
    known = one_headline | read | {pair: Read(1, ("", "")) for pair in together - read.keys()}
    for name, part, reader in (
        ("open, first reader", clusters.keys() - aside, 0),
        ("aside, first reader", aside, 0),
        ("aside, second reader", aside, 1),
    ):
        same = {pair for pair, of in known.items() if of.verdicts[reader] == "same"}
        joins, precise, recalled, across, found, like = (Rows(list) for _ in range(6))
        for item, joined in joinings:
            if item in part:
                joins[_story(item, clusters)].append((1, frozenset((item, joined)) in same))
        for pair in sorted(known, key=sorted):
            both, apart = _items(pair, clusters)
            weight = known[pair].weight
            for story in (_story(cluster, clusters) for cluster in sorted(pair & part)):
                of_pair = [(weight * both, True), (weight * apart, False)] if pair in same else []
                precise[story].append((both, pair in same))
                recalled[story] += of_pair
                if len(pair) > 1:
                    across[story].append((both, pair in same))
                    found[story] += of_pair
                    like[story].append((both * (pair not in one_page), pair in same))
        _say(name, "joins, precision", joins, PRECISION)
        _say(name, "pairs, precision", precise, PRECISION)
        _say(name, "  across headlines", across)
        _say(name, "  and by likeness", like)
        if part is aside:  # of the open half, only what was joined is read
            _say(name, "pairs, recall", recalled, RECALL)
            _say(name, "  across headlines", found)


def _say(name: str, what: str, rows: Rows, target: float | None = None) -> None:
    drawn = [*rows.values()]
    verdict = "holds" if target is None or portion(drawn) >= target else "DOES NOT HOLD"
    print(f"  {name:20} {what:18} {share(drawn)}" + (f"  target >= {target}  {verdict}" if target else ""))


def _story(cluster: str, clusters: dict[str, Counter[int]]) -> int:
    """That of most of its items: what is drawn together for an interval."""
    return clusters[cluster].most_common(1)[0][0]


def _items(pair: Pair, clusters: dict[str, Counter[int]]) -> tuple[int, int]:
    """Pairs of items that are in one story, and that are not; of one headline each from both sides."""
    one, *others = (clusters[cluster] for cluster in sorted(pair))
    if others:
        both = sum(count * others[0][story] for story, count in one.items())
        return both, one.total() * others[0].total() - both
    both = sum(count * (count - 1) for count in one.values())
    return both, one.total() * (one.total() - 1) - both

"""How well near-duplicates join in a real stream, by pairs that were read one by one.

`stories_judged.csv` holds verdicts and hashes of addresses, and no text. The verdicts are one reader's, who saw no
score: same (one event and one news), follow (a later development, another angle, a reaction), other. To join anything
but `same` counts as wrong. `again` is what a second reader said, "" where nobody was asked. Five samples:

strata: pairs drawn by how like the score of version 0.1 and two other measures (letters, a sentence model) found them;
weights make up for it, so recall is of all same-story pairs that any of the three finds. nearest: 147 random items and
the ten items of the window nearest to each by all three; only same and other. joined: pairs in one story by this or an
earlier state of the code; what is kept of them says nothing of other pairs. joins: an item and the one that it joined.
likely: an item and what our own likeness says that it is most like, open from 0.26 to 0.5, aside from 0.2 on; recall is
of those.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from pathlib import Path

from feeds.identify import stories, stories_desk
from feeds.identify.ledger import Ledger
from feeds.model import Article, Verdict
from tests.bench.stories_windows import WINDOWS, name_of, windows

VERDICTS = Path(__file__).with_name("stories_judged.csv")
_DRAWN = 400  # times that a sample is drawn anew for an interval


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items of a window and the verdict on them."""

    window: str
    one: str
    other: str
    sample: str
    drawn: str  # what was drawn together: an item and those nearest to it
    weight: float
    verdict: str
    again: str  # the verdict of a second reader; "" if there was none


def pairs() -> list[Pair]:
    """All judged pairs."""
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        return [
            Pair(window, one, other, sample, drawn, float(weight), verdict, again)
            for window, one, other, sample, drawn, weight, verdict, again in [*csv.reader(file)][1:]
        ]


def judge(items: Iterable[Article]) -> list[tuple[Article, Verdict, int]]:
    """Each item, the verdict on it, one after another, and its story after the last of them."""
    ledger = Ledger(keep=timedelta.max)
    found = [(item, ledger.judge(item, now=item.dated)) for item in items]
    return [
        (item, verdict, ledger.known(item).articles[verdict.article].story)
        for item, verdict in found
        if verdict.article is not None  # all have one: nothing is older than what is kept
    ]


def told(items: Sequence[Article]) -> dict[str, int]:
    """The story of each item, by its name, after all of them were judged."""
    return {name_of(item): story for item, _, story in judge(items)}


def share(drawn: Sequence[Sequence[tuple[float, bool]]]) -> str:
    """The weighted share of what is true, with a 95 % interval by drawing the sample anew."""
    if not drawn:
        return "none"
    chance = random.Random(50)
    shares = sorted(portion(chance.choices(drawn, k=len(drawn))) for _ in range(_DRAWN))
    low, high = shares[_DRAWN // 40], shares[-1 - _DRAWN // 40]
    counted = sum(weight > 0 for group in drawn for weight, _ in group)
    return f"{portion(drawn):.3f} [{low:.3f}, {high:.3f}] of {counted}"


def portion(drawn: Sequence[Sequence[tuple[float, bool]]]) -> float:
    """The weighted share of what is true."""
    rows = [row for group in drawn for row in group]
    return sum(weight for weight, true in rows if true) / max(sum(weight for weight, _ in rows), 1e-9)


def measure(thresholds: Sequence[float] = ()) -> None:
    """Print precision and recall as the code is, and at other thresholds for joining."""
    judged, read = pairs(), windows()
    twice = [(pair.verdict == "same", pair.again == "same") for pair in judged if pair.again]
    one, both, other = (sum(map(is_same, twice)) for is_same in (itemgetter(0), all, itemgetter(1)))
    print(f"  read twice: {len(twice)} pairs, the same for the first reader {one}, for both {both}, the second {other}")
    for threshold in (stories.MERGE, *thresholds):
        for module in (stories, stories_desk):
            vars(module)["MERGE"] = threshold  # a constant to all others
        found = {name: told(items) for name, items in read.items()}
        print(f"  joined at {threshold:.2f}")
        for aside in (False, True):
            for sample in ("strata", "nearest", "joined", "joins", "likely"):
                rows = [pair for pair in judged if pair.sample == sample and WINDOWS[pair.window].aside is aside]
                _print("aside" if aside else "open", sample, rows, found)


def _print(part: str, sample: str, rows: Sequence[Pair], found: dict[str, dict[str, int]]) -> None:
    precise, right, recalled = (defaultdict[str, list[tuple[float, bool]]](list) for _ in range(3))
    missing = 0
    for row in rows:
        known = found[row.window]
        if row.one not in known or row.other not in known:
            missing += 1
            continue
        joined = known[row.one] == known[row.other]
        if joined:
            precise[row.drawn].append((row.weight, row.verdict == "same"))
            right[row.drawn].append((row.weight, row.verdict != "other"))
        if row.verdict == "same":
            recalled[row.drawn].append((row.weight, joined))
    print(f"    {part:5} {sample:7} precision {share([*precise.values()])}")
    if sample != "nearest":  # there a follow-up is among the others
        print(f"    {part:5} {sample:7} not of something else {share([*right.values()])}")
    if sample in ("strata", "nearest", "likely"):
        print(f"    {part:5} {sample:7} recall    {share([*recalled.values()])}")
    if missing:
        print(f"    {part:5} {sample:7} {missing} pairs are not in the data")

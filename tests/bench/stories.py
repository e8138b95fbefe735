"""How well near-duplicates join their story: `python -m tests.bench.stories`.

Reads ../shared/data/dups beside the repository and judges its items as `feeds stories group` does, in time order.
A quarter of each set, chosen by a hash of its cluster or pair, is kept aside: its errors are never printed, so that
nobody tunes on it.

mined: items with equal headlines on several sites are one story, all others are taken to be two; where headlines differ
that is mostly wrong, so precision is a lower bound, and what is joined across headlines was read (stories_mined.py).
googlenews: titles of broad clusters, without stop words, dates and outlets. telegram: pairs of whole texts that people
called the same story or not. judged: pairs of windows of 72 hours of a real stream, read one by one
(stories_judged.py).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt

from feeds.model import Article, Verdict
from tests.bench import stories_judged, stories_mined
from tests.bench.stories_judged import judge
from tests.bench.stories_windows import article
from tests.bench.verdict import is_missing
from tests.real import DATA

DUPS = DATA / "dups"


@dataclass(frozen=True, slots=True)
class Doc:
    """One item, and the gold story that it belongs to."""

    item: Article
    cluster: str
    aside: bool


def is_aside(name: str) -> bool:
    """Whether a cluster or pair belongs to the quarter that nobody tunes on."""
    return blake2b(name.encode(), digest_size=1).digest()[0] % 4 == 0


def mined() -> list[Doc]:
    """Items of 2025-26 with equal headlines on several sites."""
    with gzip.open(DUPS / "mined_same_headline.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    docs = [Doc(article(row, n), row["cluster"], is_aside(row["cluster"])) for n, row in enumerate(rows)]
    return sorted(docs, key=lambda doc: doc.item.dated)


def googlenews() -> list[Doc]:
    """Titles of 152 broad clusters."""
    with (DUPS / "googlenews_titles_snippets.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [
        Doc(
            article({"id": row["id"], "title": row["text"], "host": f"outlet{n}"}, n),
            str(row["cluster"]),
            is_aside(str(row["cluster"])),
        )
        for n, row in enumerate(rows)
    ]


def telegram() -> list[tuple[Article, Article, bool, bool]]:
    """(one, other, whether people called them one story, whether kept aside)."""
    with (DUPS / "telegram_contest_pairs.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    pairs = []
    for n, row in enumerate(rows):
        one, other = (
            article({"id": f"{n}{side}", "title": row[side]["title"], "content": row[side]["text"],
                     "url": row[side]["url"], "host": row[side]["url"].split("/")[2]}, 2 * n + at)
            for at, side in enumerate("ab")
        )  # fmt: skip
        pairs.append((one, other, row["same"], is_aside(row["a"]["url"])))
    return pairs


def wilson(right: int, of: int) -> str:
    """A share with its 95 % interval (Wilson)."""
    if not of:
        return "none"
    share, z = right / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}] of {of}"


def clusters(docs: Sequence[Doc], *, errors: int) -> tuple[list[tuple[str, int, int]], list[tuple[str, str]]]:
    """Precision and recall over pairs of one set, and of each joining.

    A pair is counted once for each of its items that is in the part (stories_mined.py says why). Gives (cluster,
    article, story) of each item, and of each joining the clusters of the item and of what it joined.
    """
    found = judge(doc.item for doc in docs)
    verdicts, told = [verdict for _, verdict, _ in found], [story for _, _, story in found]
    by_article = {v.article: doc for v, doc in zip(verdicts, docs, strict=True) if v.act == "begin"}
    gold, given, both = Counter[str](), Counter[int](), Counter[tuple[str, int]]()
    for doc, story in zip(docs, told, strict=True):
        gold[doc.cluster] += 1
        given[story] += 1
        both[doc.cluster, story] += 1
    wrong: list[tuple[Doc, Doc, Verdict]] = []
    joinings: list[tuple[str, str]] = []
    for part in (False, True):
        joins, hashes = Counter[bool](), Counter[bool]()
        right = joined = same = 0
        for doc, verdict, story in zip(docs, verdicts, told, strict=True):
            if doc.aside is not part:
                continue
            right += both[doc.cluster, story] - 1
            joined += given[story] - 1
            same += gold[doc.cluster] - 1
            if verdict.near:
                other = by_article[verdict.near.article]
                joins[other.cluster == doc.cluster] += 1
                joinings.append((doc.cluster, other.cluster))
                if other.cluster != doc.cluster and not part and not other.aside:
                    wrong.append((doc, other, verdict))
            elif verdict.act == "sight" and verdict.article:
                other = by_article[verdict.article]
                hashes[other.cluster == doc.cluster] += 1
                if other.cluster != doc.cluster and not part and errors:
                    print("by hash:", doc.item.title, "|", other.item.title)
        name = "aside" if part else "open"
        print(f"  {name:6} joins  precision {wilson(joins[True], joins.total())}")
        print(f"  {name:6} pairs  precision {wilson(right, joined)}")
        print(f"  {name:6} pairs  recall    {wilson(right, same)}")
        print(f"  {name:6} by content hash {hashes.total()}, of which {hashes[False]} across clusters")
    for doc, other, verdict in random.Random(5).sample(wrong, min(errors, len(wrong))):
        assert verdict.near
        print(f"    {verdict.near.score:.2f} {doc.item.title} | {other.item.title}: {', '.join(verdict.near.shared)}")
    articles = [verdict.article or 0 for verdict in verdicts]
    return [*zip((doc.cluster for doc in docs), articles, told, strict=True)], joinings


def clusters_mined(*, errors: int) -> None:
    """The mined clusters by their headlines, and then as they were read."""
    docs = mined()
    told, joinings = clusters(docs, errors=errors)
    aside = {doc.cluster for doc in docs if doc.aside}
    stories_mined.measure(told, joinings, aside)


def pairs(rows: Sequence[tuple[Article, Article, bool, bool]], *, errors: int) -> None:
    """Precision and recall over human pairs."""
    told = [story for *_, story in judge(item for row in rows for item in row[:2])]
    for part in (False, True):
        found = Counter[tuple[bool, bool]]()
        for n, (one, other, same, aside) in enumerate(rows):
            if aside is part:
                joined = told[2 * n] == told[2 * n + 1]
                found[joined, same] += 1
                if joined != same and not part and errors:
                    print("    missed" if same else "    FALSE", one.title, "|", other.title)
        right, false, missed = found[True, True], found[True, False], found[False, True]
        name = "aside" if part else "open"
        print(f"  {name:6} pairs  precision {wilson(right, right + false)}")
        print(f"  {name:6} pairs  recall    {wilson(right, right + missed)}")


def main() -> None:
    """Print the table, and with --errors N so many wrong ones of the open part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="", help="only this set: mined, googlenews, telegram or judged")
    parser.add_argument("--errors", type=int, default=0, help="print so many wrong ones of the open part")
    parser.add_argument("--merge", type=float, nargs="*", default=[], help="thresholds at which judged is measured too")
    options = parser.parse_args()
    if is_missing(DUPS):
        return
    runs: dict[str, Callable[[], object]] = {
        "telegram": lambda: pairs(telegram(), errors=options.errors),
        "mined": lambda: clusters_mined(errors=options.errors),
        "googlenews": lambda: clusters(googlenews(), errors=options.errors),
        "judged": lambda: stories_judged.measure(options.merge),
    }
    for name, run in runs.items():
        if options.set in ("", name):
            print(name, flush=True)
            run()


if __name__ == "__main__":
    main()

"""How many items a mutation doubles or loses, by the rules of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from feeds.identify.decide import decide
from feeds.identify.likeness import share_almost_nothing
from feeds.model import Article, Changes, Key, Known, Stored, Verdict, all_keys
from tests.immunity.mutations import AS_IT_IS, Mutation, Step
from tests.immunity.sequences import Names, Sequence
from tests.make import digest


class Judge(Protocol):
    """Says what becomes of items, and remembers them."""

    def __call__(
        self, source: str, items: list[Article], now: datetime, listed: frozenset[bytes]
    ) -> Sequence_[Verdict]:
        """The verdicts on what one poll brings. `listed`: slices of all that stands in its document."""
        ...

    def says_something_else(self, verdict: Verdict) -> bool:
        """Whether by now the article has nothing to do with what the item said when it was judged."""
        ...


@dataclass(slots=True)
class Figures:
    """Of one mutation over one or more sequences."""

    items: int = 0  # articles that the sequence holds
    doubled: int = 0  # articles too many
    lost: int = 0  # articles too few

    def add(self, other: Figures) -> None:
        """Count these in."""
        self.items += other.items
        self.doubled += other.doubled
        self.lost += other.lost


class Memory:
    """What a store would know, without a database."""

    def __init__(self, *, keep: timedelta = timedelta.max) -> None:
        self._keep = keep
        self._keys: dict[tuple[str, str], dict[str, Key]] = {}
        self._articles: dict[int, Stored] = {}
        self._sightings: dict[tuple[str, str], Stored] = {}
        self._listed: dict[str, frozenset[bytes]] = {}  # by source: slices of its last document
        self._left: dict[tuple[str, bytes], datetime] = {}  # source and slice -> when it was listed no more

    def __call__(
        self, source: str, items: list[Article], now: datetime, listed: frozenset[bytes]
    ) -> Sequence_[Verdict]:
        changes = decide(items, self._known(source, items, listed), now=now, keep=self._keep)
        self._remember(changes)
        for gone in self._listed.get(source, frozenset()) - listed:
            self._left[source, gone] = now
        for there in listed:
            self._left.pop((source, there), None)
        self._listed[source] = listed
        return changes.verdicts

    def says_something_else(self, verdict: Verdict) -> bool:
        return differs(self._articles, verdict)

    @property
    def names(self) -> list[tuple[str, str]]:
        """(kind, key) of all keys that are remembered."""
        return list(self._keys)

    def _known(self, source: str, items: list[Article], listed: frozenset[bytes]) -> Known:
        names = {name for item in items for name in all_keys(item)}
        found = (key for name in sorted(names) for key in self._keys.get(name, {}).values())
        keys = [replace(key, left=self._left.get((key.source, key.slice), key.left)) for key in found]
        sightings = {item.item: self._sightings.get((source, item.item)) for item in items}
        numbers = {key.article for key in keys} | {s.article for s in sightings.values() if s}
        return Known(
            keys=tuple(keys),
            articles={number: self._articles[number] for number in numbers if number is not None},
            sightings={name: sighting for name, sighting in sightings.items() if sighting},
            listed=listed,
            carried=frozenset(s.article for (by, _), s in self._sightings.items() if by != source),
            next_article=len(self._articles) + 1,
            next_story=len(self._articles) + 1,
        )

    def _remember(self, changes: Changes) -> None:
        for key in changes.keys:
            self._keys.setdefault((key.kind, key.key), {})[key.source] = key
        for verdict in changes.verdicts:
            item = verdict.item
            if verdict.act == "pass" or not isinstance(item, Article) or verdict.article is None:
                continue
            stored = Stored.of(item, article=verdict.article, story=verdict.story or 0)
            if verdict.act == "sight":
                self._sightings[item.source, item.item] = stored
            else:
                self._articles[verdict.article] = stored
                self._sightings.pop((item.source, item.item), None)


def measure(sequence: Sequence, mutation: Mutation, judge: Callable[[], Judge] | None = None) -> Figures:
    """Play a sequence as it is and mutated, and compare which of its items are one article.

    An item is doubled when its readers see it in two stories, and lost when it becomes part of the article
    of another one, or when at the end its article says something else than it.
    """
    judge = judge or Memory
    truth = {original.slice: verdict.article for original, verdict in play(AS_IT_IS(sequence), judge())}
    names = Names(sequence)
    memory = judge()
    stories: dict[tuple[object, object], set[int]] = {}  # item -> the stories that it is in
    items: dict[int, set[tuple[object, object]]] = {}  # article -> the items that it holds
    last: dict[object, Verdict] = {}
    figures = Figures()
    for original, verdict in play(mutation(sequence), memory):
        item = names.of(original), truth[original.slice]
        if verdict.article is None or verdict.story is None:
            figures.lost += item[1] is not None
            continue
        stories.setdefault(item, set()).add(verdict.story)
        items.setdefault(verdict.article, set()).add(item)
        last[item[0]] = verdict
    figures.items = len(stories)
    figures.doubled = sum(len(found) - 1 for found in stories.values())
    figures.lost += sum(min(len(set(column)) for column in zip(*found, strict=True)) - 1 for found in items.values())
    figures.lost += sum(memory.says_something_else(verdict) for verdict in last.values())
    return figures


def play(steps: Iterable[Step], judge: Judge) -> Iterator[tuple[Article, Verdict]]:
    """(item of the sequence, what became of it), for each item that is looked at.

    As in a real poll, an item whose bytes stood in the poll before is not looked at.
    """
    before: dict[str, set[bytes]] = {}
    for now, source, listed in steps:
        fresh: list[tuple[Article, Article | None]] = []
        slices: set[bytes] = set()
        for mutated, original in listed:
            its = digest(mutated.slice, mutated.guid, mutated.url, mutated.title, mutated.published, original is None)
            if its not in before.get(source, ()) and its not in slices:
                fresh.append((replace(mutated, slice=its, first_seen=now), original))
            slices.add(its)
        before[source] = slices
        verdicts = judge(source, [item for item, _ in fresh], now, frozenset(slices))
        for (_, original), verdict in zip(fresh, verdicts, strict=True):
            if original is not None:
                yield original, verdict


def differs(articles: Mapping[int, Stored], verdict: Verdict) -> bool:
    """Whether the article of a verdict, as it stands in `articles`, has nothing to do with the item."""
    item = verdict.item
    if not isinstance(item, Article) or verdict.article is None:
        return False
    return share_almost_nothing(articles[verdict.article], item)

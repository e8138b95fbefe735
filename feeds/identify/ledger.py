"""Deciding without a database: what was judged before, kept in memory."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.identify.decide import decide
from feeds.model import Article, Item, Key, Known, Stored, Verdict, item_keys


class Ledger:
    """Judges items one after another, by the very rules of a store that held them all."""

    def __init__(self, *, keep: timedelta) -> None:
        self._keep = keep
        self._keys: dict[tuple[str, str], dict[str, Key]] = {}
        self._articles: dict[int, Stored] = {}
        self._sightings: dict[tuple[str, str], Stored] = {}  # (source, item)
        self._next_article = self._next_story = 1

    def judge(self, item: Item, *, now: datetime) -> Verdict:
        """The verdict on `item`, seen at `now`; remembered."""
        changes = decide([item], self.known(item), now=now, keep=self._keep)
        for key in changes.keys:
            self._keys.setdefault((key.kind, key.key), {})[key.source] = key
        (verdict,) = changes.verdicts
        if isinstance(item, Article) and verdict.article is not None and verdict.story is not None:
            self._remember(item, verdict, verdict.article, verdict.story)
        return verdict

    def known(self, item: Item) -> Known:
        """What is remembered of the keys of `item`."""
        names = list(item_keys(item))
        if isinstance(item, Article):
            names.append(("hash", item.fingerprint.key.hex()))
        keys = [key for name in names for key in self._keys.get(name, {}).values()]
        sighting = self._sightings.get((item.source, item.item))
        numbers = {key.article for key in keys if key.article is not None}
        return Known(
            keys=tuple(keys),
            articles={number: self._articles[number] for number in numbers},
            sightings={item.item: sighting} if sighting else {},
            next_article=self._next_article,
            next_story=self._next_story,
        )

    def _remember(self, item: Article, verdict: Verdict, article: int, story: int) -> None:
        if verdict.act == "pass":
            return
        stored = Stored.of(item, article=article, story=story)
        if verdict.act == "sight":
            self._sightings[item.source, item.item] = stored
            return
        self._articles[article] = stored
        self._sightings.pop((item.source, item.item), None)
        self._next_article = max(self._next_article, article + 1)
        self._next_story = max(self._next_story, story + 1)

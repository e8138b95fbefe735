"""Deciding without a database: what was judged before, kept in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from feeds.identify.decide import decide
from feeds.identify.stories import Stories
from feeds.model import Article, Item, Key, Known, SameStory, Stored, Trace, Verdict, all_keys


class Ledger:
    """Judges items one after another, by the very rules of a store that held them all."""

    def __init__(self, *, keep: timedelta) -> None:
        self._keep = keep
        self._keys: dict[tuple[str, str], dict[str, Key]] = {}
        self._articles: dict[int, Stored] = {}
        self._sightings: dict[tuple[str, str], Stored] = {}  # (source, item)
        self._next_article = self._next_story = 1
        self._stories, self._seq = Stories(), 0
        self._traces: dict[int, dict[int, Trace]] = {}  # story -> article -> its trace
        self._fresh: list[Trace] = []  # that the index has not seen stored

    def judge(self, item: Item, *, now: datetime, outlet: str = "") -> Verdict:
        """The verdict on `item`, seen at `now`; remembered. `outlet` is the name that titles of its source end with."""
        known = self.known(item)
        changes = decide([item], known, now=now, keep=self._keep, stories=self._stories, outlet=outlet)
        if changes.traces:
            self._fresh.clear()  # the index has taken up what came before
        for trace in changes.traces:
            self._write(trace)
        for key in changes.keys:
            self._keys.setdefault((key.kind, key.key), {})[key.source] = key
        (verdict,) = changes.verdicts
        if isinstance(item, Article) and verdict.article is not None and verdict.story is not None:
            self._remember(item, verdict, verdict.article, verdict.story)
        for same in changes.same_stories:
            self._unite(same)
        return verdict

    def known(self, item: Item) -> Known:
        """What is remembered of the keys of `item`."""
        keys = [key for name in all_keys(item) for key in self._keys.get(name, {}).values()]
        sighting = self._sightings.get((item.source, item.item))
        numbers = {key.article for key in keys if key.article is not None}
        return Known(
            keys=tuple(keys),
            articles={number: self._articles[number] for number in numbers},
            sightings={item.item: sighting} if sighting else {},
            next_article=self._next_article,
            next_story=self._next_story,
            traces_since=lambda seq, _seen: [trace for trace in self._fresh if trace.seq > seq],
        )

    def _remember(self, item: Article, verdict: Verdict, article: int, story: int) -> None:
        if verdict.act == "pass":
            return
        stored = Stored.of(item, article=article, story=story, withdrawn=verdict.withdrawn)
        if verdict.act == "sight":
            self._sightings[item.source, item.item] = stored
            return
        self._articles[article] = stored
        self._sightings.pop((item.source, item.item), None)
        self._next_article = max(self._next_article, article + 1)
        self._next_story = max(self._next_story, story + 1)

    # ------------------------------------------------------------------------------------------- stories

    def _write(self, trace: Trace) -> None:
        self._seq += 1
        self._traces.setdefault(trace.story, {})[trace.article] = trace
        self._fresh.append(replace(trace, seq=self._seq))

    def _unite(self, same: SameStory) -> None:
        """Let two stories be one: the older stays."""
        stays, goes = sorted(self._articles[article].story for article in (same.article, same.near.article))
        if stays == goes:
            return
        first = min(self._traces[stays])
        for article, trace in sorted(self._traces.pop(goes).items()):
            self._articles[article] = replace(self._articles[article], story=stays)
            self._write(replace(trace, story=stays, first=first))

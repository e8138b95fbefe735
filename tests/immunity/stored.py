"""The rules of identity with a real store behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.identify.decide import decide
from feeds.model import Article, Changes, Item, Known, Stored, Verdict
from feeds.store.sql import SqlStore
from tests.immunity.measure import differs
from tests.immunity.sequences import SOURCE
from tests.make import NOW, poll, source


class InStore:
    """As `measure.Memory`, over an SQLite database."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(url)
        self.store.sync([source(SOURCE), source("attacker")], ["grain"], authority="desk.example,2026", now=NOW)
        self._stored: dict[int, Stored] = {}

    def __call__(self, source: str, items: list[Article], now: datetime, listed: frozenset[bytes]) -> Sequence[Verdict]:
        """The verdicts on what one poll of `source` brings; stored."""
        verdicts: list[Verdict] = []

        def judge(items: Sequence[Item], known: Known) -> Changes:
            changes = decide(items, known, now=now, keep=timedelta.max)
            verdicts.extend(changes.verdicts)
            return changes

        (job,) = self.store.claim(now, limit=1, lease=timedelta(minutes=9), only=[source], due=False)
        done = poll(job, *items, known=len(listed) - len(items))
        assert done.reading is not None
        done = replace(done, reading=replace(done.reading, slices=tuple(sorted(listed))))
        assert self.store.apply(done, judge).status == "changed"
        self._remember(verdicts)
        return verdicts

    def _remember(self, verdicts: Sequence[Verdict]) -> None:
        for v in verdicts:
            if isinstance(v.item, Article) and v.act in ("begin", "revise") and v.article and v.story:
                self._stored[v.article] = Stored.of(v.item, article=v.article, story=v.story)

    def says_something_else(self, verdict: Verdict) -> bool:
        """As `measure.Judge`."""
        return differs(self._stored, verdict)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

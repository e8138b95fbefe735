"""`feeds stories`: which items are one story."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import click

from feeds.cli.lines import read_lines
from feeds.model import Article


@click.group()
def stories() -> None:
    """Stories: the same news from many places."""


@stories.command()
def group() -> None:
    """Which items are new, changed, the same or duplicates: one JSON object a line in, one out; no database.

    In, in time order: {"id","title","summary","content","url","source","published"}.
    """
    from feeds.identify.fingerprint import fingerprint
    from feeds.identify.ledger import Ledger
    from feeds.wiring import make_clock

    clock, ledger = make_clock(), Ledger(keep=timedelta.max)
    for line in read_lines(None, now=clock()):
        item = line.item
        now = clock()
        if isinstance(item, Article):
            now = item.dated
            item = replace(item, first_seen=now)
            item = replace(item, fingerprint=fingerprint(item, outlet=line.source.title, boilerplate=frozenset()))
        verdict = ledger.judge(item, now=now)
        answer = {
            "id": line.id,
            "outcome": verdict.outcome.value,
            "article": str(verdict.article or ""),
            "story": str(verdict.story or ""),
            "related": [],
            "because": verdict.because,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))

"""`feeds stories`: which items are one story, offline; and to part what should not be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import click

from feeds.cli.items import spellings
from feeds.cli.lines import read_lines
from feeds.cli.opening import app_of
from feeds.errors import EXIT_FAILED
from feeds.model import Article


@click.group()
def stories() -> None:
    """Stories: the same news from many places."""


@stories.command()
def group() -> None:
    """Which items are one story, by the very code of a poll: one JSON object a line in, one out; no database.

    In, in time order: {"id","title","summary","content","url","source","published"}. Out: {"id","outcome","article",
    "story","related","because"}; an item that joins a story by likeness is `new` and has that story's number, and
    `related` names stories that it is rather like.
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
        verdict = ledger.judge(item, now=now, outlet=line.source.title)
        answer = {
            "id": line.id,
            "outcome": verdict.outcome.value,
            "article": str(verdict.article or ""),
            "story": str(verdict.story or ""),
            "related": [str(story) for story in dict.fromkeys(near.story for near in verdict.related)],
            "because": verdict.because,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))


@stories.command()
@click.argument("item", metavar="URL-OR-ID")
@click.pass_context
def split(context: click.Context, item: str) -> None:
    """Part an article from its story for good, and publish both.

    The article is named by its address, guid or number, as `feeds why` shows them. If it leads the story, the others
    leave. An entry that was published before two stories became one appears again under its old id; else the article
    gets an entry of its own. The two never become one story again.

    Exits with 1 if the article is unknown or stands alone.
    """
    with app_of(context) as app:
        app.agree()
        found = {row["article"]: row for row in app.store.why(spellings(item)) if row["article"] is not None}
        if len(found) > 1:
            for number, row in sorted(found.items()):
                click.echo(f"article {number}: {row['source']}: {row['title']}", err=True)
            click.echo(f"{item}: names {len(found)} articles; name one by its number", err=True)
            context.exit(EXIT_FAILED)
        parted = None
        for number in found:
            parted = app.store.split(number, app.clock())
        if parted is None:
            why = "stands alone in its story" if found else "never seen, or longer ago than is remembered"
            click.echo(f"{item}: {why}; nothing was changed", err=True)
            context.exit(EXIT_FAILED)
        mine, others = parted
        click.echo(f"article {number} is story {mine} now, the others are story {others}; they stay apart")
        for topic in app.republish.run():
            if topic.written:
                click.echo(f"{topic.topic}: {topic.entries} stories, written")

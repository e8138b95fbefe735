"""`feeds stories`: which items are one story, offline; and to part what should not be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from feeds.cli.items import spellings
from feeds.cli.lines import read_lines
from feeds.cli.opening import app_of
from feeds.errors import EXIT_FAILED
from feeds.model import Article

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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
@click.option("--source", metavar="NAME", help="Whose item is meant, where several sources have it.")
@click.pass_context
def split(context: click.Context, item: str, source: str | None) -> None:
    """Part an article from its story for good, and publish both.

    The article is named by its address, guid or number, as `feeds why` shows them. If it leads the story, the others
    leave. An entry that was published before two stories became one appears again under its old id; else the article
    gets an entry of its own. The two never become one story again.

    What another source repeats of an article, a `duplicate`, is parted likewise: it becomes an article of its own.

    Exits with 1 if the article is unknown or stands alone.
    """
    with app_of(context) as app:
        app.agree()
        found = [row for row in app.store.why(spellings(item)) if "of" in row]
        meant = _meant(found, source)
        if len(meant) > 1:
            for number, whose in sorted(meant):
                title = next(row["title"] for row in found if row["article"] == number)
                click.echo(f"article {number}: {whose}: {title}", err=True)
            names = f"{item}: names {len(meant)} articles, or copies of them"
            click.echo(f"{names}; name one by its number, or its source by --source", err=True)
            context.exit(EXIT_FAILED)
        if not meant:
            why = f"no such item of {source}" if found else "never seen, or longer ago than is remembered"
            click.echo(f"{item}: {why}; nothing was changed", err=True)
            context.exit(EXIT_FAILED)
        ((number, whose),) = meant
        row = next(row for row in found if row["article"] == number)
        now = app.clock()
        if whose == row["of"]:
            if (parted := app.store.split(number, now)) is None:
                click.echo(f"{item}: stands alone in its story{_copies(row)}; nothing was changed", err=True)
                context.exit(EXIT_FAILED)
            said = f"article {number} is story {parted[0]} now, the others are story {parted[1]}"
        else:
            left = app.store.split_copy(number, whose, app.matcher.classify, rules=app.rules.version, now=now)
            if left is None:
                click.echo(f"{item}: {whose} has it no longer; nothing was changed", err=True)
                context.exit(EXIT_FAILED)
            said = f"what {whose} repeated of article {number} is article {left[0]} in story {left[1]} now"
        click.echo(f"{said}; they stay apart")
        for topic in app.republish.run():
            if topic.written:
                click.echo(f"{topic.topic}: {topic.entries} stories, written")


def _meant(found: Sequence[Mapping[str, Any]], source: str | None) -> set[tuple[int, str]]:
    """(article, source whose item of it is meant): the article's own, or a copy in another source."""
    meant = set()
    for row in found:
        carriers = {row["of"], *(place["source"] for place in row["sightings"])}
        whose = source or (row["source"] if row["source"] in carriers else row["of"])
        if whose in carriers:
            meant.add((row["article"], whose))
    return meant


def _copies(row: Mapping[str, Any]) -> str:
    others = sorted({place["source"] for place in row["sightings"]} - {row["of"]})
    return f", with copies in {', '.join(others)}, which --source parts from it" if others else ""

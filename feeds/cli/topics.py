"""`feeds topics`: the rules, and what they say of a text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import rules, searching
from feeds.cli.items import topic_line
from feeds.cli.lines import read_lines
from feeds.cli.opening import app_of, settings_of
from feeds.cli.words import console
from feeds.errors import UserError
from feeds.model import Article

if TYPE_CHECKING:
    from feeds.model import Match


@click.group()
def topics() -> None:
    """The topics: their rules, and why a text is in one."""


@topics.command("list")
@click.pass_context
def list_topics(context: click.Context) -> None:
    """The configured topics and how many stories each of their feeds holds."""
    from rich.table import Table

    with app_of(context) as app:
        entries = {state.name: state.entries for state in app.store.topics()}
        table = Table("topic", "title", "need", "stories", "description")
        for topic, decides in zip(app.rules.topics, app.rules.by_topic, strict=True):
            table.add_row(
                topic.name, topic.title, f"{decides.need:g}", str(entries.get(topic.name, 0)), topic.description
            )
    console().print(table)


@topics.command()
@click.option("--title", default="", help="The title of the text.")
@click.argument("text", metavar="[TEXT-or-FILE]", default="")
@click.pass_context
def explain(context: click.Context, title: str, text: str) -> None:
    """The score of each topic for a text, with every word, field and points.

    The text is given in quotes, or as the name of a file; - reads standard input.
    """
    with app_of(context) as app:
        matches = app.matcher.explain(title, "", _text_of(text))
    if not (title or text):
        raise UserError("nothing to explain; give a text, a file or --title")
    for match in matches:
        inside = "in " if match.score >= match.need else "out"
        line = topic_line(match.topic, score=match.score, need=match.need, because=_reasons(match))
        click.echo(line.replace("  topic     ", f"{inside} ", 1))


def _text_of(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    try:
        return Path(text).read_text(errors="replace") if text and Path(text).is_file() else text
    except OSError:  # too long for a file name: it is the text
        return text


def _reasons(match: Match) -> list[list[Any]]:
    return [[hit.word, hit.where, hit.points] for hit in match.because]


@topics.command()
@click.pass_context
def classify(context: click.Context) -> None:
    """The topics of many items: one JSON object a line in, one out, with the words that decided.

    In: {"id","title","summary","content","url","source","lang","country","categories"}, all but id optional.
    """
    from feeds.wiring import App

    app = App(settings_of(context))
    for line in read_lines(app.settings, now=app.clock()):
        matches = app.matcher.classify(line.item, line.source) if isinstance(line.item, Article) else ()
        found = {m.topic: {"score": m.score, "need": m.need, "because": _reasons(m)} for m in matches}
        click.echo(json.dumps({"id": line.id, "topics": found}, ensure_ascii=False))


for command in (rules.check, rules.diff, rules.rebuild, searching.from_query):
    topics.add_command(command)

"""`feeds topics`: the rules, and what they say of a text."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import rules, searching
from feeds.cli.items import spellings, topic_line
from feeds.cli.lines import read_lines
from feeds.cli.opening import app_of, settings_of
from feeds.cli.words import console, moment
from feeds.errors import Unknown, UserError
from feeds.model import Article, Source, host_of

if TYPE_CHECKING:
    from feeds.model import Match
    from feeds.wiring import App

_STORED = re.compile(r"(https?|file|tag):\S+|[0-9]+")  # what names a stored article, and no text


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
@click.option("--source", default="", metavar="NAME", help="Its source in config.toml.")
@click.option("--category", "categories", multiple=True, help="What its publisher calls it; may be repeated.")
@click.option("--language", default="", metavar="CODE", help="Its language, if it is not that of the source.")
@click.argument("text", metavar="[URL-or-TEXT-or-FILE]", default="")
@click.pass_context
def explain(
    context: click.Context, *, title: str, source: str, categories: tuple[str, ...], language: str, text: str
) -> None:
    """The score of each topic for an article or a text, with every word, field and points.

    The rules are those of config.toml now. A stored article is named by its address, its number or the id of its story,
    and is taken with all that is known of it: source, country, language, categories. A text is given in quotes, or as
    the name of a file; - reads standard input. Its options say what is known beside it: without them no `home`,
    `always`, `sources`, `categories` or `languages` can show.
    """
    if not (title or text or source or categories):
        raise UserError("nothing to explain; give the address of a stored article, a text, a file or --title")
    with app_of(context) as app:
        if not title and _STORED.fullmatch(text):
            if source or categories or language:
                raise UserError("a stored article has its own source, categories and language; leave the options out")
            for article, stored in _stored(app, text):
                click.echo(f"{moment(article.dated)}  {article.source}: {article.title}")
                _print_matches(app.matcher.judge(article, app.as_configured(stored)))
            return
        origin = _origin(app, source)
        matches = app.matcher.explain(
            title,
            "",
            _text_of(text),
            categories=categories,
            source=origin,
            domain=host_of(origin.url) if origin else "",
            language=_language(language) or (origin.language if origin else ""),
        )
    _print_matches(matches)


def _print_matches(matches: Iterable[Match]) -> None:
    for match in matches:
        inside = "in " if match.score >= match.need else "out"
        line = topic_line(match.topic, score=match.score, need=match.need, because=_reasons(match))
        click.echo(line.replace("  topic     ", f"{inside} ", 1))


def _stored(app: App, item: str) -> list[tuple[Article, Source]]:
    store = app.store_as_it_is
    numbers = dict.fromkeys(finding["article"] for finding in store.why(spellings(item)) if finding["article"])
    found = [article for number in numbers if (article := store.article(number))]
    if not found:
        raise Unknown(f"no article is stored under {item}; `feeds why` may know what became of it, or give its text")
    return found


def _origin(app: App, name: str) -> Source | None:
    from feeds.classify.checker import nearest

    configured = {source.name: source for source in app.settings.sources}
    if name and name not in configured:
        raise Unknown(f"there is no source {name!r}; {nearest(name, configured)}")
    return configured.get(name)


def _language(code: str) -> str:
    from feeds.config.values import language
    from feeds.config.words import Wrong

    try:
        return language(code) if code else ""
    except Wrong as exc:
        raise UserError(f"--language: {exc}; {exc.remedy}") from exc


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

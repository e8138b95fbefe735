"""`feeds search` and `feeds topics from-query`: what is in the archive, and a topic made of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feeds.cli.opening import app_of
from feeds.cli.words import count, echo_json, moment
from feeds.errors import EXIT_FAILED, UserError
from feeds.model import Misread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.model import Entry, Query
    from feeds.wiring import App


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="So many stories at most.")
@click.pass_context
def search(context: click.Context, query: tuple[str, ...], limit: int, *, as_json: bool) -> None:
    """Look for stories by their words, newest first, as /search of the web server does.

    \b
    kerch bridge             both words, in one article
    '"kerch bridge"'         one after the other
    'pipeline* -football'    words that begin so, and not this one
    topic:ukraine  source:NAME-OR-DOMAIN  lang:tr  since:7d  since:2026-11-01

    Put the query in quotes, or write -- before it, if it begins with a dash. Exits with 1 if nothing is found.
    """
    with app_of(context) as app:
        understood = _understood(app, query)
        found = app.search.find(understood, limit=limit, seconds=None)
        site = app.settings.site.url
    if as_json:
        echo_json({"query": understood.text, "stories": [_plain(entry, site) for entry in found]})
    else:
        _print(found, limit, site)
    if not found:
        context.exit(EXIT_FAILED)


def _understood(app: App, words: Sequence[str]) -> Query:
    text = " ".join(words).encode("utf-8", "replace").decode()  # what the shell gave need not be text
    query = app.search.read(text)
    if isinstance(query, Misread):
        raise UserError(f"{text}\n{' ' * (query.at - 1)}^ {query}")
    return query


def _address(entry: Entry, site: str) -> str:
    return site + entry.url if entry.own_page else entry.url


def _plain(entry: Entry, site: str) -> dict[str, object]:
    return {
        "id": entry.id,
        "title": entry.title,
        "url": _address(entry, site),
        "source": entry.origin.name,
        "language": entry.language,
        "published": entry.published,
        "updated": entry.updated,
        "topics": list(entry.topics),
        "also": [{"outlet": other.outlet, "title": other.title, "url": other.url} for other in entry.also],
    }


def _print(found: Sequence[Entry], limit: int, site: str) -> None:
    for entry in found:
        others = f" (and {count(len(entry.also), 'other outlet')})" if entry.also else ""
        click.echo(f"{moment(entry.published)}  {entry.origin.title}: {entry.title}{others}")
        click.echo(f"  {_address(entry, site) or entry.id}")
    words = "1 story" if len(found) == 1 else f"{len(found)} stories"
    click.echo(f"{words} found{', the newest' if len(found) == limit else ''}", err=not found)


@click.command("from-query")
@click.argument("query", nargs=-1, required=True)
@click.option("--name", default="", help="Of the topic; else made from the query.")
@click.pass_context
def from_query(context: click.Context, query: tuple[str, ...], name: str) -> None:
    """Write the rules of a topic that takes in what a query finds: TOML for config.toml, on standard output.

    A topic looks at title and opening of new articles; what rules cannot say (topic:, since:) is named in a comment.
    """
    from feeds.classify.from_query import name_for, topic_from_query
    from feeds.classify.patterns import Flaw
    from feeds.config.values import topic_name
    from feeds.config.words import Wrong

    with app_of(context) as app:
        understood = _understood(app, query)
        try:
            name = topic_name(name) if name else name_for(understood)
        except Wrong as wrong:
            raise UserError(f"--name: {wrong}; {wrong.remedy}") from None
        sources = [source.name for source in app.settings.sources]
        written = topic_from_query(understood, name, app.rules.weights, sources)
    if isinstance(written, Flaw):
        raise UserError(f"no topic can be made of this query: {written.what}; {written.remedy}")
    click.echo(written, nl=False)

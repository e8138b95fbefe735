"""`feeds sources`: what is polled. config.toml is the only home of sources."""

from __future__ import annotations

import click

from feeds.cli.lists import export, import_list
from feeds.cli.looking import check, discover
from feeds.cli.opening import settings_of
from feeds.cli.words import console
from feeds.fetch.why import public


@click.group()
def sources() -> None:
    """The sources of the configuration."""


@sources.command("list")
@click.pass_context
def list_sources(context: click.Context) -> None:
    """Every configured source."""
    from rich.table import Table
    from rich.text import Text

    settings = settings_of(context)
    table = Table("source", "title", "kind", "language", "country", "address")
    for source in settings.sources:
        name = source.name if source.enabled else f"{source.name} (off)"
        table.add_row(name, Text(source.title), source.kind, source.language, source.country, Text(public(source.url)))
    console().print(table)
    enabled = sum(source.enabled for source in settings.sources)
    click.echo(f"{enabled} of {len(settings.sources)} sources are polled.")


sources.add_command(import_list)
sources.add_command(export)
sources.add_command(check)
sources.add_command(discover)

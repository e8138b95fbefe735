"""`feeds check`: everything that is wrong with the configuration, at once."""

from __future__ import annotations

import click

from feeds.cli.opening import settings_of


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check the configuration and the topic rules; every mistake with file, line, key and remedy."""
    from feeds.wiring import App

    settings = App(settings_of(context)).settings
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    enabled = sum(source.enabled for source in settings.sources)
    click.echo(f"{settings.file}: right; {enabled} sources, {len(settings.rules.get('topics', {}))} topics")

"""`feeds check`: everything that is wrong with the configuration, at once."""

from __future__ import annotations

from contextlib import suppress

import click

from feeds.cli.opening import settings_of
from feeds.errors import ShelfError


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check the configuration and the topic rules; every mistake with file, line, key and remedy."""
    from feeds.publish.names import STRAY
    from feeds.wiring import App

    app = App(settings_of(context))
    settings, ended = app.settings, len(app.rules.ended)
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    with suppress(ShelfError):  # what is published may be another user's to read
        for topic in app.strays():
            click.echo(f"warning: {settings.file}: topics.{topic}: {STRAY.format(topic)}", err=True)
    enabled = sum(source.enabled for source in settings.sources)
    topics = f"{len(app.topics)} topics" + (f", {ended} ended" if ended else "")
    click.echo(f"{settings.file}: right; {enabled} sources, {topics}")

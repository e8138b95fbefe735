"""`feeds db`: the database as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feeds.cli.opening import settings_of
from feeds.errors import EXIT_FAILED

if TYPE_CHECKING:
    from feeds.wiring import App


@click.group()
def db() -> None:
    """The database: migrate, copy, verify."""


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the database to the version of this program; every command that needs it does so by itself."""
    with _app(context) as app:
        app.store.topics()
    click.echo(f"{app.settings.store}: up to date")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, resolve_path=True))
@click.pass_context
def backup(context: click.Context, file: str) -> None:
    """Copy the database to FILE, whole, while others go on working."""
    with _app(context) as app:
        app.store.backup(file)
    click.echo(f"{file}: written")


@db.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Check the database against every promise it must keep: integrity, and one outcome for each item."""
    with _app(context) as app:
        findings = list(app.store.verify())
    for finding in findings:
        click.echo(finding)
    if findings:
        context.exit(EXIT_FAILED)
    click.echo("whole: every item fetched has its outcome, every article its story")


def _app(context: click.Context) -> App:
    from feeds.wiring import App

    return App(settings_of(context))

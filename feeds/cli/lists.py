"""`feeds sources import` and `export`: lists of feeds in OPML, as other readers write and read them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from feeds.cli.opening import settings_of
from feeds.errors import UserError
from feeds.fetch.why import public
from feeds.model import Document, Origin, Unreadable

if TYPE_CHECKING:
    from feeds.model import Outline
    from feeds.wiring import App

_LARGEST = 20_000_000  # bytes


@click.command("import")
@click.option("--dry-run", is_flag=True, help="Print what would be added, and write nothing.")
@click.argument("file", metavar="FILE.opml")
@click.pass_context
def import_list(context: click.Context, file: str, *, dry_run: bool) -> None:
    """Add the feeds of an OPML list to the configuration.

    Feeds that are there already stay as they are. The new [[sources]] stand at the end of config.toml; look them over,
    and run `feeds refresh`.
    """
    from feeds.classify.rules import compile_rules
    from feeds.config import additions, load
    from feeds.wiring import App

    settings = settings_of(context)
    with App(settings) as app:
        outlines = _outlines(app, file)
    found = additions.additions(outlines, settings)
    for url, why in found.refused:
        click.echo(f"left out: {public(url)}: {why}", err=True)
    if dry_run:
        click.echo(found.text.lstrip("\n"), nl=False)
    elif found.names:
        try:
            additions.append(settings.file, found.text, lambda new: load(new, check_rules=compile_rules))
        except OSError as exc:
            words = (
                f"{settings.file}: cannot be written ({exc.strerror}); run as its owner, or add the text of --dry-run"
            )
            raise UserError(words) from exc
    verb = "would be added to" if dry_run else "added to"
    refused = f", {len(found.refused)} left out" if found.refused else ""
    count = "1 source" if len(found.names) == 1 else f"{len(found.names)} sources"
    click.echo(f"{count} {verb} {settings.file}, {found.known} known already{refused}", err=dry_run)


def _outlines(app: App, file: str) -> tuple[Outline, ...]:
    path = Path(file)
    try:
        with path.open("rb") as stream:
            body = stream.read(_LARGEST + 1)
    except OSError as exc:
        raise UserError(f"{file}: cannot be read ({exc.strerror}); name an OPML file") from exc
    if len(body) > _LARGEST:
        raise UserError(f"{file}: larger than {_LARGEST // 10**6} MB; split the list")
    found = app.readers.outlines(Document(url=path.absolute().as_uri(), body=body))
    if isinstance(found, Unreadable):
        detail = f": {found.detail}" if found.detail else ""
        raise UserError(f"{file}: {found.why}{detail}; name an OPML file that lists feeds")
    return found


@click.command()
@click.pass_context
def export(context: click.Context) -> None:
    """Print the configured feeds as an OPML list, for other readers.

    Sources that are switched off, and files of this machine, are left out; credentials in addresses, too.
    """
    from feeds.publish.opml import sources

    settings = settings_of(context)
    origins = [
        Origin(name=source.name, title=source.title or source.name, url=public(source.url), language=source.language)
        for source in settings.sources
        if source.enabled and not source.is_file
    ]
    click.echo(sources(f"{settings.site.title}: sources", origins).decode(), nl=False)

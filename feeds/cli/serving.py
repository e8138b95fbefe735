"""`feeds serve`: the web server alone, over what was published."""

from __future__ import annotations

import logging

import click

from feeds import log
from feeds.cli.opening import settings_of


@click.command()
@click.pass_context
def serve(context: click.Context) -> None:
    """Serve the published files to feed readers and browsers, until stopped.

    Listens where [serve] listen says, or on the sockets that systemd hands over.
    """
    from feeds.config import ServeSettings
    from feeds.serve.app import serve as run
    from feeds.wiring import App, doorway_of

    settings = settings_of(context)
    log.set_up(logging.INFO)  # where it listens is news to whoever started it
    with App(settings) as app:
        run(
            app.shelf,
            settings.serve or ServeSettings(),
            clock=app.clock,
            doorway=doorway_of(lambda: settings, lambda: app.store_as_it_is),
            pulse=app.heard,
            search=lambda: app.search,
        )

"""`feeds run`: the daemon."""

from __future__ import annotations

import logging

import click

from feeds import log
from feeds.cli.opening import settings_of


@click.command()
@click.option("--no-serve", is_flag=True, help="Leave the web server to `feeds serve`, or to another.")
@click.pass_context
def run(context: click.Context, *, no_serve: bool) -> None:
    """Poll, publish and serve, until stopped.

    SIGTERM ends it in good order within five seconds, SIGHUP has it read the
    configuration again.
    """
    from feeds.daemon import Daemon

    log.set_up(logging.INFO)
    Daemon(lambda: settings_of(context), serve=not no_serve).run()

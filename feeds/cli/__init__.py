"""The command line: parse, call, print."""

from __future__ import annotations

import logging
import sys

import click

from feeds import __version__, log
from feeds.cli import checking, database, demo, items, refreshing, running, searching, serving, sources, stories, topics
from feeds.errors import EXIT_DONE, FeedsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="topic-feeds")
@click.option("--config", metavar="FILE", help="Else $FEEDS_CONFIG, ./config.toml or /etc/feeds/config.toml.")
@click.option("--verbose", is_flag=True, help="Log every event, not warnings alone.")
@click.pass_context
def feeds(context: click.Context, config: str | None, *, verbose: bool) -> None:
    """A newswire of your own: polls RSS, Atom and JSON feeds and republishes them as topic feeds.

    \b
    Exit codes: 0 done; 1 every polled source failed, nothing found, or findings;
    2 usage; 75 the database was locked for 10 s; 78 the configuration or the
    database is wrong.
    """
    context.obj = config
    log.set_up(logging.INFO if verbose else logging.WARNING)


for command in (
    refreshing.refresh,
    running.run,
    serving.serve,
    items.status,
    items.why,
    searching.search,
    topics.topics,
    stories.stories,
    sources.sources,
    checking.check,
    database.db,
    demo.demo,
):
    feeds.add_command(command)


def main() -> None:
    """Run the command; errors that the operator can mend are said in words, without a traceback."""
    try:
        code = feeds(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else EXIT_DONE)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except FeedsError as exc:
        click.echo(str(exc), err=True)
        sys.exit(exc.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        sys.exit(0)

"""`feeds check`: everything that is wrong with the configuration, at once."""

from __future__ import annotations

import click

from feeds.cli.opening import settings_of


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check the configuration and the topic rules; every mistake with file, line, key and remedy."""
    from feeds.classify.rules import compile_rules

    settings = settings_of(context)
    rules = compile_rules(settings.rules, file=settings.file, line=settings.line)
    enabled = sum(source.enabled for source in settings.sources)
    click.echo(f"{settings.file}: right; {enabled} sources, {len(rules.topics)} topics")

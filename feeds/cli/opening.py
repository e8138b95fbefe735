"""From a command's context to the program over its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feeds.config import Settings
    from feeds.wiring import App


def settings_of(context: click.Context) -> Settings:
    """The configuration that this command is to use.

    Raises:
        ConfigError: all that is wrong with it, the rules of topics included.
    """
    from feeds.classify.rules import compile_rules
    from feeds.config import find, load

    return load(find(context.obj), check_rules=compile_rules)


@contextmanager
def app_of(context: click.Context) -> Iterator[App]:
    """The program over that configuration, rules checked; closed at the end."""
    from feeds.wiring import App

    with App(settings_of(context)) as app:
        yield app

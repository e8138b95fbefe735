"""`feeds demo`: the whole journey on the bundled samples."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

import feeds
from feeds.cli.origin import SampleOrigin
from feeds.errors import UserError

_NOON, _EVENING = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, 18, tzinfo=UTC)  # of the samples' day


@click.command()
@click.option("--port", default=8080, show_default=True, help="Where the pages are served.")
@click.option("--once", is_flag=True, help="Print and exit; serve nothing.")
def demo(*, port: int, once: bool) -> None:
    """Take a day of an invented wire through the whole journey, then serve the pages.

    Everything happens on this machine, in a folder that is removed at the end.
    """
    samples = _samples()
    with tempfile.TemporaryDirectory(prefix="feeds-demo-") as folder, SampleOrigin(samples) as origin:
        config = Path(folder) / "config.toml"
        text = (samples / "demo.toml").read_text(encoding="utf-8")
        text = text.replace("{origin}", origin.url).replace("{desk}", str(samples / "desk"))
        config.write_text(text.replace("127.0.0.1:8080", f"127.0.0.1:{port}"), encoding="utf-8")
        _play(str(config), origin, samples)
        if once:
            click.echo("That was all of it. Without --once the pages are served, too.")
        else:
            _serve(str(config))


def _play(config: str, origin: SampleOrigin, samples: Path) -> None:
    from feeds.cli.refreshing import one_pass
    from feeds.config import load
    from feeds.wiring import App

    for now, words in (
        (_NOON, f"Friday noon: the first look at {len(origin.feeds)} feeds and a folder of articles"),
        (_EVENING, "Six hours later: some feeds have new stories, some have edited theirs"),
    ):
        if now == _EVENING:
            origin.replace(samples / "later")
        with App(load(config), clock=partial(_stand_still, now)) as app:
            click.echo(f"\n{words}.\n")
            one_pass(app, only=None, due=False, force=False, quiet=True).print()


def _stand_still(now: datetime) -> datetime:
    return now


def _serve(config: str) -> None:
    from feeds.config import ServeSettings, load
    from feeds.serve.app import serve
    from feeds.wiring import App

    settings = load(config)
    click.echo(f"\nThe pages: {settings.site.url}  (Ctrl-C ends the demo)")
    with App(settings, clock=partial(_stand_still, _EVENING)) as app:
        serve(app.shelf, settings.serve or ServeSettings(), clock=app.clock, search=lambda: app.search)


def _samples() -> Path:
    """The samples: packaged, or those of the checkout that this runs from."""
    package = Path(feeds.__file__).parent
    for folder in (package / "samples", package.parent / "samples"):
        if (folder / "demo.toml").is_file():
            return folder
    raise UserError("the samples are not installed; run `make demo` in a clone of topic-feeds")

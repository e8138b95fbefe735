"""`feeds refresh`: one pass over the sources, then over the topics."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from feeds.cli.opening import app_of
from feeds.cli.words import console, echo_json, state
from feeds.errors import EXIT_DONE, EXIT_FAILED, UserError
from feeds.fetch.why import public
from feeds.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from feeds.model import Polled
    from feeds.republish import Published
    from feeds.wiring import App

_HUB_SECONDS = 30.0  # for callbacks to be asked and told; what is left then is for the next pass
_PUSH_SECONDS = 30.0  # for what hubs have pushed, and for asking them; the rest is for the next pass
_POLLED = ("changed", "not_modified", "unchanged", "failed", "gone")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Poll every source, due or not.")
@click.option(
    "--source", "names", multiple=True, metavar="NAME", help="Poll only this source, due or not. May be repeated."
)
@click.option("--force", is_flag=True, help="Ignore pauses of hosts, Retry-After and 410.")
@click.option("--strict", is_flag=True, help="Exit with 1 if any source failed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def refresh(
    context: click.Context, names: tuple[str, ...], *, everything: bool, force: bool, strict: bool, as_json: bool
) -> None:
    """Poll the sources that are due, store what is new, and publish every topic that changed."""
    with app_of(context) as app:
        known = {source.name for source in app.settings.sources}
        if unknown := sorted(set(names) - known):
            raise UserError(f"no source is called {' or '.join(unknown)}; `feeds sources list` names them all")
        report = one_pass(app, only=names or None, due=not (everything or names), force=force, quiet=as_json)
    if as_json:
        echo_json(report.as_json())
    else:
        report.print()
    context.exit(report.exit_code(strict=strict))


def one_pass(app: App, *, only: Collection[str] | None, due: bool, force: bool, quiet: bool) -> Report:
    """Poll, store and publish once, showing progress on a terminal."""
    started = time.monotonic()
    app.agree()
    app.following.run(seconds=_PUSH_SECONDS)
    polls = app.refresh.run(only=only, due=due, force=force)
    polled = list(_with_progress(polls, quiet=quiet))
    now = app.clock()
    done = {poll.source for poll in polled if poll.status in _POLLED}
    in_work = [name for name in app.store.in_work(now, only=only, due=due) if name not in done]
    rows = [row for row in app.store.status() if only is None or row["name"] in only]
    rows = [row for row in rows if row["name"] not in done and row["name"] not in in_work]
    held = {row["name"]: state(row, now) for row in rows if _is_held(row, now, due=due)}
    app.following.subscribe(seconds=_PUSH_SECONDS)
    app.store.expire(app.clock(), keep=app.settings.publish.keep)
    published = list(app.republish.run())
    app.hub.tick(_HUB_SECONDS)
    app.tell(app.pulse())
    return Report(
        sources=sum(source.enabled for source in app.settings.sources),
        polled=polled,
        published=published,
        in_work=in_work,
        held=held,
        due=due,
        seconds=time.monotonic() - started,
    )


def _is_held(row: Mapping[str, Any], now: datetime, *, due: bool) -> bool:
    """Whether a source that was asked for was left out because of a pause or a stop."""
    paused = row["held_until"] is not None and row["held_until"] > now
    if due:
        return paused and not row["stopped"] and (row["next_poll"] is None or row["next_poll"] <= now)
    return paused or bool(row["stopped"])


def _with_progress(polls: Iterable[tuple[int, Polled]], *, quiet: bool) -> Iterator[Polled]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen = console(err=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[name]}")
    with Progress(*columns, console=screen, transient=True, disable=quiet or not screen.is_terminal) as progress:
        task = progress.add_task("Polling", total=None, name="")
        for claimed, polled in polls:
            progress.update(task, total=claimed, advance=1, name=polled.source)
            yield polled


class Report:
    """What one pass did."""

    def __init__(
        self,
        *,
        sources: int,
        polled: Collection[Polled],
        published: Collection[Published],
        in_work: Collection[str],
        held: Mapping[str, str],
        due: bool,
        seconds: float,
    ) -> None:
        """`held`: sources left out because of a pause or a stop, and how they stand; `due`: no others were asked."""
        self.sources, self.in_work, self.held, self.due, self.seconds = sources, tuple(in_work), held, due, seconds
        self.polled = [poll for poll in polled if poll.status in _POLLED]
        self.failed = [poll for poll in self.polled if poll.status in ("failed", "gone")]
        self.published = published
        self.outcomes: Counter[Outcome] = Counter()
        for poll in self.polled:
            self.outcomes.update(poll.outcomes)

    def exit_code(self, *, strict: bool) -> int:
        """1 if all that was polled failed, or with `strict` one."""
        all_failed = bool(self.polled) and len(self.failed) == len(self.polled)
        return EXIT_FAILED if all_failed or (strict and self.failed) else EXIT_DONE

    def as_json(self) -> dict[str, Any]:
        """As CONTRACT has it: `items` is the sum of the six outcomes."""
        how = Counter(poll.status for poll in self.polled)
        return {
            "sources": self.sources,
            "polled": len(self.polled),
            "not_modified": how["not_modified"],
            "unchanged": how["unchanged"],
            "failed": [{"source": p.source, "url": public(p.url), "why": public(p.why)} for p in self.failed],
            "in_work": list(self.in_work),
            "held": [{"source": name, "why": public(words)} for name, words in self.held.items()],
            "items": sum(self.outcomes.values()),
            **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
            "topics": {
                p.topic: {"entries": p.entries, "written": p.written}
                | ({"quarantined": p.quarantined} if p.quarantined else {})
                for p in self.published
            },
            "seconds": round(self.seconds, 3),
        }

    def print(self) -> None:
        """Tables for people."""
        from rich.table import Table
        from rich.text import Text

        screen = console()
        if self.polled:
            table = Table("source", "answer", *[o.value for o in Outcome], title="Sources", title_justify="left")
            for column in table.columns[2:]:
                column.justify = "right"
            for poll in self.polled:
                counts = [str(poll.outcomes.get(o) or "") for o in Outcome]
                table.add_row(poll.source, Text(_answer(poll)), *counts)
            total = [str(self.outcomes[o]) for o in Outcome]
            table.add_section()
            items = sum(self.outcomes.values())
            table.add_row("all", "1 item" if items == 1 else f"{items} items", *total)
            screen.print(table)
        table = Table("topic", "stories", "files", title="Topics", title_justify="left")
        for topic in self.published:
            how = "written" if topic.written else "up to date"
            how += f"; {topic.quarantined} could not be published, see the log" if topic.quarantined else ""
            table.add_row(topic.topic, str(topic.entries), how)
        screen.print(table)
        if not self.due:
            for name, words in self.held.items():
                screen.print(Text(f"{name} was not asked: {words}"))
        screen.print(Text(self._summary()))

    def _summary(self) -> str:
        polled, failed = len(self.polled), len(self.failed)
        none = "is due" if self.due and not (self.in_work or self.held) else "was polled"
        words = f"{polled} of {self.sources} sources polled" if polled else f"None of {self.sources} sources {none}"
        words += f", {failed} failed" if failed else ""
        words += f", {len(self.in_work)} in the hands of another process" if self.in_work else ""
        words += f", {len(self.held)} held back (--force asks all the same)" if self.held else ""
        return f"{words}, in {self.seconds:.1f} s."


def _answer(poll: Polled) -> str:
    words = {"changed": "read", "not_modified": "not modified", "unchanged": "same bytes"}
    return words.get(poll.status) or public(poll.why)

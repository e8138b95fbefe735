"""Values in plain words, for people and as JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from feeds.fetch.why import public
from feeds.model import LATE, host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from feeds.model import Reach


def console(*, err: bool = False) -> Console:
    """Where tables go; plain and wide where it is no terminal."""
    from rich.console import Console

    found = Console(stderr=err, highlight=False)
    return found if found.is_terminal else Console(stderr=err, highlight=False, width=120, color_system=None)


def echo_json(value: Any) -> None:
    """One JSON object on one line of standard output; times as RFC 3339."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(type(value).__name__)


def moment(value: datetime | None) -> str:
    """A moment to the minute, in UTC."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if value else "never"


def count(number: int, word: str) -> str:
    """1 item, 2 items."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def gap(value: timedelta) -> str:
    """A span in its largest unit: 45 s, 12 min, 5 h, 3 d."""
    seconds = int(abs(value).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= 60):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def state(row: Mapping[str, Any], now: datetime) -> str:
    """How a source stands."""
    if row["stopped"]:
        return f"stopped: {row['why']}"
    pause = row["held_until"] if row["held_until"] and row["held_until"] > now else None
    paused = f"; waits until {moment(pause)}, as its host asked" if pause else ""
    if row["failures"]:
        since = f" since {moment(row['failing_since'])}" if row["failing_since"] else ""
        verb, why = "failing", public(row["why"])
        if why.startswith("http_403"):
            verb, why = "refuses us", "http_403"
        times = "once" if row["failures"] == 1 else f"{row['failures']} times"
        return f"{verb}{since}, {times}: {why}{paused}"
    if row["polled"] is None:
        return f"not polled yet{paused}"
    if pause:
        return paused.removeprefix("; ")
    late = now - row["next_poll"] if row["next_poll"] else timedelta()
    words = f"late by {gap(late)}" if late > LATE else "fresh"
    if row["moved_to"]:
        words += f"; has moved for good to {row['moved_to']}"
    if row["distrusted_until"] and row["distrusted_until"] > now:
        words += "; it said that nothing had changed when something had, so whole bodies are asked for"
    return f"{words}; {pushed(row['push'])}" if row["push"] else words


def pushed(push: Mapping[str, Any]) -> str:
    """How a source is followed by what a hub pushes."""
    hub, why = host_of(push["hub"]), public(push["why"])
    match push["stage"]:
        case "trusted":
            return f"pushed by {hub}, polled once a day"
        case "verified":
            return f"{hub} shall push it, and is relied on from its first push on"
        case "distrusted":
            return f"pushed by {hub}, but polled as usual: {why}"
        case "ended":
            return f"{hub} does not push it: {why or 'it gives no reason'}"
        case "failed":
            return f"{hub} does not push it: {why}; asked again {moment(push['act_at'])}"
        case _:
            return f"{hub} was asked to push it" if push["stage"] == "asked" else f"{hub} offers to push it"


def following(row: Mapping[str, Any], now: datetime) -> str:
    """When a source is asked next, and what decided that."""
    if row["stopped"]:
        return f"never; `feeds refresh --source {row['name']} --force` asks again"
    if row["lease_until"] and row["lease_until"] > now:
        return "being polled"
    when = max(filter(None, (row["next_poll"], row["held_until"])), default=now)
    if when <= now:
        return f"at once: due since {moment(row['next_poll'])}" if row["next_poll"] else "at once: never polled"
    if when != row["next_poll"]:
        return f"{moment(when)}: its host asked for a pause"
    return f"{moment(when)}: {row['next_why']}" if row["next_why"] else moment(when)


def notes(row: Mapping[str, Any]) -> list[str]:
    """What is odd about the documents of a source, though it is read."""
    found = [f"malformed: {row['trouble']}"] if row["trouble"] else []
    if row["whole"]:
        found.append(f"always read whole, since reading it in part once gave something else ({row['whole']})")
    cuts = dict(row["cuts"] or {})
    if items := cuts.pop("items", 0):
        found.append(f"{items} items beyond the newest 1000 of a document left out so far")
    if cuts:
        found.append("cut so far: " + ", ".join(f"{name} {number} times" for name, number in sorted(cuts.items())))
    return found


def told(standing: Reach) -> str:
    """Who is told of a feed by WebSub, and what fails."""
    who = public(standing.hub) if standing.hub else count(standing.number, "subscriber")
    waits = f"; {standing.waiting} not told yet" if standing.waiting else ""
    failing = "fails" if standing.failing == 1 else "fail"
    return who + waits + (f"; {standing.failing} {failing}: {standing.why}" if standing.failing else "")

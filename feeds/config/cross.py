"""What no key can tell alone: names that must be unique or exist, bounds that must fit, folders that must not meet.

Reads the document as it was written, so that these mistakes show in the same run as all others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from feeds.config.paths import PUBLISH, STORE, Folders, holds
from feeds.config.settings import PollSettings
from feeds.config.values import duration, spelled
from feeds.config.words import Fault, Path, Wrong, dotted, nearest, quoted

Line = Callable[[str], int]
_any_duration = duration("0s", "36500d")
_DEFAULTS = PollSettings()


def check(tables: Mapping[str, Any], *, folders: Folders, file: str, line: Line) -> Iterator[Fault]:
    """Everything that contradicts itself. `file` is the absolute path of the config."""
    yield from _unique(tables, "name", str, line)
    yield from _unique(tables, "url", lambda url: _same_address(folders.source(url)), line)
    yield from _topics(tables)
    yield from _intervals(tables)
    yield from _engine(tables)
    yield from _folders(tables, folders, file)


def _unique(tables: Mapping[str, Any], key: str, alike: Callable[[str], str], line: Line) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, source in each_source(tables):
        value = source.get(key)
        if not isinstance(value, str) or not value:
            continue
        earlier = first.setdefault(alike(value), index)
        if earlier != index:
            what = f"the same {key} stands on line {line(dotted(('sources', earlier, key)))} already"
            remedy = "give each source a name of its own" if key == "name" else "remove one of the two sources"
            yield Fault(path=("sources", index, key), what=what, remedy=remedy)


def _same_address(url: str) -> str:
    """Addresses that differ only here name one resource (RFC 3986 section 6.2)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url
    default = ":443" if parts.scheme == "https" else ":80"
    userinfo, at, host = parts.netloc.rpartition("@")
    netloc = f"{userinfo}{at}{host.lower().removesuffix(default)}"
    return parts._replace(netloc=netloc, path=parts.path or "/", fragment="").geturl()


def _topics(tables: Mapping[str, Any]) -> Iterator[Fault]:
    """A source names its topics, a topic names the sources that are always its own; both must exist."""
    topics = table(tables, "topics")
    names = [name for _, source in each_source(tables) if isinstance(name := source.get("name"), str)]
    for index, source in each_source(tables):
        yield from _known(source.get("topics"), topics, ("sources", index, "topics"), "topic")
    for topic, rules in topics.items():
        if isinstance(rules, dict):
            yield from _known(rules.get("always"), names, ("topics", topic, "always"), "source")


def _known(named: object, known: Collection[str], path: Path, noun: str) -> Iterator[Fault]:
    for place, name in enumerate(named if isinstance(named, list) else ()):
        if isinstance(name, str) and name not in known:
            meant = nearest(name, known)
            remedy = f'write "{meant}"' if meant else f"add the {noun} to this file, or take the name out"
            yield Fault(path=(*path, place), what=f"there is no {noun} {quoted(name)}", remedy=remedy)


def _intervals(tables: Mapping[str, Any]) -> Iterator[Fault]:
    poll = table(tables, "poll")
    least = _timedelta(poll.get("interval_min"), _DEFAULTS.interval_min)
    most = _timedelta(poll.get("interval_max"), _DEFAULTS.interval_max)
    if least > most:
        key = "interval_max" if "interval_max" in poll else "interval_min"
        what = f'interval_min ("{spelled(least)}") is longer than interval_max ("{spelled(most)}")'
        yield Fault(path=("poll", key), what=what, remedy="make interval_max the longer one")
    floor = min(least, timedelta(minutes=1))
    for index, source in each_source(tables):
        own = _timedelta(source.get("interval_min"), least)
        path: Path = ("sources", index, "interval_min")
        if own < floor:
            what = f'"{spelled(own)}" is too short: no source is polled more than once a minute'
            yield Fault(path=path, what=what, remedy='write interval_min = "1m" or more')
        if own > most >= least:
            what = f'"{spelled(own)}" is longer than interval_max of [poll], "{spelled(most)}"'
            yield Fault(path=path, what=what, remedy="shorten it, or raise interval_max")


def _timedelta(value: object, default: timedelta) -> timedelta:
    try:
        return _any_duration(value)
    except Wrong:
        return default  # absent, or a mistake that is reported elsewhere


def _engine(tables: Mapping[str, Any]) -> Iterator[Fault]:
    url = table(tables, "store").get("url", STORE)
    if table(tables, "engine").get("kind") == "procrastinate" and str(url).startswith("sqlite:"):
        yield Fault(
            path=("engine", "kind"),
            what="procrastinate needs PostgreSQL, and [store] names SQLite",
            remedy='write kind = "local", or [store] url = "postgresql://host/database"',
        )


def _folders(tables: Mapping[str, Any], folders: Folders, file: str) -> Iterator[Fault]:
    to, url = table(tables, "publish").get("to", PUBLISH), table(tables, "store").get("url", STORE)
    if not isinstance(to, str) or not to or "://" in to:
        return
    folder = folders.publish(to)
    if holds(folder, file):
        what = "this config lies in the folder that is published, so everyone could read it"
        yield Fault(path=("publish", "to"), what=what, remedy='publish to a folder of its own: to = "public"')
    elif isinstance(url, str) and (database := folders.database(url)) and holds(folder, database):
        what = "the database lies in the folder that is published, so everyone could read it"
        yield Fault(path=("publish", "to"), what=what, remedy='publish to a folder of its own: to = "public"')


# ------------------------------------------------------------------------------- parts of a document


def table(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The table of that name; empty if there is none or it is something else."""
    found = tables.get(name)
    return found if isinstance(found, dict) else {}


def each_source(tables: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The sources that are tables, with their places in the list."""
    found = tables.get("sources")
    for index, source in enumerate(found if isinstance(found, list) else ()):
        if isinstance(source, dict):
            yield index, source

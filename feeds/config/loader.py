"""config.toml -> Settings, or every mistake in it at once, with file, line, key and remedy."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from feeds.config import cross, schema
from feeds.config.advice import advise
from feeds.config.credentials import conceal, take_secrets
from feeds.config.lines import line_of
from feeds.config.paths import PUBLISH, STORE, Folders
from feeds.config.settings import FetchSettings, PollSettings, PublishSettings, ReadSettings, ServeSettings, Settings
from feeds.config.syntax import parse
from feeds.config.words import Fault, Path, Wrong, dotted, printable, quoted
from feeds.errors import ConfigError, Mistake
from feeds.model import Site, Source

PLACES = ("config.toml", "/etc/feeds/config.toml")
_MOST_BYTES = 32_000_000
_RULES = ("topics", "lists", "defaults")


class CheckRules(Protocol):
    """Looks into the rules of the topics; raises ConfigError with all that is wrong with them."""

    def __call__(self, tables: Mapping[str, Any], *, file: str, line: Callable[[str], int]) -> object:
        """`tables` are `topics`, `lists` and `defaults`; `line` finds a dotted key in `file`."""
        ...


def find(explicit: str | None) -> str:
    """The config to use: the one named, else $FEEDS_CONFIG, else the first of PLACES that is there.

    Raises:
        ConfigError: there is none; says where it was looked for.
    """
    named = explicit if explicit is not None else os.environ.get("FEEDS_CONFIG") or None
    if named is not None:
        return named
    for place in PLACES:
        if os.path.exists(place):
            return place
    what = f"there is no configuration: $FEEDS_CONFIG is not set, and neither ./{PLACES[0]} nor {PLACES[1]} is there"
    remedy = "name one with --config FILE, or write one after the example in docs/configuration.md"
    raise ConfigError([Mistake(file=PLACES[0], line=0, key="", what=what, remedy=remedy)])


def load(file: str, *, check_rules: CheckRules | None = None) -> Settings:
    """Read, check and complete the configuration; with `check_rules`, the mistakes in rules come in the same run.

    Raises:
        ConfigError: with every mistake, in the order of the file.
    """
    document = _open(file)
    absolute = os.path.abspath(file)
    folders = _folders(os.path.dirname(absolute))
    kept, faults = take_secrets(document.tables, lambda name: _secret(name, folders.config))
    config, found = schema.check(document.tables)
    found += cross.check(document.tables, folders=folders, file=absolute, line=document.line)
    faults += conceal(found, kept, told=faults)
    rules = {name: document.tables[name] for name in _RULES if name in document.tables}
    deeper: Sequence[Mistake] = ()
    if check_rules:
        try:
            check_rules(rules, file=file, line=document.line)
        except ConfigError as error:
            deeper = error.mistakes
    mistakes = _one_for_each_place(document.broken, [*map(document.mistake, faults), *deeper])
    if mistakes or config is None:
        raise ConfigError(mistakes)

    settings = _settings(config, folders, file=file, rules=rules, lines=document.lines)
    advice = advise(settings, readable_by_all=document.readable_by_all, kept=kept.keys(), exists=os.path.exists)
    return replace(settings, warnings=tuple(map(document.mistake, advice)))


# --------------------------------------------------------------------------------------- the document


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """The file, parsed; and how to say where in it something is wrong."""

    file: str
    tables: dict[str, Any]
    lines: Mapping[str, int]
    broken: Sequence[Mistake]  # statements that are not TOML
    readable_by_all: bool

    def line(self, key: str) -> int:
        return line_of(self.lines, key)

    def mistake(self, fault: Fault) -> Mistake:
        key = dotted(fault.path)
        what = self._subject(fault.path) + fault.what
        return Mistake(file=self.file, line=self.line(key), key=printable(key), what=what, remedy=fault.remedy)

    def _subject(self, path: Path) -> str:
        """The source that a path is about, by name: people do not count tables from 0."""
        match path:
            case ("sources", int(index), key, *_) if key != "name":
                name = self.tables["sources"][index].get("name")
                return f"source {quoted(name)}: " if isinstance(name, str) else ""
        return ""


def _open(file: str) -> _Document:
    body, readable_by_all = _read(file)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        what = f"is not UTF-8: byte 0x{body[error.start]:02x} begins no character"
        raise ConfigError([_about(file, what, "save the file as UTF-8", line=line)]) from None
    parsed = parse(text)
    broken = [
        Mistake(file=file, line=b.line, key=printable(b.key), what=b.what, remedy=b.remedy) for b in parsed.broken
    ]
    if parsed.tables is None:
        raise ConfigError(broken)
    return _Document(
        file=file,
        tables=parsed.tables,
        lines=parsed.outline.lines,
        broken=broken,
        readable_by_all=readable_by_all,
    )


def _read(file: str) -> tuple[bytes, bool]:
    """The bytes of the config, and whether every user of the machine may read them."""
    try:
        with open(file, "rb") as stream:
            body = stream.read(_MOST_BYTES + 1)
            mode = os.fstat(stream.fileno()).st_mode
    except FileNotFoundError:
        what, remedy = "there is no such file", "mend the path, or write the file after docs/configuration.md"
    except IsADirectoryError:
        what, remedy = "is a folder", f"name the file in it: {os.path.join(file, PLACES[0])}"
    except PermissionError:
        what, remedy = "must not be read by this user", "chmod or chown the file, or run as its owner"
    except (OSError, ValueError) as error:
        what, remedy = f"cannot be read: {getattr(error, 'strerror', None) or error}", "name another file"
    else:
        if len(body) <= _MOST_BYTES:
            return body, bool(mode & stat.S_IROTH)
        what, remedy = f"is larger than {_MOST_BYTES // 10**6} MB", "name the right file"
    raise ConfigError([_about(file, what, remedy)])


def _secret(name: str, folder: str) -> str:
    """The text of a secret's file: a credential of systemd, else a path that begins at `folder`."""
    places = (os.path.join(base, name) for base in (os.environ.get("CREDENTIALS_DIRECTORY", ""), folder) if base)
    place = next(filter(os.path.exists, places), name)
    try:
        with open(os.path.join(folder, place), encoding="utf-8") as stream:
            return stream.read(10_000).strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise Wrong(f"{quoted(name)} cannot be read: {reason.lower()}", "mend the path or the file") from None


def _about(file: str, what: str, remedy: str, *, line: int = 0) -> Mistake:
    return Mistake(file=file, line=line, key="", what=what, remedy=remedy)


def _one_for_each_place(broken: Sequence[Mistake], others: Sequence[Mistake]) -> list[Mistake]:
    """A broken line is reported once, and so is a key that two checks look at."""
    lines = {mistake.line for mistake in broken}
    first: dict[str, Mistake] = {}
    for mistake in others:
        if mistake.line not in lines:
            first.setdefault(mistake.key, mistake)
    return [*broken, *first.values()]


# --------------------------------------------------------------------------------------- the settings


def _folders(config: str) -> Folders:
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]  # systemd may give several
    return Folders(config=config, state=state or config)


def _settings(
    config: schema.Config, folders: Folders, *, file: str, rules: Mapping[str, Any], lines: Mapping[str, int]
) -> Settings:
    """Absolute paths, and the defaults that depend on another key."""
    to, hubs = folders.publish(config.publish.to or PUBLISH), tuple(dict.fromkeys(config.publish.hubs or ()))
    publish = PublishSettings(**{**config.publish.written, "to": to, "hubs": hubs})
    poll = PollSettings(**config.poll.written)
    fetch = {key: value for key, value in config.fetch.written.items() if key != "proxy_file"}
    serve = None
    if config.serve:
        serve = ServeSettings(**config.serve.written)
        serve = replace(serve, listen=folders.listen(serve.listen), metrics=tuple(serve.metrics))
    return Settings(
        file=file,
        site=Site(**{"language": "en", **config.site.written}, search=serve is not None and serve.search),
        store=folders.store(config.store.url or STORE),
        publish=publish,
        poll=poll,
        fetch=FetchSettings(**{**fetch, "allow": tuple(fetch.get("allow", ()))}),
        read=ReadSettings(**config.read.written),
        serve=serve,
        engine=config.engine.kind or "local",
        sources=tuple(_source(table, folders, publish, poll) for table in config.sources),
        rules=rules,
        lines={key: line for key, line in lines.items() if "." not in key or not key.startswith("sources[")},
    )


def _source(table: schema.SourceTable, folders: Folders, publish: PublishSettings, poll: PollSettings) -> Source:
    written = {key: value for key, value in table.written.items() if key != "url_file"}
    written["url"] = folders.source(table.url)
    written["private"] = "url_file" in table.written
    written["topics"] = tuple(table.topics or ())
    written["interval_min"] = math.ceil((table.interval_min or poll.interval_min).total_seconds())
    written.setdefault("content", "full" if table.kind == "own" else publish.content)
    return Source(**written)

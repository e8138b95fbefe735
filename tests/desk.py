"""A whole topic-feeds in a temporary folder, for tests that need one."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeds.config import load
from feeds.wiring import App
from tests.hatchery import Hatchery
from tests.origin import Origin

SAMPLES = Path(__file__).parents[1] / "samples"

TOPICS = "".join(f'[topics.{name}]\nuse = "{name}"\n' for name in ("diplomacy", "ukraine", "turkey"))
# What a poll that brought nothing may still write.
SCHEDULE = frozenset(
    {"next_poll", "lease_until", "lease_token", "interval", "polled", "changed"}
    | {"failures", "failing_since", "why", "etag", "last_modified", "next_why", "asked", "body_at", "probed"}
    | {"usual_gap", "distrusted_until"}
)


@dataclass
class Desk:
    """A configuration, its store and its files; the clock is the test's."""

    folder: Path
    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    sources: dict[str, str] = field(default_factory=dict)  # name -> url
    more: str = ""  # TOML
    keep: str = "180d"
    entries: int = 100
    per_host: int = 16
    host_delay: str = "0s"
    site: str = "https://desk.example/"
    allow: str = '["127.0.0.0/8"]'  # TOML, of [fetch]
    concurrency: int = 16
    publish: str = ""  # more lines of [publish]
    poll: str = ""  # more lines of [poll]
    fetch: str = ""  # more lines of [fetch]
    topics: str = TOPICS
    store: str = "sqlite:///feeds.db"
    to: str = "public"
    language: str = "en"  # of the site

    @property
    def config(self) -> Path:
        """The configuration file, written anew if it is to say something else."""
        file = self.folder / "config.toml"
        sources = "".join(f'[[sources]]\nname = "{n}"\nurl = "{u}"\n' for n, u in self.sources.items())
        text = f"""
[site]
title = "Test desk"
url = "{self.site}"
authority = "desk.example,2026"
contact = "mailto:desk@desk.example"
language = "{self.language}"
[store]
url = "{self.store}"
[publish]
to = "{self.to}"
keep = "{self.keep}"
entries = {self.entries}
{self.publish}
[poll]
host_delay = "{self.host_delay}"
per_host = {self.per_host}
concurrency = {self.concurrency}
{self.poll}
[fetch]
allow = {self.allow}
{self.fetch}
[read]
timeout = "1m"
{sources}
{self.more}
{self.topics}
"""
        if not file.exists() or file.read_text(encoding="utf-8") != text:  # who starts meanwhile reads no half of it
            file.write_text(text, encoding="utf-8")
        return file

    def take_samples(self, origin: Origin) -> None:
        """Poll the bundled feeds, which are put behind `origin`, and the folder of articles."""
        for file in sorted(SAMPLES.iterdir()):
            if file.suffix in (".xml", ".rdf", ".atom", ".json"):
                origin.put(f"/{file.name}", file.read_bytes())
                self.sources[file.stem] = origin.url(f"/{file.name}")
        self.sources["desk"] = f"file:{SAMPLES / 'desk'}"

    @property
    def public(self) -> Path:
        """Where the published files stand."""
        return self.folder / self.to

    @contextmanager
    def app(self) -> Iterator[App]:
        """The program in this process, under the desk's clock."""
        with App(load(str(self.config)), clock=lambda: self.now) as app:
            app.agree()
            yield app

    def run(
        self, *arguments: str, stdin: str = "", check: bool = True, fault: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """The command in a process of its own, under the desk's clock; `fault`: see `feeds.faults`."""
        environment = self.environment() | {"FEEDS_FAULT": fault}
        if Hatchery.used is not None:
            command = "--config", str(self.config), *arguments
            done = Hatchery.used.run(*command, environment=environment, stdin=stdin)
            if check:
                done.check_returncode()
            return done
        return subprocess.run(
            [sys.executable, "-m", "feeds", "--config", str(self.config), *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
            check=check,
            cwd=Path(__file__).parents[1],
        )

    def environment(self) -> dict[str, str]:
        """What the command sees."""
        return {**os.environ, "FEEDS_NOW": self.now.isoformat(), "COLUMNS": "120"}

    def refresh(self, *arguments: str) -> dict[str, Any]:
        """`feeds refresh --json`, decoded."""
        report: dict[str, Any] = json.loads(self.run("refresh", "--json", *arguments).stdout)
        return report

    def rows(self, *, but: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every table, without the columns of the schedule and the counters of polls.

        `but` names tables that are left out, or columns as `table.column`.
        """
        left_out = {"sources": {*SCHEDULE, "n_polls", "n_not_modified", "n_unchanged"}, "hosts": set()}
        for table, _, column in (name.partition(".") for name in but):
            left_out.setdefault(table, set()).add(column)
        with sqlite3.connect(self.folder / "feeds.db") as connection:
            tables = [
                n
                for (n,) in connection.execute("select name from sqlite_master where type = 'table' order by 1")
                if not n.startswith("search_")  # how the index lies on the disk
            ]
            found = {}
            for table in set(tables) - set(but):
                columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
                kept = ", ".join(f'"{c}"' for c in columns if c not in left_out.get(table, ()))
                rows = connection.execute(f"select {kept} from {table}").fetchall()
                told = [row for row in rows if (table, row[0]) != ("meta", "poller")]  # when it was, each time anew
                found[table] = sorted(told, key=repr)
        return found

    def files(self) -> Mapping[str, bytes]:
        """Every published file."""
        return {
            str(path.relative_to(self.public)): path.read_bytes()
            for path in sorted(self.public.rglob("*"))
            if path.is_file()
        }

    def times(self) -> Mapping[str, int]:
        """When each published file was last written, in nanoseconds."""
        return {str(path): path.stat().st_mtime_ns for path in sorted(self.public.rglob("*")) if path.is_file()}

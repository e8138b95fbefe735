"""Real feed readers: each subscribes to some addresses, or polls them again, and tells what it holds of each.

A reader that keeps its state does so in the folder that it is given, and says of each entry whether it is unread; all
are marked as read afterwards, as their user would.
"""

from __future__ import annotations

import email.policy
import json
import mailbox
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import quoteattr

CLIENTS = Path(__file__).parent / "clients"
PATIENCE = 120  # seconds
_NEEDLESS = re.compile("%(2[146789ABCF]|3[ABDF]|40)")  # an escape of one of !$&'()*+,/:;=?@

Row: TypeAlias = dict[str, Any]  # id, title, link, date (ISO 8601), and unread where the reader keeps state
Seen: TypeAlias = dict[str, list[Row] | str]  # by address; a text says why nothing could be read


@dataclass(frozen=True)
class Subscriber:
    """A feed reader."""

    name: str
    read: Callable[[Sequence[str], Path], Seen]
    needs: Collection[str]  # programs
    package: str = ""  # of npm
    formats: Collection[str] = ("atom", "rss")
    keeps: bool = False  # what it has seen

    @property
    def missing(self) -> str:
        """What is not installed; "" if it can run."""
        found = [program for program in self.needs if not shutil.which(program)]
        if self.package and not (CLIENTS / "node_modules" / self.package).exists():
            found.append(self.package)
        return ", ".join(found)


def moment(when: datetime) -> str:
    """To the second, in UTC."""
    return when.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _epoch(seconds: int) -> str:
    return moment(datetime.fromtimestamp(seconds, UTC))


def _run(command: Sequence[str], folder: Path, **environment: str) -> str:
    full = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC"} | environment
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE, env=full, cwd=folder)
    if done.returncode:
        raise AssertionError(f"{command[0]}: {done.stdout[-1000:]} {done.stderr[-2000:]}")
    return done.stdout


def _said(*command: str) -> Callable[[Sequence[str], Path], Seen]:
    """A parser without state, which prints what it saw."""

    def read(urls: Sequence[str], folder: Path) -> Seen:
        found: Seen = json.loads(_run([*command, *urls], folder))
        return found

    return read


def _reader(urls: Sequence[str], folder: Path) -> Seen:
    found: Seen = json.loads(_run([sys.executable, str(CLIENTS / "read.py"), "reader.db", *urls], folder))
    return found


def _newsboat(urls: Sequence[str], folder: Path) -> Seen:
    return {url: _newsboat_alone(url, folder / str(n)) for n, url in enumerate(urls)}


def _newsboat_alone(url: str, folder: Path) -> list[Row]:
    """One cache for each feed, as a story has one place in a cache, and the same id in each of our feeds."""
    folder.mkdir(exist_ok=True)
    (folder / "urls").write_text(f"{url}\n", encoding="utf-8")
    (folder / "config").write_text("", encoding="utf-8")
    _run(["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"], folder)
    with closing(sqlite3.connect(folder / "cache.db")) as database, database:
        rows = database.execute("select guid, title, url, pubDate, unread from rss_item").fetchall()
        database.execute("update rss_item set unread = 0")
    return [{"id": g, "title": t, "link": link, "date": _epoch(d), "unread": bool(u)} for g, t, link, d, u in rows]


def _sfeed(urls: Sequence[str], folder: Path) -> Seen:
    calls = "".join(f"feed '{n}' '{url}'\n" for n, url in enumerate(urls))
    (folder / "sfeedrc").write_text(f"sfeedpath='{folder}/feeds'\nfeeds() {{\n{calls}}}\n", encoding="utf-8")
    _run(["sfeed_update", str(folder / "sfeedrc")], folder)
    found: Seen = {}
    for n, url in enumerate(urls):
        file, old = folder / "feeds" / str(n), folder / f"{n}.read"
        known = old.read_text(encoding="utf-8").splitlines() if old.exists() else []
        lines = file.read_text(encoding="utf-8").splitlines()
        old.write_text("\n".join(lines), encoding="utf-8")
        fields = [(line, line.split("\t")) for line in lines]
        found[url] = [
            {"id": f[5], "title": f[1], "link": f[2], "date": _epoch(int(f[0])), "unread": line not in known}
            for line, f in fields
        ]
    return found


def _rss2email(urls: Sequence[str], folder: Path) -> Seen:
    command = ["r2e", "-c", "r2e.cfg", "-d", "r2e.json"]
    if not (folder / "r2e.json").exists():
        (folder / "r2e.cfg").write_text(
            f"[DEFAULT]\nfrom = a@desk.example\nto = b@desk.example\nemail-protocol = maildir\nverbose = error\n"
            f"maildir-path = {folder}/mail\nmaildir-mailbox = inbox\n"
            "date-header = True\ndate-header-order = published\n",
            encoding="utf-8",
        )
        (folder / "list.opml").write_text(_opml(urls), encoding="utf-8")
        (folder / "mail").mkdir()
        _run([*command, "opmlimport", "list.opml"], folder)
    _run([*command, "run"], folder)
    inbox = mailbox.Maildir(folder / "mail" / "inbox")
    found: dict[str, list[Row]] = {url: [] for url in urls}
    for key, message in list(inbox.items()):
        mail = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        found[str(mail["X-RSS-Feed"])].append(
            {
                "id": str(mail["X-RSS-ID"]),
                "title": str(mail["Subject"]),
                "link": str(mail["X-RSS-URL"]).strip(),  # a long one stands on a line of its own
                "date": moment(parsedate_to_datetime(str(mail["Date"]))),
                "unread": "S" not in message.get_flags(),
            }
        )
        message.add_flag("S")
        inbox[key] = message
    return {**found}


def _opml(urls: Sequence[str], **attributes: str) -> str:
    more = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    outlines = "".join(
        f'<outline type="rss" title="Feed {n}" text="Feed {n}" id="feed{n:03}" xmlUrl={quoteattr(url)}{more}/>'
        for n, url in enumerate(urls)
    )
    return f'<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>{outlines}</body></opml>'


def _liferea(urls: Sequence[str], folder: Path) -> Seen:
    """It has no command to poll and end: it polls at its start what is older than a minute, and is then ended."""
    database = folder / ".local" / "share" / "liferea" / "liferea.db"
    settings, run = folder / ".config" / "liferea", folder / "run"
    if not database.exists():
        settings.mkdir(parents=True)
        run.mkdir(mode=0o700)
        (settings / "feedlist.opml").write_text(_opml(urls, updateInterval="1"), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "NO_AT_BRIDGE": "1",
        "XDG_RUNTIME_DIR": str(run),
        "GSETTINGS_BACKEND": "memory",
        "GIO_USE_NETWORK_MONITOR": "base",  # else it takes a machine without network manager to be offline
    }
    shown, show = os.pipe()
    with (folder / "liferea.log").open("ab") as log:
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(show), "-screen", "0", "640x480x16", "-nolisten", "tcp"],
            stderr=log,
            pass_fds=[show],
        )
        os.close(show)
        with open(shown, "rb") as stream:
            environment["DISPLAY"] = f":{stream.readline().decode().strip()}"
        said = folder / "liferea.said"
        with said.open("wb") as out:
            command = ["stdbuf", "-oL", "liferea", "--mainwindow-state=hidden", "--debug-net"]
            program = subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=folder)
        try:
            _wait_for_polls(said, database, urls, program)
        finally:
            program.terminate()
            program.wait()
            screen.terminate()
            screen.wait()
    with closing(sqlite3.connect(database)) as after, after:
        rows = after.execute("select node_id, source_id, title, source, date, read from items").fetchall()
        after.execute("update items set read = 1")
    return {
        url: [
            {"id": i, "title": t, "link": _bare(link), "date": _epoch(d), "unread": not r}
            for node, i, t, link, d, r in rows
            if node == f"feed{n:03}"
        ]
        for n, url in enumerate(urls)
    }


def _bare(link: str) -> str:
    """Liferea escapes in fragments what may stand there as it is (RFC 3986 section 3.5)."""
    address, mark, fragment = link.partition("#")
    return address + mark + _NEEDLESS.sub(lambda found: chr(int(found[1], 16)), fragment)


def _wait_for_polls(said: Path, database: Path, urls: Sequence[str], program: subprocess.Popen[bytes]) -> None:
    """Return when every feed was polled and the items have been the same for a while."""
    end, quiet, last = time.monotonic() + PATIENCE, 0, -1
    while quiet < 6:
        assert time.monotonic() < end, f"Liferea did not poll: {said.read_text(errors='replace')[-2000:]}"
        assert program.poll() is None, "Liferea has ended"
        time.sleep(0.25)
        text = said.read_text(encoding="utf-8", errors="replace")
        polled = all(f"source after download: >>>{url}<<<" in text for url in urls)
        try:
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                (now,) = connection.execute("select count(*) from items").fetchone()
        except sqlite3.OperationalError:  # not there yet, or in the middle of a change
            continue
        quiet = quiet + 1 if polled and now == last else 0
        last = now


SUBSCRIBERS = [
    Subscriber("ruby-rss", _said("ruby", str(CLIENTS / "read.rb")), ["ruby"]),
    *(
        Subscriber(name, _said("node", str(CLIENTS / "read.mjs"), name), ["node"], package, formats)
        for name, package, formats in (
            ("rss-parser", "rss-parser", ("atom", "rss")),
            ("feedsmith", "feedsmith", ("atom", "rss", "json")),
            ("feed-parser", "@rowanmanning/feed-parser", ("atom", "rss")),
            ("feedparser", "feedparser", ("atom", "rss")),
        )
    ),
    Subscriber("reader", _reader, [], formats=("atom", "rss", "json"), keeps=True),
    Subscriber("newsboat", _newsboat, ["newsboat"], keeps=True),
    Subscriber("sfeed", _sfeed, ["sfeed_update", "curl"], keeps=True),
    Subscriber("rss2email", _rss2email, ["r2e"], keeps=True),
    Subscriber("liferea", _liferea, ["liferea", "Xvfb"], keeps=True),
]


def told(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What a reader saw, white space, angle brackets and time spelled in one way, in an order of our own."""
    found = [
        {
            "id": str(row["id"]),
            "title": readable(str(row["title"])),
            "link": str(row["link"]),
            "date": moment(datetime.fromisoformat(str(row["date"]))),
        }
        for row in rows
    ]
    return sorted(found, key=lambda row: row["id"])


def readable(title: str) -> str:
    """A title as RSS can say it: its angle brackets are typographic (docs/formats)."""
    return " ".join(title.replace("<", "‹").replace(">", "›").split())

"""Real feed readers subscribe to our own server and agree with the store on every id, title, date and link."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from feeds.config import ServeSettings
from feeds.model import Entry
from feeds.publish.files import Folder
from feeds.publish.select import WINDOW
from feeds.serve.app import Server
from tests.desk import Desk
from tests.origin import Origin
from tests.real import DATA, needs_data, poll_sequence, snapshots

CLIENTS = Path(__file__).parents[1] / "clients"
SAMPLES = Path(__file__).parents[2] / "samples"
TOPICS = {"ukraine": 100, "turkey": 20, "diplomacy": 20}
Seen: TypeAlias = list[dict[str, str]]


@dataclass
class Published:
    """A desk's feeds as they are served, and what the store says stands in them."""

    desk: Desk
    url: str
    entries: dict[str, tuple[Entry, ...]]

    def expected(self, topic: str) -> Seen:
        return [
            {"id": e.id, "title": readable(e.title), "link": e.url, "date": moment(e.published)}
            for e in self.entries[topic]
        ]


def readable(title: str) -> str:
    """A title as RSS can say it: its angle brackets are typographic (docs/formats)."""
    return " ".join(title.replace("<", "‹").replace(">", "›").split())


def moment(when: datetime) -> str:
    return when.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("readers")
    with Origin() as origin:
        desk = Desk(folder, keep="20000d")
        for name, body in real_feeds():
            origin.put(f"/{name}", body)
            desk.sources[name] = origin.url(f"/{name}")
        desk.refresh()
    with desk.app() as app:
        entries = {topic: app.store.entries(topic, limit=100, window=WINDOW) for topic in TOPICS}
    with Server(Folder(desk.public), ServeSettings(listen="127.0.0.1:0")) as server:
        yield Published(desk, server.address.rstrip("/"), entries)


def real_feeds() -> Iterator[tuple[str, bytes]]:
    """Real feeds that speak of the three topics; where there are none, the samples."""
    if not DATA.is_dir():
        for file in sorted(SAMPLES.iterdir()):
            if file.suffix in (".xml", ".rdf", ".atom", ".json"):
                yield file.stem, file.read_bytes()
        return
    wanted = ("ukrain", "украин", "turk", "türk", "diplom", "zelensk", "erdo")
    for number, (_, body) in enumerate(snapshots()):
        text = body.decode("utf-8", "replace").casefold()
        if sum(text.count(word) for word in wanted) >= 8:
            yield f"s{number:04}", body
    yield "nyt-world", poll_sequence("nyt_world_2022")[0][1]


# ----------------------------------------------------------------------------------------------- readers


def in_ruby(_: str, file: Path, __: Path) -> Seen:
    return said(["ruby", str(CLIENTS / "read.rb"), str(file)])


def in_node(parser: str) -> Callable[[str, Path, Path], Seen]:
    def read(url: str, _: Path, __: Path) -> Seen:
        return said(["node", str(CLIENTS / "read.mjs"), parser, url])

    return read


def in_newsboat(url: str, _: Path, folder: Path) -> Seen:
    (folder / "urls").write_text(url + "\n", encoding="utf-8")
    (folder / "config").write_text("", encoding="utf-8")
    cache = folder / "cache.db"
    command = ["newsboat", "-u", str(folder / "urls"), "-c", str(cache), "-C", str(folder / "config"), "-x", "reload"]
    subprocess.run(command, check=True, capture_output=True, timeout=60, env={"HOME": str(folder), "LANG": "C.UTF-8"})
    with sqlite3.connect(cache) as connection:
        rows = connection.execute("select guid, title, url, pubDate from rss_item").fetchall()
    connection.close()
    return [{"id": g, "title": t, "link": u, "date": moment(datetime.fromtimestamp(d, UTC))} for g, t, u, d in rows]


def said(command: list[str]) -> Seen:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    found: Seen = json.loads(done.stdout)
    return found


def reader(name: str, read: Callable[[str, Path, Path], Seen], needs: str, where: Path | None = None) -> Any:
    there = shutil.which(needs) and (where is None or where.exists())
    why = f"{name} is not installed; see .ci/run" if not there else ""
    return pytest.param(read, id=name, marks=pytest.mark.skipif(not there, reason=why or name))


READERS = [
    reader("ruby-rss", in_ruby, "ruby"),
    reader("newsboat", in_newsboat, "newsboat"),
    *(
        reader(name, in_node(name), "node", CLIENTS / "node_modules" / package)
        for name, package in (
            ("rss-parser", "rss-parser"),
            ("feedsmith", "feedsmith"),
            ("feed-parser", "@rowanmanning/feed-parser"),
        )
    ),
]
FORMATS = ("atom", "rss")


def told(seen: Seen) -> Seen:
    """What a reader saw, white space and time spelled in one way, in an order of our own."""
    rows = [
        {
            "id": str(row["id"]),
            "title": readable(str(row["title"])),
            "link": str(row["link"]),
            "date": moment(datetime.fromisoformat(str(row["date"]))),
        }
        for row in seen
    ]
    return sorted(rows, key=lambda row: row["id"])


@needs_data
@pytest.mark.parametrize("topic", TOPICS)
def test_real_inputs_fill_the_topics(published: Published, topic: str) -> None:
    assert len(published.entries[topic]) >= TOPICS[topic]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("topic", TOPICS)
def test_a_reader_agrees_with_the_store(
    published: Published, topic: str, form: str, read: Callable[[str, Path, Path], Seen], tmp_path: Path
) -> None:
    file = published.desk.public / f"{topic}.{form}"
    seen = told(read(f"{published.url}/{topic}.{form}", file, tmp_path))
    assert seen == told(published.expected(topic))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("form", FORMATS)
def test_the_check_bites_when_an_entry_has_no_id(
    published: Published, form: str, read: Callable[[str, Path, Path], Seen], tmp_path: Path
) -> None:
    """The same comparison over a copy in which one entry lost its id must not pass."""
    name = f"turkey.{form}"
    text = (published.desk.public / name).read_text(encoding="utf-8")
    victim = published.entries["turkey"][3].id
    tag = f"<id>{victim}</id>" if form == "atom" else f'<guid isPermaLink="false">{victim}</guid>'
    assert text.count(tag) == 1
    with Origin() as origin:
        kind = f"application/{form}+xml; charset=utf-8"
        origin.put(f"/{name}", text.replace(tag, "").encode(), headers={"Content-Type": kind})
        file = tmp_path / name
        file.write_text(text.replace(tag, ""), encoding="utf-8")
        try:
            seen = told(read(origin.url(f"/{name}"), file, tmp_path))
        except (AssertionError, KeyError, TypeError, ValueError, subprocess.SubprocessError):
            return
        assert seen != told(published.expected("turkey"))

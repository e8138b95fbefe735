"""`feeds serve` beside a poller in another process, and when there is none any more."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.hatchery import Hatchery
from tests.running import eventually, running


@pytest.fixture
def desk(tmp_path: Path, hatched: None) -> Desk:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "note.txt").write_text("2026-11-20 08:00:00\nNote on Ukraine\nThe war goes on in Ukraine.\n")
    return Desk(tmp_path, sources={"notes": f"file:{tmp_path / 'notes'}"}, more='[serve]\nlisten = "127.0.0.1:0"\n')


class Serving:
    """A `feeds serve`."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def complaints(self) -> list[str]:
        status, body = self.get("/health")
        reasons: list[str] = json.loads(body)["reasons"]
        assert (status == 503) is bool(reasons)
        return reasons


@contextmanager
def serving(desk: Desk) -> Iterator[Serving]:
    assert Hatchery.used is not None
    log = desk.folder / "serve.log"
    with log.open("wb") as file:
        process = Hatchery.used.start(
            "--config", str(desk.config), "serve", environment=desk.environment(), stdout=file, stderr=file
        )
    try:
        eventually(lambda: b"server.listening" in log.read_bytes(), what=log.read_text)
        yield Serving(int(re.findall(rb"address=http://127.0.0.1:(\d+)/", log.read_bytes())[0]))
    finally:
        process.terminate()
        process.wait()
    assert b"Traceback" not in log.read_bytes()


def test_one_pass_tells_how_it_stands(desk: Desk) -> None:
    desk.refresh()
    with serving(desk) as server:
        assert server.complaints() == []
        numbers = server.get("/metrics")[1].decode()
        assert 'feeds_sources{state="fresh"} 1.0' in numbers
        assert 'feeds_topic_entries{topic="ukraine"} 1.0' in numbers
        (heard,) = re.findall(r"^feeds_poller_heard_seconds (\S+)", numbers, re.MULTILINE)
        assert float(heard) == desk.now.timestamp()


def test_everything_else_may_be_down(desk: Desk) -> None:
    desk.refresh()
    feed = desk.files()["ukraine.atom"]
    desk.folder.joinpath("feeds.db").write_bytes(b"no database any more")
    with serving(desk) as server:
        assert server.complaints() == ["the database cannot be read; what was published is served"]
        assert server.get("/ukraine.atom") == (200, feed)
        assert b"feeds_http_connections" in server.get("/metrics")[1]
        desk.public.rename(desk.folder / "elsewhere")
        eventually(lambda: len(server.complaints()) == 2)
        assert server.get("/ukraine.atom") == (200, feed)


def test_without_a_database_it_serves_and_makes_none(desk: Desk) -> None:
    desk.refresh()
    desk.folder.joinpath("feeds.db").unlink()
    with serving(desk) as server:
        assert server.complaints() == ["the database cannot be read; what was published is served"]
        assert server.get("/ukraine.atom")[0] == 200
    assert not desk.folder.joinpath("feeds.db").exists()


def test_a_topic_that_ends_is_gone_without_a_restart_of_the_server(desk: Desk) -> None:
    desk.refresh("--all")
    with serving(desk) as server:
        before = {path: server.get(path)[0] for path in ("/ukraine.atom", "/ukraine/", "/turkey.atom", "/grain.atom")}
        assert before == {"/ukraine.atom": 200, "/ukraine/": 200, "/turkey.atom": 200, "/grain.atom": 404}
        desk.topics = desk.topics.replace('use = "ukraine"\n', 'use = "ukraine"\nended = true\n')
        assert "ukraine" not in desk.refresh()["topics"]
        gone = {"/ukraine.atom": 410, "/ukraine/": 410, "/turkey.atom": 200, "/grain.atom": 404}
        eventually(lambda: {path: server.get(path)[0] for path in gone} == gone)
        assert server.get("/ukraine.rss") == (410, b"This topic has ended.\n")
        assert b"ukraine" not in server.get("/")[1]
    assert "1 ended" in desk.run("check").stdout


def test_a_daemon_that_falls_silent_is_missed(desk: Desk) -> None:
    desk.refresh()
    with running(desk, "--no-serve", environment=desk.environment()) as daemon:
        daemon.ready()
        with desk.app() as app:
            eventually(lambda: '"every":10' in app.store.note("poller"))
        assert daemon.stop()[0] == 0
    with serving(desk) as server:
        assert server.complaints() == []
    desk.now = desk.now.replace(hour=15)
    with serving(desk) as server:
        assert server.complaints() == ["nothing was heard of the poller for 180 min"]

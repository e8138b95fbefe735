"""`feeds run` in a real process: what it polls, stores, publishes and serves, and what it tells systemd."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import pytest

from feeds.errors import EXIT_BUSY, EXIT_CONFIG, EXIT_DONE
from tests.desk import Desk
from tests.origin import Origin
from tests.real import DEEP
from tests.running import PROMPT, ROOT, HandClock, eventually, running
from tests.soak.wire import hosts

pytestmark = pytest.mark.usefixtures("hatched")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUICK = 'interval_min = "1s"\ninterval_max = "1s"'
SERVE = '[serve]\nlisten = "127.0.0.1:0"\n'


def feed(*titles: str, name: str = "wire") -> bytes:
    """A feed of stories on Ukraine, dated an hour ago."""
    dated = formatdate(time.time() - 3600, usegmt=True)
    items = "".join(
        f"<item><title>{title} in Ukraine</title><guid>{name}/{title}</guid><link>https://{name}.example/{title}</link>"
        f"<pubDate>{dated}</pubDate><description>Kyiv on {title}, told by {name}.</description></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    origin.put("/wire", feed("grain"), etag='"1"')
    return Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK, publish='debounce = "0s"', more=SERVE)


def many(origin: Origin, count: int) -> dict[str, str]:
    """So many sources of one origin, each with a story of its own."""
    found = {}
    for n in range(count):
        origin.put(f"/s{n}", feed(f"report-{n}", name=f"s{n}"), etag=f'"{n}"')
        found[f"s{n:03}"] = origin.url(f"/s{n}")
    return found


def verified(desk: Desk) -> bool:
    """Whether the database keeps all its promises, and no lease is left."""
    with desk.app() as app:
        return not list(app.store.verify()) and app.store.in_work(app.clock()) == ()


# ------------------------------------------------------------------------------------------- its work


def test_it_polls_publishes_and_serves_what_is_new(desk: Desk, origin: Origin) -> None:
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: b"grain in Ukraine" in daemon.get("/ukraine.atom"))
        assert json.loads(daemon.get("/health")) == {"status": "ok", "reasons": []}
        origin.put("/wire", feed("wheat", "grain"), etag='"2"')
        eventually(lambda: b"wheat in Ukraine" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)
        assert "new=1" in daemon.says("source.read", times=2)
        code, _ = daemon.stop()
    assert code == EXIT_DONE
    assert "Traceback" not in daemon.log
    assert verified(desk)


def test_without_the_web_server(desk: Desk) -> None:
    with running(desk, "--no-serve") as daemon:
        daemon.ready()
        eventually(lambda: (desk.public / "ukraine.atom").exists())
        assert daemon.lines("server.listening") == []


def test_a_slow_source_holds_back_neither_storing_nor_publishing(desk: Desk, origin: Origin) -> None:
    origin.silence("/slow")
    desk.sources = {"a-slow-one": origin.url("/slow"), **desk.sources}
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: origin.asked("/slow"))
        eventually(lambda: b"grain in Ukraine" in daemon.get("/ukraine.atom"))
        assert daemon.lines("source.failed") == [], "the slow one is still being waited for"
        assert len(origin.asked("/slow")) == 1


def test_a_topic_is_published_at_once_and_then_once_in_the_debounce(desk: Desk, origin: Origin) -> None:
    desk.publish = 'debounce = "4s"'
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: "entries=1" in daemon.log, what=lambda: daemon.log)
        started, before = time.monotonic(), len(daemon.lines("topic.published topic=ukraine"))
        for n in range(2, 8):
            origin.put("/wire", feed(*(f"story-{k}" for k in range(n))), etag=f'"{n}"')
            time.sleep(1)
        daemon.says("source.read", times=4)
        during = len(daemon.lines("topic.published topic=ukraine")) - before
        assert during <= (time.monotonic() - started) / 4 + 1
        eventually(lambda: b"story-6" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)


def test_systemd_is_told_ready_alive_reloading_and_stopping(desk: Desk) -> None:
    with running(desk) as daemon:
        first = daemon.notice()
        assert first == "READY=1\nSTATUS=Polling 1 sources for 3 topics"
        assert (desk.folder / "feeds.db").exists(), "migrated before it is ready"
        assert daemon.notice() == "WATCHDOG=1"
        assert daemon.notice() == "WATCHDOG=1"
        daemon.process.send_signal(signal.SIGHUP)
        daemon.says("config.reloaded")
        told = daemon.notices(seconds=0.5)
        start = next(n for n, notice in enumerate(told) if notice.startswith("RELOADING=1\nMONOTONIC_USEC="))
        assert "READY=1" in told[start:]
        daemon.stop()
        assert "STOPPING=1" in daemon.notices(seconds=0.5)


def test_the_watchdog_is_fed_only_while_the_ticks_run(desk: Desk) -> None:
    clock = HandClock(desk.folder / "clock", NOW)
    with running(desk, environment=clock.environment) as daemon:
        daemon.ready()
        assert daemon.notice() == "WATCHDOG=1"
        pipe = desk.folder / "pipe"
        os.mkfifo(pipe)
        pipe.rename(desk.folder / "clock")  # who asks for the time now waits for it for ever
        daemon.notices(seconds=2)
        assert daemon.notices(seconds=2.5) == []
        assert daemon.process.poll() is None
        assert daemon.stop()[0] == EXIT_DONE, "a tick that hangs does not hold up the end"


# ------------------------------------------------------------------------------------- beside a one-shot


def test_beside_refreshes_no_source_is_polled_twice(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources=many(origin, 40), per_host=4)
    desk.run("db", "upgrade")
    clock = HandClock(tmp_path / "clock", NOW)
    with running(desk, environment=clock.environment) as daemon, ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: desk.run("refresh", "--json"), range(2)))
        eventually(lambda: len(origin.requests) >= 40, what=lambda: daemon.log)
        for _ in range(3):
            clock.advance(2 * MINUTE)  # nothing is due yet
            daemon.ticks(1)
        polled = sum(json.loads(done.stdout)["polled"] for done in both)
        assert sorted(asked.path for asked in origin.requests) == sorted(f"/s{n}" for n in range(40))
        assert daemon.stop()[0] == EXIT_DONE
    assert polled <= 40
    assert "locked" not in daemon.log
    assert verified(desk)


def test_a_lock_held_by_another_is_waited_out_and_named(desk: Desk) -> None:
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: b"grain in Ukraine" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)
        with (
            sqlite3.connect(desk.folder / "feeds.db", isolation_level=None) as rival,
            ThreadPoolExecutor(1) as pool,
        ):
            rival.execute("begin immediate")
            beside = pool.submit(desk.run, "refresh", check=False)
            failing = daemon.says("store.failing")
            assert "another process held the database for 10 s" in failing
            amiss = 503, b'{"status":"amiss","reasons":["the database cannot be written"]}'
            eventually(lambda: daemon.ask("/health") == amiss, what=lambda: daemon.log)
            assert b"grain in Ukraine" in daemon.get("/ukraine.atom")
            daemon.ticks(0)  # reading goes on, so it lives
            assert beside.result().returncode == EXIT_BUSY
            rival.execute("rollback")
        rival.close()
        daemon.says("store.recovered")
        assert "Traceback" not in daemon.log


# -------------------------------------------------------------------------------------------- its end


CHANCE = random.Random(15)
MOMENTS = [*(round(CHANCE.uniform(0, 4), 2) for _ in range(50 if DEEP else 3)), "source.read", "topic.published"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_sigterm_ends_it_in_good_order_amid_dripping_sources(
    tmp_path: Path, origin: Origin, moment: float | str
) -> None:
    """So many seconds after the start, or in the middle of reading and of publishing."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"
    desk = Desk(tmp_path, sources=many(origin, 40), poll=QUICK, per_host=64, concurrency=200, more=SERVE)
    desk.publish = 'debounce = "0s"'
    with hosts(5) as (_, *slow):  # hosts of their own, each with all that it may be asked at once
        for n in range(160):
            slow[n % 4].drip(f"/drip{n}", head + b"<rss>" * 10_000, every=0.2)
            desk.sources[f"drip{n:03}"] = slow[n % 4].url(f"/drip{n}")
        with running(desk) as daemon:
            daemon.ready()
            if isinstance(moment, str):
                daemon.says(moment)
            else:
                time.sleep(moment)
            code, seconds = daemon.stop()
            assert (code, seconds < PROMPT) == (EXIT_DONE, True), (seconds, daemon.log)
    assert "Traceback" not in daemon.log
    assert verified(desk)


@pytest.mark.parametrize("when", ["opening", "reloading"])
def test_sigterm_is_obeyed_while_a_lock_is_waited_for(desk: Desk, when: str) -> None:
    desk.run("refresh")
    with sqlite3.connect(desk.folder / "feeds.db", isolation_level=None) as rival:
        if when == "opening":
            rival.execute("begin immediate")
        with running(desk) as daemon:
            status = Path(f"/proc/{daemon.process.pid}/status")
            if when == "opening":
                eventually(lambda: int(status.read_text().partition("SigCgt:\t")[2][:16], 16) >> 14 & 1)
                time.sleep(0.5)
            else:
                daemon.ready()
                rival.execute("begin immediate")
                daemon.process.send_signal(signal.SIGHUP)
                while not daemon.notice().startswith("RELOADING=1"):
                    pass
            code, seconds = daemon.stop()
            assert (code, seconds < PROMPT) == (EXIT_DONE, True), (seconds, daemon.log)
        rival.execute("rollback")
    rival.close()
    assert verified(desk)


def test_a_second_sigterm_ends_it_where_it_stands(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={}, poll=QUICK, per_host=16)
    for n in range(16):
        origin.silence(f"/{n}")
        desk.sources[f"silent{n}"] = origin.url(f"/{n}")
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: len(origin.requests) == 16)
        daemon.process.terminate()
        daemon.says("daemon.stopping")
        code, _ = daemon.stop()
        assert code == -signal.SIGTERM
    assert verified(desk), "what it held is free again: its lock ended with it"


# ----------------------------------------------------------------------------------------- configuration


def test_sighup_takes_up_a_new_configuration(desk: Desk, origin: Origin) -> None:
    with running(desk) as daemon:
        daemon.ready()
        daemon.says("source.read")
        origin.put("/more", feed("harvest", name="more"))
        desk.sources["more"] = origin.url("/more")
        desk.more += '[topics.harvest]\ntitle = "Harvest"\n[topics.harvest.words]\n10 = ["harvest*"]\n'
        assert desk.config.exists()
        daemon.process.send_signal(signal.SIGHUP)
        assert "sources=2 topics=4" in daemon.says("config.reloaded")
        eventually(lambda: b"harvest in Ukraine" in daemon.get("/harvest.atom"))
        desk.sources.pop("wire")
        assert desk.config.exists()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.says("config.reloaded", times=2)
        time.sleep(1.5)
        before = len(origin.asked("/wire"))
        time.sleep(2)
        assert len(origin.asked("/wire")) == before, "what left the configuration is polled no more"
        assert daemon.stop()[0] == EXIT_DONE
    assert "Traceback" not in daemon.log


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        pytest.param("[poll]", "[pol]", "config.toml:", id="a mistake, with its line"),
        pytest.param('to = "public"', 'to = "elsewhere"', "publish.to: has changed, which needs a restart", id="place"),
        pytest.param("127.0.0.1:0", "127.0.0.1:1", "serve: has changed, which needs a restart", id="address"),
    ],
)
def test_sighup_keeps_the_old_configuration_and_says_why(
    desk: Desk, origin: Origin, old: str, new: str, why: str
) -> None:
    with running(desk) as daemon:
        daemon.ready()
        file = desk.folder / "config.toml"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        daemon.process.send_signal(signal.SIGHUP)
        assert why in daemon.says("config.kept")
        before = len(origin.asked("/wire"))
        eventually(lambda: len(origin.asked("/wire")) > before + 1)
        assert daemon.stop()[0] == EXIT_DONE
    assert len(daemon.lines("config.kept")) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda desk: desk.run("check") and (desk.folder / "config.toml").write_text("x"), id="config"),
        pytest.param(lambda desk: (desk.folder / "feeds.db").write_bytes(b"no database" * 999), id="database"),
    ],
)
def test_what_it_cannot_start_with_is_named_and_is_exit_78(desk: Desk, spoil: object) -> None:
    config = desk.config
    assert callable(spoil)
    spoil(desk)
    command = [sys.executable, "-m", "feeds", "--config", str(config), "run"]
    done = subprocess.run(command, env=desk.environment(), capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == EXIT_CONFIG
    assert "Traceback" not in done.stderr
    assert str(desk.folder) in done.stderr

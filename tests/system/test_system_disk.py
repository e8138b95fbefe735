"""A disk that is full, read-only or broken, under `feeds run`: the old is served, the error is named, and it heals."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.errors import EXIT_CONFIG, EXIT_DONE, EXIT_FAILED
from tests.desk import Desk
from tests.origin import Origin
from tests.running import eventually, running
from tests.system.test_system_daemon import QUICK, SERVE, feed, verified

pytestmark = pytest.mark.usefixtures("hatched")

SIZE = 4  # MiB


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        running.put("/wire", feed("grain"), etag='"1"')
        yield running


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few MiB."""
    if os.geteuid():
        pytest.skip("only root can mount a small disk: a full one is not tried")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until nothing more fits."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    return filler


def test_a_full_disk_under_database_and_files(tmp_path: Path, small: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK, publish='debounce = "0s"', more=SERVE)
    desk.store, desk.to = "sqlite:///small/feeds.db", "small/public"
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: b"grain in Ukraine" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)
        filler = fill(small)
        origin.put("/wire", feed(*(f"story-{n}" for n in range(400))), etag='"2"')
        assert "full" in daemon.says("store.failing")
        eventually(lambda: daemon.ask("/health")[0] == 503, what=lambda: daemon.log)
        assert b"grain in Ukraine" in daemon.get("/ukraine.atom")
        assert daemon.process.poll() is None
        remount(small, "size=64m")
        filler.unlink()
        eventually(lambda: b"story-399 in Ukraine" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)
        eventually(lambda: daemon.ask("/health")[0] == 200, what=lambda: daemon.log)
        assert "Traceback" not in daemon.log
        assert daemon.stop()[0] == EXIT_DONE
    assert len(daemon.lines("store.failing")) < 5, "told, and not told again each second"
    assert desk.run("db", "verify").returncode == EXIT_DONE


def test_an_output_folder_that_becomes_read_only(tmp_path: Path, small: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK, publish='debounce = "0s"', more=SERVE)
    desk.to = "small/public"
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: b"grain in Ukraine" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)
        before = desk.files()
        remount(small, "ro")
        origin.put("/wire", feed("wheat", "grain"), etag='"2"')
        assert "Read-only file system" in daemon.says("publish.failing")
        assert daemon.ask("/health")[0] == 503
        assert desk.files() == before
        assert b"grain in Ukraine" in daemon.get("/ukraine.atom")
        remount(small, "rw")
        eventually(lambda: b"wheat in Ukraine" in daemon.get("/ukraine.atom"), what=lambda: daemon.log)
        daemon.says("publish.recovered")
        assert "Traceback" not in daemon.log
    assert len(daemon.lines("publish.failing")) == 1


def test_a_disk_that_fails_while_it_starts_ends_it_by_name(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK)
    desk.run("db", "upgrade")
    with running(desk, environment={"FEEDS_FAULT": "eio:3"}) as daemon:
        assert daemon.process.wait(60) == EXIT_FAILED
    assert "feeds.db: Input/output error; nothing was written" in daemon.log
    assert "Traceback" not in daemon.log
    with running(desk) as daemon:
        daemon.ready()


@pytest.mark.parametrize("point", [12, 17, 31, 60])
def test_a_disk_that_fails_once_under_the_daemon_is_got_over(tmp_path: Path, origin: Origin, point: int) -> None:
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK, publish='debounce = "0s"')
    desk.run("db", "upgrade")
    with running(desk, environment={"FEEDS_FAULT": f"eio:{point}"}) as daemon:
        daemon.ready()
        eventually(lambda: b"grain in Ukraine" in read(desk), what=lambda: daemon.log)
        origin.put("/wire", feed("wheat", "grain"), etag='"2"')
        eventually(lambda: b"wheat in Ukraine" in read(desk), what=lambda: daemon.log)
        assert "Traceback" not in daemon.log
        if daemon.lines("store.failing") or daemon.lines("publish.failing"):
            assert "Input/output error" in daemon.log
        assert daemon.stop()[0] == EXIT_DONE
    assert verified(desk)


def read(desk: Desk) -> bytes:
    file = desk.public / "ukraine.atom"
    return file.read_bytes() if file.exists() else b""


# ------------------------------------------------------------------------------------ the wrong database


def spoil(file: Path, how: str) -> None:
    """Make a good database corrupt, foreign, or one of a later version."""
    match how:
        case "cut off":
            os.truncate(file, file.stat().st_size // 2)
        case "emptied":
            os.truncate(file, 0)
        case "overwritten":
            with file.open("r+b") as database:
                database.write(b"\xff" * 8192)
        case _:
            with sqlite3.connect(file) as connection:
                connection.execute("pragma journal_mode=delete")
                if how == "newer":
                    connection.execute("update alembic_version set version_num = '9999'")
                else:
                    connection.execute("drop table alembic_version")
            connection.close()


@pytest.mark.parametrize("command", [("run",), ("refresh",), ("db", "upgrade")], ids=" ".join)
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("cut off", "damaged"),
        ("emptied", "empty, though feeds are published"),
        ("overwritten", "damaged"),
        ("newer", "9999 is newer"),
        ("foreign", "not a database of"),
    ],
)
def test_a_wrong_database_is_refused_by_name_and_never_overwritten(
    tmp_path: Path, origin: Origin, how: str, words: str, command: tuple[str, ...]
) -> None:
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")})
    with desk.app() as app:
        list(app.refresh.run())
        list(app.republish.run())
    file = tmp_path / "feeds.db"
    spoil(file, how)
    shutil.rmtree(tmp_path / "feeds.db-leases", ignore_errors=True)
    before = file.read_bytes()
    done = desk.run(*command, check=False)
    assert done.returncode == EXIT_CONFIG, done.stderr
    assert str(file) in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == before


def test_a_database_that_is_spoilt_under_the_daemon_ends_it_by_name(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK)
    with running(desk) as daemon:
        daemon.ready()
        daemon.says("source.read")
        for name in ("feeds.db-wal", "feeds.db"):
            with (tmp_path / name).open("r+b") as database:
                database.write(b"\xff" * 400_000)
        origin.put("/wire", feed("wheat", "grain"), etag='"2"')
        assert daemon.process.wait(60) == EXIT_CONFIG
    assert "the database is damaged" in daemon.log
    assert "Traceback" not in daemon.log

"""What systemd is told: a manager that does not read holds us up for a moment, and takes no work of ours."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from feeds.notify import notify


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """One that listens at a file, or at a name that no file has (sd_notify(3))."""
    address = str(tmp_path / "notify") if request.param == "file" else f"@feeds-{os.getpid()}-{tmp_path.name}"
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address.replace("@", "\0", 1))
        listening.setblocking(False)
        yield listening


def test_it_is_told_word_by_word(manager: socket.socket) -> None:
    notify("READY=1\nSTATUS=Polling")
    assert manager.recv(4096) == b"READY=1\nSTATUS=Polling"


def test_who_waits_for_a_manager_that_reads_no_more_does_not_work_meanwhile(manager: socket.socket) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as beside:
        beside.setblocking(False)
        beside.connect(manager.getsockname())
        with suppress(BlockingIOError):
            while beside.send(b"WATCHDOG=1"):
                pass
    before = time.thread_time()
    notify("WATCHDOG=1")
    assert time.thread_time() - before < 0.05  # seconds of the processor: it was a whole one


def test_nothing_is_told_where_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("WATCHDOG=1")

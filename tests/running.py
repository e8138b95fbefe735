"""A `feeds run` in a process of its own, with what it says to its log and to systemd."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.desk import Desk
from tests.hatchery import Hatched, Hatchery

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds for what must come at once on a machine that does nothing else
PROMPT = 15.0  # seconds within which an end counts as prompt here; the promised five are judged by `make soak`


def eventually(condition: Callable[[], object], *, seconds: float = PATIENCE, what: Callable[[], str] = str) -> None:
    """Return when it has come true; `what` says what is seen instead."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it never came true; {what()}"
        time.sleep(0.05)


class Running:
    """The daemon, while it runs and after."""

    def __init__(self, desk: Desk, *arguments: str, environment: Mapping[str, str], python: tuple[str, ...]) -> None:
        self.desk = desk
        self._log = desk.folder / "daemon.log"
        self._from = self._log.stat().st_size if self._log.exists() else 0
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.settimeout(PATIENCE)
        path = desk.folder / "notify"
        path.unlink(missing_ok=True)
        self._notices.bind(str(path))
        with self._log.open("ab") as log:
            command = ["--config", str(desk.config), "run", *arguments]
            full = {**os.environ, "NOTIFY_SOCKET": str(path), **environment}
            self.process: subprocess.Popen[bytes] | Hatched
            if Hatchery.used is not None and not python:
                self.process = Hatchery.used.start(*command, environment=full, stdout=log, stderr=log)
            else:
                start = [*(python or (sys.executable,)), "-m", "feeds"]
                self.process = subprocess.Popen([*start, *command], stderr=log, stdout=log, cwd=ROOT, env=full)

    # ---------------------------------------------------------------------------------------- what it says

    @property
    def log(self) -> str:
        """What this daemon has logged so far."""
        return self._log.read_bytes()[self._from :].decode()

    def lines(self, event: str) -> list[str]:
        """Its log lines of one event."""
        return [line for line in self.log.splitlines() if f" event={event}" in line]

    def says(self, event: str, *, times: int = 1) -> str:
        """Wait for the n-th line of an event."""
        eventually(lambda: len(self.lines(event)) >= times or self.process.poll() is not None, what=lambda: self.log)
        assert len(self.lines(event)) >= times, self.log
        return self.lines(event)[times - 1]

    def notice(self) -> str:
        """The next datagram to systemd."""
        return self._notices.recv(4096).decode()

    def ready(self) -> Running:
        """Wait until it says so."""
        while not self.notice().startswith("READY=1"):
            pass
        return self

    def ticks(self, count: int) -> None:
        """Wait until so many polling ticks have begun and ended."""
        self.notices(seconds=0)
        for _ in range(count + 1):  # the first of them may have begun before
            while self.notice() != "WATCHDOG=1":
                pass

    def notices(self, *, seconds: float) -> list[str]:
        """What systemd is told within this time; with none, what it has been told already."""
        found, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 or not seconds:
            self._notices.settimeout(max(left, 0.0))
            try:
                found.append(self.notice())
            except (TimeoutError, BlockingIOError):
                break
        self._notices.settimeout(PATIENCE)
        return found

    def ask(self, path: str) -> tuple[int, bytes]:
        """Ask its web server: (status, body)."""
        (place,) = re.findall(r"event=server.listening address=http://(\S+)/", self.log)
        with closing(http.client.HTTPConnection(place, timeout=PATIENCE)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def get(self, path: str) -> bytes:
        """The body of what its web server answers, whatever that is."""
        return self.ask(path)[1]

    # ------------------------------------------------------------------------------------ what it takes

    def threads(self) -> int:
        """Threads of the process."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def descriptors(self) -> int:
        """Open files of the process."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def memory(self) -> int:
        """Resident memory in KiB, of the process and all that it started."""
        return sum(map(_resident, family(self.process.pid)))

    def memory_with_one_reader(self) -> int:
        """As `memory`, with the largest reader alone: how many there are depends on what is read at the same time."""
        children = _children()
        started = children.get(self.process.pid, [])
        readers = [_resident(reader) for process in started for reader in children.get(process, [])]
        return sum(map(_resident, (self.process.pid, *started))) + max(readers, default=0)

    # ------------------------------------------------------------------------------------------- its end

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and wait for the end: (exit code, seconds)."""
        started = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        return code, time.monotonic() - started

    def close(self) -> None:
        """Whatever it does, it does no more."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._notices.close()


@contextmanager
def running(
    desk: Desk, *arguments: str, environment: Mapping[str, str] | None = None, python: tuple[str, ...] = ()
) -> Iterator[Running]:
    """`feeds run` over this desk, killed at the end if it still runs; by `python`, if an interpreter is named."""
    daemon = Running(desk, *arguments, environment=environment or {}, python=python)
    try:
        yield daemon
    finally:
        daemon.close()


class HandClock:
    """A clock for processes that stands still until it is moved."""

    def __init__(self, file: Path, now: datetime) -> None:
        self._file, self.now = file, now
        self.set(now)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process follow it."""
        return {"FEEDS_NOW": f"@{self._file}"}

    def set(self, now: datetime) -> None:
        """Move it, forth or back; no reader sees half of it."""
        self.now = now
        beside = self._file.with_suffix(".new")
        beside.write_text(now.isoformat(), encoding="utf-8")
        beside.replace(self._file)

    def advance(self, by: timedelta) -> None:
        """Move it forth."""
        self.set(self.now + by)


def family(process: int) -> list[int]:
    """A process and all that descend from it."""
    children = _children()
    found = [process]
    for each in found:
        found += children.get(each, [])
    return found


def _children() -> dict[int, list[int]]:
    """Of every process of this machine."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    return children


def _resident(process: int) -> int:
    try:
        (kib,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    except (OSError, ValueError):
        return 0
    return int(kib)

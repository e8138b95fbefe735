"""What a response may cost: a process of its own fetches it, and the kernel says how much memory that took at most."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feeds.config import values
from feeds.config.schema import LARGEST_BODY
from tests.desk import Desk
from tests.origin import Asked, Origin, Wire
from tests.real import DATA
from tests.running import eventually, running
from tests.soak.wire import hosts
from tests.system.test_system_daemon import feed

ROOT = Path(__file__).parents[2]
BOMBS = DATA / "hostile" / "found" / "bombs"
MOST = 64 << 20  # bytes
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
STACKED = HEAD + b"Content-Encoding: " + b"gzip, " * 5000 + b"gzip\r\n\r\n"
BROKEN = {"truncated", "protocol"}
# Fetches a small feed, forgets its own high-water mark, fetches each address, and reports why and what it took.
CHILD = """
import json, sys
from feeds.config.settings import FetchSettings
from feeds.fetch.http import HttpFetch
from feeds.model import Request

def marks():
    with open("/proc/self/status") as file:
        found = dict(line.split(":", 1) for line in file)
    return [int(found[name].split()[0]) << 10 for name in ("VmHWM", "VmRSS")]

limit, small, *urls = sys.argv[1:]
fetch = HttpFetch(FetchSettings(allow=("127.0.0.0/8",), timeout=8, max_bytes=int(limit)), user_agent="t")
fetch(Request(source="s", url=small))
for url in urls:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = marks()[1]
    answer = fetch(Request(source="s", url=url))
    why, detail = getattr(answer, "why", ""), getattr(answer, "detail", "")
    del answer
    print(json.dumps({"why": why, "detail": detail, "took": marks()[0] - before}), flush=True)
"""


def endless(head: bytes, piece: bytes) -> Callable[[Asked, Wire], None]:
    def script(asked: Asked, wire: Wire) -> None:
        wire.send(head)
        while True:
            wire.send(piece)

    return script


def cost(origin: Origin, path: str, *, limit: int = 20_000_000) -> tuple[str, str, int]:
    """(why it failed, in words, bytes that it took)."""
    origin.put("/small", b"<rss/>")
    command = [sys.executable, "-c", CHILD, str(limit), origin.url("/small"), origin.url(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    except subprocess.CalledProcessError as exc:
        if "clear_refs" in exc.stderr:
            pytest.skip("this kernel does not let a process forget its high-water mark")
        raise
    said = json.loads(done.stdout)
    return said["why"], said["detail"], said["took"]


@pytest.mark.parametrize(
    ("file", "coding", "why", "named"),
    [
        pytest.param("zeros_10GiB.gz", "gzip", "too_large", "larger than 20 MB", id="gzip"),
        pytest.param("zeros_10GiB.gz.gz", "gzip, gzip", "encoding", "stacked 2 deep", id="gzip twice"),
        pytest.param("zeros_10GiB.gz.gz", "gzip", "", "", id="gzip twice, said to be once: its body is a small gzip"),
        pytest.param("zeros_10GiB.br", "br", "encoding", "'br'", id="brotli"),
        pytest.param("zeros_10GiB.zst", "zstd", "encoding", "'zstd'", id="zstd"),
        pytest.param("zeros_10GiB.gz", "GZIP", "too_large", "larger than 20 MB", id="gzip in capitals"),
    ],
)
def test_a_bomb_of_ten_gigabytes_is_refused_by_name(
    origin: Origin, file: str, coding: str, why: str, named: str
) -> None:
    if not BOMBS.is_dir():
        pytest.skip("needs ../shared/data")
    body = (BOMBS / file).read_bytes()
    head = HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    origin.raw("/bomb", head + body)
    found, words, took = cost(origin, "/bomb")
    assert (found, named in words) == (why, True)
    assert took <= MOST


@pytest.mark.parametrize(
    ("head", "piece", "whys"),
    [
        pytest.param(HEAD + b"\r\n", b"x" * 65536, {"too_large"}, id="a body without end"),
        pytest.param(
            CHUNKED,
            b"10000\r\n" + b"x" * 65536 + b"\r\n",
            {"too_large"},
            id="chunks",
        ),
        pytest.param(
            CHUNKED + b"1;",
            b"x" * 65536,
            {"truncated", "protocol"},
            id="a chunk's extension",
        ),
        pytest.param(
            CHUNKED + b"0\r\n",
            b"X: y\r\n" * 9000,
            {"truncated", "protocol"},
            id="trailers",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 9000, {"protocol"}, id="headers without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536, {"protocol"}, id="one header without end"),
        pytest.param(b"HTTP/1.1 200 ", b"O" * 65536, {"protocol"}, id="a reason without end"),
        pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 900, {"deadline"}, id="interim answers"),
        pytest.param(
            HEAD + b"Content-Encoding: " + b"gzip, " * 5000 + b"gzip\r\n\r\n",
            b"x" * 9,
            {"encoding"},
            id="5,000 codings",
        ),
    ],
)
def test_a_flood_costs_little_whatever_it_is_made_of(origin: Origin, head: bytes, piece: bytes, whys: set[str]) -> None:
    origin.play("/flood", endless(head, piece))
    why, words, took = cost(origin, "/flood")
    assert why in whys, words
    assert words
    assert took <= MOST


@pytest.mark.parametrize("gzip", [False, True])
def test_the_largest_body_that_may_be_allowed_is_held_but_once(origin: Origin, gzip: bool) -> None:
    largest = values.size("1KB", LARGEST_BODY)(LARGEST_BODY)
    origin.put("/large", bytes(largest), gzip=gzip)
    why, _, took = cost(origin, "/large", limit=largest)
    assert (why, took <= MOST) == ("", True), took


# ------------------------------------------------------------------------------------ many at the same moment

CROWD = 48  # hosts
BODY = 19_000_000  # bytes of what each sends, gzipped to next to nothing
UNIT = (ROOT / "systemd" / "feeds.service").read_text(encoding="utf-8")
MALLOC = dict(re.findall(r"^Environment=(MALLOC_\w+)=(\d+)$", UNIT, re.MULTILINE))  # what frees them at once
# Decoded bodies: 64 MiB, a MiB more for each, and the one that came first; a like sum for what else there is.
TOGETHER = 2 * ((64 + CROWD + 20) << 20)


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[tuple[Desk, threading.Event]]:
    """Hosts that send a large body each, and its last byte only when the event is set; and a small honest one."""
    packed, well = zlib.compress(bytes(BODY), 6, wbits=31), threading.Event()
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()

    def script(asked: Asked, wire: Wire) -> None:
        wire.send(head + packed[:-1])
        while not well.is_set():
            wire.rest(0.1)
        wire.send(packed[-1:])

    with hosts(CROWD + 1) as (small, *large):
        small.put("/small", feed("grain"))
        desk = Desk(
            tmp_path, sources={"small": small.url("/small")}, concurrency=64, per_host=1, fetch='timeout = "5s"'
        )
        for number, host in enumerate(large):
            host.play("/large", script)
            desk.sources[f"large{number:02}"] = host.url("/large")
        yield desk, well


def high_water(process: int) -> int:
    """The most that a process has taken so far, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def test_many_large_bodies_that_never_end_take_no_more_than_a_few(crowd: tuple[Desk, threading.Event]) -> None:
    desk, _ = crowd
    with running(desk, environment=MALLOC) as daemon:
        daemon.ready()
        before = high_water(daemon.process.pid)
        assert "source=small" in daemon.says("source.read"), "it waits for none of them"
        eventually(lambda: len(daemon.lines("source.late")) + len(daemon.lines("source.failed")) >= CROWD)
        assert high_water(daemon.process.pid) - before <= TOGETHER
        assert daemon.lines("source.late"), "there was no room for all of them"
        assert all("deadline" in line for line in daemon.lines("source.failed"))
        assert daemon.stop()[0] == 0


def test_many_large_bodies_come_through_one_after_another(crowd: tuple[Desk, threading.Event]) -> None:
    desk, well = crowd
    well.set()
    desk.fetch = 'timeout = "60s"'
    with running(desk, environment=MALLOC) as daemon:
        daemon.ready()
        before = high_water(daemon.process.pid)
        eventually(lambda: len(daemon.lines("source.failed")) >= CROWD, seconds=120, what=lambda: daemon.log)
        assert high_water(daemon.process.pid) - before <= TOGETHER
        assert daemon.lines("source.late") == []
        assert all("empty" in line for line in daemon.lines("source.failed")), "each was read, and found to be nothing"
        assert daemon.stop()[0] == 0

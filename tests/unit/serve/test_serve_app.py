"""Heads that are malformed, too large or too slow, over a real connection."""

from __future__ import annotations

import socket
import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import pytest

from feeds.config import ServeSettings
from feeds.serve import protocol
from feeds.serve.app import Server


class OnePage:
    """A shelf with a front page."""

    def names(self, *, but: Collection[str] = ()) -> Iterator[str]:
        return iter(["index.html"])

    def get(self, name: str) -> bytes | None:
        return b"<h1>index.html</h1>" if name == "index.html" else None

    def modified(self, name: str) -> datetime | None:
        return datetime(2022, 9, 1, tzinfo=UTC)

    def times(self, *, but: Collection[str] = ()) -> Iterator[tuple[str, datetime]]:
        return iter([("index.html", datetime(2022, 9, 1, tzinfo=UTC))])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(OnePage(), ServeSettings(listen="127.0.0.1:0")) as server:
        yield server


def exchange(server: Server, data: bytes) -> bytes:
    """Send raw bytes and read until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.sendall(data)
        parts = []
        try:
            while part := sock.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no Host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, id="two Hosts"),
        pytest.param(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, id="long target"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 17000 + b"\r\n\r\n", 431, id="large field"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 101 + b"\r\n", 431, id="many fields"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX" + b"a" * 300_000, 431, id="a field that never ends"),
        pytest.param(b"nonsense\r\n\r\n", 400, id="no HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="TLS on a plain port"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, id="HTTP/2 without asking"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, id="a proxy is what we are not"),
    ],
)
def test_a_bad_head_is_refused_once_and_closed(server: Server, request_bytes: bytes, status: int) -> None:
    follow_up = b"" if request_bytes.endswith(b"a") else b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = exchange(server, request_bytes + follow_up)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert exchange(server, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 "), "others are served on"


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    one, other = b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = exchange(server, b"\r\n" + one * 400 + other)
    assert answer.count(b"HTTP/1.1 404 ") == 400
    assert answer.endswith(b"<h1>index.html</h1>")


@pytest.mark.parametrize(
    "start",
    [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost:", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"],
    ids=["nothing", "empty line", "half a head", "a request and a bit"],
)
def test_who_does_not_finish_a_head_is_cut_off(server: Server, start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    started = time.monotonic()
    exchange(server, start)
    assert time.monotonic() - started < 5


def test_dripping_bytes_do_not_push_the_deadline(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n")

        def refused() -> bool:
            try:
                sock.sendall(b"X: y\r\n")
            except OSError:
                return True
            return False

        end = time.monotonic() + 4
        while not refused():
            assert time.monotonic() < end
            time.sleep(0.05)


def answer(sock: socket.socket, *pieces: bytes) -> bytes:
    for piece in pieces:
        sock.sendall(piece)
        time.sleep(0.02)
    return sock.recv(65536)


def test_a_kept_connection_outlives_the_deadline_of_its_first_head(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        for _ in range(2):
            assert answer(sock, b"GET / HTTP/1.1\r\n", b"Host: a\r\n\r\n").startswith(b"HTTP/1.1 200 ")
            time.sleep(0.5)


def test_empty_lines_between_requests_do_not_keep_a_connection(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        assert answer(sock, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").startswith(b"HTTP/1.1 200 ")
        assert answer(sock, b"\r\n") == b""


def test_the_limit_is_for_each_head_not_for_a_connection(server: Server) -> None:
    large = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        for _ in range(3):
            assert answer(sock, large, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")

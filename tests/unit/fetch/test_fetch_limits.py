"""Whatever a server does, an exchange ends in time and within its size, with a name for what went wrong."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from feeds.fetch.http import HttpFetch
from tests.origin import Asked, Origin, Reply, Wire
from tests.unit.fetch.asking import FEED, HEAD, Fetcher, ask, failed, got


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HEAD + b"\r\n" + b"x" * 9000, id="a body that drips"),
        pytest.param(HEAD + b"X-Slow: " + b"y" * 9000, id="a head that drips"),
        pytest.param(b"", id="silence"),
        pytest.param(HEAD + b"Content-Length: 9\r\n\r\nx", id="a body that stops"),
    ],
)
def test_the_exchange_ends_at_its_deadline(origin: Origin, fetcher: Fetcher, data: bytes) -> None:
    origin.drip("/feed", data, every=0.02)
    start = time.monotonic()
    answer = failed(ask(fetcher(timeout=0.5), origin.url("/feed")))
    assert (answer.why, answer.detail) == ("deadline", "no whole answer within 0.5 s")
    assert 0.4 < time.monotonic() - start < 1.2


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 20, id="interim answers without end"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="chunks of one byte"),
    ],
)
def test_a_stream_that_never_pauses_ends_too(origin: Origin, fetcher: Fetcher, head: bytes, piece: bytes) -> None:
    def flood(asked: Asked, wire: Wire) -> None:
        wire.send(head)
        while True:
            wire.send(piece)

    origin.play("/feed", flood)
    start = time.monotonic()
    assert failed(ask(fetcher(timeout=0.5), origin.url("/feed"))).why in ("deadline", "too_large")
    assert time.monotonic() - start < 1.2


def test_an_origin_that_takes_nothing_in_is_left_at_the_deadline(fetcher: Fetcher) -> None:
    """What a request says fits into the kernel's buffers; with a validator as no server has sent it does not."""
    left, patient = threading.Event(), list[bool]()

    def serve() -> None:
        with listener.accept()[0]:
            patient.append(left.wait(5))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/feed"
        answer = failed(ask(fetcher(timeout=0.5), url, etag="x" * 16_000_000))
        left.set()
        server.join()
    assert (answer.why, patient) == ("deadline", [True]), "and not only when the origin hung up"


def test_redirects_share_one_deadline(origin: Origin, fetcher: Fetcher) -> None:
    def slow(asked: Asked) -> Reply:
        time.sleep(0.2)
        return Reply(status=302, headers={"Location": asked.path + "0"})

    for n in range(1, 7):
        origin.handle("/" + "0" * n, slow)
    start = time.monotonic()
    assert failed(ask(fetcher(timeout=0.5), origin.url("/0"))).why == "deadline"
    assert time.monotonic() - start < 1


def test_a_late_exchange_does_not_spoil_the_next(origin: Origin, fetcher: Fetcher) -> None:
    fetch = fetcher(timeout=0.3)
    origin.silence("/silent")
    origin.put("/feed", FEED)
    assert failed(ask(fetch, origin.url("/silent"))).why == "deadline"
    assert got(ask(fetch, origin.url("/feed"))).documents[0].body == FEED
    time.sleep(0.4)  # longer than an exchange may take: a kept connection serves under its own deadline
    assert got(ask(fetch, origin.url("/feed"))).documents[0].body == FEED
    assert len({request.connection for request in origin.asked("/feed")}) == 1


def test_bombs_and_endless_bodies_are_left(origin: Origin, fetcher: Fetcher) -> None:
    origin.put("/bomb", bytes(100_000_000), gzip=True)
    origin.put("/large", bytes(1_000_001))

    def endless(asked: Asked, wire: Wire) -> None:
        wire.send(HEAD + b"\r\n")
        while True:
            wire.send(b"x" * 65536)

    origin.play("/endless", endless)
    for path in ("/bomb", "/large", "/endless"):
        answer = failed(ask(fetcher(), origin.url(path)))
        assert (answer.why, answer.detail) == ("too_large", "larger than 1 MB; raise [fetch] max_bytes if it has to be")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(HEAD + b"Content-Length: 5000\r\n\r\n" + FEED, "truncated", id="shorter than its length"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "truncated", id="a chunk cut short"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc", "truncated", id="not a chunk"),
        pytest.param(HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0", "truncated", id="gzip cut short"),
        pytest.param(HEAD + b"Content-Encoding: gzip\r\n\r\n<rss/>", "encoding", id="gzip that is none"),
        pytest.param(HEAD + b"Content-Encoding: br\r\n\r\nx", "encoding", id="brotli"),
        pytest.param(HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nx", "protocol", id="a length beyond numbers"),
        pytest.param(HEAD + b"Content-Length: 99999999999\r\n\r\nx", "too_large", id="a length beyond the limit"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\nx", "protocol", id="a negative length"),
        pytest.param(HEAD + b"X: y\r\n" * 50_000 + b"\r\n", "protocol", id="a flood of headers"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", "protocol", id="not HTTP"),
        pytest.param(b"", "protocol", id="nothing at all"),
    ],
)
def test_broken_answers_are_named(origin: Origin, fetch: HttpFetch, data: bytes, why: str) -> None:
    origin.raw("/feed", data)
    answer = failed(ask(fetch, origin.url("/feed")))
    assert (answer.why, bool(answer.detail)) == (why, True)


def test_nobody_at_the_address_is_named(fetch: HttpFetch) -> None:
    with Origin() as origin:
        url = origin.url("/feed")
    assert failed(ask(fetch, url)).why == "connect"

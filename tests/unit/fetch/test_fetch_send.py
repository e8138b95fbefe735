"""A message to an address that somebody gave us: sent once, through the guard, and hardly listened to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import httpcore
import pytest

from feeds.config.settings import FetchSettings
from feeds.fetch.guard import Resolver
from feeds.fetch.http import HttpFetch
from feeds.model import Failed, Message, Reply
from tests.callbacks import Callbacks, Conduct
from tests.unit.fetch.asking import AGENT, TLS, Fetcher

PUBLIC = "93.184.215.14"


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    with Callbacks() as running:
        yield running


def test_it_arrives_as_it_is(fetcher: Fetcher, callbacks: Callbacks) -> None:
    message = Message(
        method="POST", url=callbacks.url("/cb?a=b"), headers=(("Link", "<https://новини.example/>"),), body=b"\0body"
    )
    assert fetcher().send(message) == Reply(status=200)
    (got,) = callbacks.got
    assert (got.method, got.path, got.asked, got.body) == ("POST", "/cb", {"a": "b"}, b"\0body")
    assert got.headers["link"].encode("latin-1").decode() == "<https://новини.example/>"
    assert got.headers["content-length"] == "5"
    assert "topic-feeds" in got.headers["user-agent"]


def test_what_is_asked_has_no_body(fetcher: Fetcher, callbacks: Callbacks) -> None:
    fetcher().send(Message(method="GET", url=callbacks.url("/cb")))
    assert "content-length" not in callbacks.got[0].headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(fetcher: Fetcher, callbacks: Callbacks, status: int) -> None:
    callbacks.conduct["/cb"] = Conduct(status=status, location="/other")
    assert fetcher().send(Message(method="POST", url=callbacks.url("/cb"))) == Reply(status=status)
    assert [got.path for got in callbacks.got] == ["/cb"]


def test_of_a_long_answer_the_beginning_is_read(fetcher: Fetcher, callbacks: Callbacks) -> None:
    callbacks.conduct["/cb"] = Conduct(echo=lambda _: "x" * 1_000_000)
    reply = fetcher().send(Message(method="GET", url=callbacks.url("/cb")))
    assert isinstance(reply, Reply)
    assert reply.body == b"x" * 4096


def test_nobody_is_waited_for_longer_than_the_message_says(fetcher: Fetcher, callbacks: Callbacks) -> None:
    callbacks.conduct["/cb"] = Conduct(seconds=5)
    started = time.monotonic()
    failed = fetcher().send(Message(method="GET", url=callbacks.url("/cb"), seconds=0.3))
    assert isinstance(failed, Failed)
    assert (failed.why, failed.detail) == ("deadline", "no whole answer within 0.3 s")
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://0x7f.1:{port}/"])
def test_a_private_address_is_refused(callbacks: Callbacks, url: str) -> None:
    port = callbacks.url("/").rpartition(":")[2].strip("/")
    with closing(HttpFetch(FetchSettings(), user_agent=AGENT, tls=TLS)) as fetch:
        failed = fetch.send(Message(method="POST", url=url.format(port=port), body=b"x"))
    assert isinstance(failed, Failed)
    assert failed.why == "blocked"
    assert callbacks.got == []


class Dial(httpcore.NetworkBackend):
    """Leads wherever it is asked to the callbacks; it remembers where that was."""

    def __init__(self, port: int) -> None:
        self.port, self.dialled = port, list[str]()

    def connect_tcp(self, host: str, *_: object, **__: object) -> httpcore.NetworkStream:
        self.dialled.append(host)
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, 5)


def test_a_name_that_leads_elsewhere_by_the_next_message_is_refused(callbacks: Callbacks) -> None:
    """A callback confirms at a public address, and then means to have us deliver at home."""
    dial, answers = Dial(int(callbacks.url("").rpartition(":")[2])), iter([[PUBLIC], ["127.0.0.1"], [PUBLIC, "::1"]])
    resolver = Resolver(lambda *_: next(answers))
    with closing(HttpFetch(FetchSettings(), user_agent=AGENT, tls=TLS, resolver=resolver, dial=dial)) as fetch:
        replies = [fetch.send(Message(method="POST", url="http://reader.example/cb", body=b"x")) for _ in range(3)]
    assert [getattr(reply, "why", "sent") for reply in replies] == ["sent", "blocked", "blocked"]
    assert dial.dialled == [PUBLIC]


@pytest.mark.parametrize("host", ["10.0.0.1", "0x0a.1", "localhost", "[::1]"])
def test_no_private_address_is_spelled_out_to_a_proxy(callbacks: Callbacks, host: str) -> None:
    settings = FetchSettings(proxy=callbacks.url(""))
    with closing(HttpFetch(settings, user_agent=AGENT, tls=TLS)) as fetch:
        failed = fetch.send(Message(method="POST", url=f"http://{host}/", body=b"x"))
    assert isinstance(failed, Failed)
    assert failed.why == "blocked"
    assert callbacks.got == []


def test_an_answer_without_end_is_not_read_to_its_end(fetcher: Fetcher) -> None:
    """Who sends as fast as it can for as long as we wait shall not fill our memory."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def answer() -> None:
            peer, _ = listening.accept()
            with closing(peer):
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 5000)
                peer.recv(1)  # until they have gone

        thread = threading.Thread(target=answer)
        thread.start()
        reply = fetcher().send(Message(method="GET", url=f"http://127.0.0.1:{listening.getsockname()[1]}/", seconds=5))
        thread.join()
    assert reply == Reply(status=200, body=b"x" * 4096)

"""Our callbacks over real HTTP: what is left in the inbox, and what is not even read."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from feeds.config import ServeSettings, load
from feeds.errors import StoreBusy
from feeds.model import LARGEST_LETTER, Letter, Push, digest_of
from feeds.serve import websub
from feeds.serve.allowance import AT_ONCE
from feeds.serve.app import Server
from feeds.serve.doorway import Doorway
from tests.desk import Desk
from tests.make import NOW
from tests.running import eventually
from tests.unit.serve.test_serve_catalogue import MemoryShelf

TOKEN, TOPIC, SECRET = "t" * 43, "https://paper.example/atom", "s"
PUSH = Push(source="paper", hub="https://hub.example/", topic=TOPIC, token=TOKEN, secret=SECRET, act_at=NOW)
VERIFIED = PUSH.when_asked(NOW).verified(timedelta(days=10), NOW)
GREETING = urlencode({"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "9"})
PATH = f"/websub/{TOKEN}"
BUSY, SLOW = "b" * 43, "s" * 43  # others, for what uses them up


class Books:
    """What the store knows, in memory."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.push, self.full, self.broken = VERIFIED, False, False

    def drop_in(self, letter: Letter) -> bool:
        if not self.full:
            self.letters.append(letter)
        return not self.full

    def callback(self, token: str) -> Push | None:
        if self.broken:
            raise StoreBusy("locked")
        return self.push if token in (TOKEN, BUSY, SLOW) or token.isdecimal() else None


@pytest.fixture(scope="module")
def kept() -> Books:
    return Books()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, kept: Books) -> Iterator[Server]:
    settings = load(str(Desk(tmp_path_factory.mktemp("desk")).config))
    doorway = Doorway(settings=lambda: settings, drop_in=kept.drop_in, callback=kept.callback)
    listen = ServeSettings(listen="127.0.0.1:0")
    with Server(MemoryShelf(), listen, clock=lambda: NOW, doorway=doorway) as running:
        yield running


@pytest.fixture(autouse=True)
def books(kept: Books) -> Books:
    vars(kept).update(letters=[], push=VERIFIED, full=False, broken=False)
    return kept


def ask(server: Server, method: str, path: str, body: bytes = b"", secret: str = SECRET) -> tuple[int, bytes, str]:
    """(status, body, Connection) of the answer."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, path, body or None, {"X-Hub-Signature": f"sha256={signature}"})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("connection", "")


def test_a_verification_is_answered_and_noted(server: Server, books: Books) -> None:
    assert ask(server, "GET", f"{PATH}?{GREETING}")[:2] == (200, b"c")
    assert books.letters == [Letter(kind="push", key=TOKEN, at=NOW, head={"mode": "subscribe", "lease": "9"})]


def test_a_push_is_left_in_the_inbox(server: Server, books: Books) -> None:
    most = b"x" * LARGEST_LETTER["push"]
    for body in (b"<feed/>", most):
        assert ask(server, "POST", PATH, body)[0] == 202
    assert [letter.body for letter in books.letters] == [b"<feed/>", most]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("POST", "/websub/" + "u" * 43, 410, id="an unknown token"),
        pytest.param("POST", "/websub/short", 404, id="what is no token"),
        pytest.param("GET", "/websub/" + "u" * 43 + "?" + GREETING, 404, id="an unknown token to verify"),
        pytest.param("GET", "/websub/short?" + GREETING, 404, id="no token"),
        pytest.param("GET", "/websub/", 404, id="nothing"),
        pytest.param("GET", f"{PATH}/more?{GREETING}", 404, id="below it"),
        pytest.param("GET", f"{PATH}?hub.topic=%ff", 404, id="no text"),
        pytest.param("HEAD", f"{PATH}?{GREETING}", 404, id="only to look at"),
        pytest.param("PUT", PATH, 405, id="another method"),
    ],
)
def test_what_leaves_nothing(server: Server, books: Books, method: str, path: str, status: int) -> None:
    assert ask(server, method, path, b"<feed/>" if method == "POST" else b"")[0] == status
    assert books.letters == []


def test_a_forged_push_is_thanked_for_and_leaves_nothing(server: Server, books: Books) -> None:
    assert ask(server, "POST", PATH, b"<feed/>", secret="guess")[0] == 202
    assert books.letters == []


def test_a_push_that_came_before_is_thanked_for_and_leaves_nothing(server: Server, books: Books) -> None:
    books.push = VERIFIED.brought(digest_of(b"<feed/>"), NOW)
    assert ask(server, "POST", PATH, b"<feed/>")[0] == 202
    assert books.letters == []


def test_a_source_that_is_polled_no_more_ends_what_is_pushed(server: Server, books: Books) -> None:
    books.push = VERIFIED.denied("removed")
    assert ask(server, "POST", PATH, b"<feed/>")[0] == 410
    assert books.letters == []


def test_a_hub_that_pushes_without_end_is_asked_for_patience(server: Server, books: Books) -> None:
    """Each push costs a reader, and a source that is polled costs one in a quarter of an hour."""
    path = f"/websub/{BUSY}"
    statuses = [ask(server, "POST", path, b"%d" % n)[0] for n in range(AT_ONCE + 2)]
    assert statuses == [202] * AT_ONCE + [503] * 2
    assert len(books.letters) == AT_ONCE
    assert ask(server, "POST", path, b"x", secret="guess")[0] == 202, "what is forged counts for nothing"
    assert ask(server, "POST", PATH, b"<feed/>")[0] == 202, "another source"
    statuses = [ask(server, "GET", f"{path}?{GREETING}")[0] for _ in range(AT_ONCE + 1)]
    assert statuses == [200] * AT_ONCE + [503], "and so is one that verifies without end"


def test_many_sources_may_be_pushed_at_one_moment(
    server: Server, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that has them all tells us of them all, and would take long to come again."""
    many, gate = 100, threading.Event()
    monkeypatch.setattr(server._letters, "_drop_in", lambda letter: gate.wait(20) and books.drop_in(letter))
    with ThreadPoolExecutor(many) as hub:
        pushed = [hub.submit(ask, server, "POST", f"/websub/{n:043d}", b"<feed/>") for n in range(many)]
        eventually(lambda: server._letters._waiting == many or any(each.done() for each in pushed))
        gate.set()
        assert {each.result()[0] for each in pushed} == {202}
    assert len(books.letters) == many


def test_bodies_of_one_source_that_do_not_come_leave_room_for_others(server: Server, books: Books) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(websub.BODIES)]
    for sock in slow:
        sock.sendall(HEAD % f"/websub/{SLOW}".encode() + b"Content-Length: 2000000\r\n\r\n<")
    eventually(lambda: ask(server, "POST", f"/websub/{SLOW}", b"<feed/>", secret="guess")[0] == 503)
    assert ask(server, "POST", PATH, b"<feed/>")[0] == 202, "another source"
    for sock in slow:
        sock.close()
    eventually(lambda: ask(server, "POST", f"/websub/{SLOW}", b"<feed/>")[0] == 202)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_room_or_database_it_is_to_be_tried_again(server: Server, books: Books, method: str) -> None:
    """A challenge that is not noted must not be answered: the hub would take us for subscribed."""
    for trouble in ("full", "broken"):
        vars(books).update({"full": False, "broken": False, trouble: True})
        status, body, _ = ask(server, method, f"{PATH}?{GREETING}", b"<feed/>" if method == "POST" else b"")
        assert (status, body == b"c") == (503, False)
    assert books.letters == []


def raw(server: Server, *pieces: bytes) -> bytes:
    """What comes back until the server closes."""
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=20)) as sock:
        for piece in pieces:
            sock.sendall(piece)
        answer = b""
        while block := sock.recv(65536):
            answer += block
        return answer


HEAD = b"POST %b HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        pytest.param(b"/websub/" + b"u" * 43, b"Content-Length: 7\r\n", b"410", id="an unknown token"),
        pytest.param(PATH.encode(), b"Content-Length: 2097153\r\n", b"413", id="too large"),
    ],
)
def test_a_body_that_is_not_wanted_is_not_waited_for(server: Server, path: bytes, fields: bytes, status: bytes) -> None:
    assert raw(server, HEAD % path + fields + b"\r\n").startswith(b"HTTP/1.1 " + status)


def test_a_body_without_a_length_is_read_as_far_as_it_may_be_long(server: Server, books: Books) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    answer = raw(server, HEAD % PATH.encode() + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 32, b"1\r\nx\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert books.letters == []


def test_a_strange_host_harms_nobody(server: Server, books: Books) -> None:
    request = f"GET {PATH}?{GREETING} HTTP/1.1\r\nHost: [x\r\nConnection: close\r\n\r\n".encode()
    assert raw(server, request).startswith(b"HTTP/1.1 200")
    assert len(books.letters) == 1


def test_another_subscription_of_the_same_token_is_none_of_the_hubs(server: Server, books: Books) -> None:
    books.push = replace(VERIFIED, topic="https://paper.example/other")
    assert ask(server, "GET", f"{PATH}?{GREETING}")[0] == 404

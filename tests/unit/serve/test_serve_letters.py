"""What is sent to the hub is looked at as little as can be, bounded, and left for the poller."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from feeds.config import ServeSettings, load
from feeds.errors import StoreBusy
from feeds.model import LARGEST_LETTER, Letter
from feeds.serve import letters
from feeds.serve.allowance import Allowance
from feeds.serve.app import Server
from feeds.serve.doorway import Doorway
from tests.desk import Desk
from tests.make import NOW
from tests.running import eventually
from tests.unit.serve.test_serve_catalogue import MemoryShelf

SITE = "https://desk.example/"
GOOD = {"hub.mode": "subscribe", "hub.topic": f"{SITE}ukraine.atom", "hub.callback": "https://reader.example/cb?a=b"}
TYPE = b"application/x-www-form-urlencoded"
FORM = {"Content-Type": TYPE.decode()}
BEGUN = b"POST /hub HTTP/1.1\r\nHost: a\r\nContent-Type: %b\r\nContent-Length: 9\r\n\r\nhub" % TYPE


class Box:
    """An inbox in memory."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.full = self.broken = False

    def drop_in(self, letter: Letter) -> bool:
        if self.broken:
            raise StoreBusy("locked")
        if not self.full:
            self.letters.append(letter)
        return not self.full


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), more='[serve]\nlisten = "127.0.0.1:0"\n')


@pytest.fixture(scope="module")
def box() -> Box:
    return Box()


@pytest.fixture(scope="module")
def server(desk: Desk, box: Box) -> Iterator[Server]:
    shelf, settings = MemoryShelf(), load(str(desk.config))
    for name in ("ukraine.atom", "ukraine.rss", "ukraine.json", "ukraine/2026-11-20.atom", "topics.opml"):
        shelf.put(name, b"feed")
    assert settings.serve is not None
    doorway = Doorway(settings=lambda: settings, drop_in=box.drop_in)
    with Server(shelf, settings.serve, clock=lambda: NOW, doorway=doorway) as running:
        yield running


@pytest.fixture(autouse=True)
def emptied(box: Box, server: Server) -> None:
    server._letters._allowance = Allowance()
    box.letters.clear()
    box.full = box.broken = False


def ask(server: Server, method: str, path: str, body: bytes = b"", **head: str) -> tuple[int, str, dict[str, str]]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, path, body or None, FORM | {k.replace("_", "-"): v for k, v in head.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()}


def post(server: Server, **changed: str | None) -> tuple[int, str]:
    form = {**GOOD, **{f"hub.{name}": value for name, value in changed.items()}}
    return ask(server, "POST", "/hub", urlencode({k: v for k, v in form.items() if v is not None}).encode())[:2]


def test_a_well_formed_request_is_accepted_and_left_as_it_came(server: Server, box: Box) -> None:
    body = urlencode(GOOD | {"hub.secret": "s3cret", "hub.lease_seconds": "864000", "other": "x"}).encode()
    status, words, _ = ask(server, "POST", "/hub", body)
    assert (status, words) == (202, "The callback will be asked.\n")
    assert box.letters == [Letter(kind="hub", key="reader.example", at=NOW, body=body)]


@pytest.mark.parametrize("topic", ["ukraine.rss", "ukraine.json"])
def test_every_feed_of_a_topic_can_be_subscribed_to(server: Server, topic: str) -> None:
    assert post(server, topic=SITE + topic)[0] == 202


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        pytest.param({"mode": None}, "hub.mode", id="no mode"),
        pytest.param({"mode": "denied"}, "hub.mode", id="unknown mode"),
        pytest.param({"mode": "publish"}, "by itself", id="a ping"),
        pytest.param({"topic": None}, "hub.topic", id="no topic"),
        pytest.param({"topic": "ukraine.atom"}, "hub.topic", id="relative topic"),
        pytest.param({"topic": "https://other.example/ukraine.atom"}, "hub.topic", id="another site's"),
        pytest.param({"topic": f"{SITE}nowhere.atom"}, "hub.topic", id="unknown topic"),
        pytest.param({"topic": f"{SITE}ukraine/2026-11-20.atom"}, "hub.topic", id="an archive"),
        pytest.param({"topic": f"{SITE}topics.opml"}, "hub.topic", id="a list"),
        pytest.param({"callback": None}, "hub.callback", id="no callback"),
        pytest.param({"callback": "ftp://reader.example/"}, "hub.callback", id="neither http nor https"),
        pytest.param({"callback": "https:///cb"}, "hub.callback", id="no host"),
        pytest.param({"callback": "https://u:p@reader.example/"}, "hub.callback", id="a password"),
        pytest.param({"callback": "https://reader.example:25/"}, "hub.callback", id="a port of another service"),
        pytest.param({"callback": "https://reader.example:1023/"}, "hub.callback", id="the last of such ports"),
        pytest.param({"callback": "https://reader.example:99999/"}, "hub.callback", id="no such port"),
        pytest.param({"callback": "https://reader.example/\r\nX: y"}, "hub.callback", id="a line end"),
        pytest.param({"callback": "https://reader.example/" + "a" * 2000}, "hub.callback", id="too long"),
        pytest.param({"callback": "https://reader.example/#a"}, "hub.callback", id="a fragment"),
        pytest.param({"secret": "ж" * 100}, "hub.secret", id="a secret of 200 bytes"),
        pytest.param({"lease_seconds": "ten"}, "hub.lease_seconds", id="a lease in words"),
        pytest.param({"lease_seconds": "-5"}, "hub.lease_seconds", id="a lease below nothing"),
        pytest.param({"lease_seconds": "٣"}, "hub.lease_seconds", id="a lease in other digits"),
    ],
)
def test_a_request_that_is_not_well_formed_is_refused_with_the_reason(
    server: Server, box: Box, changed: dict[str, str | None], word: str
) -> None:
    status, words = post(server, **changed)
    assert status == 400
    assert word in words
    assert box.letters == []


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"secret": "ж" * 99 + "a"}, id="a secret of 199 bytes"),
        pytest.param({"callback": "http://reader.example:1024/"}, id="a high port"),
        pytest.param({"callback": "http://[2001:db8::1]:80/"}, id="an address"),
        pytest.param({"lease_seconds": "0"}, id="a lease of nothing"),
        pytest.param({"lease_seconds": "9" * 40}, id="a lease for ever"),
        pytest.param({"mode": "unsubscribe"}, id="to unsubscribe"),
    ],
)
def test_what_is_odd_but_well_formed_is_accepted(server: Server, changed: dict[str, str | None]) -> None:
    assert post(server, **changed)[0] == 202


def test_what_stands_there_twice_is_refused(server: Server) -> None:
    body = urlencode([*GOOD.items(), ("hub.callback", "https://other.example/")]).encode()
    assert ask(server, "POST", "/hub", body)[:2] == (400, "hub.callback stands there more than once.\n")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(urlencode(GOOD).encode(), "application/json", id="another type"),
        pytest.param(b"\xff=\xfe", FORM["Content-Type"], id="no ASCII"),
        pytest.param(b"&".join(b"a%d=1" % n for n in range(99)), FORM["Content-Type"], id="many fields"),
        pytest.param(b"", FORM["Content-Type"], id="nothing"),
    ],
)
def test_what_is_no_form_is_refused(server: Server, box: Box, body: bytes, kind: str) -> None:
    assert ask(server, "POST", "/hub", body, Content_Type=kind)[0] == 400
    assert box.letters == []


def test_a_full_or_locked_inbox_asks_for_patience(server: Server, box: Box) -> None:
    box.full = True
    status, _, head = ask(server, "POST", "/hub", urlencode(GOOD).encode())
    assert (status, head["retry-after"]) == (503, "30")
    box.full, box.broken = False, True
    assert post(server)[0] == 503
    box.broken = False
    assert post(server)[0] == 202


def test_one_address_may_not_make_us_ask_for_ever(server: Server, box: Box) -> None:
    server._letters._allowance = Allowance(at_once=3)
    me = {"X_Forwarded_For": "8.8.8.8, 9.9.9.9"}
    answers = [ask(server, "POST", "/hub", urlencode(GOOD).encode(), **me) for _ in range(4)]
    assert [status for status, _, _ in answers] == [202, 202, 202, 429]
    _, words, head = answers[-1]
    assert words == "You ask faster than once in two seconds; please wait a little.\n"
    assert 1 <= int(head["retry-after"]) <= 2
    assert len(box.letters) == 3
    assert post(server)[0] == 202, "somebody else"


def test_who_may_not_ask_is_not_listened_to(server: Server) -> None:
    """A body that does not come would take room of others."""
    server._letters._allowance = Allowance(at_once=0)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.sendall(BEGUN)
        assert sock.recv(4096).startswith(b"HTTP/1.1 429 ")


def test_a_body_is_bounded_however_it_comes(server: Server, box: Box) -> None:
    large = b"a" * (LARGEST_LETTER["hub"] + 1)
    assert ask(server, "POST", "/hub", large)[0] == 413
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("POST", "/hub", iter([b"a" * 9000] * 2), FORM, encode_chunked=True)
        assert connection.getresponse().status == 413
    assert box.letters == []


def test_a_body_that_says_it_is_too_long_is_not_waited_for(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(BEGUN.replace(b"Content-Length: 9", b"Content-Length: %d" % (LARGEST_LETTER["hub"] + 1)))
        assert sock.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_who_sends_all_before_it_listens_hears_why_not(server: Server) -> None:
    """A connection that is closed upon unread bytes is reset, and the answer is lost."""
    large = b"a" * 8_000_000  # more than the buffers of both sides take
    for _ in range(3):
        status, words, head = ask(server, "POST", "/hub", large)
        assert (status, words) == (413, "At most 16384 bytes are taken here.\n")
        assert head["connection"] == "close"


def test_who_never_ends_to_send_is_not_listened_to_for_long(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "LINGER_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.sendall(BEGUN.replace(b"Content-Length: 9", b"Content-Length: %d" % 10**12))
        assert sock.recv(4096).startswith(b"HTTP/1.1 413 ")
        eventually(lambda: _is_cut_off(sock))
    assert post(server)[0] == 202


def _is_cut_off(sock: socket.socket) -> bool:
    try:
        sock.sendall(b"a" * 1000)
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def test_a_body_that_does_not_come_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "BODY_SECONDS", 0.3)
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.sendall(BEGUN)
        answer = b"".join(iter(lambda: sock.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 5


def test_bodies_under_way_have_so_much_room(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._letters, "_room", LARGEST_LETTER["hub"] * 2 - 1)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.sendall(BEGUN)
        end = time.monotonic() + 10
        while post(server)[0] != 503:
            assert time.monotonic() < end
        sock.sendall(b".mode=")
        assert sock.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert post(server)[0] == 202


def test_a_writer_that_is_slow_delays_no_reader(server: Server, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(server._letters, "_drop_in", lambda _: gate.wait(20))
    monkeypatch.setattr(letters, "WAITING", letters.WRITERS + 2)
    threads = [threading.Thread(target=post, args=(server,)) for _ in range(letters.WAITING)]
    for thread in threads:
        thread.start()
    assert ask(server, "GET", "/ukraine.atom")[0] == 200
    assert ask(server, "GET", "/health")[0] in (200, 503)
    eventually(lambda: server._letters._waiting == letters.WAITING)
    assert post(server)[0] == 503, "nor is it waited for"
    gate.set()
    for thread in threads:
        thread.join(20)


def test_letters_that_wait_for_a_writer_take_so_much_room(
    server: Server, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, gate = urlencode(GOOD).encode(), threading.Event()
    monkeypatch.setattr(server._letters, "_drop_in", lambda _: gate.wait(20))
    monkeypatch.setattr(letters, "ROOM", len(body) * 2)
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(ask(server, "POST", "/hub", body)[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    eventually(lambda: server._letters._waiting == 2)
    assert ask(server, "POST", "/hub", body)[0] == 503
    gate.set()
    for thread in threads:
        thread.join(20)
    assert statuses == [202, 202]
    assert ask(server, "POST", "/hub", body)[0] == 202


def test_only_what_can_be_subscribed_to_leads_to_the_hub(server: Server) -> None:
    for name in ("ukraine.atom", "ukraine.rss", "ukraine.json"):
        field = f'<{SITE}hub>; rel="hub", <{SITE}{name}>; rel="self"'
        assert ask(server, "GET", f"/{name}")[2]["link"] == field
        assert ask(server, "HEAD", f"/{name}")[2]["link"] == field
    for name in ("ukraine/2026-11-20.atom", "topics.opml"):
        assert "link" not in ask(server, "GET", f"/{name}")[2]


def test_to_read_there_is_nothing(server: Server) -> None:
    assert ask(server, "GET", "/hub")[0] == 405


@pytest.mark.parametrize("more", ["", "[serve]\nhub = false\n"], ids=["no server of ours", "switched off"])
def test_a_hub_that_is_not_there_takes_nothing(tmp_path: Path, more: str) -> None:
    settings = load(str(Desk(tmp_path, more=more).config))
    box, shelf = Box(), MemoryShelf()
    shelf.put("ukraine.atom", b"feed")
    doorway = Doorway(settings=lambda: settings, drop_in=box.drop_in)
    with Server(shelf, ServeSettings(listen="127.0.0.1:0"), doorway=doorway) as server:
        assert post(server) == (404, "There is no hub here.\n")
        assert "link" not in ask(server, "GET", "/ukraine.atom")[2]
    assert box.letters == []

"""Clients that mean harm, against `feeds serve` in a process of its own, and what it holds afterwards."""

from __future__ import annotations

import re
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest

from feeds.config import ServeSettings
from feeds.publish.files import Folder
from feeds.serve import listen, protocol
from feeds.serve.app import Server
from tests.desk import Desk
from tests.hatchery import Hatched, Hatchery
from tests.running import eventually

SECRET = b"the secret beside the published folder"
LARGE = b"<feed>" + bytes(range(32, 127)) * 80_000 + b"</feed>"  # more than the buffers of two sockets hold
IDLE = 2000


class Served:
    """`feeds serve` over a folder with a secret beside it."""

    def __init__(self, folder: Path, hatchery: Hatchery) -> None:
        desk = Desk(folder, more='[serve]\nlisten = "127.0.0.1:0"\n')
        (folder / "secret").write_bytes(SECRET)
        shelf = Folder(desk.public)
        for name in ("index.html", "ukraine/index.html"):
            shelf.put(name, b"<h1>front</h1>")
        shelf.put("ukraine.atom", b"<feed/>")
        shelf.put("large.atom", LARGE)
        (desk.public / "link").symlink_to(folder, target_is_directory=True)
        self.folder, log = folder, folder / "serve.log"
        with log.open("wb") as file:
            self.process: Hatched = hatchery.start(
                "--config", str(desk.config), "serve", environment=desk.environment(), stderr=file
            )
        eventually(lambda: b"server.listening" in log.read_bytes(), what=log.read_text)
        self.port = int(re.findall(rb"address=http://127.0.0.1:(\d+)/", log.read_bytes())[0])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def exchange(self, data: bytes) -> bytes:
        """Send and read until the server closes."""
        with self.connect() as sock:
            sock.sendall(data)
            return drained(sock)

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def resident(self) -> int:
        """Bytes."""
        (kib,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(kib) * 1024


def drained(sock: socket.socket) -> bytes:
    parts = []
    try:
        while part := sock.recv(1 << 20):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, hatchery: Hatchery) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("abuse"), hatchery)
    yield served
    served.process.terminate()
    assert served.process.wait(timeout=30) == 0, "after all of it, it ends in good order"


@pytest.fixture(autouse=True)
def many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < min(hard, 8192):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))


# ----------------------------------------------------------------------------------------------- traversal

UP = [
    *(
        "..",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "%2e.",
        "%252e%252e",
        "%25252e%25252e",
        "..%00",
        "..%0a",
        "..%09",
        "..;",
        ".. ",
    ),
    *("....", "...", "..%c0%af", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "%uff0e%uff0e", "\uff0e\uff0e", "..\\", "..%5c"),
]
JOINTS = ["/", "//", "%2f", "%2F", "%252f", "\\", "%5c", "%255c", "%c0%af", "/./"]
TRAVERSALS = [
    *(f"/{up}{joint}secret" for up, joint in product(UP, JOINTS)),
    *(f"/ukraine/{up}/{up}/secret" for up in UP),
    *(f"/ukraine{joint}..{joint}..{joint}secret" for joint in JOINTS),
    *("/link/secret", "//secret", "/./../secret", "/public/../secret", "/~/secret", "/secret", "/secret%00.atom"),
    *("/file:///etc/passwd", "//etc/passwd", "/%2fetc%2fpasswd", "/ukraine.atom/../../secret", "/C:%5csecret"),
    *("http://x/../secret", "http://x//etc/passwd", "file:///etc/passwd", "../secret", "secret", "\\secret"),
    *("/?file=../secret", "/ukraine.atom?/../../secret", "/%", "/%2", "/%zz", "/..", "/../", "/.", "/%2e/"),
]


def test_no_spelling_of_a_path_leaves_the_folder(served: Served) -> None:
    assert len(set(TRAVERSALS)) >= 200
    for path in [*TRAVERSALS, str(served.folder / "secret"), f"file://{served.folder}/secret"]:
        answer = served.exchange(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        plain = path.partition("?")[0] in {"/", "/ukraine.atom"}
        assert answer.split(b" ", 2)[1] in ({b"200"} if plain else {b"400", b"404"}), path
        assert SECRET not in answer
        assert b"root:" not in answer


# ----------------------------------------------------------------------------------------------- smuggling

GET = b"GET /ukraine.atom HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /ukraine.atom HTTP/1.1\r\nHost: a\r\n"
NEXT = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"
SMUGGLES = {
    "two kinds of length": GET + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n" + END + b"G",
    "the same, other order": POST + CHUNKED + b"Content-Length: 4\r\n\r\n5c\r\n",
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 30\r\n\r\n",
    "one length twice": POST + b"Content-Length: 30\r\nContent-Length: 30\r\n\r\n",
    "a list of lengths": POST + b"Content-Length: 30, 30\r\n\r\n",
    "length with a sign": POST + b"Content-Length: +30\r\n\r\n",
    "length below zero": POST + b"Content-Length: -1\r\n\r\n",
    "length in hex": POST + b"Content-Length: 0x1e\r\n\r\n",
    "no length in its field": POST + b"Content-Length: \r\n\r\n",
    "length beyond all": POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a body on GET": GET + b"Content-Length: 30\r\n\r\n",
    "chunks on GET": GET + CHUNKED + b"\r\n" + END,
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + END,
    "chunked and then another": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + END,
    "chunked behind another": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + END,
    "a control character before it": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + END,
    "a blank before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n" + END,
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: a\r\n" + CHUNKED + b"\r\n" + END,
    "a chunk of no size": POST + CHUNKED + b"\r\nzz\r\n\r\n",
    "a chunk below zero": POST + CHUNKED + b"\r\n-1\r\n\r\n",
    "a chunk beyond all": POST + CHUNKED + b"\r\nffffffffffffffffffff\r\n\r\n",
    "a bare LF in a chunk's extension": POST + CHUNKED + b"\r\n0;a\nb\r\n\r\n",
    "a Host in the trailer": POST + CHUNKED + b"\r\n0\r\nHost: b\r\n\r\n",
    "bare LF": b"GET /ukraine.atom HTTP/1.1\nHost: a\n\n",
    "one bare LF": b"GET /ukraine.atom HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "bare CR": GET + b"X: a\rY: b\r\n\r\n",
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "a folded line with a tab": GET + b"X: a\r\n\tb\r\n\r\n",
    "a folded first line": b"GET /ukraine.atom HTTP/1.1\r\n Host: a\r\n\r\n",
    "a blank before a name": GET + b" X: a\r\n\r\n",
    "a blank in a name": GET + b"X Y: z\r\n\r\n",
    "no name": GET + b": z\r\n\r\n",
    "no colon": GET + b"nonsense\r\n\r\n",
    "NUL in a value": GET + b"X: a\x00b\r\n\r\n",
    "NUL in a name": GET + b"X\x00: a\r\n\r\n",
    "a control character in a value": GET + b"X: a\x01b\r\n\r\n",
    "two Hosts": GET + b"Host: b\r\n\r\n",
    "two Hosts in one field": b"GET /ukraine.atom HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "no Host": b"GET /ukraine.atom HTTP/1.1\r\n\r\n",
    "HTTP/0.9": b"GET /ukraine.atom\r\n\r\n",
    "HTTP/1.2": b"GET /ukraine.atom HTTP/1.2\r\nHost: a\r\n\r\n",
    "more behind the version": b"GET /ukraine.atom HTTP/1.1 x\r\nHost: a\r\n\r\n",
    "small letters": b"get /ukraine.atom HTTP/1.1\r\nHost: a\r\n\r\n",
    "tabs": b"GET\t/ukraine.atom\tHTTP/1.1\r\nHost: a\r\n\r\n",
    "a control character in the path": b"GET /ukraine\x01.atom HTTP/1.1\r\nHost: a\r\n\r\n",
    "no ASCII in the path": "GET /ü HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "waits for our word": POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
}


@pytest.mark.parametrize("data", SMUGGLES.values(), ids=SMUGGLES)
def test_what_two_servers_could_read_in_two_ways_is_refused_once_and_closed(served: Served, data: bytes) -> None:
    answer = served.exchange(data + NEXT)
    assert re.findall(rb"HTTP/1\.1 (\d+) ", answer) in ([b"400"], [b"405"], [b"505"])
    assert b"front" not in answer


@pytest.mark.parametrize(
    "fields",
    [
        b"Upgrade: h2c\r\nConnection: upgrade\r\n",
        b"Upgrade: websocket\r\nConnection: upgrade\r\n",
        b"Connection: close\r\n",
    ],
    ids=["HTTP/2", "WebSocket", "close"],
)
def test_after_the_last_answer_nothing_is_read(served: Served, fields: bytes) -> None:
    answer = served.exchange(GET + fields + b"\r\n" + NEXT)
    assert re.findall(rb"HTTP/1\.1 (\d+) ", answer) == [b"200"]
    assert b"front" not in answer


# ------------------------------------------------------------------------------------------- crowds and sloths


def test_two_thousand_idle_clients_keep_nobody_from_being_answered_and_leave_nothing(served: Served) -> None:
    served.exchange(b"GET / HTTP/1.0\r\n\r\n")  # all that it opens at its start is open then
    descriptors = served.descriptors()
    with ExitStack() as stack:
        crowd = [stack.enter_context(served.connect()) for _ in range(IDLE)]
        for sock in crowd[::4]:
            sock.sendall(GET)  # a quarter of them in the middle of a head
        good = stack.enter_context(served.connect())
        for _ in range(50):
            good.sendall(GET + b"\r\n")
            assert good.recv(65536).startswith(b"HTTP/1.1 200 ")
        eventually(lambda: served.descriptors() >= descriptors + IDLE)  # all are let in
    held = []
    for _ in range(7):
        eventually(lambda: served.descriptors() <= descriptors)
        held.append(served.resident())
        with ExitStack() as stack:
            for _ in range(IDLE):
                stack.enter_context(served.connect())
    # The garbage of one round, 8 MB, may wait for its collection when the next comes; more than one never does.
    assert held[-1] < held[0] + 16 * 2**20, held


def test_who_asks_much_and_reads_nothing_takes_no_memory(served: Served) -> None:
    before = served.resident()
    with ExitStack() as stack:
        for _ in range(20):
            sock = stack.enter_context(served.connect())
        sock.sendall(b"GET /large.atom HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
        assert served.exchange(b"GET /large.atom HTTP/1.0\r\n\r\n").endswith(LARGE)
        assert served.resident() < before + 4 * len(LARGE)


@pytest.fixture
def shelf(tmp_path: Path) -> Folder:
    shelf = Folder(tmp_path)
    shelf.put("ukraine.atom", b"<feed/>")
    shelf.put("large.atom", LARGE)
    return shelf


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def ask(server: Server) -> bytes:
    with connected(server) as sock:
        sock.sendall(GET + b"Connection: close\r\n\r\n")
        return drained(sock)


def test_those_who_send_heads_a_byte_at_a_time_are_cut_off(shelf: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 1.0)
    with Server(shelf, ServeSettings(listen="127.0.0.1:0")) as server, ExitStack() as stack:
        left = [stack.enter_context(connected(server)) for _ in range(200)]
        for sock in left:
            sock.sendall(b"GET / HTTP/1.1\r\n")
        end = time.monotonic() + 20
        while left:
            assert time.monotonic() < end
            left = [sock for sock in left if dripped(sock)]
            assert ask(server).startswith(b"HTTP/1.1 200 "), "others are served meanwhile"
            time.sleep(0.05)
        eventually(lambda: server.counts.connections == 0)
        assert server.counts.dropped == {"slow_head": 200}


def dripped(sock: socket.socket) -> bool:
    """Send one byte more of a head; False if the connection is closed."""
    try:
        return sock.send(b"x") == 1
    except OSError:
        return False


def test_who_does_not_take_an_answer_is_cut_off(shelf: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "STALL_SECONDS", 0.5)
    monkeypatch.setattr(protocol, "SLOWEST", 100 * len(LARGE))
    with Server(shelf, ServeSettings(listen="127.0.0.1:0")) as server, connected(server) as sock:
        sock.sendall(b"GET /large.atom HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        eventually(lambda: server.counts.dropped["slow_reader"] == 1)
        eventually(lambda: server.counts.connections == 0)
        assert len(drained(sock)) < len(LARGE)


def test_who_takes_it_slowly_but_steadily_gets_it_whole(shelf: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "STALL_SECONDS", 0.5)
    monkeypatch.setattr(protocol, "SLOWEST", len(LARGE) // 20)
    with Server(shelf, ServeSettings(listen="127.0.0.1:0")) as server, connected(server) as sock:
        sock.sendall(b"GET /large.atom HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(1.5)
        assert drained(sock).endswith(LARGE)


def test_when_there_are_too_many_those_idle_for_longest_go(shelf: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "room", lambda: 64)
    with Server(shelf, ServeSettings(listen="127.0.0.1:0")) as server, ExitStack() as stack:
        crowd = [stack.enter_context(connected(server)) for _ in range(200)]
        eventually(lambda: server.counts.dropped["crowded"] >= len(crowd) - 64)
        eventually(lambda: server.counts.connections <= 64)
        crowd[-1].sendall(GET + b"\r\n")
        assert crowd[-1].recv(65536).startswith(b"HTTP/1.1 200 "), "who came last is served"
        assert drained(crowd[0]) == b""
        assert ask(server).startswith(b"HTTP/1.1 200 ")

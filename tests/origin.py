"""A real web server on loopback that remembers every request and can be told to misbehave.

    with Origin() as origin:
        origin.put("/feed", b"<rss/>", etag='"1"')
        ...  # fetch origin.url("/feed")
        assert origin.asked("/feed")[0].headers["accept-encoding"] == "gzip"

It speaks HTTP/1.1 with kept-alive connections, answers conditional requests, and serves from threads.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str  # with its query
    headers: Mapping[str, str]  # lower-case names; Latin-1, byte for byte
    time: float  # monotonic
    connection: int  # 1 for the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A well-formed answer. Content-Length and Date are added where they are not given; "" leaves one out."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Wire:
    """The bare connection, for answers that are not well-formed; it is closed afterwards."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self._sock, self._closing = sock, closing

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def rest(self, seconds: float) -> None:
        """Do nothing, unless the origin closes."""
        if self._closing.wait(seconds):
            raise ConnectionAbortedError("the origin closes")


Handler: TypeAlias = Callable[[Asked], Reply]
Script: TypeAlias = Callable[[Asked, Wire], Reply | None]  # None: it has written to the wire itself


class Origin:
    """The server; as a context manager it runs inside the block. `requests` is all that was asked so far."""

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, remember: bool = True) -> None:
        """`host` may be any loopback address: to a poller, 127.0.0.2 is another host.

        Without `remember` no request is kept, for runs of hours.
        """
        self.host, self._tls, self._remember = host, tls, remember
        self.requests: list[Asked] = []
        self._scripts: dict[str, Script] = {}
        self._closing, self._open = threading.Event(), set[socket.socket]()
        self._threads: list[threading.Thread] = []
        self._connections = 0
        self._listener = socket.create_server((host, 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]

    # ------------------------------------------------------------------------------------ for tests

    def url(self, path: str, *, host: str = "") -> str:
        """The address of `path`, under another name for this server if `host` is given."""
        return f"{'https' if self._tls else 'http'}://{host or self.host}:{self.port}{path}"

    def asked(self, path: str) -> list[Asked]:
        """The requests for `path` so far."""
        return [request for request in self.requests if request.path == path]

    def handle(self, path: str, handler: Handler) -> None:
        """Answer `path` with what `handler` returns."""
        self._scripts[path] = lambda asked, wire: handler(asked)

    def play(self, path: str, script: Callable[[Asked, Wire], None]) -> None:
        """Let `script` write the answer to `path` itself; the connection ends with it."""
        self._scripts[path] = script

    def script(self, path: str, script: Script) -> None:
        """Answer `path` with what `script` returns, or has written to the wire itself."""
        self._scripts[path] = script

    def put(
        self,
        path: str,
        body: bytes,
        *,
        etag: str = "",
        last_modified: str = "",
        media: str = "application/rss+xml",
        gzip: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Serve `body` under `path`, with 304 for those who know its validators; replaces what was there."""
        kept = {"ETag": etag, "Last-Modified": last_modified, **(headers or {})}
        kept = {name: value for name, value in kept.items() if value}
        packed = zlib.compress(body, 6, wbits=31) if gzip else body
        coding = {"Content-Encoding": "gzip"} if gzip else {}

        def answer(asked: Asked) -> Reply:
            match, since = asked.headers.get("if-none-match"), asked.headers.get("if-modified-since")
            if (match == etag if match is not None else since == last_modified) and (match or since):
                return Reply(status=304, headers=kept)
            return Reply(body=packed, headers={"Content-Type": media, **coding, **kept})

        self.handle(path, answer)

    def say(self, path: str, *replies: Reply | int) -> None:
        """Answer `path` with these replies (or bare statuses) in turn; the last one stays."""
        left = [Reply(status=reply) if isinstance(reply, int) else reply for reply in replies]
        self.handle(path, lambda asked: left.pop(0) if len(left) > 1 else left[0])

    def redirect(self, path: str, to: str, *, status: int = 301) -> None:
        """Send those who ask for `path` to `to`, written as it is into Location."""
        self.say(path, Reply(status=status, headers={"Location": to}))

    def silence(self, path: str) -> None:
        """Take requests for `path` and never answer."""
        self.play(path, lambda asked, wire: wire.rest(600))

    def drip(self, path: str, data: bytes, *, every: float = 0.05) -> None:
        """Send `data`, a whole answer with its head, a byte at a time and then nothing more, without an end."""

        def script(asked: Asked, wire: Wire) -> None:
            for byte in data:
                wire.send(bytes([byte]))
                wire.rest(every)
            wire.rest(600)

        self.play(path, script)

    def raw(self, path: str, data: bytes) -> None:
        """Send `data`, a whole answer with its head, and close: a short body, broken chunks, odd heads."""
        self.play(path, lambda asked, wire: wire.send(data))

    # ---------------------------------------------------------------------------------- the server

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname(), timeout=1).close()  # wakes the accepting thread
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="origin", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closing.is_set():
                return sock.close()
            self._connections += 1
            self._start(self._serve, sock, self._connections)

    def _serve(self, sock: socket.socket, connection: int) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(sock.close)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                sock.settimeout(5)  # of the handshake
                sock = stack.enter_context(self._tls.wrap_socket(sock, server_side=True))
                sock.settimeout(None)
            self._open.add(sock)
            stack.callback(self._open.discard, sock)
            lines = stack.enter_context(sock.makefile("rb"))
            while not self._closing.is_set() and (asked := _parse(lines.readline, connection)):
                if self._remember:
                    self.requests.append(asked)
                script = self._scripts.get(asked.path) or self._scripts.get(asked.path.partition("?")[0], _nothing)
                reply = script(asked, Wire(sock, self._closing))
                if reply is None:
                    return
                sock.sendall(_render(reply, asked))
                if asked.headers.get("connection", "").lower() == "close":
                    return


def _nothing(asked: Asked, wire: Wire) -> Reply:
    return Reply(status=404)


def _parse(readline: Callable[[], bytes], connection: int) -> Asked | None:
    """Read one request head; None at the end of the connection. Requests with bodies are not expected."""
    first = readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while (line := readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method=first[0], path=first[1], headers=headers, time=time.monotonic(), connection=connection)


def _render(reply: Reply, asked: Asked) -> bytes:
    bodiless = asked.method == "HEAD" or reply.status in (204, 304)
    given = {"Date": formatdate(usegmt=True), **({} if bodiless else {"Content-Length": str(len(reply.body))})}
    given |= reply.headers
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Odd"
    head = f"HTTP/1.1 {reply.status} {phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return head.encode("latin-1") + b"\r\n" + (b"" if bodiless else reply.body)

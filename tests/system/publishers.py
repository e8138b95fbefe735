"""What the tests of conduct share: feeds to serve, and days that go by."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from feeds.wiring import App
from tests.desk import Desk
from tests.origin import Asked, Origin


def rss(*guids: object, head: str = "") -> bytes:
    """A feed with an item for each guid."""
    items = "".join(
        f"<item><guid>{g}</guid><title>Report {g} from the Black Sea ports</title><link>https://wire.example/{g}</link>"
        f"<pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate><description>All that report {g} says.</description></item>"
        for g in guids
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{head}{items}</channel></rss>'.encode()


def once(desk: Desk, **options: Any) -> None:
    """One pass of a program that has just started."""
    with desk.app() as app:
        list(app.refresh.run(**options))


def pass_by(desk: Desk, app: App, origin: Origin, *, hours: float, step: float = 0.25) -> list[float]:
    """Let time go by, with a pass at each step. Returns after how many hours requests came."""
    start, came = desk.now, []
    for n in range(round(hours / step) + 1):
        desk.now = start + timedelta(hours=n * step)
        before = len(origin.requests)
        list(app.refresh.run())
        came += [n * step] * (len(origin.requests) - before)
    return came


def poll_by_poll(desk: Desk, app: App, origin: Origin, *, hours: float) -> list[float]:
    """Let time go by from each poll of the one source to the next; a second before none comes. The gaps in hours."""
    start, gaps = desk.now, []
    list(app.refresh.run())
    while desk.now - start < timedelta(hours=hours):
        following, requests = next(row["next_poll"] for row in app.store.status()), len(origin.requests)
        gaps.append((following - desk.now) / timedelta(hours=1))
        desk.now = following - timedelta(seconds=1)
        list(app.refresh.run())
        assert len(origin.requests) == requests, "nobody asks early"
        desk.now = following
        list(app.refresh.run())
        assert len(origin.requests) == requests + 1
    return gaps


def told(desk: Desk, name: str = "wire") -> Mapping[str, Any]:
    with desk.app() as app:
        return next(row for row in app.store.status() if row["name"] == name)


def conditions(asked: Asked) -> tuple[str, str]:
    return asked.headers.get("if-none-match", ""), asked.headers.get("if-modified-since", "")


class Highway:
    """A proxy for which every name leads to one of two origins on loopback: `plain`, and by CONNECT `secure`."""

    def __init__(self, plain: Origin, secure: Origin) -> None:
        self._plain, self._secure = plain, secure
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connected: list[str] = []  # host:port of each CONNECT

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                threading.Thread(target=self._lead, args=self._listener.accept()[:1], daemon=True).start()

    def _lead(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (byte := client.recv(1)):
            head += byte
        method, target = head.decode("latin-1").split()[:2]
        origin = self._plain
        if method == "CONNECT":
            origin = self._secure
            self.connected.append(target)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            head = b""
        with socket.create_connection((origin.host, origin.port)) as server, client:
            server.sendall(head)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join(5)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # whoever hangs up first
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

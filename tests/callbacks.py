"""A subscriber of WebSub on loopback: a web server that confirms what it is asked, and keeps what it is sent."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Got:
    """One request."""

    method: str
    path: str
    asked: dict[str, str]  # parameters of its query
    headers: dict[str, str]  # lower-case
    body: bytes


@dataclass
class Conduct:
    """How one path behaves."""

    echo: Callable[[str], str] = str  # what it makes of a challenge
    status: int = 200
    location: str = ""
    seconds: float = 0.0  # before it answers


@dataclass
class Callbacks:
    """The server, while inside the block."""

    got: list[Got] = field(default_factory=list)
    conduct: dict[str, Conduct] = field(default_factory=dict)  # by path

    def __enter__(self) -> Self:
        callbacks = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                callbacks.answer(self)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("", 0), Handler)  # every address of loopback
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self._server.server_address[1]}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        conduct = self.conduct.get(parts.path, Conduct())
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = request.rfile.read(int(request.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got.append(Got(request.command, parts.path, asked, headers, body))
        time.sleep(conduct.seconds)
        said = conduct.echo(asked.get("hub.challenge", "")).encode()
        with suppress(OSError):  # nobody waits for it any more
            request.send_response(conduct.status)
            if conduct.location:
                request.send_header("Location", conduct.location)
            request.send_header("Content-Length", str(len(said)))
            request.end_headers()
            request.wfile.write(said)

    def asked(self, path: str = "") -> list[Got]:
        """Questions so far, of one path."""
        return [got for got in self.got if got.method == "GET" and path in ("", got.path)]

    def told(self, path: str = "") -> list[Got]:
        """Deliveries and pings so far, of one path."""
        return [got for got in self.got if got.method == "POST" and path in ("", got.path)]


def signed(got: Got, secret: str) -> bool:
    """Whether a delivery was signed with this secret, as a subscriber finds out (WebSub section 8)."""
    method, _, digest = got.headers.get("x-hub-signature", "").partition("=")
    return method == "sha256" and hmac.compare_digest(
        digest, hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    )

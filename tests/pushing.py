"""A publisher with a WebSub hub of its own, on loopback: it confirms what it is asked for and pushes what is new.

    with Pushing() as hub:
        hub.publish("/atom", feed)  # served with its Link header, and pushed to whoever has subscribed
        ...

Written after the W3C Recommendation and not after our own hub, so that a mistake of one shows in the other.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Subscription:
    """What somebody asked for, and has confirmed."""

    callback: str
    secret: str


@dataclass
class Pushing:
    """The server, while inside the block."""

    lease: int = 864_000  # seconds that it grants
    status: int = 202  # that it answers to who asks
    verifies: bool = True
    feeds: dict[str, bytes] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Subscription]] = field(default_factory=dict)  # path -> callback -> it
    forms: list[dict[str, str]] = field(default_factory=list)  # what it was asked
    polls: list[str] = field(default_factory=list)  # paths that were fetched
    verified: list[int] = field(default_factory=list)  # statuses of callbacks that were to confirm

    def __enter__(self) -> Self:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.serve(self)

            def do_POST(self) -> None:
                hub.subscribe(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def put(self, path: str, feed: bytes) -> None:
        """Serve this from now on, and tell nobody."""
        self.feeds[path] = feed

    def publish(self, path: str, feed: bytes) -> list[int]:
        """Serve this, and push it. Returns what the callbacks answered."""
        self.put(path, feed)
        return [self.push(each, feed) for each in self.subscriptions.get(path, {}).values()]

    def push(self, to: Subscription, body: bytes, **headers: str) -> int:
        signature = hmac.new(to.secret.encode(), body, hashlib.sha256).hexdigest()
        given = {"Content-Type": "application/atom+xml", "X-Hub-Signature": f"sha256={signature}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return ask("POST", to.callback, body, {name: value for name, value in given.items() if value})[0]

    # -------------------------------------------------------------------------------------- what it answers

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        body = self.feeds.get(request.path)
        self.polls.append(request.path)
        request.send_response(200 if body is not None else 404)
        request.send_header("Link", f'<{self.url("/hub")}>; rel="hub", <{self.url(request.path)}>; rel="self"')
        request.send_header("Content-Length", str(len(body or b"")))
        request.end_headers()
        request.wfile.write(body or b"")

    def subscribe(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        self.forms.append(form)
        request.send_response(self.status)
        request.send_header("Content-Length", "0")
        request.end_headers()
        if self.status == 202 and self.verifies:
            threading.Thread(target=self.verify, args=(form,), daemon=True).start()

    def verify(self, form: dict[str, str]) -> None:
        """Ask the callback whether it meant that."""
        topic, callback = form["hub.topic"], form["hub.callback"]
        challenge = hashlib.sha256(body_of(form)).hexdigest()
        asked = {"hub.mode": form["hub.mode"], "hub.topic": topic, "hub.challenge": challenge}
        status, body = ask("GET", f"{callback}?{urlencode(asked | {'hub.lease_seconds': str(self.lease)})}")
        if status == 200 and body == challenge.encode():
            wanted = self.subscriptions.setdefault(urlsplit(topic).path, {})
            if form["hub.mode"] == "subscribe":
                wanted[callback] = Subscription(callback, form["hub.secret"])
            else:
                wanted.pop(callback, None)
        self.verified.append(status)


def body_of(form: dict[str, str]) -> bytes:
    return repr(sorted(form.items())).encode()


def ask(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """One request over a connection of its own: (status, body)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def feed(*items: tuple[str, str]) -> bytes:
    """An Atom feed of (id, title), the newest first; all are about Ukraine, so that they are published."""
    entries = "".join(
        f"<entry><id>https://paper.example/{guid}</id><link href='https://paper.example/{guid}'/><title>{title}</title>"
        f"<updated>2026-11-20T09:00:00Z</updated><summary>Of the war in Ukraine: {title}.</summary></entry>"
        for guid, title in items
    )
    head = "<title>Paper</title><id>https://paper.example/</id><updated>2026-11-20T09:00:00Z</updated>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{head}{entries}</feed>".encode()

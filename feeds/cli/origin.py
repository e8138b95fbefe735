"""A small web server over the sample wire, for `feeds demo`: the publishers of an invented day."""

from __future__ import annotations

import threading
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

_TYPES = {".xml": "application/rss+xml", ".rdf": "application/rdf+xml", ".atom": "application/atom+xml",
          ".json": "application/feed+json"}  # fmt: skip


class SampleOrigin:
    """Serves the feeds of `folder` on a free loopback port, each with an ETag, until closed."""

    def __init__(self, folder: Path) -> None:
        origin = self
        self.feeds = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                origin._answer(self)

            def log_message(self, *_: object) -> None:
                pass  # what it is asked for is not the demo's subject

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def replace(self, folder: Path) -> None:
        """From now on, the files of `folder` stand in the place of their namesakes: hours have passed."""
        self.feeds |= {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.lstrip("/")
        body = self.feeds.get(name)
        if body is None:
            request.send_error(404)
            return
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            request.send_response(304)
            body = b""
        else:
            request.send_response(200)
            request.send_header("Content-Type", _TYPES[Path(name).suffix])
            request.send_header("Content-Length", str(len(body)))
        request.send_header("ETag", etag)
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="sample-origin", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

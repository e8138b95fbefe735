"""What an answer costs: `python -m tests.bench.serving`. Ours, nginx with gzip_static, starlette's StaticFiles.

One worker each over one folder, a feed of 100 entries, kept-alive connections in lock-step. CPU time, user and system,
of the server's process by the scheduler's own count; the servers take turns, medians over the rounds.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from feeds.publish.files import Folder
from feeds.publish.topic import render_topic
from tests.bench.verdict import say
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, entry

ROUNDS, WARM_UP, TURNS, CLIENTS = 7, 20, 120, 32
ENTRIES = 100
PATH = "ukraine.atom"
GZIP = "Accept-Encoding: gzip\r\n"

OURS = """
import sys
from feeds.config.settings import ServeSettings
from feeds.publish.files import Folder
from feeds.serve.app import serve
serve(Folder(sys.argv[1]), ServeSettings(listen=f"127.0.0.1:{sys.argv[2]}"))
"""
STARLETTE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
app = Starlette(routes=[Mount("/", StaticFiles(directory=sys.argv[1]))])
uvicorn.run(app, port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="error")
"""
NGINX = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log /dev/null;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on; etag on; gzip_static on; gzip_vary on;
  types {{ application/atom+xml atom; }}
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  add_header Cache-Control "public, max-age=300"; add_header X-Content-Type-Options nosniff;
  server {{ listen 127.0.0.1:{port}; root {public}; }}
}}
"""


class Peer:
    """A server at work, and the connections to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        end = time.monotonic() + 30
        while True:
            try:
                self._socks = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(CLIENTS)]
                break
            except ConnectionRefusedError:
                assert time.monotonic() < end
                time.sleep(0.05)

    def cost(self, fields: str, turns: int) -> float:
        """Microseconds of CPU for each request with these header fields."""
        request = f"GET /{PATH} HTTP/1.1\r\nHost: news.example.org\r\nUser-Agent: bench\r\n{fields}\r\n".encode()
        before = self._spent()
        for _ in range(turns):
            for sock in self._socks:
                sock.sendall(request)
            for sock in self._socks:
                answer(sock)
        return (self._spent() - before) / (turns * CLIENTS) / 1000

    def ask(self, fields: str) -> tuple[int, Mapping[str, str], int]:
        """(status, header fields, bytes of the body) of one answer."""
        self._socks[0].sendall(f"GET /{PATH} HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode())
        return answer(self._socks[0])

    def _spent(self) -> int:
        """Nanoseconds on a processor so far, of all threads."""
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def answer(sock: socket.socket) -> tuple[int, Mapping[str, str], int]:
    """Read one answer to its end."""
    data = sock.recv(1 << 20)
    while b"\r\n\r\n" not in data:
        data += sock.recv(1 << 20)
    head, _, rest = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    length, have = (0 if " 304 " in status else int(fields["content-length"])), len(rest)
    while have < length:
        have += len(sock.recv(1 << 20))
    return int(status.split()[1]), fields, length


@contextmanager
def peer(*command: str, port: int) -> Iterator[Peer]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield Peer(process, port)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        public = Path(folder) / "public"
        rendered = render_topic(SITE, UKRAINE, [entry(n) for n in range(ENTRIES)], limit=ENTRIES, all_topics=TOPICS)
        Folder(public).put(PATH, rendered.files[PATH])
        public.chmod(0o755)
        Path(folder).chmod(0o755)
        peers = {}
        for name, script in (("ours", OURS), ("starlette", STARLETTE)):
            port = free_port()
            peers[name] = stack.enter_context(peer(sys.executable, "-c", script, str(public), str(port), port=port))
        if nginx := shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
            port = free_port()
            config = Path(folder) / "nginx.conf"
            config.write_text(NGINX.format(folder=folder, port=port, public=public), encoding="utf-8")
            peers["nginx"] = stack.enter_context(peer(nginx, "-c", str(config), port=port))
        else:
            print("nginx is not installed: apt install nginx-light")
        measure(peers)


def measure(peers: Mapping[str, Peer]) -> None:
    """All peers in turns, and what comes of it."""
    questions: dict[str, dict[str, str]] = {"304": {}, "200": {}}
    for name, server in peers.items():
        status, fields, _ = server.ask(GZIP)
        assert status == 200
        assert (fields.get("content-encoding") == "gzip") is (name != "starlette"), f"{name} packs nothing"
        questions["200"][name] = GZIP
        questions["304"][name] = f"{GZIP}If-None-Match: {fields['etag']}\r\n"
        assert server.ask(questions["304"][name])[0] == 304
    costs: dict[tuple[str, str], list[float]] = {}
    for kind, asked in questions.items():
        for name, server in peers.items():
            server.cost(asked[name], WARM_UP)
        for _ in range(ROUNDS):
            for name, server in peers.items():
                costs.setdefault((kind, name), []).append(server.cost(asked[name], TURNS))
    spent = {which: statistics.median(values) for which, values in costs.items()}
    for kind, most in (("304", 8), ("200", 5)):
        what = "304" if kind == "304" else "200 with gzip"
        line = ", ".join(f"{name} {spent[kind, name]:.1f} us" for name in peers)
        print(f"{what}: {line}")
        if "nginx" in peers:
            say(
                f"{what}: dearer than nginx with gzip_static",
                spent[kind, "ours"] / spent[kind, "nginx"],
                most,
                at_most=True,
            )
        say(f"{what}: cheaper than starlette's StaticFiles", spent[kind, "starlette"] / spent[kind, "ours"], 5)


if __name__ == "__main__":
    main()

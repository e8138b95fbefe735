"""The web server in real processes and over real sockets."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from feeds.config.settings import ServeSettings
from feeds.errors import UserError
from feeds.publish.files import Folder
from feeds.serve import app
from feeds.serve.app import Server

ATOM = b"<feed>" + b"<entry>same again</entry>" * 4000 + b"</feed>"
ANYWHERE = ServeSettings(listen="127.0.0.1:0")


def main(folder: str, address: str) -> None:
    """What the subprocesses of these tests run."""
    from feeds.log import set_up

    set_up()
    app.serve(Folder(folder), ServeSettings(listen=address))


MAIN = [sys.executable, "-c", "import sys, test_system_serve as t; t.main(*sys.argv[1:])"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A published folder: a feed with its twin, and pages without."""
    public = tmp_path / "public"
    Folder(public).put("ukraine.atom", ATOM)
    (public / "ukraine").mkdir()
    for name in ("index.html", "ukraine/index.html"):
        (public / name).write_text(f"<h1>{name}</h1>")
    return public


@pytest.fixture
def shelf(public: Path) -> Folder:
    return Folder(public)


@pytest.fixture
def server(shelf: Folder) -> Iterator[Server]:
    with Server(shelf, ANYWHERE) as server:
        yield server


def ask(server: Server, path: str, method: str = "GET", **fields: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in fields.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def exchange(address: tuple[str, int] | str, data: bytes) -> bytes:
    """Send raw bytes and read until the server closes."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as sock:
        sock.settimeout(20)
        sock.connect(address)
        sock.sendall(data)
        parts = []
        try:
            while part := sock.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)


def eventually(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


# --------------------------------------------------------------------------------------------- files


def test_a_feed_reader_polls(server: Server) -> None:
    status, first, body = ask(server, "/ukraine.atom")
    assert (status, body) == (200, ATOM)
    assert first["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert first["Content-Length"] == str(len(ATOM))
    assert abs(parsedate_to_datetime(first["Date"]).timestamp() - time.time()) < 60
    status, again, body = ask(server, "/ukraine.atom", If_None_Match=first["ETag"])
    assert (status, body) == (304, b"")
    assert {name.lower() for name in again} == {"date", "etag", "cache-control", "vary"}
    assert ask(server, "/ukraine.atom", If_Modified_Since=first["Last-Modified"])[0] == 304


def test_the_twin_is_sent_byte_for_byte(server: Server, shelf: Folder) -> None:
    status, headers, body = ask(server, "/ukraine.atom", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert body == shelf.get("ukraine.atom.gz")


def test_a_file_without_twin_is_packed_in_memory(server: Server, shelf: Folder) -> None:
    assert shelf.get("ukraine/index.html.gz") is None
    headers, body = ask(server, "/ukraine/", Accept_Encoding="gzip")[1:]
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == b"<h1>ukraine/index.html</h1>"


def test_head_has_the_headers_of_get_and_leaves_the_connection_usable(server: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        seen = []
        for method in ("HEAD", "GET"):
            connection.request(method, "/ukraine.atom", headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            seen.append([field for field in response.getheaders() if field[0] != "date"])
            assert (response.read() == b"") is (method == "HEAD")
        assert seen[0] == seen[1]


def test_the_server_does_not_say_what_it_is(server: Server) -> None:
    for path in ("/", "/nothing", "/%", "/health"):
        headers = ask(server, path)[1]
        assert headers["Server"] is None
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Set-Cookie"] is None


def test_a_folder_without_slash_and_other_methods(server: Server) -> None:
    status, headers, _ = ask(server, "/ukraine?page=2")
    assert (status, headers["Location"]) == (308, "./ukraine/")  # the site may live at a path
    status, headers, _ = ask(server, "/ukraine.atom", "DELETE")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_health(server: Server) -> None:
    status, headers, body = ask(server, "/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "reasons": []})
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/json", "no-store")
    assert ask(server, "/health", "POST")[0] == 405


def test_health_says_what_is_amiss(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    with Server(Folder(tmp_path / "file"), ANYWHERE, reasons=lambda: ["the poller is late"]) as server:
        status, _, body = ask(server, "/health")
        assert status == 503
        assert json.loads(body)["reasons"] == [
            "the published files cannot be read; the last known ones are served",
            "nothing is published yet",
            "the poller is late",
        ]
        assert str(tmp_path).encode() not in body, "the public is not told where things are"
        assert ask(server, "/ukraine.atom")[0] == 404
    assert [record.getMessage() for record in caplog.records].count("shelf.unreadable") == 1


def test_before_the_first_publication_the_folder_is_missing(tmp_path: Path) -> None:
    shelf = Folder(tmp_path / "none")
    with Server(shelf, ANYWHERE) as server:
        status, _, body = ask(server, "/health")
        assert (status, json.loads(body)["reasons"]) == (503, ["nothing is published yet"])
        assert ask(server, "/ukraine.atom")[0] == 404
        shelf.put("ukraine.atom", ATOM)
        eventually(lambda: ask(server, "/health")[0] == 200)
        assert ask(server, "/ukraine.atom")[2] == ATOM


def test_the_numbers_are_for_this_machine(server: Server) -> None:
    ask(server, "/ukraine.atom")
    status, headers, body = ask(server, "/metrics")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b'feeds_http_answers_total{status="200",what="ukraine.atom"} 1.0' in body
    status, _, body = ask(server, "/metrics", X_Forwarded_For="8.8.8.8")
    assert status == 403
    assert b"[serve] metrics" in body


def test_no_request_makes_a_series(server: Server) -> None:
    def series() -> int:
        return sum(line.startswith(b"feeds_http_answers") for line in ask(server, "/metrics")[2].splitlines())

    for _ in range(2):
        before = series()
        for n in range(300):
            ask(server, f"/{n}.atom", User_Agent=f"reader/{n}")
        assert ask(server, "/metrics", "POST")[0] == 405
    assert series() == before


# ------------------------------------------------------------------------------------------- changes


def test_changes_are_taken_up_without_restart(server: Server, shelf: Folder, public: Path) -> None:
    (public / "ukraine.atom").write_bytes(b"<feed>changed</feed>")  # beside a twin that is of another revision now
    shelf.remove("ukraine/index.html")
    shelf.put("turkey.atom", b"<feed>new</feed>")  # last: whoever sees it has seen the others
    eventually(lambda: ask(server, "/turkey.atom")[2] == b"<feed>new</feed>")
    assert ask(server, "/ukraine.atom")[2] == b"<feed>changed</feed>"
    assert gzip.decompress(ask(server, "/ukraine.atom", Accept_Encoding="gzip")[2]) == b"<feed>changed</feed>"
    assert ask(server, "/ukraine/")[0] == 404


def test_a_reader_that_can_gets_only_what_is_new(server: Server, shelf: Folder) -> None:
    old = ask(server, "/ukraine.atom", Accept_Encoding="gzip")[1]["ETag"]
    shelf.put("ukraine.atom", ATOM.replace(b"<entry>", b"<entry>new</entry><entry>", 1))
    eventually(lambda: ask(server, "/ukraine.atom", Accept_Encoding="gzip", If_None_Match=old)[0] == 200)
    answer = {"Accept_Encoding": "gzip", "If_None_Match": old, "A_IM": "feed"}
    status, headers, body = ask(server, "/ukraine.atom", **answer)
    assert (status, headers["IM"]) == (226, "feed")
    assert gzip.decompress(body) == b"<feed><entry>new</entry></feed>"
    assert ask(server, "/ukraine.atom", **(answer | {"If_None_Match": headers["ETag"]}))[0] == 304


def test_a_folder_that_goes_away_is_served_on(server: Server, public: Path) -> None:
    elsewhere = public.rename(public.with_name("elsewhere"))
    eventually(lambda: ask(server, "/health")[0] == 503)
    assert ask(server, "/ukraine.atom")[2] == ATOM
    elsewhere.rename(public)
    eventually(lambda: ask(server, "/health")[0] == 200)


# ------------------------------------------------------------------------------------------- sockets


def test_a_taken_port_is_the_operators_to_mend(server: Server, shelf: Folder) -> None:
    with pytest.raises(UserError, match=f"cannot listen on 127.0.0.1:{server.port}"):
        Server(shelf, ServeSettings(listen=f"127.0.0.1:{server.port}")).start()


def test_ipv6(shelf: Folder) -> None:
    try:
        server = Server(shelf, ServeSettings(listen="[::1]:0"))
        server.start()
    except UserError:
        pytest.skip("no IPv6 on this machine")
    with closing(http.client.HTTPConnection("::1", server.port, timeout=10)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
    server.stop()
    assert server.address == f"http://[::1]:{server.port}/"


def test_a_unix_socket_comes_and_goes_with_the_server(shelf: Folder, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    settings = ServeSettings(listen=f"unix:{path}")
    with Server(shelf, settings) as server:
        assert (server.address, server.port) == (f"unix:{path}", 0)
        answer = exchange(str(path), b"GET / HTTP/1.0\r\n\r\n")
        assert answer.endswith(b"<h1>index.html</h1>")
        with pytest.raises(UserError, match="in use"):
            Server(shelf, settings).start()
    assert not path.exists()


@contextmanager
def process(
    *arguments: str | Path, wrapper: tuple[str, ...] = (), fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    command = [*wrapper, *MAIN, *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, pass_fds=fds) as child:
        try:
            yield child
        finally:
            child.kill()


def listening(child: subprocess.Popen[str]) -> str:
    """The address in the one line that a server logs when it listens."""
    assert child.stderr is not None
    line = child.stderr.readline()
    assert "event=server.listening" in line
    return line.split(" address=")[1].split()[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(public: Path, number: signal.Signals) -> None:
    with process(public, "127.0.0.1:0") as child:
        port = int(listening(child).rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as idle:
            assert exchange(("127.0.0.1", port), b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
            child.send_signal(number)
            assert child.wait(timeout=8) == 0, "an idle client does not hold it up"
            assert idle.recv(1) == b""
        assert child.stderr is not None
        assert child.stderr.read() == ""


WRAPPER = """
import os, sys
given = int(sys.argv[1])
if given != 3:
    os.dup2(given, 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": sys.argv[2] if sys.argv[2] else str(os.getpid())}
os.execv(sys.argv[3], sys.argv[3:])
"""


def test_it_takes_over_the_socket_of_systemd(public: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        wrapper = (sys.executable, "-c", WRAPPER, str(held.fileno()), "")
        request = b"GET /ukraine.atom HTTP/1.0\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as early:
            early.sendall(request)
            for _ in range(2):  # a restart: the socket stays open meanwhile
                with process(public, "127.0.0.1:1", wrapper=wrapper, fds=(held.fileno(),)) as child:
                    assert listening(child) == f"http://127.0.0.1:{port}/"
                    assert exchange(("127.0.0.1", port), request).endswith(ATOM)
                    child.terminate()
                    assert child.wait(timeout=8) == 0
            assert early.recv(12) == b"HTTP/1.1 200", "who came before the server was answered by it"


def test_it_takes_over_a_unix_socket_of_systemd_and_leaves_its_file(public: Path, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(str(path))
        held.listen()
        wrapper = (sys.executable, "-c", WRAPPER, str(held.fileno()), "")
        with process(public, "127.0.0.1:1", wrapper=wrapper, fds=(held.fileno(),)) as child:
            assert listening(child) == f"unix:{path}"
            assert exchange(str(path), b"GET / HTTP/1.0\r\n\r\n").endswith(b"<h1>index.html</h1>")
            child.terminate()
            assert child.wait(timeout=8) == 0
    assert path.exists()


def test_sockets_meant_for_another_process_are_left_alone(public: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        wrapper = (sys.executable, "-c", WRAPPER, str(held.fileno()), "1")
        with process(public, "127.0.0.1:0", wrapper=wrapper, fds=(held.fileno(),)) as child:
            assert listening(child) != f"http://127.0.0.1:{held.getsockname()[1]}/"

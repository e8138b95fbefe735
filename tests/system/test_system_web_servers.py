"""nginx and Caddy, by the examples in docs/examples, keep the rules that our own server keeps."""

from __future__ import annotations

import gzip
import http.client
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from feeds.config import ServeSettings
from feeds.publish.files import Folder
from feeds.serve.app import Server
from tests.running import eventually

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SBIN = os.pathsep.join(["/usr/sbin", "/usr/local/sbin", os.environ.get("PATH", "")])
FILES = {
    "index.html": b"<h1>front</h1>" * 50,
    "ukraine/index.html": b"<h1>Ukraine</h1>" * 50,
    "ukraine.atom": b"<feed>" + b"<entry>same again</entry>" * 500 + b"</feed>",
    "ukraine/2022-09-01.atom": b"<feed>" + b"<entry>older</entry>" * 90 + b"</feed>",
    "ukraine/2022-08-31.html": b"<h1>a day</h1>" * 50,
    "ukraine.rss": b"<rss>" + b"<item>same again</item>" * 90 + b"</rss>",
    "ukraine.json": b'{"items":[' + b'{"id":"1"},' * 90 + b"{}]}",
    "topics.opml": b"<opml>" + b"<outline/>" * 90 + b"</opml>",
    ".well-known/feeds": b"<opml>" + b"<outline/>" * 90 + b"</opml>",
    "feeds.css": b"p{margin:0}" * 90,
    "grain/ended.txt": b"This topic has ended.\n",
    "favicon": b"\0\0\1\0" * 90,
    "favicon.ico": b"\0\0\1\0" * 90,
}


class Got(NamedTuple):
    status: int
    fields: Mapping[str, str]  # lower-case names
    body: bytes


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    shelf = Folder(folder / "public")
    for name, body in FILES.items():
        shelf.put(name, body)
    (folder / "public" / ".feeds-0123").write_bytes(b"not whole yet")
    return folder / "public"


@pytest.fixture(scope="module")
def ours(public: Path) -> Iterator[int]:
    with Server(Folder(public), ServeSettings(listen="127.0.0.1:0")) as server:
        yield server.port


def example(name: str, port: int, public: Path, ours: int) -> str:
    """The file that operators are told to use, with this machine's ports and folder."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for there, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8080;", f"server 127.0.0.1:{ours};"),
        ("news.example.org {", f"http://127.0.0.1:{port} {{"),
        ("root /var/lib/feeds/public", f"root {public}"),
        ("root * /var/lib/feeds/public", f"root * {public}"),
    ):
        text = text.replace(there, here)
    assert "/var/lib" not in text
    return text


@contextmanager
def nginx(name: str, port: int, public: Path, ours: int, folder: Path) -> Iterator[None]:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "site.conf").write_text(example(name, port, public, ours), encoding="utf-8")
    (folder / "nginx.conf").write_text(
        f"user {pwd.getpwuid(os.geteuid()).pw_name}; daemon off; pid {folder}/pid; error_log {folder}/errors;\n"
        "events {}\n"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )
    with at_work(["nginx", "-c", str(folder / "nginx.conf")], folder):
        yield


@contextmanager
def caddy(name: str, port: int, public: Path, ours: int, folder: Path) -> Iterator[None]:
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    (folder / "Caddyfile").write_text(options + example(name, port, public, ours), encoding="utf-8")
    with at_work(["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], folder):
        yield


@contextmanager
def at_work(command: list[str], folder: Path) -> Iterator[None]:
    program = shutil.which(command[0], path=SBIN)
    assert program
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([program, *command[1:]], stdout=said, stderr=said, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


WAYS = {
    "nginx over the folder": (nginx, "nginx", "nginx.conf"),
    "nginx in front of ours": (nginx, "nginx", "nginx-proxy.conf"),
    "caddy over the folder": (caddy, "caddy", "Caddyfile"),
}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            way,
            id=way,
            marks=pytest.mark.skipif(
                not shutil.which(program, path=SBIN), reason=f"{program} is not installed; see .ci/run"
            ),
        )
        for way, (_, program, _) in WAYS.items()
    ],
)
def theirs(
    request: pytest.FixtureRequest, public: Path, ours: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    start, program, name = WAYS[request.param]
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    folder = tmp_path_factory.mktemp(program)
    with start(name, port, public, ours, folder):
        eventually(lambda: answers(port), what=lambda: (folder / "said").read_text() + str(list(folder.iterdir())))
        yield port


def answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, path: str, method: str = "GET", **fields: str) -> Got:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in fields.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def media(got: Got) -> str:
    return got.fields.get("content-type", "").replace(" ", "").lower()


PATHS = ["/", "/ukraine/", *(f"/{name}" for name in FILES if not name.startswith(("favicon", "grain")))]


@pytest.mark.parametrize("coding", ["gzip", "br, gzip;q=0.5", "", "gzip;q=0", "identity"])
def test_a_file_is_answered_alike(ours: int, theirs: int, coding: str) -> None:
    for path in PATHS:
        mine, other = (ask(port, path, Accept_Encoding=coding) for port in (ours, theirs))
        agree(mine, other, path)


def agree(mine: Got, other: Got, path: str) -> None:
    assert (other.status, media(other)) == (200, media(mine)), path
    assert other.fields.get("content-encoding") == mine.fields.get("content-encoding")
    assert other.body == mine.body
    for name in ("cache-control", "x-content-type-options", "x-robots-tag", "content-security-policy"):
        assert other.fields.get(name) == mine.fields.get(name), (path, name)
    assert "accept-encoding" in other.fields["vary"].lower()
    assert other.fields["etag"].startswith('"'), "strong"
    assert other.fields["content-length"] == str(len(other.body))


@pytest.mark.parametrize("path", ["/favicon", "/favicon.ico"])
def test_pictures_are_known_as_such(ours: int, theirs: int, path: str) -> None:
    mine, other = (ask(port, path, Accept_Encoding="gzip") for port in (ours, theirs))
    assert (other.status, media(other), other.body) == (200, media(mine), mine.body)
    assert "content-encoding" not in other.fields


def test_each_coding_has_its_tag_and_gets_its_304(theirs: int) -> None:
    tags = {coding: ask(theirs, "/ukraine.atom", Accept_Encoding=coding).fields["etag"] for coding in ("", "gzip")}
    assert tags[""] != tags["gzip"]
    for coding, tag in tags.items():
        for spelled in (tag, f"W/{tag}", f'"a", {tag}', "*"):
            got = ask(theirs, "/ukraine.atom", Accept_Encoding=coding, If_None_Match=spelled)
            assert (got.status, got.body) == (304, b""), (coding, spelled)
        assert got.fields["cache-control"]
        assert ask(theirs, "/ukraine.atom", Accept_Encoding=coding, If_None_Match='"x"').status == 200


def test_dates(theirs: int) -> None:
    modified = ask(theirs, "/ukraine.atom").fields["last-modified"]
    assert ask(theirs, "/ukraine.atom", If_Modified_Since=modified).status == 304
    assert ask(theirs, "/ukraine.atom", If_Modified_Since="Thu, 01 Jan 2032 00:00:00 GMT").status == 304
    assert ask(theirs, "/ukraine.atom", If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200
    assert ask(theirs, "/ukraine.atom", If_Modified_Since=modified, If_None_Match='"x"').status == 200


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        pytest.param("GET", "/turkey.atom", {404}, id="unknown"),
        pytest.param("GET", "/grain.atom", {410}, id="a feed of an ended topic"),
        pytest.param("GET", "/grain.json", {410}, id="another"),
        pytest.param("GET", "/grain/", {410}, id="its page"),
        pytest.param("GET", "/grain/2022-09-01.atom", {410}, id="an archive of it"),
        pytest.param("GET", "/grain", {410, 301}, id="its page without slash"),
        pytest.param("GET", "/ukraine/2022-08-01.atom", {404}, id="an archive that is not there"),
        pytest.param("GET", "/.well-known/", {404}, id="a folder without a page: no list of it"),
        pytest.param("GET", "/ukraine.atom.gz", {404}, id="a twin"),
        pytest.param("GET", "/.feeds-0123", {404}, id="what is not whole yet"),
        pytest.param("GET", "/ukraine", {301, 308}, id="a folder without its slash"),
        pytest.param("GET", "/%2e%2e/secret", {400, 404}, id="up"),
        pytest.param("POST", "/ukraine.atom", {405}, id="writing"),
        pytest.param("DELETE", "/ukraine.atom", {405}, id="removing"),
    ],
)
def test_what_cannot_be_had(theirs: int, method: str, path: str, statuses: set[int]) -> None:
    assert ask(theirs, path, method).status in statuses


def test_head_and_range(theirs: int) -> None:
    whole, head = ask(theirs, "/ukraine.atom"), ask(theirs, "/ukraine.atom", "HEAD")
    assert (head.status, head.body, head.fields["etag"]) == (200, b"", whole.fields["etag"])
    part = ask(theirs, "/ukraine.atom", Range="bytes=0-4")
    assert (part.status, part.body) in ((200, whole.body), (206, whole.body[:5])), "refused or right"


def test_a_change_is_seen(theirs: int, public: Path) -> None:
    shelf, start = Folder(public), time.time_ns()
    shelf.put("changing.rss", b"<rss>" + str(start).encode() * 90)
    eventually(lambda: ask(theirs, "/changing.rss").status == 200)
    before = ask(theirs, "/changing.rss", Accept_Encoding="gzip").fields["etag"]
    time.sleep(1.1)  # nginx makes its tags of whole seconds
    shelf.put("changing.rss", b"<rss>" + str(start + 1).encode() * 90)

    def seen() -> bool:
        got = ask(theirs, "/changing.rss", Accept_Encoding="gzip", If_None_Match=before)
        return got.status == 200 and gzip.decompress(got.body) == shelf.get("changing.rss")

    eventually(seen)


def test_the_numbers_are_not_for_the_world(theirs: int) -> None:
    assert ask(theirs, "/metrics").status in {403, 404}

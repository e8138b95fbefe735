"""The whole program in its own process, with the interpreter itself reporting every connection that is tried."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.origin import Origin

ROOT = Path(__file__).parents[2]
# Reports each connect of this process, whichever library makes it, and then runs the command.
WATCHED = """
import json, sys
def watch(event, args):
    if event == "socket.connect":
        sys.stderr.write(f"CONNECT {json.dumps(args[1])}\\n")  # at once: threads connect side by side
sys.addaudithook(watch)
from feeds.__main__ import main
main()
"""
FEED = (
    b"<rss version='2.0'><channel><title>W</title><item><guid>1</guid><title>A report from the ports of Odesa</title>"
    b"<link>/article</link><enclosure url='http://127.0.0.2:9/a.mp3' length='1' type='audio/mpeg'/>"
    b"<description>&lt;img src='http://127.0.0.2:9/p.png'&gt; with a picture, and words enough.</description></item>"
    b"<image><url>http://127.0.0.2:9/logo.png</url></image></channel></rss>"
)


@pytest.fixture
def origins() -> Iterator[tuple[Origin, Origin]]:
    with Origin() as allowed, Origin(host="127.0.0.2") as secret:
        yield allowed, secret


def watched(desk: Desk, *arguments: str, **environment: str) -> tuple[set[tuple[str, int]], str]:
    """(where connections were tried to, all that was printed)."""
    command = [sys.executable, "-c", WATCHED, "--config", str(desk.config), *arguments]
    done = subprocess.run(command, env=desk.environment() | environment, cwd=ROOT, capture_output=True, text=True)
    tried = [json.loads(line[8:]) for line in done.stderr.splitlines() if line.startswith("CONNECT ")]
    return {(place[0], place[1]) for place in tried}, done.stdout + done.stderr


def test_the_process_connects_to_what_the_operator_allowed_and_to_nothing_else(
    tmp_path: Path, origins: tuple[Origin, Origin]
) -> None:
    allowed, secret = origins
    desk = Desk(tmp_path, allow=f'["127.0.0.1:{allowed.port}"]')
    allowed.put("/feed", FEED)
    allowed.redirect("/out", secret.url("/x"))
    allowed.redirect("/meta", "http://169.254.169.254/latest/meta-data/", status=307)
    allowed.redirect("/port", "http://127.0.0.1:22/")
    link = f"<link rel=alternate type=application/rss+xml href='{secret.url('/f')}'>"
    allowed.put("/page", f"<html><head>{link}</head></html>".encode())
    desk.sources = {
        "good": allowed.url("/feed"),
        **{name: allowed.url(f"/{name}") for name in ("out", "meta", "port", "page")},
        "direct": secret.url("/feed"),
        "whole": "http://2130706434:80/",
        "v6": "http://[::ffff:127.0.0.2]/",
    }
    proxy = {name: secret.url("") for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY")}
    for arguments in (("refresh",), ("refresh", "--all", "--force"), ("sources", "check"), ("status",)):
        tried, said = watched(desk, *arguments, **proxy)
        assert tried <= {("127.0.0.1", allowed.port)}, said
        assert "Traceback" not in said
    assert secret.requests == []
    assert len(allowed.asked("/feed")) == 3


def test_an_explicit_proxy_is_the_only_place_that_is_connected_to(
    tmp_path: Path, origins: tuple[Origin, Origin]
) -> None:
    proxy, secret = origins
    proxy.put("http://wire.example/feed", FEED)
    desk = Desk(tmp_path, allow="[]", fetch=f'proxy = "http://desk:pw@127.0.0.1:{proxy.port}"')
    desk.sources = {"wire": "http://wire.example/feed", "inside": secret.url("/feed")}
    tried, said = watched(desk, "refresh", "--json")
    assert tried == {("127.0.0.1", proxy.port)}
    assert json.loads(next(line for line in said.splitlines() if line.startswith("{")))["new"] == 1
    assert secret.requests == []


# ---------------------------------------------------------------------------------------- credentials

SECRET = "hunter2-and-more"


@pytest.mark.usefixtures("hatched")
def test_a_password_in_an_address_appears_nowhere(tmp_path: Path, origins: tuple[Origin, Origin]) -> None:
    allowed, other = origins
    mine = {
        "good": "/feed", "moved": "/moved", "away": "/away", "loop": "/loop", "gone": "/gone", "missing": "/missing",
        "page": "/page", "refused": "/refused", "busy": "/busy",
    }  # fmt: skip
    desk = Desk(tmp_path, allow=f'["127.0.0.0/8", "127.0.0.2:{other.port}"]')
    desk.sources = {name: allowed.url(path).replace("://", f"://desk:{SECRET}@") for name, path in mine.items()}
    desk.sources["dead"] = f"http://desk:{SECRET}@127.0.0.1:9/feed"
    desk.sources["odd"] = f"http://desk:{SECRET}@10.0.0.1/feed"
    allowed.put("/feed", FEED, headers={"Content-Location": f"http://desk:{SECRET}@127.0.0.1/"})
    allowed.redirect("/moved", "/feed")
    allowed.redirect("/away", other.url("/feed"), status=302)
    other.put("/feed", FEED)
    allowed.redirect("/loop", f"http://desk:{SECRET}@127.0.0.1:{allowed.port}/loop")
    allowed.say("/gone", 410)
    allowed.put("/page", b"<html><link rel=alternate type='application/rss+xml' href='/feed'></html>")
    allowed.say("/refused", 403)
    allowed.say("/busy", 429)
    said = []
    for arguments in (
        ("--verbose", "refresh", "--json"), ("--verbose", "refresh", "--all", "--force"), ("status",),
        ("status", "--json"), ("sources", "list"), ("sources", "check"), ("why", "1", "--json"),
        ("sources", "discover", desk.sources["page"]), ("sources", "discover", desk.sources["dead"]),
    ):  # fmt: skip
        done = desk.run(*arguments, check=False)
        said.append(done.stdout + done.stderr)
        assert "Traceback" not in said[-1]
    assert any("http_410" in text for text in said)
    assert [text for text in said if SECRET in text] == []
    assert [name for name, body in desk.files().items() if SECRET.encode() in body] == []
    assert {a.headers["authorization"] for a in allowed.requests} == {"Basic ZGVzazpodW50ZXIyLWFuZC1tb3Jl"}
    assert [a.headers.get("authorization") for a in other.requests] == [None] * len(other.requests)
    assert other.requests

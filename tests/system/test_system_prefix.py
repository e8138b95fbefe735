"""A site at a path of another web server, by the words of the manual: feeds, queries, events, pushes both ways."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.callbacks import Callbacks, signed
from tests.desk import Desk
from tests.pushing import Pushing, ask, feed
from tests.running import eventually, running
from tests.stock import feedparser
from tests.system.test_system_web_servers import EXAMPLES, SBIN, answers, at_work, nginx

MANUAL = (EXAMPLES.parent / "operations.md").read_text(encoding="utf-8")
FIRST, SECOND = ("1", "Talks in Kyiv"), ("2", "A ferry in Odesa")


def _nginx(port: int, ours: int, folder: Path) -> AbstractContextManager[None]:
    return nginx("nginx-prefix.conf", port, folder, ours, folder)


def _caddy(port: int, ours: int, folder: Path) -> AbstractContextManager[None]:
    (line,) = re.findall(r"`(handle_path [^`]+)`", MANUAL)
    rules = line.replace("127.0.0.1:8080", f"127.0.0.1:{ours}").replace("{ ", "{\n").replace(" }", "\n}")
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    (folder / "Caddyfile").write_text(f"{options}http://127.0.0.1:{port} {{\n{rules}\n}}\n", encoding="utf-8")
    return at_work(["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], folder)


FRONTS = [
    pytest.param(
        front, id=name, marks=pytest.mark.skipif(not shutil.which(name, path=SBIN), reason=f"{name} is not installed")
    )
    for name, front in (("nginx", _nginx), ("caddy", _caddy))
]


def free() -> int:
    """A port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def hub() -> Iterator[Pushing]:
    with Pushing() as pushing:
        pushing.put("/atom", feed(FIRST))
        yield pushing


@pytest.mark.usefixtures("hatched")
@pytest.mark.parametrize("front", FRONTS)
def test_everything_works_at_a_path(
    front: Callable[[int, int, Path], AbstractContextManager[None]], hub: Pushing, tmp_path: Path
) -> None:
    port, ours = free(), free()
    root = f"http://127.0.0.1:{port}/wire/"
    desk = Desk(
        tmp_path,
        site=root,
        sources={"paper": hub.url("/atom")},
        publish='debounce = "0s"',
        more=f'[serve]\nlisten = "127.0.0.1:{ours}"\n',
    )
    web = tmp_path / "web"
    web.mkdir(mode=0o755)
    with ExitStack() as stack:
        stack.enter_context(front(port, ours, web))
        eventually(lambda: answers(port))
        callbacks = stack.enter_context(Callbacks())
        daemon = stack.enter_context(running(desk, environment=desk.environment()))

        # In: the hub of a source finds our callback below the path, and is confirmed there.
        eventually(lambda: hub.subscriptions.get("/atom"), what=lambda: f"{hub.forms} {hub.verified} {daemon.log}")
        (to,) = hub.subscriptions["/atom"].values()
        assert to.callback.startswith(root + "websub/")

        # Out: the feed names our hub below the path, which takes a subscription to it.
        eventually(lambda: ask("GET", root + "ukraine.atom")[0] == 200)
        links = {link.rel: link.href for link in feedparser.parse(ask("GET", root + "ukraine.atom")[1]).feed.links}
        below = {"self": "ukraine.atom", "hub": "hub", "alternate": "ukraine/"}
        assert {rel: links[rel] for rel in below} == {rel: root + path for rel, path in below.items()}
        form = {"hub.topic": root + "ukraine.atom", "hub.callback": callbacks.url("/me"), "hub.secret": "s"}
        asked = urlencode(form | {"hub.mode": "subscribe"}).encode()
        assert ask("POST", root + "hub", asked, {"Content-Type": "application/x-www-form-urlencoded"})[0] == 202
        eventually(lambda: callbacks.asked("/me"), what=lambda: daemon.log)

        said = tmp_path / "said"
        with said.open("wb") as file:
            script = [sys.executable, str(EXAMPLES / "listen.py"), root, "ukraine"]
            listening = subprocess.Popen(script, stdout=file, stderr=file)
        stack.callback(listening.wait)
        stack.callback(listening.kill)
        eventually(lambda: "listening" in said.read_text(), what=said.read_text)

        assert hub.publish("/atom", feed(SECOND, FIRST)) == [202]
        eventually(lambda: [got for got in callbacks.told("/me") if b"A ferry" in got.body], what=lambda: daemon.log)
        assert all(signed(got, "s") for got in callbacks.told("/me"))
        eventually(lambda: "A ferry in Odesa" in said.read_text(), what=said.read_text)

        # Asked: the answer names itself below the path.
        status, found = ask("GET", root + "search.json?q=ferry+odesa")
        told = json.loads(found)
        assert (status, told["feed_url"]) == (200, root + "search.json?q=ferry+odesa")
        assert [item["title"] for item in told["items"]] == ["A ferry in Odesa"]
        assert ask("GET", root + "search?q=ferry+odesa")[0] == 200

"""Every HTTP client that this process can have stands behind the guard."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

import feeds
from feeds.fetch.guard import Guard
from tests.desk import Desk
from tests.origin import Origin
from tests.unit.fetch.asking import FEED, Fetcher, ask, got

ROOT = Path(feeds.__file__).parent
# Modules that can open a connection on their own, and the one file that may import each.
OPENERS = {
    "httpx": {"fetch/http.py"},
    "httpcore": {"fetch/http.py", "fetch/guard.py"},
    "http.server": {"cli/origin.py"},  # the demo's own web server
}
NOBODY = {"aiohttp", "ftplib", "http.client", "imaplib", "poplib", "requests", "smtplib", "telnetlib"}
NOBODY |= {"urllib.request", "urllib.robotparser", "urllib3", "websockets", "xmlrpc.client"}


def imported(module: Path) -> set[str]:
    """What a module imports, with all the packages above."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found | {name.partition(".")[0] for name in found}


@pytest.mark.parametrize("opener", [*OPENERS, *sorted(NOBODY)])
def test_nothing_else_in_the_program_can_open_a_connection(opener: str) -> None:
    files = {str(module.relative_to(ROOT)) for module in ROOT.rglob("*.py") if opener in imported(module)}
    assert files == OPENERS.get(opener, set())


def clients(*, but: Collection[Any] = ()) -> list[Any]:
    """Every client, transport and pool that is alive in this process, `but` those that other tests left behind."""
    kinds = (httpx.Client, httpx.AsyncClient, httpx.BaseTransport, httpx.AsyncBaseTransport)
    pools = (httpcore.ConnectionPool, httpcore.AsyncConnectionPool, httpcore.HTTPConnection)
    alive = [each for each in gc.get_objects() if isinstance(each, (*kinds, *pools))]
    return [each for each in alive if not any(each is other for other in but)]


def backend(client: Any) -> Any:
    """What dials for a client."""
    pool = getattr(client, "_pool", client)
    return getattr(pool, "_network_backend", None)


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:{port}"])
def test_every_client_that_is_alive_dials_through_the_guard(origin: Origin, fetcher: Fetcher, proxy: str) -> None:
    before = clients()
    origin.put("/feed", FEED)
    origin.put(origin.url("/feed"), FEED)  # as a proxy is asked
    got(ask(fetcher(proxy=proxy.format(port=origin.port)), origin.url("/feed")))
    alive = clients(but=before)
    assert len(alive) >= 3, "a transport, its pool, its connection"
    assert [client for client in alive if not isinstance(backend(client), Guard)] == []


def test_a_whole_pass_makes_no_other_client(tmp_path: Path, origin: Origin) -> None:
    origin.put("/feed", FEED)
    before = clients()
    with Desk(tmp_path, sources={f"s{n}": origin.url(f"/feed?{n}") for n in range(20)}).app() as app:
        list(app.refresh.run())
        list(app.republish.run())
        list(app.look(app.settings.sources))
        mine = clients(but=before)
        assert mine
        assert [client for client in mine if not isinstance(backend(client), Guard)] == []


def test_what_a_guard_dials_with_is_never_handed_out() -> None:
    """httpx has no public place for the guard: should it rename its pool, this test says so before an attacker does."""
    transport = httpx.HTTPTransport()
    assert type(transport._pool) is httpcore.ConnectionPool
    assert isinstance(transport._pool._network_backend, httpcore.SyncBackend)
    transport.close()
    assert "httpx" in sys.modules

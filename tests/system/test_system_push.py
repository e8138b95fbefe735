"""Sources that are followed by what their hub pushes: over loopback, with a hub of the test's own."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from feeds.model import LARGEST_LETTER
from tests.callbacks import Callbacks, signed
from tests.desk import Desk
from tests.hatchery import Hatchery
from tests.pushing import Pushing, Subscription, ask, feed
from tests.running import Running, eventually, running

FIRST, SECOND, THIRD = ("1", "Talks in Kyiv"), ("2", "A ferry in Odesa"), ("3", "Grain leaves Mykolaiv")


@contextmanager
def serving(desk: Desk) -> Iterator[None]:
    """A `feeds serve`, while inside the block."""
    assert Hatchery.used is not None
    log = desk.folder / "serve.log"
    with log.open("wb") as file:
        arguments = "--config", str(desk.config), "serve"
        process = Hatchery.used.start(*arguments, environment=desk.environment(), stdout=file, stderr=file)
    try:
        eventually(lambda: b"server.listening" in log.read_bytes(), what=log.read_text)
        yield
    finally:
        process.terminate()
        process.wait()
    assert b"Traceback" not in log.read_bytes()


@contextmanager
def polling(desk: Desk) -> Iterator[Running]:
    """The daemon, under the clock of the desk."""
    with running(desk, environment=desk.environment()) as daemon:
        yield daemon


@pytest.fixture
def hub() -> Iterator[Pushing]:
    with Pushing() as pushing:
        yield pushing


@pytest.fixture
def desk(tmp_path: Path, hatched: None, hub: Pushing) -> Desk:
    """A source that offers a hub, and a site at a free port: hubs must know where to find us."""
    hub.put("/atom", feed(FIRST))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    return Desk(
        tmp_path,
        site=f"http://127.0.0.1:{port}/",
        sources={"paper": hub.url("/atom")},
        publish='debounce = "0s"',
        more=f'[serve]\nlisten = "127.0.0.1:{port}"\n',
    )


def status(desk: Desk) -> dict[str, Any]:
    """How its one source stands."""
    (row,) = json.loads(desk.run("status", "--json").stdout)["sources"]
    found: dict[str, Any] = row
    return found


def column(desk: Desk, query: str) -> Any:
    """One value of its database."""
    with closing(sqlite3.connect(desk.folder / "feeds.db")) as connection:
        (found,) = connection.execute(f"select {query}").fetchone() or (None,)
        return found


def stored(desk: Desk) -> dict[str, int]:
    """What a push could have changed."""
    tables = "articles", "keys", "sightings", "revisions", "inbox"
    counts = {table: column(desk, f"count(*) from {table}") for table in tables}
    return counts | {name: column(desk, f"{name} from sources") for name in ("n_items", "n_new", "n_same")}


def subscribed(desk: Desk, hub: Pushing) -> Subscription:
    """Wait for the subscription, and for what the hub told to be read."""
    eventually(lambda: hub.subscriptions.get("/atom"), what=lambda: str((hub.forms, hub.verified)))
    eventually(lambda: column(desk, "stage from pushes") == "verified")
    (found,) = hub.subscriptions["/atom"].values()
    return found


def test_a_story_travels_from_hub_to_hub(desk: Desk, hub: Pushing) -> None:
    """A publisher, its hub, we, our hub, a subscriber."""
    with Callbacks() as callbacks, polling(desk) as daemon:
        to = subscribed(desk, hub)
        assert to.callback.startswith(desk.site + "websub/")
        topic = {"hub.topic": f"{desk.site}ukraine.atom", "hub.callback": callbacks.url("/me"), "hub.secret": "s"}
        form = urlencode(topic | {"hub.mode": "subscribe"}).encode()
        how = {"Content-Type": "application/x-www-form-urlencoded"}
        eventually(lambda: ask("POST", f"{desk.site}hub", form, how)[0] == 202)  # 400 until the feed is published
        eventually(lambda: callbacks.asked("/me"), what=lambda: daemon.log)
        polls = len(hub.polls)
        assert hub.publish("/atom", feed(SECOND, FIRST)) == [202]
        eventually(
            lambda: any(b"A ferry in Odesa" in got.body for got in callbacks.told("/me")), what=lambda: daemon.log
        )
        assert all(signed(got, "s") for got in callbacks.told("/me"))
        assert len(hub.polls) == polls
        assert "pushed by its hub" in desk.run("why", "https://paper.example/2").stdout
        row = status(desk)
        assert row["state"] == "fresh; pushed by 127.0.0.1, polled once a day"
        assert row["counts"]["new"] == 2
        _forgeries(desk, hub, to)
        assert 'what="websub"' in daemon.get("/metrics").decode()
        daemon.stop()
    # What the hub keeps to itself a poll finds, and then it is trusted no more.
    hub.put("/atom", feed(THIRD, SECOND, FIRST))
    report = desk.refresh("--source", "paper")
    assert (report["new"], report["same"]) == (1, 2)
    row = status(desk)
    assert "pushed by 127.0.0.1, but polled as usual: on 2026-11-20 12:00 UTC a poll found" in row["state"]
    assert desk.run("db", "verify").returncode == 0


def _forgeries(desk: Desk, hub: Pushing, to: Subscription) -> None:
    """Nothing of it is stored, whatever it is answered."""
    before, forged = stored(desk), feed(("4", "Forged"), FIRST)
    large = b" " * (LARGEST_LETTER["push"] + 1)
    elsewhere = Subscription(desk.site + "websub/" + "t" * 43, to.secret)
    short = hmac.new(to.secret.encode(), forged, hashlib.sha1).hexdigest()
    known = feed(SECOND, FIRST)
    answers = [
        ("no signature", hub.push(to, forged, X_Hub_Signature=""), 202),
        ("sha1", hub.push(to, forged, X_Hub_Signature=f"sha1={short}"), 202),
        ("another secret", hub.push(Subscription(to.callback, "guess"), forged), 202),
        ("unknown", hub.push(elsewhere, forged), 410),
        ("too large", hub.push(to, large), 413),
        ("replayed", hub.push(to, known), 202),
        (
            "unasked",
            ask("GET", f"{to.callback}?hub.mode=unsubscribe&hub.topic={hub.url('/atom')}&hub.challenge=c")[0],
            404,
        ),
    ]
    assert [(what, status) for what, status, _ in answers] == [(what, wanted) for what, _, wanted in answers]
    assert stored(desk) == before


def test_a_kill_between_the_inbox_and_the_store_loses_nothing(desk: Desk, hub: Pushing) -> None:
    """The server answered 202: from then on the push is ours, at whichever commit the poller is killed."""
    with serving(desk):
        desk.refresh()
        eventually(lambda: hub.subscriptions.get("/atom"), what=lambda: str((hub.forms, hub.verified)))
        (to,) = hub.subscriptions["/atom"].values()
        assert hub.push(to, feed(SECOND, FIRST)) == 202
    assert (stored(desk)["inbox"], stored(desk)["n_new"]) == (2, 1)  # that it was verified, and the push
    for number in range(1, 99):
        killed = desk.run("refresh", fault=str(number), check=False)
        assert killed.returncode == -signal.SIGKILL
        waiting, new = stored(desk)["inbox"], stored(desk)["n_new"]
        assert (new == 2) == (waiting == 0)
        if not waiting:
            break
    assert number > 3
    desk.refresh()
    assert (stored(desk)["inbox"], stored(desk)["n_new"]) == (0, 2)
    assert desk.run("db", "verify").returncode == 0


def test_a_source_that_is_taken_out_is_pushed_no_more(desk: Desk, hub: Pushing) -> None:
    (desk.folder / "note.txt").write_text("2026-11-20 08:00:00\nA note\nOf the war in Ukraine.\n")
    with serving(desk):
        desk.refresh()
        eventually(lambda: hub.subscriptions.get("/atom"), what=lambda: str((hub.forms, hub.verified)))
        (to,) = hub.subscriptions["/atom"].values()
        desk.refresh()
        assert column(desk, "stage from pushes") == "verified"
        desk.sources = {"note": "file:note.txt"}
        desk.refresh()
        eventually(lambda: not hub.subscriptions["/atom"], what=lambda: str((hub.forms, hub.verified)))
        assert hub.verified == [200, 200]
        assert hub.push(to, feed(SECOND, FIRST)) == 410
    assert stored(desk)["inbox"] == 0


def test_a_site_that_no_hub_reaches_is_told_so_and_polls(desk: Desk, hub: Pushing) -> None:
    desk.site = "http://localhost/"
    desk.refresh()
    assert hub.forms == []
    assert (
        "Nothing is pushed to us, and all is polled: no hub reaches [site] url, as localhost is not a public name."
        in (desk.run("status").stdout)
    )

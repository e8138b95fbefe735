"""The pass over subscriptions, with a real database and a real hub; and what the operator is told of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feeds.cli.items import status
from feeds.cli.words import pushed
from feeds.config import load
from feeds.following import Following
from feeds.model import FeedHead, Letter, Outcome, Polled
from feeds.wiring import App
from tests.desk import Desk
from tests.make import deciding, poll
from tests.pushing import Pushing


@pytest.fixture
def hub() -> Iterator[Pushing]:
    with Pushing(verifies=False) as pushing:
        yield pushing


@pytest.fixture
def desk(tmp_path: Path, empty: Path, hub: Pushing, monkeypatch: pytest.MonkeyPatch) -> Desk:
    shutil.copy(empty, tmp_path / "feeds.db")
    desk = Desk(tmp_path, sources={"paper": hub.url("/atom")}, more="[serve]\n")
    monkeypatch.setenv("FEEDS_NOW", desk.now.isoformat())
    return desk


def offered(app: App, hub: str) -> None:
    """A poll finds that this hub offers to push the source."""
    (job,) = app.store.claim(app.clock(), limit=1, lease=timedelta(minutes=1), due=False)
    done = poll(job)
    assert done.reading is not None
    head = FeedHead(format="atom10", hub=hub, topic="https://paper.example/atom")
    app.store.apply(replace(done, reading=replace(done.reading, head=head)), deciding(app.clock()))


def found(app: App) -> dict[str, Any]:
    """What stands of the hub, once hubs were asked."""
    app.following.subscribe(seconds=9)
    (row,) = app.store.status()
    return dict(row["push"])


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_hub_is_asked_once_and_waited_for(desk: Desk, hub: Pushing, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with desk.app() as app:
        offered(app, hub.url("/hub"))
        assert found(app)["stage"] == "asked"
        assert found(app)["stage"] == "asked"
    (form,) = hub.forms
    assert form["hub.callback"].startswith("https://desk.example/websub/")
    assert events(caplog).count("push.asked") == 1
    assert form["hub.secret"] not in caplog.text
    assert form["hub.callback"].rpartition("/")[2] not in caplog.text


def test_a_hub_that_says_no_is_asked_again(desk: Desk, hub: Pushing, caplog: pytest.LogCaptureFixture) -> None:
    hub.status = 500
    with desk.app() as app:
        offered(app, hub.url("/hub"))
        assert (found(app)["stage"], found(app)["why"]) == ("failed", "http_500")
        assert events(caplog).count("push.refused") == 1
        desk.now += timedelta(minutes=5)
        hub.status = 202
        assert found(app)["stage"] == "asked"
    assert len(hub.forms) == 2


def test_a_hub_in_a_private_network_is_not_asked(desk: Desk, hub: Pushing) -> None:
    """A feed may name any address: the guard has the last word."""
    desk.allow = f'["{hub.url("").removeprefix("http://")}"]'  # the publisher's own place, as the operator named it
    with desk.app() as app:
        offered(app, "http://127.0.0.2:8080/hub")
        assert found(app)["why"] == "blocked"
        offered(app, "http://127.0.0.1:25/hub")
        assert found(app)["why"] == "port 25 is no port of the web"


@pytest.mark.parametrize("status", [202, 500], ids=["it accepts", "it does not"])
def test_a_hub_is_told_once_that_its_source_is_followed_no_more(
    desk: Desk, hub: Pushing, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level("INFO")
    with desk.app() as app:
        offered(app, hub.url("/hub"))
        found(app)
        asked = hub.forms[0]["hub.callback"]
        note = Letter(kind="push", key=asked.rpartition("/")[2], at=desk.now, head={"mode": "subscribe", "lease": ""})
        assert app.store.drop_in(note)
        app.following.take_in(seconds=9)
        assert found(app)["stage"] == "verified"
    hub.status = status
    desk = replace(desk, sources={"another": "https://another.example/"})
    for _ in range(2):
        with desk.app() as app:
            app.following.subscribe(seconds=9)
            app.following.subscribe(seconds=9)
    assert [form["hub.mode"] for form in hub.forms] == ["subscribe", "unsubscribe"]
    assert hub.forms[1]["hub.callback"] == asked
    assert "hub.secret" not in hub.forms[1]
    (said,) = (record for record in caplog.records if record.getMessage() == "push.left")
    assert (vars(said)["source"], vars(said)["hub"], "why" in vars(said)) == ("paper", "127.0.0.1", status == 500)
    assert asked.rpartition("/")[2] not in caplog.text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"poll": "push = false"}, "[poll] push is false", id="switched off"),
        pytest.param(
            {"site": "http://localhost/"},
            "no hub reaches [site] url, as localhost is not a public name",
            id="out of reach",
        ),
        pytest.param({"more": ""}, "there is no [serve], so nobody answers hubs", id="no server"),
    ],
)
def test_where_nothing_is_to_be_pushed_nobody_is_asked(
    desk: Desk, hub: Pushing, changed: dict[str, str], why: str
) -> None:
    with desk.app() as app:
        offered(app, hub.url("/hub"))
        assert found(app)["stage"] == "asked"
    desk = replace(desk, **changed)  # type: ignore[arg-type]  # all of them are text
    with desk.app() as app:
        token = hub.forms[0]["hub.callback"].rpartition("/")[2]
        assert app.store.drop_in(Letter(kind="push", key=token, at=desk.now, body=b"<feed/>"))
        app.following.take_in(seconds=9)
        assert not app.following.has_news(seconds=0)
        assert found(app)["stage"] == "new"  # and what was asked before is forgotten
        assert app.store.callback(token) is None
        assert app.store.inbox("push", limit=1) == ()
    assert len(hub.forms) == 1
    said = CliRunner().invoke(status, [], obj=str(desk.config)).output
    assert f"Nothing is pushed to us, and all is polled: {why}." in said
    assert "127.0.0.1 offers to push it" in " ".join(said.split())


def made(begin: Callable[[Callable[[Polled], None]], int], desk: Desk) -> Following:
    with App(load(str(desk.config)), clock=lambda: desk.now) as app:
        return Following(
            store=app.store, send=app._send, begin=begin, wait=lambda _: True, clock=app.clock, site="", off=""
        )


def test_while_no_reader_can_be_had_pushes_wait(desk: Desk) -> None:
    begun = []

    def begin(told: Callable[[Polled], None]) -> int:
        begun.append(1)
        told(Polled(source="paper", url="", status="held"))
        return 1

    following = made(begin, desk)
    following.take_in(seconds=9)
    following.take_in(seconds=9)
    following.run(seconds=9)
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("polled", "event", "is_news"),
    [
        pytest.param({"status": "changed", "outcomes": {Outcome.NEW: 1}}, "push.read", True, id="something new"),
        pytest.param({"status": "changed", "outcomes": {Outcome.SAME: 9}}, "", False, id="nothing new"),
        pytest.param({"status": "failed", "why": "not_a_feed"}, "push.useless", False, id="no feed"),
    ],
)
def test_what_a_push_came_to_is_told(
    desk: Desk, caplog: pytest.LogCaptureFixture, polled: dict[str, Any], event: str, *, is_news: bool
) -> None:
    caplog.set_level("INFO")

    def begin(told: Callable[[Polled], None]) -> int:
        told(Polled(source="paper", url="", **polled))
        return 0

    following = made(begin, desk)
    following.take_in(seconds=9)
    assert following.has_news(seconds=0) == is_news
    assert not following.has_news(seconds=0), "it is told once"
    assert events(caplog) == ([event] if event else [])


@pytest.mark.parametrize(
    ("push", "words"),
    [
        ({"stage": "new"}, "hub.example offers to push it"),
        ({"stage": "asked"}, "hub.example was asked to push it"),
        ({"stage": "verified"}, "hub.example shall push it, and is relied on from its first push on"),
        ({"stage": "trusted"}, "pushed by hub.example, polled once a day"),
        ({"stage": "distrusted", "why": "it missed one"}, "pushed by hub.example, but polled as usual: it missed one"),
        ({"stage": "failed", "why": "dns"}, "hub.example does not push it: dns; asked again 2026-11-20 12:00 UTC"),
        ({"stage": "ended", "why": ""}, "hub.example does not push it: it gives no reason"),
        ({"stage": "ended", "why": "not for you"}, "hub.example does not push it: not for you"),
    ],
)
def test_how_a_source_is_followed_in_words(desk: Desk, push: dict[str, str], words: str) -> None:
    assert pushed({"hub": "https://hub.example/", "why": "", "act_at": desk.now, **push}) == words

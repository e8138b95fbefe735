"""The pass over what the hub owes, with a real database, real files and real callbacks."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from feeds.cli.words import told
from feeds.model import Letter, read_pulse, write_pulse
from feeds.wiring import App
from tests.callbacks import Callbacks, Conduct, signed
from tests.contract.stores import bring
from tests.desk import Desk
from tests.make import article, match

SITE = "https://desk.example/"
DAY = 24 * 3600


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    with Callbacks() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, empty: Path) -> Desk:
    shutil.copy(empty, tmp_path / "feeds.db")
    topics = "".join(f'[topics.{name}.words]\n10 = ["{name}"]\n' for name in ("ukraine", "turkey"))
    return Desk(tmp_path, sources={"alpha": "https://alpha.example/feed"}, more="[serve]\n", topics=topics)


class Working:
    """An open program."""

    def __init__(self, desk: Desk, app: App) -> None:
        self.desk, self.app = desk, app

    def work(self) -> None:
        self.app.hub.tick(20)

    def write(self, name: str) -> None:
        """A story of one topic becomes news, and is published."""
        text = f"It goes on, says {name} of all people, and {name} knows of such things more than others."
        story = article("alpha", name, f"Something {name} happened", text=text, topics=(match("ukraine"),))
        bring(self.app.store, "alpha", story, now=self.desk.now)
        list(self.app.republish.run())

    def publish(self, name: str) -> None:
        """A story becomes news, and the hub does its work."""
        self.write(name)
        self.work()

    def publish_again(self) -> None:
        """The files of a topic are published as they are, as after a run that was killed before it had noted so."""
        (state,) = (state for state in self.app.store.topics() if state.name == "ukraine")
        values = {"entries": state.entries, "rendered_with": state.rendered_with, "archived_at": state.archived_at}
        assert self.app.store.mark_published(
            "ukraine",
            seq=state.seq,
            seen=state.published_seq,
            **values,  # type: ignore[arg-type]
        )
        assert [each.waiting for each in self.app.store.hub_standing(self.desk.now)] == [1]
        self.work()

    def send(self, mode: str, callback: str, topic: str = "ukraine.atom", **more: object) -> None:
        form = {"hub.mode": mode, "hub.topic": SITE + topic, "hub.callback": callback}
        form |= {f"hub.{name}": str(value) for name, value in more.items()}
        assert self.app.store.drop_in(Letter(kind="hub", at=self.desk.now, body=urlencode(form).encode()))
        self.work()

    def later(self, **more: float) -> None:
        self.desk.now += timedelta(**more)
        self.work()

    @property
    def number(self) -> int:
        return sum(each.number for each in self.app.store.hub_standing(self.desk.now))


@contextmanager
def working(desk: Desk) -> Iterator[Working]:
    with desk.app() as app:
        yield Working(desk, app)


def test_who_subscribes_is_asked_and_told(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb?key=1"), secret="s3cret", lease_seconds=DAY)
        (question,) = callbacks.asked("/cb")
        assert question.asked.pop("hub.challenge")
        assert question.asked == {
            "key": "1",
            "hub.mode": "subscribe",
            "hub.topic": f"{SITE}ukraine.atom",
            "hub.lease_seconds": str(DAY),
        }
        assert callbacks.told() == [], "what was published before is known"
        hub.publish("second")
        (told,) = callbacks.told("/cb")
        assert told.body == desk.files()["ukraine.atom"]
        assert told.headers["content-type"] == "application/atom+xml; charset=utf-8"
        assert told.headers["link"] == f'<{SITE}hub>; rel="hub", <{SITE}ukraine.atom>; rel="self"'
        assert signed(told, "s3cret")
        assert not signed(told, "guess")
        hub.publish_again()
        assert len(callbacks.told()) == 1, "nothing new"


def test_each_format_is_a_topic(desk: Desk, callbacks: Callbacks) -> None:
    types = {"ukraine.rss": "application/rss+xml", "ukraine.json": "application/feed+json"}
    with working(desk) as hub:
        hub.publish("first")
        for topic in types:
            hub.send("subscribe", callbacks.url(f"/{topic}"), topic)
            assert callbacks.asked(f"/{topic}")[0].asked["hub.lease_seconds"] == str(10 * DAY)
        hub.publish("second")
        for topic, media_type in types.items():
            (told,) = callbacks.told(f"/{topic}")
            assert (told.body, told.headers["content-type"]) == (desk.files()[topic], f"{media_type}; charset=utf-8")
            assert "x-hub-signature" not in told.headers


UNCONFIRMED = {
    "wrong-challenge": Conduct(echo=lambda challenge: challenge[::-1]),
    "not-exactly-the-challenge": Conduct(echo=lambda challenge: challenge + "\n"),
    "no-challenge": Conduct(echo=lambda _: ""),
    "not-found": Conduct(status=404),
    "led-elsewhere": Conduct(status=302, location="/other"),
}


def test_who_does_not_confirm_gets_nothing(desk: Desk, callbacks: Callbacks) -> None:
    callbacks.conduct = {f"/{name}": conduct for name, conduct in UNCONFIRMED.items()}
    with working(desk) as hub:
        hub.publish("first")
        for path in callbacks.conduct:
            hub.send("subscribe", callbacks.url(path))
        hub.publish("second")
        hub.later(hours=1)
        assert [got.path for got in callbacks.got] == list(callbacks.conduct), "asked once, and not elsewhere"
        assert hub.number == 0


def test_a_callback_that_is_ill_is_asked_again(desk: Desk, callbacks: Callbacks) -> None:
    callbacks.conduct["/cb"] = Conduct(status=503)
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb"))
        callbacks.conduct.clear()
        hub.later(minutes=1)
        assert hub.number == 1


def test_410_ends_a_subscription(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb"))
        callbacks.conduct["/cb"] = Conduct(status=410)
        hub.publish("second")
        hub.publish("third")
        hub.later(days=1)
        assert len(callbacks.told()) == 1
        assert hub.number == 0


def test_a_redirect_is_no_success_and_is_not_followed(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb"))
        callbacks.conduct["/cb"] = Conduct(status=307, location="/other")
        hub.publish("second")
        assert callbacks.told("/other") == []
        callbacks.conduct.clear()
        hub.publish("third")
        assert len(callbacks.told("/cb")) == 1, "it waits for its time"
        hub.later(minutes=1)
        assert callbacks.told("/cb")[-1].body == desk.files()["ukraine.atom"], "the newest, once"
        assert len(callbacks.told("/cb")) == 2


def test_after_a_day_of_failures_we_give_up(desk: Desk, callbacks: Callbacks, caplog: pytest.LogCaptureFixture) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/secret-path"), secret="s3cret")
        callbacks.conduct["/secret-path"] = Conduct(status=500)
        hub.publish("second")
        for _ in range(20):
            hub.later(hours=8)
        assert len(callbacks.told()) == 9
        assert hub.number == 0
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        "hub.failed",
        "hub.ended",
    ]
    said = " ".join(str(record.__dict__) for record in caplog.records)
    assert "secret-path" not in said
    assert "s3cret" not in said


def test_status_says_who_is_told_and_what_fails(desk: Desk, callbacks: Callbacks) -> None:
    desk.publish = f'hubs = ["{callbacks.url("/hub")}"]'
    with working(desk) as hub:
        hub.publish("first")
        for name in ("a", "b"):
            hub.send("subscribe", callbacks.url(f"/{name}"), topic="ukraine.rss")
        hub.send("subscribe", callbacks.url("/c"))
        callbacks.conduct |= {"/b": Conduct(status=500), "/hub": Conduct(status=404)}
        hub.publish("second")
        words = {f"{each.topic} {each.hub and 'hub'}": told(each) for each in hub.app.store.hub_standing(desk.now)}
        assert words["ukraine.rss "] == "2 subscribers; 1 not told yet; 1 fails: http_500"
        assert words["ukraine.atom "] == "1 subscriber"
        assert words["ukraine.json hub"] == f"{callbacks.url('/hub')}; 1 not told yet; 1 fails: http_404"
        assert words["turkey.atom hub"] == callbacks.url("/hub")
        pulse = hub.app.pulse()
        assert (pulse.subscribers, pulse.hub_waiting, pulse.hub_failing) == (
            {"ukraine.atom": 1, "ukraine.rss": 2},
            4,
            4,
        )
        assert read_pulse(write_pulse(pulse)) == pulse


def test_a_forged_unsubscription_ends_nothing(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb"))
        callbacks.conduct["/cb"] = Conduct(status=404)
        hub.send("unsubscribe", callbacks.url("/cb"))
        assert hub.number == 1
        callbacks.conduct.clear()
        hub.send("unsubscribe", callbacks.url("/cb"))
        assert "hub.lease_seconds" not in callbacks.asked()[-1].asked
        assert hub.number == 0


def test_a_lease_is_bounded_and_ends_unless_it_is_renewed(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/long"), lease_seconds=10**9)
        hub.send("subscribe", callbacks.url("/short"), lease_seconds=1)
        assert [got.asked["hub.lease_seconds"] for got in callbacks.asked()] == [str(30 * DAY), "3600"]
        hub.send("subscribe", callbacks.url("/renewed"), lease_seconds=DAY)
        hub.later(hours=20)
        hub.send("subscribe", callbacks.url("/renewed"), lease_seconds=DAY)
        hub.later(hours=20)
        hub.publish("second")
        assert sorted(got.path for got in callbacks.told()) == ["/long", "/renewed"]
        hub.later(days=40)
        assert hub.number == 0


def test_private_addresses_are_refused_by_the_guard(desk: Desk, callbacks: Callbacks) -> None:
    desk.allow = "[]"
    with working(desk) as hub:
        hub.publish("first")
        for host in ("127.0.0.1", "localhost", "2130706433", "[::1]"):
            hub.send("subscribe", callbacks.url("/cb", host))
        hub.later(minutes=10)
        assert callbacks.got == []
        assert hub.number == 0


def test_a_slow_callback_delays_nobody_else(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/slow"))
        hub.send("subscribe", callbacks.url("/quick", "127.0.0.2"))
        callbacks.conduct["/slow"] = Conduct(seconds=0.5)
        hub.write("second")
        hub.app.hub.tick(0.2)
        assert not hub.app.hub.is_idle()
        assert "/quick" in [got.path for got in callbacks.told()]
        hub.work()
        assert len(callbacks.told()) == 2


def test_hubs_elsewhere_are_pinged(desk: Desk, callbacks: Callbacks) -> None:
    desk.more, desk.publish = "", f'hubs = ["{callbacks.url("/hub")}"]'
    with working(desk) as hub:
        hub.publish("first")
        forms = sorted(got.body.decode() for got in callbacks.told("/hub"))
        topics = sorted(f"{topic}.{ending}" for topic in ("turkey", "ukraine") for ending in ("atom", "json", "rss"))
        assert forms == [
            urlencode({"hub.mode": "publish", "hub.url": SITE + topic, "hub.topic": SITE + topic}) for topic in topics
        ]
        assert callbacks.got[0].headers["content-type"] == "application/x-www-form-urlencoded"
        assert f'rel="hub" href="{callbacks.url("/hub")}"'.encode() in desk.files()["ukraine.atom"]
        hub.publish("second")
        assert len(callbacks.told()) == 6 + 3, "of what changed alone"


def test_who_subscribes_where_there_is_no_hub_is_not_asked(desk: Desk, callbacks: Callbacks) -> None:
    desk.more = "[serve]\nhub = false\n"
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb"))
        assert callbacks.got == []
        assert b'rel="hub"' not in desk.files()["ukraine.atom"]


def test_a_topic_that_goes_says_so_to_its_subscribers(desk: Desk, callbacks: Callbacks) -> None:
    with working(desk) as hub:
        hub.publish("first")
        hub.send("subscribe", callbacks.url("/cb"))
    desk.topics = '[topics.turkey.words]\n10 = ["turkey"]\n'
    with working(desk) as hub:
        hub.work()
        assert callbacks.asked("/cb")[-1].asked == {
            "hub.mode": "denied",
            "hub.topic": f"{SITE}ukraine.atom",
            "hub.reason": "this feed is no longer published",
        }
        assert hub.number == 0

"""The ticks of the daemon, called one by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.config import load
from feeds.daemon import _DRAIN, _LAST, Daemon
from feeds.errors import StoreFailing
from feeds.publish.files import Folder
from feeds.store.sql import SqlStore
from feeds.wiring import App
from tests.desk import Desk
from tests.leaving import left_behind
from tests.running import eventually

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Ticking(Daemon):
    """A daemon that ticks when it is told to, under the clock of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        super().__init__(lambda: load(str(desk.config)), serve=False)
        self._app = self._open(self._load())

    def _make(self, settings: object) -> App:
        return App(settings, clock=lambda: self.desk.now, rests=self._rests)  # type: ignore[arg-type]

    @property
    def app(self) -> App:
        """The program at work."""
        return self._app

    def close(self) -> None:
        """Let go of everything."""
        for app in [self._app, *self._leaving]:
            app.dispatch.stop()
            app.dispatch.wait(60)
            app.close()

    def tick(self) -> None:
        """One tick of each kind but the house's."""
        self._poll()
        self._publish()

    @property
    def leaving(self) -> int:
        """How many programs were replaced and are not closed yet."""
        return len(self._leaving)

    def reload(self) -> None:
        """What SIGHUP does."""
        self._reload()

    def poll(self) -> None:
        """The tick that polls."""
        self._poll()

    def publish(self) -> None:
        """The tick that publishes."""
        self._publish()

    def reasons(self) -> list[str]:
        """What /health says."""
        return self._reasons()

    def keep_house(self) -> None:
        """The tick of once a minute."""
        self._keep_house()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "note.txt").write_text("2026-11-20 08:00:00\nNote on Ukraine\nThe war goes on in Ukraine.\n")
    return Desk(tmp_path, sources={"notes": f"file:{tmp_path / 'notes'}"})


@pytest.fixture
def daemon(desk: Desk) -> Iterator[Ticking]:
    ticking = Ticking(desk)
    yield ticking
    ticking.close()


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What systemd would be told."""
    told: list[str] = []
    monkeypatch.setattr("feeds.daemon.notify", told.append)
    return told


def test_ticks_that_find_nothing_to_do_leave_nothing_behind(daemon: Ticking) -> None:
    def second() -> None:
        daemon.tick()
        daemon.app.refresh.begin_pushed(lambda _: None)
        daemon.app.hub.tick(0)
        daemon.keep_house()
        daemon.desk.now += timedelta(seconds=1)

    daemon.tick()
    assert daemon.app.dispatch.wait(60)
    assert left_behind(second, rounds=80) < 1000


def test_the_watchdog_is_not_fed_while_the_store_does_not_answer(
    daemon: Ticking, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreFailing("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "topics", fail)
        daemon.tick()
        assert notices == []
        assert daemon.reasons() == ["the database cannot be written"]
    daemon.tick()
    assert notices == ["WATCHDOG=1"]
    assert daemon.reasons() == []


def test_a_poll_that_cannot_be_stored_is_told_also_when_nothing_else_is_written(
    daemon: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def fail(*_: object, **__: object) -> None:
        tried.set()
        raise StoreFailing("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "apply", fail)
        daemon.poll()
        assert tried.wait(60)
        eventually(lambda: daemon.reasons() == ["the database cannot be written"])
    assert daemon.app.dispatch.wait(60)
    assert daemon.reasons() == []


def test_the_watchdog_is_not_fed_while_another_tick_hangs(
    daemon: Ticking, notices: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("feeds.daemon._STUCK", 0.1)
    begun, release = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> None:
        begun.set()
        release.wait(60)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "sweep", hang)  # a disk that does not answer
        publishing = threading.Thread(target=daemon.publish)
        publishing.start()
        begun.wait(60)
        time.sleep(0.2)
        daemon.poll()
        daemon.poll()
        assert notices == []
        assert daemon.reasons() == ["publish does not come to its end"]
        assert caplog.text.count("publish.stuck") == 1
        release.set()
        publishing.join(60)
    daemon.poll()
    assert notices == ["WATCHDOG=1"]
    assert daemon.reasons() == []


def test_its_end_is_promised_within_five_seconds() -> None:
    assert 0 < _DRAIN < _LAST < 5


def test_another_configuration_over_its_database_does_not_stop_it(
    daemon: Ticking, desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "more").mkdir()
    other = replace(desk, sources={**desk.sources, "more": f"file:{tmp_path / 'more'}"})
    other.more = '[topics.another]\ntitle = "Another"\n[topics.another.words]\n10 = ["ukrain*"]\n'
    with other.app():
        pass
    daemon.tick()
    assert daemon.app.dispatch.wait(60)
    daemon.tick()
    assert (desk.public / "ukraine.atom").exists()
    assert not (desk.public / "another.atom").exists()
    polled = {row["name"]: row["polled"] is not None for row in daemon.app.store.status()}
    assert polled == {"notes": True, "more": False}, "it polls what it knows"
    assert [record.getMessage() for record in caplog.records if "crashed" in record.getMessage()] == []


@pytest.mark.parametrize("verb", ["reclassify", "set_note", "sync"])
def test_a_configuration_that_cannot_be_taken_up_leaves_the_old_one_in_force(
    daemon: Ticking, desk: Desk, verb: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    daemon.tick()
    assert daemon.app.dispatch.wait(60)
    # what a topic that is new would take in, and pages of stories that are looked at once more
    taken_in = ["memberships", "meta", "stories.page_due"]
    old, before = daemon.app, desk.rows(but=taken_in)
    desk.sources["more"] = "https://more.example/feed"
    desk.topics = desk.topics.replace('[topics.turkey]\nuse = "turkey"', "")
    desk.more = '[topics.another]\ntitle = "Another"\n[topics.another.words]\n10 = ["ukrain*"]\n'

    def fail(*_: object, **__: object) -> None:
        raise StoreFailing("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, verb, fail)
        daemon.reload()
    assert "config.kept" in caplog.text
    assert daemon.app is old
    assert desk.rows(but=taken_in) == before
    desk.now += HOUR
    daemon.tick()
    daemon.reload()
    assert {state.name for state in daemon.app.store.topics()} == {"another", "diplomacy", "ukraine"}
    assert len(daemon.app.store.entries("another", limit=9, window=DAY)) == 1, "it takes in what is stored"
    assert list(daemon.app.store.verify()) == []


def test_a_start_with_the_old_configuration_clears_what_a_new_one_left_half_done(
    daemon: Ticking, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.tick()
    assert daemon.app.dispatch.wait(60)
    desk.more = '[topics.another]\ntitle = "Another"\n[topics.another.words]\n10 = ["ukrain*"]\n'

    def fail(*_: object, **__: object) -> None:
        raise StoreFailing("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "sync", fail)
        daemon.reload()
    desk.more = ""
    daemon.reload()
    assert list(daemon.app.store.verify()) == []


def test_replaced_programs_are_gone_at_the_next_tick(daemon: Ticking) -> None:
    daemon.tick()
    for _ in range(3):
        assert daemon.app.dispatch.wait(60)
        daemon.reload()
        assert daemon.leaving == 1
        daemon.tick()
        assert daemon.leaving == 0


def test_only_a_start_and_a_sleep_spread_what_is_overdue(
    daemon: Ticking, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[timedelta | None] = []
    monkeypatch.setattr(daemon.app.store, "mend_schedule", lambda _, *, spread: asked.append(spread))
    daemon.tick()
    for _ in range(2):
        daemon.keep_house()
        desk.now += MINUTE
        daemon.tick()
    daemon.tick()
    assert asked == [MINUTE, None, None], "who is late because we are slow stays in its place"
    desk.now += HOUR
    daemon.tick()
    assert asked[3:] == [MINUTE]

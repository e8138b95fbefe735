"""The ticks of the daemon, called one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.config import load
from feeds.daemon import Daemon
from feeds.wiring import App
from tests.desk import Desk

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

    def tick(self) -> None:
        """One tick of each kind but the house's."""
        self._poll()
        self._publish()

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
    ticking.app.dispatch.stop()
    ticking.app.dispatch.wait(60)
    ticking.app.close()


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

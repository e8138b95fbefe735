"""Restarts, sleep and jumps of the clock under `feeds run`: nobody is asked early, nobody is forgotten."""

from __future__ import annotations

import sys
import time
from collections import Counter
from ctypes.util import find_library
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.errors import EXIT_DONE
from tests.desk import Desk
from tests.origin import Origin
from tests.running import HandClock, Running, eventually, running
from tests.system.test_system_daemon import QUICK, feed, many

pytestmark = pytest.mark.usefixtures("hatched")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOURCES = 60
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIXED = 'interval_min = "15m"\ninterval_max = "15m"'  # and up to a tenth more


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    return Desk(tmp_path, sources=many(origin, SOURCES), poll=FIXED)


@pytest.fixture
def clock(tmp_path: Path) -> HandClock:
    return HandClock(tmp_path / "clock", NOW)


def asked(origin: Origin) -> Counter[int]:
    """How many sources were asked how often."""
    return Counter(Counter(request.path for request in origin.requests).values())


def first_round(daemon: Running, origin: Origin) -> None:
    daemon.ready()
    eventually(lambda: asked(origin) == {1: SOURCES}, what=lambda: f"{asked(origin)}\n{daemon.log}")
    eventually(lambda: len(daemon.lines("source.read")) == SOURCES)


def test_a_restart_polls_nothing_early(desk: Desk, origin: Origin, clock: HandClock) -> None:
    with running(desk, environment=clock.environment) as daemon:
        first_round(daemon, origin)
        daemon.stop()
    clock.advance(14 * MINUTE)
    with running(desk, environment=clock.environment) as daemon:
        daemon.ready()
        daemon.ticks(2)
        assert asked(origin) == {1: SOURCES}
        clock.advance(3 * MINUTE)
        eventually(lambda: asked(origin)[2] > 0, what=lambda: daemon.log)


def test_a_day_ahead_is_one_poll_each_spread_over_a_minute(desk: Desk, origin: Origin, clock: HandClock) -> None:
    with running(desk, environment=clock.environment) as daemon:
        first_round(daemon, origin)
        clock.advance(DAY)
        assert "seconds=86" in daemon.says("clock.jumped")
        daemon.ticks(2)
        assert asked(origin)[2] < SOURCES / 4, "no stampede"
        for _ in range(6):
            clock.advance(10 * SECOND)
            daemon.ticks(1)
        clock.advance(SECOND)
        eventually(lambda: asked(origin) == {2: SOURCES}, what=lambda: f"{asked(origin)}\n{daemon.log}")
        daemon.ticks(2)
        assert asked(origin) == {2: SOURCES}, "one each"
        assert daemon.stop()[0] == EXIT_DONE


def test_a_long_sleep_before_a_start_is_caught_up_in_the_same_way(desk: Desk, origin: Origin, clock: HandClock) -> None:
    with running(desk, environment=clock.environment) as daemon:
        first_round(daemon, origin)
        daemon.process.kill()
    clock.advance(DAY)
    with running(desk, environment=clock.environment) as daemon:
        daemon.ready()
        daemon.ticks(2)
        assert asked(origin)[2] < SOURCES / 4
        clock.advance(MINUTE)
        eventually(lambda: asked(origin) == {2: SOURCES}, what=lambda: f"{asked(origin)}\n{daemon.log}")


def test_an_hour_back_stalls_nothing_and_polls_nothing_twice(desk: Desk, origin: Origin, clock: HandClock) -> None:
    with running(desk, environment=clock.environment) as daemon:
        first_round(daemon, origin)
        clock.advance(-HOUR)
        assert "seconds=-36" in daemon.says("clock.jumped")
        daemon.ticks(1)
        clock.advance(50 * SECOND)
        daemon.ticks(1)
        assert asked(origin) == {1: SOURCES}, "nobody is asked early"
        for _ in range(20):  # the longest gap is 15 min and a tenth
            clock.advance(50 * SECOND)
            time.sleep(0.1)
        daemon.ticks(1)  # several of these at one look are a sleep, and what was slept through is spread over a minute
        clock.advance(MINUTE)
        eventually(lambda: asked(origin) == {2: SOURCES}, what=lambda: f"{asked(origin)}\n{daemon.log}")


def test_the_whole_process_survives_a_clock_that_is_set(tmp_path: Path, origin: Origin) -> None:
    """APScheduler's own clock jumps too: its next tick is a time of day."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), find_library("faketimeMT"))
    if library is None:
        pytest.skip("libfaketime is not installed: only our own clock is made to jump")
    origin.put("/wire", feed("grain"), etag='"1"')
    desk = Desk(tmp_path, sources={"wire": origin.url("/wire")}, poll=QUICK)
    setting = tmp_path / "faketime"
    setting.write_text("+0", encoding="ascii")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(setting),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with running(desk, environment=environment, python=(sys.executable,)) as daemon:
        daemon.ready()
        eventually(lambda: len(origin.requests) >= 2, what=lambda: daemon.log)
        for number, offset in enumerate(("-3600", "+86400", "+0"), 1):
            setting.write_text(offset, encoding="ascii")
            daemon.says("clock.jumped", times=number)
            before = len(origin.requests)
            eventually(lambda before=before: len(origin.requests) > before + 1, what=lambda: daemon.log)  # type: ignore[misc]
        assert daemon.stop()[0] == EXIT_DONE
    assert "Traceback" not in daemon.log

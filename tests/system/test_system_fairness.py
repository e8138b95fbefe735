"""Slow and hostile servers delay nobody but themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from feeds.model import Polled
from tests.desk import Desk
from tests.hatchery import Hatchery
from tests.origin import Origin
from tests.running import eventually

GOOD, DRIPS = 300, 20
ITEM = b"<item><guid>%d</guid><title>A report of the day</title></item>"
FEED = b"<rss version='2.0'><channel><title>W</title>" + ITEM + b"</channel></rss>"


class World:
    """Good servers, and servers that answer a byte now and then."""

    def __init__(self, folder: Path, stack: ExitStack, *, drip_hosts: int) -> None:
        self.good = [stack.enter_context(Origin(host=f"127.0.1.{n + 1}")) for n in range(10)]
        self.bad = [stack.enter_context(Origin(host=f"127.0.2.{n + 1}")) for n in range(drip_hosts)]
        self.desk = Desk(folder, per_host=1, concurrency=64, fetch='timeout = "3s"')
        for n in range(GOOD):
            host = self.good[n % len(self.good)]
            host.put(f"/{n}", FEED % n)
            self.desk.sources[f"good{n:03}"] = host.url(f"/{n}")
        for n in range(DRIPS):
            host = self.bad[n % len(self.bad)]
            host.drip(f"/{n}", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000, every=0.1)
            self.desk.sources[f"drip{n:02}"] = host.url(f"/{n}")  # before the good ones by name

    def run(self) -> Iterator[Polled]:
        with self.desk.app() as app:
            for _, polled in app.refresh.run(due=False):
                yield polled


@pytest.mark.parametrize("hosts", [1, DRIPS], ids=["twenty sources of one slow host", "twenty slow hosts"])
def test_good_sources_are_asked_while_slow_ones_drip(tmp_path: Path, hatchery: Hatchery, hosts: int) -> None:
    with ExitStack() as stack:
        world = World(tmp_path, stack, drip_hosts=hosts)
        world.desk.fetch = 'timeout = "300s"'  # none of the slow ones comes to an end here
        arguments = "--config", str(world.desk.config), "refresh"
        process = hatchery.start(*arguments, environment=world.desk.environment())
        stack.callback(process.wait)
        stack.callback(process.kill)
        eventually(lambda: sum(len(origin.requests) for origin in world.good) == GOOD)
        eventually(lambda: all(origin.requests for origin in world.bad))
        assert process.poll() is None
        assert [len(origin.requests) for origin in world.bad] == [1] * hosts, "one at a time"


def test_the_polls_of_good_sources_are_stored_before_those_of_known_slow_ones(tmp_path: Path) -> None:
    with ExitStack() as stack:
        world = World(tmp_path, stack, drip_hosts=DRIPS)
        assert sum(1 for _ in world.run()) == GOOD + DRIPS
        again = [polled.source for polled in world.run()]
    assert all(name.startswith("good") for name in again[:GOOD])
    assert sorted(again[GOOD:]) == [f"drip{n:02}" for n in range(DRIPS)]

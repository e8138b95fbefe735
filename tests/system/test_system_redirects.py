"""Where a redirect leads is left alone as its own sources are: in pauses, and for as long as it asks for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from feeds.errors import EXIT_FAILED
from tests.desk import Desk
from tests.origin import Origin, Reply

FEED = b"<rss version='2.0'><channel><title>W</title><item><title>A report</title></item></channel></rss>"


def allow(origin: Origin) -> str:
    """[fetch] allow: this machine, and the port of one that is led to."""
    return f'["127.0.0.0/8", "{origin.url("").partition("//")[2]}"]'


def test_a_host_that_said_too_many_requests_is_not_asked_by_way_of_another(tmp_path: Path) -> None:
    with Origin() as origin, Origin(host="127.0.0.2") as busy:
        origin.redirect("/feed", busy.url("/feed"), status=302)
        busy.say("/feed", Reply(status=429, headers={"Retry-After": "7200"}))
        desk = Desk(tmp_path, sources={"direct": busy.url("/feed")}, allow=allow(busy))
        assert desk.run("refresh", check=False).returncode == EXIT_FAILED
        busy.put("/feed", FEED)
        desk.sources["led"] = origin.url("/feed")
        desk.now += timedelta(minutes=30)
        assert "source=led" in (told := desk.run("refresh").stderr)
        assert "127.0.0.2, to which http://127.0.0.1" in told
        assert (len(origin.requests), len(busy.requests)) == (1, 1)
        desk.now += timedelta(hours=2)
        assert desk.refresh()["polled"] == 2
        assert len(busy.requests) == 3


def test_a_source_that_is_led_to_a_host_and_one_of_that_host_are_a_pause_apart(tmp_path: Path) -> None:
    with Origin() as origin, Origin(host="127.0.0.2") as led_to:
        origin.redirect("/feed", led_to.url("/a"), status=302)
        led_to.put("/a", FEED)
        led_to.put("/b", FEED)
        sources = {"led": origin.url("/feed"), "own": led_to.url("/b")}
        desk = Desk(tmp_path, sources=sources, per_host=1, host_delay="0.5s", allow=allow(led_to))
        assert desk.refresh()["polled"] == 2
        times = sorted(asked.time for asked in led_to.requests)
        assert len(times) == 2
        first, second = times
        assert second - first >= 0.5


def test_a_clock_that_was_a_year_ahead_does_not_hold_back_the_next_pass(tmp_path: Path) -> None:
    with Origin() as origin:
        origin.put("/feed", FEED)
        desk = Desk(tmp_path, sources={"wire": origin.url("/feed")})
        right = desk.now
        desk.now += timedelta(days=365)
        assert desk.refresh()["polled"] == 1
        desk.now = right
        assert desk.refresh()["polled"] == 0, "its usual gap is waited for"
        desk.now += timedelta(days=1)
        assert desk.refresh()["polled"] == 1

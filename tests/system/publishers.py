"""What the tests of conduct share: feeds to serve, and days that go by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from feeds.wiring import App
from tests.desk import Desk
from tests.origin import Asked, Origin


def rss(*guids: object, head: str = "") -> bytes:
    """A feed with an item for each guid."""
    items = "".join(
        f"<item><guid>{g}</guid><title>Report {g} from the Black Sea ports</title><link>https://wire.example/{g}</link>"
        f"<pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate><description>All that report {g} says.</description></item>"
        for g in guids
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{head}{items}</channel></rss>'.encode()


def once(desk: Desk, **options: Any) -> None:
    """One pass of a program that has just started."""
    with desk.app() as app:
        list(app.refresh.run(**options))


def pass_by(desk: Desk, app: App, origin: Origin, *, hours: float, step: float = 0.25) -> list[float]:
    """Let time go by, with a pass at each step. Returns after how many hours requests came."""
    start, came = desk.now, []
    for n in range(round(hours / step) + 1):
        desk.now = start + timedelta(hours=n * step)
        before = len(origin.requests)
        list(app.refresh.run())
        came += [n * step] * (len(origin.requests) - before)
    return came


def poll_by_poll(desk: Desk, app: App, origin: Origin, *, hours: float) -> list[float]:
    """Let time go by from each poll of the one source to the next; a second before none comes. The gaps in hours."""
    start, gaps = desk.now, []
    list(app.refresh.run())
    while desk.now - start < timedelta(hours=hours):
        following, requests = next(row["next_poll"] for row in app.store.status()), len(origin.requests)
        gaps.append((following - desk.now) / timedelta(hours=1))
        desk.now = following - timedelta(seconds=1)
        list(app.refresh.run())
        assert len(origin.requests) == requests, "nobody asks early"
        desk.now = following
        list(app.refresh.run())
        assert len(origin.requests) == requests + 1
    return gaps


def told(desk: Desk, name: str = "wire") -> Mapping[str, Any]:
    with desk.app() as app:
        return next(row for row in app.store.status() if row["name"] == name)


def conditions(asked: Asked) -> tuple[str, str]:
    return asked.headers.get("if-none-match", ""), asked.headers.get("if-modified-since", "")

"""One query, one pass: what it may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from feeds.config import load
from feeds.ports import Store
from feeds.search import SECONDS, Search
from tests.desk import Desk


class Asked:
    """A store that finds nothing, and notes how long it may look."""

    def __init__(self) -> None:
        self.seconds: list[float | None] = []

    def note(self, _: str) -> str:
        return ""

    def search(self, _: object, *, limit: int, seconds: float | None) -> tuple[Any, ...]:
        self.seconds.append(seconds)
        return ()[:limit]


def test_a_query_from_outside_has_two_seconds_of_the_database(tmp_path: Path) -> None:
    desk, asked = Desk(tmp_path), Asked()
    settings = load(str(desk.config))
    search = Search(store=lambda: cast(Store, asked), clock=lambda: desk.now, settings=settings, topics={})
    for form in ("atom", "html"):
        search.answer("kerch bridge", form)
    assert asked.seconds == [SECONDS] * 2 == [2.0] * 2

"""How a source stands in the eyes of its readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.model import stands
from feeds.model.standing import SILENT_AFTER

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FINE: dict[str, Any] = {"stopped": False, "failing_since": None, "polled": NOON, "changed": NOON, "why": ""}


def failing(since: timedelta, why: str = "http_503: Service Unavailable", **more: Any) -> dict[str, Any]:
    return FINE | {"failing_since": NOON - since, "why": why} | more


@pytest.mark.parametrize(
    ("row", "how", "since"),
    [
        pytest.param(FINE, "answers", None, id="it answers"),
        pytest.param(FINE | {"polled": None, "changed": None}, "new", None, id="never asked"),
        pytest.param(failing(timedelta(), changed=None), "new", None, id="asked once, in vain"),
        pytest.param(failing(SILENT_AFTER - timedelta(seconds=1)), "answers", None, id="a short failure is no news"),
        pytest.param(failing(SILENT_AFTER), "silent", NOON - SILENT_AFTER, id="six hours of it are"),
        pytest.param(failing(SILENT_AFTER, changed=None), "silent", NOON - SILENT_AFTER, id="it never answered"),
        pytest.param(failing(SILENT_AFTER, "http_403: x"), "refuses", NOON - SILENT_AFTER, id="it may not be read"),
        pytest.param(failing(SILENT_AFTER, "http_401"), "refuses", NOON - SILENT_AFTER, id="it wants a password"),
        pytest.param(failing(SILENT_AFTER, "http_410", stopped=True), "gone", None, id="it has ended"),
    ],
)
def test_how_a_source_stands(row: dict[str, Any], how: str, since: datetime | None) -> None:
    assert stands(**row) == (how, since)

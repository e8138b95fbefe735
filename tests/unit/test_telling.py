"""What was cut of a source's documents, and what is odd about them, reaches the operator: by the log and by status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feeds.cli.items import status
from feeds.model import Document, Facts, Reading, Unreadable
from feeds.refresh import Refresh
from feeds.wiring import App
from tests.desk import Desk

LONG = f"{'Kyiv ' * 600}\n\n{'Trains run. ' * 40_000}"  # its title and its text
CUT = {"long_title": 1, "long_text": 2}  # the first paragraph is the summary as well


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "long.txt").write_text(LONG)
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "short.txt").write_text("Kyiv\n\nTrains run.")
    desk = Desk(tmp_path, sources={name: f"file:{tmp_path / name}" for name in ("calm", "notes")})
    monkeypatch.setenv("FEEDS_NOW", desk.now.isoformat())
    return desk


def told(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.getMessage() == event]


def notes_of(desk: Desk, source: str) -> list[str]:
    said = CliRunner().invoke(status, [], obj=str(desk.config)).output
    return [line.removeprefix(f"{source}: ") for line in said.splitlines() if line.startswith(f"{source}: ")]


def doubtful(app: App) -> Refresh:
    """The passes of `app`, but that readers find one source not to be, in part, what it is when read whole."""
    read = app.refresh.read

    def differing(documents: Sequence[Document], facts: Facts) -> Reading | Unreadable:
        found = read(documents, facts)
        assert isinstance(found, Reading)
        return replace(found, differs="item 3 of 9", cuts={"items": 7}) if facts.source.name == "notes" else found

    return replace(app.refresh, read=differing)


def test_what_was_cut_is_told(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with desk.app() as app:
        list(app.refresh.run())
    (cut,) = told(caplog, "reading.cut")
    assert (cut["source"], {name: cut[name] for name in CUT}) == ("notes", CUT)
    assert notes_of(desk, "notes") == ["cut so far: long_text 2 times, long_title 1 times"]
    assert notes_of(desk, "calm") == []


def test_what_differs_is_told_once_and_switches_to_whole_reading(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with desk.app() as app:
        list(doubtful(app).run())
        (job,) = app.store.claim(desk.now, limit=1, lease=timedelta(minutes=1), only=["notes"], due=False)
        assert job.facts.whole
    (differs,) = told(caplog, "reading.differs")
    assert (differs["source"], differs["levelname"]) == ("notes", "ERROR")
    assert "(item 3 of 9); it is read whole from now on" in differs["why"]
    assert notes_of(desk, "notes") == [
        "always read whole, since reading it in part once gave something else (item 3 of 9)",
        "7 items beyond the newest 1000 of a document left out so far",
    ]
    assert notes_of(desk, "calm") == []

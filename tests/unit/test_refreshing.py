"""What `feeds refresh` asks for, and what it says of sources that it had to leave out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from feeds.cli.refreshing import refresh
from feeds.model import Failed, Poll
from feeds.store.sql import SqlStore
from tests.desk import Desk
from tests.make import deciding


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    sources = {name: f"https://one.example/{name}" for name in ("first", "second")}
    desk = Desk(tmp_path, sources=sources)
    monkeypatch.setenv("FEEDS_NOW", desk.now.isoformat())
    return desk


@pytest.mark.parametrize(
    ("options", "due", "force"),
    [
        pytest.param((), True, False, id="what is due"),
        pytest.param(("--force",), True, True, id="force: what is due, paused or not"),
        pytest.param(("--all",), False, False, id="all: due or not"),
        pytest.param(("--all", "--force"), False, True, id="all, paused or not"),
        pytest.param(("--source", "first"), False, False, id="one, due or not"),
    ],
)
def test_force_ignores_pauses_and_all_the_due_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], due: bool, force: bool
) -> None:
    asked: list[tuple[bool, bool]] = []

    def claim(self: SqlStore, now: object, *, due: bool, force: bool, **more: object) -> list[object]:
        asked.append((due, force))
        return []

    monkeypatch.setattr(SqlStore, "claim", claim)
    done = CliRunner().invoke(refresh, options, obj=str(desk.config))
    assert (done.exit_code, asked) == (0, [(due, force)])


def test_sources_whose_host_is_in_work_elsewhere_are_named(desk: Desk) -> None:
    with desk.app():
        beside = SqlStore(f"sqlite:///{desk.folder / 'feeds.db'}")
    assert beside.claim(desk.now, limit=1, lease=timedelta(minutes=10), only=["first"])
    said = CliRunner().invoke(refresh, ["--source", "second"], obj=str(desk.config)).output
    beside.close()
    assert "None of 2 sources was polled, 1 in the hands of another process" in said


def test_sources_that_a_pause_or_a_stop_holds_are_named(desk: Desk) -> None:
    with desk.app() as app:
        for name, changed in (("first", {"held_until": desk.now + timedelta(hours=2)}), ("second", {"stopped": True})):
            (job,) = app.store.claim(desk.now, limit=1, lease=timedelta(minutes=10), only=[name])
            state = replace(job.state, polled=desk.now, next_poll=desk.now, why="http_410: gone", **changed)
            failed = Failed(why="http_503", url=job.source.url, status=503)
            app.store.apply(Poll(job=job, answer=failed, reading=None, state=state), deciding())
    said = CliRunner().invoke(refresh, ["--all"], obj=str(desk.config)).output
    assert "first was not asked: waits until 2026-11-20 14:00 UTC, as its host asked" in " ".join(said.split())
    assert "second was not asked: stopped: http_410: gone" in said
    assert "None of 2 sources was polled, 2 held back (--force asks all the same)" in said
    said = CliRunner().invoke(refresh, [], obj=str(desk.config)).output
    assert "was not asked" not in said
    assert "None of 2 sources was polled, 1 held back" in said, "a stopped one is not due"

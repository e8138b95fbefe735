"""What `feeds refresh` asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from feeds.cli.refreshing import refresh
from feeds.store.sql import SqlStore
from tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    sources = {name: f"https://one.example/{name}" for name in ("first", "second")}
    return Desk(tmp_path, sources=sources)


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

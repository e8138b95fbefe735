"""The databases that the store's contract is held over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.ports import Store
from tests.contract.stores import open_store
from tests.make import source


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty: Path) -> str:
    shutil.copy(empty, tmp_path / "feeds.db")
    return f"{request.param}:///{tmp_path / 'feeds.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, source("alpha"), source("beta"))
    yield opened
    opened.close()

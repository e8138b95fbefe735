"""The databases that the store's contract is held over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.ports import Store
from feeds.store.database import Database
from tests.contract.stores import open_store
from tests.make import source


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that went through all migrations and holds nothing: to copy it costs a hundredth of making one."""
    file = tmp_path_factory.mktemp("store") / "empty.db"
    Database(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty: Path) -> str:
    shutil.copy(empty, tmp_path / "feeds.db")
    return f"{request.param}:///{tmp_path / 'feeds.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, source("alpha"), source("beta"))
    yield opened
    opened.close()

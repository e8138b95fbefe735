"""The order of the suite: the long files first, so that none of them begins when the other process has nothing left.
And what is dear to make and the same for many."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from feeds.store.database import Database
from tests.statements import share_statements

FIRST = Path(__file__).parent / "system"
settings.register_profile("untimed", settings(), deadline=None)  # nothing fails because the machine is busy
settings.load_profile("untimed")
share_statements()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled them; within each of the two groups its order stands."""
    items.sort(key=lambda item: not item.path.is_relative_to(FIRST))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds nothing: to copy it costs less than to make one."""
    file = tmp_path_factory.mktemp("store") / "empty.db"
    Database(f"sqlite:///{file}").close()
    return file

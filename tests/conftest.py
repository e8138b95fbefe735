"""The order of the suite: the long files first, so that none of them begins when the other process has nothing left."""

from __future__ import annotations

from pathlib import Path

import pytest

FIRST = Path(__file__).parent / "system"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled them; within each of the two groups its order stands."""
    items.sort(key=lambda item: not item.path.is_relative_to(FIRST))

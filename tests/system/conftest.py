"""What system tests share: an origin, and processes that need not import everything first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cradle import Cradle
from tests.hatchery import Hatchery
from tests.origin import Origin


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A web server that remembers what it was asked."""
    with Origin() as running:
        yield running


@pytest.fixture(scope="session")
def hatchery() -> Iterator[Hatchery]:
    """A process that commands and daemons can be forked from."""
    with Hatchery() as running:
        yield running


@pytest.fixture(scope="session")
def _cradle() -> Iterator[Cradle]:
    with Cradle() as running:
        yield running


@pytest.fixture
def hatched(hatchery: Hatchery, _cradle: Cradle, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands, daemons and nurseries of this test are forked."""
    monkeypatch.setattr(Hatchery, "used", hatchery)
    with _cradle.used():
        yield

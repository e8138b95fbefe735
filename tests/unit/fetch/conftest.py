"""A web server, and fetches that may reach it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feeds.config.settings import FetchSettings
from feeds.fetch.http import HttpFetch
from tests.origin import Origin
from tests.unit.fetch.asking import AGENT, TLS, Fetcher


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        yield origin


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Makes fetches that may dial loopback, and closes them."""
    made: list[HttpFetch] = []

    def make(*, timeout: float = 5.0, allow: tuple[str, ...] = (), proxy: str = "", **options: object) -> HttpFetch:
        settings = FetchSettings(allow=("127.0.0.0/8", *allow), timeout=timeout, max_bytes=1_000_000, proxy=proxy)
        made.append(HttpFetch(settings, user_agent=AGENT, **{"tls": TLS, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for fetch in made:
        fetch.close()


@pytest.fixture
def fetch(fetcher: Fetcher) -> HttpFetch:
    return fetcher()

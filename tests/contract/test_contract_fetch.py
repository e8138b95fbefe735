"""What every Fetch promises, whether it asks the web or this machine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from feeds.config.settings import FetchSettings
from feeds.fetch.files import fetch_files
from feeds.fetch.http import HttpFetch
from feeds.model import Failed, Fetched, NotModified, Request
from feeds.ports import Fetch
from tests.origin import Origin

LIMIT = 10_000  # bytes


class Place(Protocol):
    """A source whose content the test decides, and the adapter that asks it."""

    fetch: Fetch
    url: str

    def hold(self, body: bytes | None) -> None:
        """From now on the source says `body`; None: it is not there."""


class Web:
    def __init__(self, origin: Origin, fetch: Fetch, *, validators: bool) -> None:
        self.origin, self.fetch, self.url = origin, fetch, origin.url("/feed.xml")
        self.validators, self.version = validators, 0

    def hold(self, body: bytes | None) -> None:
        self.version += 1
        if body is None:
            self.origin.say("/feed.xml", 404)
        else:
            self.origin.put("/feed.xml", body, etag=f'"{self.version}"' if self.validators else "")


class Disk:
    def __init__(self, folder: Path, place: str) -> None:
        self.path = folder / "feed.xml"
        self.fetch: Fetch = partial(fetch_files, max_bytes=LIMIT)
        self.url = f"file:{folder}/{place}"

    def hold(self, body: bytes | None) -> None:
        self.path.unlink(missing_ok=True)
        if body is not None:
            self.path.write_bytes(body)


@pytest.fixture(params=["web with validators", "web without validators", "file", "folder", "glob"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if not request.param.startswith("web"):
        yield Disk(tmp_path, {"file": "feed.xml", "folder": "", "glob": "*.xml"}[request.param])
        return
    fetch = HttpFetch(FetchSettings(allow=("127.0.0.0/8",), timeout=5, max_bytes=LIMIT), user_agent="test")
    with Origin() as origin:
        yield Web(origin, fetch, validators="without" not in request.param)
    fetch.close()


def first(place: Place) -> Request:
    return Request(source="s", url=place.url)


def later(place: Place, answer: Fetched) -> Request:
    return Request(
        source="s",
        url=place.url,
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_hash=answer.body_hash,
    )


def test_the_first_answer_is_the_body(place: Place) -> None:
    place.hold(b"<rss/>")
    answer = place.fetch(first(place))
    assert isinstance(answer, Fetched)
    [document] = answer.documents
    assert document.body == b"<rss/>"
    assert document.url.endswith("/feed.xml")
    assert "://" in document.url
    assert len(answer.body_hash) == 16


def test_without_change_there_is_nothing_to_read(place: Place) -> None:
    place.hold(b"<rss/>")
    answer = place.fetch(first(place))
    assert isinstance(answer, Fetched)
    for _ in range(2):
        assert isinstance(place.fetch(later(place, answer)), NotModified)


def test_a_change_is_seen(place: Place) -> None:
    place.hold(b"<rss/>")
    before = place.fetch(first(place))
    assert isinstance(before, Fetched)
    place.hold(b"<rss>news</rss>")
    after = place.fetch(later(place, before))
    assert isinstance(after, Fetched)
    assert after.documents[0].body == b"<rss>news</rss>"
    assert after.body_hash != before.body_hash


def test_the_same_body_written_anew_is_nothing_new(place: Place) -> None:
    place.hold(b"<rss/>")
    before = place.fetch(first(place))
    assert isinstance(before, Fetched)
    place.hold(b"<rss/>")
    assert isinstance(place.fetch(later(place, before)), NotModified)


def test_what_is_not_there_is_a_failure_with_words(place: Place) -> None:
    place.hold(None)
    answer = place.fetch(first(place))
    assert isinstance(answer, Failed)
    assert answer.url == place.url
    assert answer.why
    assert answer.detail


def test_what_is_too_large_is_a_failure(place: Place) -> None:
    place.hold(b"x" * LIMIT)
    assert isinstance(place.fetch(first(place)), Fetched)
    place.hold(b"x" * (LIMIT + 1))
    answer = place.fetch(first(place))
    assert isinstance(answer, Failed)
    assert "larger than" in answer.detail


def test_an_empty_body_is_a_body(place: Place) -> None:
    place.hold(b"")
    answer = place.fetch(first(place))
    assert isinstance(answer, Fetched)
    assert answer.documents[0].body == b""

"""What every shelf promises, whatever it is made of."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.errors import EXIT_BUSY, ShelfBusy, ShelfError
from feeds.ports import WritableShelf
from feeds.publish.files import Folder

SHELVES: dict[str, Callable[[Path], WritableShelf]] = {"folder": lambda tmp: Folder(tmp / "public")}


@pytest.fixture(params=sorted(SHELVES))
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> WritableShelf:
    """An empty shelf of each kind."""
    return SHELVES[request.param](tmp_path)


def test_what_was_put_can_be_got(shelf: WritableShelf) -> None:
    assert shelf.put("ukraine.atom", b"<feed/>")
    assert shelf.get("ukraine.atom") == b"<feed/>"


def test_the_twin_of_a_text_can_be_got(shelf: WritableShelf) -> None:
    shelf.put("ukraine.atom", b"<feed/>")
    twin = shelf.get("ukraine.atom.gz")
    assert twin is not None
    assert gzip.decompress(twin) == b"<feed/>"


def test_a_time_is_that_of_the_bytes(shelf: WritableShelf) -> None:
    assert shelf.modified("ukraine/index.html") is None
    shelf.put("ukraine/index.html", b"one")
    put = shelf.modified("ukraine/index.html")
    assert put is not None
    assert abs(put.timestamp() - time.time()) < 60
    assert put.utcoffset() == timedelta(0)
    time.sleep(0.05)
    shelf.put("ukraine/index.html", b"one")
    assert shelf.modified("ukraine/index.html") == put
    shelf.put("ukraine/index.html", b"two")
    assert shelf.modified("ukraine/index.html") != put


def test_an_empty_shelf_holds_nothing(shelf: WritableShelf) -> None:
    assert shelf.get("ukraine.atom") is None
    assert shelf.modified("ukraine.atom") is None
    assert shelf.get("ukraine/index.html") is None
    assert list(shelf.names()) == []
    shelf.remove("ukraine.atom")
    shelf.remove("ukraine/index.html")


def test_equal_bytes_are_not_put_again(shelf: WritableShelf) -> None:
    assert shelf.put("a.atom", b"one")
    assert not shelf.put("a.atom", b"one")
    assert shelf.put("a.atom", b"two")
    assert shelf.get("a.atom") == b"two"


@pytest.mark.parametrize("body", [pytest.param(b"", id="empty"), pytest.param(bytes(range(256)) * 9_000, id="2 MB")])
def test_any_body_comes_back(shelf: WritableShelf, body: bytes) -> None:
    assert shelf.put("a.atom", body)
    assert shelf.get("a.atom") == body
    assert not shelf.put("a.atom", body)


def test_names_are_sorted_and_twins_are_not_among_them(shelf: WritableShelf) -> None:
    names = [
        ".well-known/feeds",
        "article/x/index.html",
        "feeds.css",
        "favicon.ico",
        "ukraine.atom",
        "ukraine/index.html",
    ]
    for name in reversed(names):
        assert shelf.put(name, b"x")
    assert list(shelf.names()) == sorted(names)
    assert list(shelf.times()) == [(name, shelf.modified(name)) for name in sorted(names)]


def test_names_below_a_folder_are_whole_and_no_others(shelf: WritableShelf) -> None:
    assert list(shelf.names_below("ukraine")) == []
    for name in ("ukraine.atom", "ukraine/index.html", "ukraine/2026-11-20.atom", "ukraine-2/index.html"):
        shelf.put(name, b"x")
    assert list(shelf.names_below("ukraine")) == ["ukraine/2026-11-20.atom", "ukraine/index.html"]


def test_a_removed_name_is_gone_and_may_come_back(shelf: WritableShelf) -> None:
    shelf.put("ukraine/index.html", b"x")
    shelf.put("ukraine.atom", b"x")
    shelf.remove("ukraine/index.html")
    assert list(shelf.names()) == ["ukraine.atom"]
    assert shelf.get("ukraine/index.html") is None
    assert shelf.put("ukraine/index.html", b"x")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("../feed.atom", id="up"),
        pytest.param("a/../../feed.atom", id="up from below"),
        pytest.param("a/./feed.atom", id="here"),
        pytest.param("/etc/feed.atom", id="absolute"),
        pytest.param("a//feed.atom", id="an empty step"),
        pytest.param("a/", id="a folder"),
        pytest.param("feed\x00.atom", id="NUL"),
        pytest.param("feed\n.atom", id="a control character"),
        pytest.param("feed\ud800.atom", id="a lone surrogate"),
    ],
)
def test_a_name_that_is_none_is_refused(shelf: WritableShelf, name: str) -> None:
    for attempt in (shelf.get, shelf.modified, shelf.remove, lambda name: shelf.put(name, b"x")):
        with pytest.raises(ShelfError, match="no name"):
            attempt(name)


def test_a_twin_is_nobody_elses_to_put_or_to_remove(shelf: WritableShelf) -> None:
    shelf.put("feed.atom", b"x")
    for attempt in (shelf.remove, lambda name: shelf.put(name, b"y")):
        with pytest.raises(ShelfError, match="no name"):
            attempt("feed.atom.gz")


def test_one_at_a_time_publishes(shelf: WritableShelf, tmp_path: Path) -> None:
    other = type(shelf)(tmp_path / "public")  # type: ignore[call-arg]
    with shelf.alone(seconds=0):
        started = time.monotonic()
        with pytest.raises(ShelfBusy, match="another process is publishing") as busy, other.alone(seconds=0.2):
            pass
        assert time.monotonic() - started >= 0.2
        assert busy.value.exit_code == EXIT_BUSY
        assert shelf.put("ukraine.atom", b"<feed/>")
    with other.alone(seconds=0):
        pass

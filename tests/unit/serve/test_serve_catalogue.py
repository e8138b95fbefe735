"""The catalogue takes up what changes, and only that."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feeds.publish.files import Folder
from feeds.serve.catalogue import Catalogue

START = datetime(2022, 9, 1, tzinfo=UTC)


class MemoryShelf:
    """A shelf whose clock stands still unless told, and which counts what is read."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, datetime]] = {}
        self.now = START
        self.read: list[str] = []
        self.gone_before_reading = ""

    def put(self, name: str, body: bytes) -> bool:
        self.files[name] = (body, self.now)
        return True

    def get(self, name: str) -> bytes | None:
        self.read.append(name)
        if name == self.gone_before_reading:
            self.files.pop(name, None)
        return self.files[name][0] if name in self.files else None

    def modified(self, name: str) -> datetime | None:
        if name.startswith("story/") or name.endswith(".html"):  # one that is asked for
            return self.files[name][1] if name in self.files else None
        raise AssertionError("a look at one name after the other is dear")

    def remove(self, name: str) -> None:
        self.files.pop(name, None)

    def names(self, *, but: Collection[str] = ()) -> Iterator[str]:
        ours = (name for name in self.files if not name.endswith(".gz") and name.partition("/")[0] not in but)
        return iter(sorted(ours))

    def times(self, *, but: Collection[str] = ()) -> Iterator[tuple[str, datetime]]:
        return iter([(name, self.files[name][1]) for name in self.names(but=but)])


def body(catalogue: Catalogue, path: str) -> bytes:
    page = catalogue.pages[path]
    return page.body(page.identity)


def test_pages_of_stories_are_read_when_they_are_asked_for() -> None:
    shelf = MemoryShelf()
    shelf.put("index.html", b"front")
    shelf.put("story/4F2A/index.html", b"one")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    assert (len(catalogue.pages), sorted(catalogue.pages)) == (2, ["/", "/index.html"])
    assert shelf.read == ["index.html", "index.html.gz"]
    assert body(catalogue, "/story/4F2A/") == body(catalogue, "/story/4F2A/index.html") == b"one"
    shelf.put("story/4F2A/index.html", b"two")
    assert body(catalogue, "/story/4F2A/") == b"two", "without another look"
    for path in ("/story/4F2A", "/story/", "/story/B/", "/story/../index.html", "/story/4F2A/x", "/story/4F2A/.gz"):
        assert path not in catalogue.pages


def test_pages_of_days_are_read_when_they_are_asked_for_though_they_stand_among_the_others() -> None:
    shelf = MemoryShelf()
    shelf.put("ukraine/index.html", b"topic")
    shelf.put("ukraine/2022-09-01.html", b"day")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    assert set(catalogue.pages) == {"/ukraine/index.html", "/ukraine/"}
    assert "ukraine/2022-09-01.html" not in shelf.read
    assert body(catalogue, "/ukraine/2022-09-01.html") == b"day"
    page = catalogue.pages["/ukraine/2022-09-01.html"]
    assert page.plain is None, "it is kept packed alone"
    for path in ("/ukraine/2022-09-01", "/ukraine/2022-09-02.html", "/ukraine/../2022-09-01.html", "/2022-09-01.html"):
        assert path not in catalogue.pages


def test_it_holds_what_stands_on_the_shelf() -> None:
    shelf = MemoryShelf()
    shelf.put("index.html", b"front")
    shelf.put("ukraine.atom", b"feed")
    twin = gzip.compress(b"feed", 1)
    shelf.put("ukraine.atom.gz", twin)
    catalogue = Catalogue(shelf, lambda: shelf.now)
    assert catalogue.look()
    assert sorted(catalogue.pages) == ["/", "/index.html", "/ukraine.atom"]
    assert catalogue.pages["/ukraine.atom"].packed == twin
    assert catalogue.pages["/ukraine.atom"].modified == START.timestamp()


def test_new_changed_and_removed_files_are_taken_up() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"one")
    shelf.put("b.atom", b"one")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    before = catalogue.pages
    shelf.now += timedelta(seconds=5)
    shelf.put("a.atom", b"two")
    shelf.put("c.atom", b"new")
    shelf.remove("b.atom")
    catalogue.look()
    assert {path: body(catalogue, path) for path in catalogue.pages} == {"/a.atom": b"two", "/c.atom": b"new"}
    assert sorted(before) == ["/a.atom", "/b.atom"], "whoever holds the old state holds all of it"


def test_an_unchanged_file_is_read_twice_and_then_never_again() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"one")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    catalogue.look()
    page = catalogue.pages["/a.atom"]
    shelf.read.clear()
    catalogue.look()
    assert shelf.read == []
    assert catalogue.pages["/a.atom"] is page


def test_what_is_old_is_read_once() -> None:
    shelf = MemoryShelf()
    shelf.put("ukraine/2022-08-01.atom", b"old")
    shelf.now += timedelta(minutes=2)
    shelf.put("a.atom", b"new")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    for _ in range(3):
        catalogue.look()
    assert sorted(shelf.read) == [
        *("a.atom", "a.atom", "a.atom.gz", "a.atom.gz"),
        *("ukraine/2022-08-01.atom", "ukraine/2022-08-01.atom.gz"),
    ]
    shelf.now += timedelta(minutes=2)
    shelf.put("ukraine/2022-08-01.atom", b"mended")
    catalogue.look()
    assert body(catalogue, "/ukraine/2022-08-01.atom") == b"mended"


def test_what_is_read_again_and_equal_is_not_held_twice() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"one")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    page = catalogue.pages["/a.atom"]
    catalogue.look()
    assert catalogue.pages["/a.atom"] is page


def test_a_second_change_within_one_tick_of_the_file_clock_is_seen() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"one")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    shelf.put("a.atom", b"two")
    catalogue.look()
    assert body(catalogue, "/a.atom") == b"two"


def test_a_twin_that_comes_late_is_used() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"one")
    shelf.put("a.atom.gz", gzip.compress(b"older"))
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    assert gzip.decompress(catalogue.pages["/a.atom"].packed) == b"one"
    twin = gzip.compress(b"one", 1, mtime=3)
    shelf.put("a.atom.gz", twin)
    catalogue.look()
    assert catalogue.pages["/a.atom"].packed == twin


def test_a_file_that_vanishes_while_we_look_is_not_there() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"one")
    shelf.put("b.atom", b"one")
    shelf.gone_before_reading = "a.atom"
    catalogue = Catalogue(shelf, lambda: shelf.now)
    assert catalogue.look()
    assert list(catalogue.pages) == ["/b.atom"]


def test_a_shelf_that_is_suddenly_empty_is_no_order_to_forget() -> None:
    shelf = MemoryShelf()
    catalogue = Catalogue(shelf, lambda: shelf.now)
    assert catalogue.look(), "it was empty from the start"
    shelf.put("a.atom", b"one")
    assert catalogue.look()
    shelf.remove("a.atom")
    assert not catalogue.look()
    assert body(catalogue, "/a.atom") == b"one"
    shelf.put("b.atom", b"back")
    assert catalogue.look()
    assert list(catalogue.pages) == ["/b.atom"]


def test_the_archive_of_a_day_is_sent_for_good_once_the_day_is_over() -> None:
    shelf = MemoryShelf()
    for name in ("ukraine/2022-08-31.atom", "ukraine/2022-09-01.atom", "2022-08-30.atom", "ukraine.atom"):
        shelf.put(name, b"<feed/>")
    catalogue = Catalogue(shelf, lambda: shelf.now)

    def lasting() -> set[str]:
        catalogue.look()
        found = {path: dict(page.identity.headers)[b"cache-control"] for path, page in catalogue.pages.items()}
        assert {dict(page.identity.validators)[b"cache-control"] for page in catalogue.pages.values()} == {
            *found.values()
        }
        return {path for path, value in found.items() if value == b"public, max-age=31536000, immutable"}

    shelf.now = START + timedelta(minutes=30)
    assert lasting() == set(), "shortly after midnight something of the last minutes may still come"
    shelf.now = START + timedelta(hours=1)
    assert lasting() == {"/ukraine/2022-08-31.atom"}
    shelf.now = START + timedelta(hours=25)
    assert lasting() == {"/ukraine/2022-08-31.atom", "/ukraine/2022-09-01.atom"}


def test_who_knows_an_earlier_feed_gets_what_is_new() -> None:
    shelf = MemoryShelf()
    shelf.put("a.atom", b"<feed><entry>1</entry></feed>")
    catalogue = Catalogue(shelf, lambda: shelf.now)
    catalogue.look()
    old = catalogue.pages["/a.atom"].identity.etag
    for _ in range(3):  # what is read twice is one revision all the same
        shelf.now += timedelta(seconds=5)
        shelf.put("a.atom", b"<feed><entry>2</entry><entry>1</entry></feed>")
        catalogue.look()
    page = catalogue.pages["/a.atom"]
    assert (page.newer(page.identity, [old]) or ((), b""))[1] == b"<feed><entry>2</entry></feed>"


def test_while_a_file_is_replaced_all_the_time_every_page_is_one_whole_revision(tmp_path: Path) -> None:
    def revision(number: int) -> bytes:
        return b"<feed>" + b"<entry>%d</entry>" % number * 4_000 + b"</feed>"

    shelf, enough = Folder(tmp_path), threading.Event()
    shelf.put("a.atom", revision(1))

    def publish() -> None:
        number = 1
        while not enough.is_set():
            number += 1
            shelf.put("a.atom", revision(number))

    publisher = threading.Thread(target=publish)
    publisher.start()
    bodies: dict[str, bytes] = {}  # by entity tag
    try:
        catalogue = Catalogue(shelf, lambda: START)
        looks = 0
        while (looks := looks + 1) <= 60 or len(bodies) < 6:  # a busy disk takes its time to replace a file
            catalogue.look()
            page = catalogue.pages["/a.atom"]
            whole = body(catalogue, "/a.atom")
            assert whole == revision(int(whole[13 : whole.index(b"</entry>")]))
            assert gzip.decompress(page.packed) == whole
            assert bodies.setdefault(page.identity.etag, whole) == whole
    finally:
        enough.set()
        publisher.join()

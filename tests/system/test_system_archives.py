"""Archives over many days: nothing is ever unreachable, a past day never changes, the walk meets each day once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from feeds import faults
from feeds.config import load
from feeds.errors import ShelfError, StoreError, StoreFailing
from feeds.model import Topic
from feeds.publish.files import Folder
from feeds.republish import Published, Republish
from feeds.store.sql import SqlStore
from tests.contract.stores import bring
from tests.desk import Desk
from tests.make import KEEP, NOW, article, match, source
from tests.origin import Origin
from tests.system.publishers import rss

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEXT = "It tells of number {} and of nothing else in all the world."
UKRAINE = Topic(name="ukraine", title="Ukraine")


class Wire:
    """A store that is written directly, and the pass that publishes it; the clock is the test's."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.desk = Desk(folder, now=NOW, **settings)
        self.store = SqlStore(f"sqlite:///{folder}/feeds.db")
        self.store.sync([source("alpha")], ["ukraine"], authority="desk.example,2026", now=NOW)
        self.url = "https://desk.example/"

    def bring(self, *guids: str, title: str = "Number {} is another story", text: str = TEXT, **more: Any) -> None:
        more = {"topics": (match("ukraine"),), "first_seen": self.desk.now, "published": self.desk.now - HOUR} | more
        items = [article("alpha", g, title.format(g), text=text.format(g), **more) for g in guids]
        bring(self.store, "alpha", *items, now=self.desk.now)

    def republish(self, store: SqlStore | None = None) -> list[Published]:
        settings = load(str(self.desk.config))
        settings = replace(settings, site=replace(settings.site, url=self.url))
        passing = Republish(
            store=store or self.store,
            shelf=Folder(self.desk.public),
            clock=lambda: self.desk.now,
            settings=settings,
            topics={"ukraine": UKRAINE},
        )
        return list(passing.run())

    def day(self, *guids: str, **more: Any) -> None:
        """What a day brings, published; then it is the next."""
        self.bring(*guids, **more)
        self.republish()
        self.desk.now += DAY

    def archives(self) -> dict[str, bytes]:
        found = {name: body for name, body in self.desk.files().items() if re.search(r"-\d\d\.atom$", name)}
        assert all(name + ".gz" in self.desk.files() for name in found)
        return {name.removeprefix("ukraine/").removesuffix(".atom"): body for name, body in found.items()}

    def pages(self) -> dict[str, str]:
        """The page of each day that has one."""
        found = {name: body for name, body in self.desk.files().items() if re.search(r"-\d\d\.html$", name)}
        assert all(name + ".gz" in self.desk.files() for name in found)
        return {name[len("ukraine/2026-11-") : -len(".html")]: body.decode() for name, body in found.items()}

    def walk(self) -> list[tuple[str, list[str]]]:
        """(where, titles) of the feed and of every archive that it leads back to."""
        found, name = [], "ukraine.atom"
        while name:
            document = feedparser.parse((self.desk.public / name).read_bytes())
            found.append((name, [entry.title for entry in document.entries]))
            before = [link.href for link in document.feed.links if link.rel == "prev-archive"]
            name = before[0].removeprefix(self.url) if before else ""
            assert len(found) < 100, "the walk does not end"
        return found


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    made = Wire(tmp_path, entries=2)
    yield made
    made.store.close()


def titles(*guids: str) -> list[str]:
    return [f"Number {guid} is another story" for guid in guids]


def test_each_day_has_its_archive_and_the_walk_meets_each_once(wire: Wire) -> None:
    wire.day("1", "2")
    wire.day("3")
    wire.desk.now += 3 * DAY  # nothing happened
    wire.day("4", "5")
    assert wire.walk() == [
        ("ukraine.atom", titles("4", "5")),
        ("ukraine/2026-11-25.atom", titles("4", "5")),
        ("ukraine/2026-11-21.atom", titles("3")),
        ("ukraine/2026-11-20.atom", titles("1", "2")),
    ]


def test_a_past_day_never_changes_whatever_happens_to_its_stories(wire: Wire) -> None:
    wire.day("1", "2")
    wire.day("3")
    before = wire.archives()
    inodes = {file: file.stat().st_ino for file in (wire.desk.public / "ukraine").glob("2026*.atom*")}
    wire.bring("1", title="Number {} was wrong all the time", text="Nothing of it was true.")
    wire.day("4")
    wire.store.reclassify(lambda *_: (), rules="r2", now=wire.desk.now)  # the topic loses all that it had
    wire.day()
    assert {day: wire.archives()[day] for day in before} == before
    assert {file: file.stat().st_ino for file in inodes} == inodes, "not even written again"


def shown(page: str) -> tuple[list[str], list[str]]:
    """The headlines of a page of a day, and the days that it leads to, above and below."""
    beside = re.findall(r'href="\./2026-11-(\d\d)\.html" rel', page)
    return re.findall(r">(Number [^<]+)</a></h3>", page), beside


def test_a_day_that_is_over_has_a_page_that_leads_to_the_ones_beside_it(wire: Wire) -> None:
    wire.day("1", "2")
    assert wire.pages() == {}
    wire.day("3")
    assert {day: shown(page) for day, page in wire.pages().items()} == {"20": (titles("1", "2"), [])}
    wire.desk.now += 3 * DAY  # nothing happened
    wire.day("4", "5")
    assert {day: shown(page) for day, page in wire.pages().items()} == {
        "20": (titles("1", "2"), ["21", "21"]),
        "21": (titles("3"), ["20", "20"]),
    }
    topic = wire.desk.files()["ukraine/index.html"].decode()
    assert re.findall(r'href="\./(2026[^"]+)"', topic) == ["2026-11-21.html", "2026-11-20.html"]


def test_a_page_of_a_past_day_is_not_touched_once_it_leads_to_the_next(wire: Wire) -> None:
    wire.day("1", "2")
    wire.day("3")
    wire.day("4")
    wire.day("5")
    before = wire.pages()
    inodes = {file: file.stat().st_ino for file in (wire.desk.public / "ukraine").glob("2026*.html*")}
    assert len(inodes) == 6
    wire.bring("1", title="Number {} was wrong all the time", text="Nothing of it was true.")
    wire.day()
    wire.day("5", title="Number {} was wrong as well", text="Nothing of it was ever true.")
    assert wire.pages() == before
    assert {file: file.stat().st_ino for file in inodes} == inodes, "not even written again"


def test_a_page_that_is_missing_is_written_with_those_before_it(wire: Wire) -> None:
    for guid in "1234":
        wire.day(guid)
    before = wire.pages()
    (wire.desk.public / "ukraine" / "2026-11-21.html").unlink()
    wire.day("5")
    assert {day: wire.pages()[day] for day in ("20", "21")} == {day: before[day] for day in ("20", "21")}
    assert wire.pages().keys() == before.keys() | {"23"}


def test_today_may_change_until_it_is_over(wire: Wire) -> None:
    wire.bring("1")
    wire.republish()
    wire.desk.now += HOUR
    wire.bring("1", title="Number {} was wrong all the time", text="Nothing of it was true.")
    wire.bring("2")
    wire.republish()
    assert wire.walk()[1] == (
        "ukraine/2026-11-20.atom",
        ["Number 2 is another story", "Number 1 was wrong all the time"],
    )
    assert list(wire.archives()) == ["2026-11-20"]


def test_a_correction_of_an_archived_story_comes_back_under_the_same_id(wire: Wire) -> None:
    wire.day("1")
    for guids in ("23", "45", "67"):
        wire.day(*guids)
    first = feedparser.parse(wire.archives()["2026-11-20"]).entries[0]
    before = wire.archives()
    wire.bring("1", title="Number {} was wrong all the time", text="Nothing of it was true.")
    wire.republish()
    last = feedparser.parse((wire.desk.public / "ukraine.atom").read_bytes()).entries[-1]
    assert (last.id, last.title) == (first.id, "Number 1 was wrong all the time")
    assert last.updated > first.updated
    assert wire.archives() == before
    wire.desk.now += 3 * DAY
    wire.day("8")
    feed = (wire.desk.public / "ukraine.atom").read_bytes()
    assert first.id not in feed.decode(), "two days later it has been told"


def test_what_one_megabyte_cuts_off_stands_in_the_archive(tmp_path: Path) -> None:
    wire = Wire(tmp_path, publish='content = "full"')
    wire.store.sync([source("alpha", content="full")], ["ukraine"], authority="desk.example,2026", now=NOW)
    wire.bring(*map(str, range(10, 30)), content="<p>" + "word " * 20_000 + "</p>")
    wire.republish()
    (_, feed), (_, archive) = wire.walk()
    assert len((wire.desk.public / "ukraine.atom").read_bytes()) <= 1_000_000
    assert len(feed) < 20
    assert archive == titles(*map(str, range(10, 30)))
    wire.store.close()


def test_an_old_item_that_a_slow_publisher_lists_late_can_be_reached(wire: Wire) -> None:
    """It takes its place by date, far below what the feed holds: but in today's archive it stands."""
    wire.bring("1", "2")
    wire.bring("late", published=NOW - 20 * DAY)
    wire.republish()
    assert wire.walk() == [
        ("ukraine.atom", titles("1", "2")),
        ("ukraine/2026-11-20.atom", titles("1", "2", "late")),
    ]


def test_an_archive_that_is_missing_is_written_again(wire: Wire) -> None:
    wire.day("1")
    wire.day("2")
    before = wire.archives()
    (wire.desk.public / "ukraine" / "2026-11-20.atom").unlink()
    wire.day("3")
    assert wire.archives() | before == wire.archives()


def test_under_another_address_the_archives_are_other_documents(wire: Wire) -> None:
    wire.day("1")
    wire.day("2")
    before = wire.walk()
    ids = [entry.id for body in wire.archives().values() for entry in feedparser.parse(body).entries]
    wire.url = "https://elsewhere.example/news/"
    wire.republish()
    assert wire.walk() == before, "each is found where the one after it says"
    assert all(b"https://desk.example/" not in body for body in wire.archives().values())
    assert [entry.id for body in wire.archives().values() for entry in feedparser.parse(body).entries] == ids


def test_an_archive_goes_when_its_last_story_does(wire: Wire) -> None:
    wire.day("1")
    wire.desk.now += 100 * DAY
    wire.day("2")
    wire.desk.now = NOW + KEEP + DAY
    wire.store.expire(wire.desk.now, keep=KEEP)
    wire.day("3")
    assert list(wire.archives()) == ["2027-03-01", "2027-05-20"]
    assert not (wire.desk.public / "ukraine" / "2026-11-20.atom.gz").exists()


class Gone(SqlStore):
    """A store that is lost at the moment when it should note what was published."""

    def mark_published(self, *_: Any, **__: Any) -> bool:
        raise StoreFailing("gone")


def test_what_was_published_but_not_noted_before_midnight_does_not_change_that_day(wire: Wire) -> None:
    wire.bring("1")
    store = Gone(f"sqlite:///{wire.desk.folder}/feeds.db")
    with pytest.raises(StoreFailing):
        wire.republish(store)
    store.close()
    before = wire.archives()
    wire.desk.now += DAY
    wire.day("2")
    assert wire.archives()["2026-11-20"] == before["2026-11-20"]
    assert wire.walk()[1:] == [
        ("ukraine/2026-11-21.atom", titles("2")),
        ("ukraine/2026-11-20.atom", titles("1")),
    ]


@pytest.mark.parametrize("point", [1, 4, 9, 12])
def test_a_disk_that_fails_over_midnight_leaves_nothing_out(wire: Wire, point: int) -> None:
    wire.bring("1")
    wire.republish()
    before = wire.archives()
    wire.bring("2", "3", "4")
    faults.want(f"eio:{point}")
    try:
        with pytest.raises((ShelfError, StoreError)):
            wire.republish()
    finally:
        faults.want("")
    during = wire.archives()
    assert during["2026-11-20"] == before["2026-11-20"] or len(during["2026-11-20"]) > len(before["2026-11-20"])
    wire.desk.now += DAY
    wire.day("5")
    assert wire.archives()["2026-11-20"] == during["2026-11-20"]
    stand = [title for where, found in wire.walk() if where != "ukraine.atom" for title in found]
    assert sorted(stand) == titles("1", "2", "3", "4", "5"), "each in one archive"


def test_a_clock_that_was_ahead_for_a_while_cuts_no_day_off(wire: Wire) -> None:
    wire.desk.now += 9 * DAY
    wire.day("1")
    wire.desk.now = NOW
    wire.day("2")
    wire.day("3")
    assert [where for where, _ in wire.walk()] == [
        "ukraine.atom",
        "ukraine/2026-11-29.atom",
        "ukraine/2026-11-21.atom",
        "ukraine/2026-11-20.atom",
    ]


@pytest.mark.usefixtures("hatched")
def test_the_command_publishes_a_day_after_the_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path, now=NOW, entries=1)
    desk.topics = '[topics.ukraine]\ntitle = "Ukraine"\nalways = ["wire"]\n'
    with Origin() as origin:
        desk.sources["wire"] = origin.url("/wire")
        for days in (1, 2):
            origin.put("/wire", rss(*range(days)))
            desk.now = NOW + days * DAY
            assert desk.refresh("--all")["new"] == 1
    names = [name for name in desk.files() if name.startswith("ukraine/2")]
    files = ("21.atom", "21.html", "22.atom")
    assert names == [f"ukraine/2026-11-{file}{twin}" for file in files for twin in ("", ".gz")]

"""Archives by day: which are written, what they say of themselves, and that they lead back to the first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import feedparser
import pytest
from lxml import etree

from feeds.publish.archive import Archive, archived, before, days_to_write, outdated, render_archive
from feeds.publish.channel import TYPES, archive_name
from feeds.publish.topic import render_topic
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, entry, stories

TODAY = date(2026, 11, 22)
NAMES = {"a": "http://www.w3.org/2005/Atom", "fh": "http://purl.org/syndication/history/1.0"}
BASE = SITE.url + "ukraine/"


def day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


def render(*numbers: int, previous: date | None = None) -> Archive:
    entries = [entry(nth) for nth in numbers]
    return render_archive(SITE, UKRAINE, entries, day=TODAY, previous=previous, all_topics=TOPICS)


def links(document: bytes, root: str = "") -> dict[str, tuple[str, str]]:
    found = etree.fromstring(document).iterfind(f"{root}a:link", NAMES)
    return {link.get("rel", ""): (link.get("type", ""), link.get("href", "")) for link in found}


def test_an_archive_says_so_and_links_to_the_feed_and_the_archive_before_it() -> None:
    done = render(0, 1, previous=day(3))
    assert done.name == "ukraine/2026-11-22.atom"
    assert len(etree.fromstring(done.body).findall("fh:archive", NAMES)) == 1
    assert links(done.body) == {
        "alternate": ("text/html", BASE),
        "self": (TYPES["atom"], BASE + "2026-11-22.atom"),
        "current": (TYPES["atom"], SITE.url + "ukraine.atom"),
        "prev-archive": (TYPES["atom"], BASE + "2026-11-19.atom"),
    }


def test_the_first_archive_leads_nowhere_and_none_to_the_next() -> None:
    """What comes after a day is not known while its document may still change."""
    assert {"prev-archive", "next-archive"} & links(render(0).body).keys() == set()


def test_an_archive_is_of_the_same_feed() -> None:
    """RFC 5005 section 4: together they are one logical feed."""
    archive, feed = (feedparser.parse(body) for body in (render(0).body, render_feed()["ukraine.atom"]))
    assert (archive.feed.id, archive.feed.title) == (feed.feed.id, feed.feed.title)
    assert archive.entries[0].id == feed.entries[0].id


def render_feed(previous: date | None = None) -> dict[str, bytes]:
    return dict(render_topic(SITE, UKRAINE, stories(), limit=9, all_topics=TOPICS, previous=previous).files)


def test_the_feeds_to_subscribe_to_lead_to_the_newest_archive_and_are_none() -> None:
    files = render_feed(previous=TODAY)
    expected = (TYPES["atom"], BASE + "2026-11-22.atom")
    assert links(files["ukraine.atom"])["prev-archive"] == expected
    assert links(files["ukraine.rss"], "channel/")["prev-archive"] == expected
    assert b"archive>" not in files["ukraine.atom"]
    assert b"prev-archive" not in b"".join(render_feed().values())


def test_an_archive_holds_its_entries_in_their_order_and_names_the_poisoned_one() -> None:
    poisoned = entry(7, title="\x00")
    entries = [entry(1), poisoned, entry(2)]
    done = render_archive(SITE, UKRAINE, entries, day=TODAY, previous=None, all_topics=TOPICS)
    assert [e.id for e in feedparser.parse(done.body).entries] == [entry(1).id, entry(2).id]
    assert done.stories == (1, 2)
    assert done.quarantined == ((poisoned.id, "no title"),)


def test_an_archive_is_as_new_as_its_newest_entry() -> None:
    done = etree.fromstring(render(0, 1).body)
    newest = max(each.findtext("a:updated", namespaces=NAMES) or "" for each in done.findall("a:entry", NAMES))
    assert done.findtext("a:updated", namespaces=NAMES) == newest


def test_the_poisoned_ones_of_all_batches_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publish.archive._AT_ONCE", 1)
    poisoned = [replace(entry(nth), title="") for nth in (0, 1)]
    done = render_archive(SITE, UKRAINE, poisoned, day=TODAY, previous=None, all_topics=TOPICS)
    assert [name for name, _ in done.quarantined] == [each.id for each in poisoned]


def test_an_archive_without_entries_is_as_old_as_the_site() -> None:
    assert feedparser.parse(render().body).feed.updated == "2026-11-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("days", "standing", "moved", "expected"),
    [
        pytest.param([0], [], False, [0], id="the first day"),
        pytest.param([0], [0], False, [0], id="today may change"),
        pytest.param([2, 1, 0], [2, 1], False, [0], id="a past day never does"),
        pytest.param([2, 1, 0], [1], False, [2, 0], id="one that is missing is written, oldest first"),
        pytest.param([2, 1, 0], [2, 1, 0], True, [2, 1, 0], id="under another address all are other documents"),
        pytest.param([1, 0, -1], [1, 0, -1], False, [0, -1], id="a clock that was ahead: what is ahead may change"),
    ],
)
def test_which_archives_are_written(days: list[int], standing: list[int], moved: bool, expected: list[int]) -> None:
    names = [archive_name("ukraine", day(ago)) for ago in standing]
    found = days_to_write("ukraine", [day(ago) for ago in days], today=TODAY, standing=names, moved=moved)
    assert found == [day(ago) for ago in expected]


def test_an_archive_and_its_page_go_when_nothing_of_its_day_is_kept() -> None:
    standing = [
        *("ukraine/2026-11-20.atom", "ukraine/2026-11-20.html", "ukraine/2026-11-22.atom", "ukraine/2026-11-22.html"),
        *("ukraine/index.html", "ukraine/ended.txt"),
    ]
    assert outdated([TODAY], standing) == ["ukraine/2026-11-20.atom", "ukraine/2026-11-20.html"]


def test_which_days_have_an_archive() -> None:
    assert archived(["ukraine/2026-11-20.atom", "ukraine/2026-11-19.html", "ukraine/index.html"]) == [day(2)]


def test_the_archive_before() -> None:
    assert before(TODAY, [day(5), day(2), TODAY, day(-1)]) == day(2)
    assert before(TODAY, [TODAY]) is None

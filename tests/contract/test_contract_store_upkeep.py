"""The Store port: topics, time and upkeep, over every database that we support."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import StoreError
from feeds.model import Article, Failed, Match, NotModified, Outcome, Source
from feeds.ports import Store
from feeds.store.sql import SqlStore
from tests.contract.stores import HOUR, LEASE, bring, open_store, published
from tests.make import KEEP, NOW, article, deciding, match, poll, source

FLOODS = {
    "title": "Floods break bridges along vineyards",
    "text": "Heavy rain drowned the coast while mayors counted sheep.",
}


def test_a_topic_is_behind_until_what_was_read_is_published(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    (state,) = [s for s in store.topics() if s.name == "grain"]
    assert state.dirty
    bring(store, "beta", article("beta", "2", "Wheat prices fall", text="Prices fell."))  # while we render
    assert store.mark_published("grain", seq=state.seq, seen=state.published_seq, entries=1, rendered_with="k")
    (again,) = [s for s in store.topics() if s.name == "grain"]
    assert again.dirty
    assert again.dirty_at is not None
    assert not store.mark_published("grain", seq=again.seq, seen=state.published_seq, entries=1, rendered_with="k")
    assert store.mark_published("grain", seq=again.seq, seen=again.published_seq, entries=2, rendered_with="k")
    (done,) = [s for s in store.topics() if s.name == "grain"]
    assert (done.dirty, done.dirty_at, done.entries) == (False, None, 2)


def test_only_topics_that_are_touched_fall_behind(store: Store) -> None:
    for state in store.topics():
        store.mark_published(state.name, seq=state.seq, seen=state.published_seq, entries=0, rendered_with="k")
    bring(store, "alpha", article("alpha", "1"))
    assert {s.name: s.dirty for s in store.topics()} == {"grain": True, "rain": False}


def test_reclassifying_moves_articles_and_touches_topics(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))

    def classify(item: Article, _: Source) -> tuple[Match, ...]:
        assert item.title == "Envoys meet in Geneva for grain talks"
        return (match("rain"),)

    assert store.reclassify(classify, rules="r2", now=NOW, only=["rain"]) == 1
    assert (len(published(store, "grain")), len(published(store, "rain"))) == (1, 1)
    assert store.reclassify(classify, rules="r2", now=NOW) == 1
    assert (len(published(store, "grain")), len(published(store, "rain"))) == (0, 1)
    assert store.reclassify(classify, rules="r2", now=NOW) == 0


def test_the_archive_is_read_with_topics_and_sources(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", topics=(match("grain"), match("rain", 10.5))))
    old = article("beta", "2", "Wheat prices fall", text="Prices fell.", published=NOW - timedelta(days=9), topics=())
    bring(store, "beta", old)
    found = [(item.title, item.topics, origin.name) for item, origin in store.archive()]
    assert found == [
        ("Envoys meet in Geneva for grain talks", (match("grain"), match("rain", 10.5)), "alpha"),
        ("Wheat prices fall", (), "beta"),
    ]
    assert [item.source for item, _ in store.archive(since=NOW - timedelta(hours=1))] == ["alpha"]


def test_one_article_is_read_by_its_number(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", topics=(match("grain"),)))
    bring(store, "beta", article("beta", "2", "Wheat prices fall", text="Prices fell."))
    (finding,) = store.why(["https://beta.example/2"])
    found = store.article(finding["article"])
    assert found is not None
    assert (found[0].title, found[0].topics, found[1].name) == ("Wheat prices fall", (match("grain"),), "beta")
    assert found in list(store.archive())
    assert store.article(finding["article"] + 1) is store.article(0) is None


def test_a_sighting_brings_its_own_topics(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "1", topics=(match("grain", 99.0), match("rain"))))
    assert (len(published(store, "grain")), len(published(store, "rain"))) == (1, 1)


# ------------------------------------------------------------------------------------------ time, upkeep


def test_what_is_older_than_kept_goes_and_never_returns(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    second = article("alpha", "2", "Rain over the coast", text="It rained.", first_seen=NOW + HOUR)
    bring(store, "alpha", second, now=NOW + HOUR)
    later = NOW + KEEP + timedelta(minutes=30)
    assert store.expire(NOW + KEEP, keep=KEEP) == 0  # counted from the later of published and first seen
    assert store.expire(later, keep=KEEP) == 1
    assert published(store) == [("alpha", "Rain over the coast")]
    assert bring(store, "alpha", article("alpha", "1", digest=b"back"), now=later) == {Outcome.SAME: 1}
    assert len(published(store)) == 1
    assert list(store.verify()) == []


@pytest.mark.parametrize("guid", ["alert-1", "tag:alpha.example,2026:story/7f3a9c21"], ids=["a place", "its own name"])
@pytest.mark.parametrize(
    ("now_says", "outcome"),
    [
        pytest.param({}, Outcome.SAME, id="the old item again"),
        pytest.param({"published": None}, Outcome.SAME, id="likewise, without its date"),
        pytest.param({"published": NOW + KEEP}, Outcome.SAME, id="likewise, dated anew"),
        pytest.param({"title": "Envoys met in Geneva"}, Outcome.SAME, id="likewise, edited"),
        pytest.param({"published": None, **FLOODS}, Outcome.SAME, id="another story without a date cannot be told"),
        pytest.param({"published": NOW - HOUR, **FLOODS}, Outcome.SAME, id="no later than the old one"),
        pytest.param({"published": NOW + HOUR, **FLOODS}, Outcome.SAME, id="later, and longer ago than is kept"),
        pytest.param({"published": NOW + KEEP, **FLOODS}, Outcome.NEW, id="another story"),
    ],
)
def test_what_comes_under_the_name_of_an_article_that_is_kept_no_more(
    store: Store, guid: str, now_says: dict[str, Any], outcome: Outcome
) -> None:
    bring(store, "alpha", article("alpha", guid))
    now = NOW + KEEP + 2 * HOUR
    store.expire(now, keep=KEEP)
    for at, expected in enumerate((outcome, Outcome.SAME)):
        again: dict[str, Any] = {"first_seen": now, "slice": b"again%03d" % at} | now_says
        item = article("alpha", guid, **again)
        assert bring(store, "alpha", item, now=now + at * HOUR) == {expected: 1}
    assert [title for _, title in published(store)] == ([FLOODS["title"]] if outcome is Outcome.NEW else [])
    assert list(store.verify()) == []


def test_an_article_file_stays_while_its_file_is_listed(url: str) -> None:
    store = open_store(url, source("desk", url="file:/articles", kind="own"))
    one = article("desk", "file:///a.txt", url="", own_page=True, published=NOW - 3 * KEEP)
    two = article("desk", "file:///b.txt", "Rain", text="It rained.", url="", own_page=True, published=NOW - 3 * KEEP)
    bring(store, "desk", one, two)
    bring(store, "desk", two)
    assert store.expire(NOW + 2 * KEEP, keep=KEEP) == 1
    assert [entry.title for _, entry in store.own_pages()] == ["Rain"]
    store.close()


def test_a_failed_poll_stores_its_schedule_alone(store: Store) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    failed = replace(
        poll(job), answer=Failed(why="dns", url=job.source.url), reading=None, state=replace(job.state, failures=1)
    )
    polled = store.apply(failed, deciding())
    assert (polled.status, polled.items) == ("failed", 0)
    (row,) = [row for row in store.status() if row["name"] == "alpha"]
    assert (row["failures"], row["counts"]["failed"]) == (1, 1)


def test_an_unchanged_body_counts_no_items(store: Store) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    same = replace(poll(job), answer=NotModified(equal_body=True), reading=None)
    polled = store.apply(same, deciding())
    assert (polled.status, polled.items) == ("unchanged", 0)


def test_notes_are_kept(store: Store) -> None:
    assert store.note("x") == ""
    store.set_note("x", "1")
    store.set_note("x", "2")
    assert store.note("x") == "2"


def test_a_backup_is_whole_and_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    bring(store, "alpha", article("alpha", "1"))
    copy = tmp_path / "copy.db"
    store.backup(str(copy))
    again = SqlStore(f"sqlite:///{copy}")
    assert len(published(again)) == 1
    again.close()
    with pytest.raises(StoreError, match="exists already"):
        store.backup(str(copy))


def test_own_pages_keep_their_slug(url: str) -> None:
    store = open_store(url, source("desk", url="file:/articles", kind="own"), source("alpha"))
    bring(store, "desk", article("desk", "file:///a.txt", "Ağrı'da Kış: Grain & İstanbul", url="", own_page=True))
    bring(store, "desk", article("desk", "file:///b.txt", "Агресія", url="", own_page=True, text="Other."))
    bring(
        store, "desk", article("desk", "file:///c.txt", "Agri'da kis grain istanbul", url="", own_page=True, text="3.")
    )
    slugs = {entry.title: slug for slug, entry in store.own_pages()}
    assert slugs["Ağrı'da Kış: Grain & İstanbul"] == "agri-da-kis-grain-istanbul"
    assert slugs["Agri'da kis grain istanbul"] == "agri-da-kis-grain-istanbul-2"
    assert slugs["Агресія"].startswith("article-")
    edited = article("desk", "file:///b.txt", "Агресія і відповідь", url="", own_page=True, text="Other.")
    bring(store, "desk", edited, now=NOW + HOUR)
    assert {entry.title: slug for slug, entry in store.own_pages()}[edited.title] == slugs["Агресія"]
    store.close()

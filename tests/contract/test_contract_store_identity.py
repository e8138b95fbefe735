"""The Store port: items, articles and stories, over every database that we support."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.model import Entry, Facts, Outcome, Rejected
from feeds.ports import Store
from tests.contract.stores import HOUR, LEASE, TOPICS, WINDOW, bring, open_store, published
from tests.make import KEEP, NOW, article, deciding, match, poll, source


def test_every_item_has_one_outcome_and_all_are_counted(store: Store) -> None:
    got = bring(
        store,
        "alpha",
        article("alpha", "1"),
        article("alpha", "old", "Long ago", text="An archive item of former days.", published=NOW - 2 * KEEP),
        Rejected(source="alpha", why="no title and no text", guid="r", digest=b"rrrrrrrr"),
        known=3,
    )
    assert got == {Outcome.NEW: 1, Outcome.STALE: 1, Outcome.REJECTED: 1, Outcome.SAME: 3}
    (counts,) = [row["counts"] for row in store.status() if row["name"] == "alpha"]
    assert (counts["items"], counts["new"], counts["same"], counts["stale"], counts["rejected"]) == (6, 1, 3, 1, 1)
    assert list(store.verify()) == []


def test_the_same_text_from_two_sources_is_one_article_with_two_sightings(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    assert bring(store, "beta", article("beta", "b")) == {Outcome.DUPLICATE: 1}
    assert published(store) == [("alpha", "Envoys meet in Geneva for grain talks")]
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert [(also.outlet, also.url) for also in entry.also] == [("Beta", "https://beta.example/b")]
    finding = store.why(["b"])[0]
    assert (finding["outcome"], len(finding["sightings"])) == ("duplicate", 2)


@pytest.mark.parametrize("order", [("alpha", "beta"), ("beta", "alpha")], ids=["alpha first", "beta first"])
@pytest.mark.parametrize(
    ("alpha", "beta", "leads"),
    [
        pytest.param({}, {}, "alpha", id="all equal: the name settles it"),
        pytest.param({}, {"published": NOW - 2 * HOUR}, "beta", id="the earlier leads"),
        pytest.param({"published": NOW - 2 * HOUR}, {"content": "<p>all</p>"}, "beta", id="full text before earlier"),
        pytest.param(
            {"priority": 1}, {"content": "<p>all</p>", "published": NOW - 2 * HOUR}, "alpha", id="priority before all"
        ),
    ],
)
def test_who_leads_is_settled_from_rows_not_by_who_came_first(
    url: str, order: tuple[str, str], alpha: dict[str, Any], beta: dict[str, Any], leads: str
) -> None:
    given = {"alpha": dict(alpha), "beta": dict(beta)}
    ranks = {name: given[name].pop("priority", 0) for name in order}
    store = open_store(url, *(source(name, priority=ranks[name]) for name in order))
    for name in order:
        bring(store, name, article(name, "1", **given[name]))
    assert [name for name, _ in published(store)] == [leads]
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert entry.url == f"https://{leads}.example/1"
    assert [also.url for also in entry.also] == [f"https://{next(n for n in order if n != leads)}.example/1"]
    # Roles may have been exchanged; both items are known all the same.
    for name in order:
        assert bring(store, name, article(name, "1", **given[name], digest=b"again")) == {Outcome.SAME: 1}
    assert list(store.verify()) == []
    store.close()


def test_a_published_head_stays(store: Store) -> None:
    bring(store, "beta", article("beta", "1"))
    assert published(store) == [("beta", "Envoys meet in Geneva for grain talks")]
    (before,) = store.entries("grain", limit=9, window=WINDOW)
    bring(store, "alpha", article("alpha", "1", published=NOW - 5 * HOUR, content="<p>all</p>"))
    store.settle(NOW + HOUR)
    (after,) = store.entries("grain", limit=9, window=WINDOW)
    assert (after.id, after.updated, after.origin.name) == (before.id, before.updated, "beta")
    assert [also.outlet for also in after.also] == ["Alpha"]


def test_an_edit_keeps_a_revision_and_moves_updated_once(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    store.settle(NOW)
    (before,) = store.entries("grain", limit=9, window=WINDOW)
    edited = article("alpha", "1", "Envoys meet in Geneva for wheat talks")
    assert bring(store, "alpha", edited, now=NOW + HOUR) == {Outcome.CHANGED: 1}
    store.settle(NOW + HOUR)
    (after,) = store.entries("grain", limit=9, window=WINDOW)
    assert (after.id, after.title, after.published) == (before.id, edited.title, before.published)
    assert after.updated == NOW + HOUR
    (finding,) = store.why(["1"])
    assert [(r["differs"], r["was"]) for r in finding["revisions"]] == [(["title"], before.title)]
    assert store.settle(NOW + 2 * HOUR) == 0


def test_an_edit_of_authors_alone_leaves_updated(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    store.settle(NOW)
    (before,) = store.entries("grain", limit=9, window=WINDOW)
    assert bring(store, "alpha", article("alpha", "1", authors=("A. Writer",)), now=NOW + HOUR) == {Outcome.CHANGED: 1}
    store.settle(NOW + HOUR)
    (after,) = store.entries("grain", limit=9, window=WINDOW)
    assert (after.updated, after.authors) == (before.updated, ("A. Writer",))


def test_a_rejected_item_is_found_by_guid_and_address(store: Store) -> None:
    bring(store, "alpha", Rejected(source="alpha", why="no title and no text", guid="r", url="https://a.example/r"))
    for name in ("r", "https://a.example/r"):
        (finding,) = store.why([name])
        assert (finding["outcome"], finding["because"]) == ("rejected", "no title and no text")


def test_all_that_had_a_name_are_found_by_it(store: Store) -> None:
    place = {"url": "https://alpha.example/top-story"}
    bring(store, "alpha", article("alpha", "top", **place))
    others = {
        "Floods break bridges along vineyards": "Swollen rivers tore away two old crossings near Coimbra.",
        "Striking miners fill every tavern": "No coal left Silesian pits, because wages stay frozen since spring.",
    }
    for hours, (title, text) in enumerate(others.items(), start=1):
        again = article("alpha", "top", title, text=text, **place)
        assert bring(store, "alpha", again, now=NOW + hours * HOUR) == {Outcome.NEW: 1}
    for name in ("top", "https://alpha.example/top-story"):
        found = store.why([name])
        assert sorted(row["article"] for row in found) == [1, 2, 3]
        assert {(row["source"], row["outcome"]) for row in found} == {("alpha", "new")}
        assert len({row["first_seen"] for row in found}) == 3
    (first,) = store.why(["1"])
    assert (first["source"], first["outcome"], first["first_seen"]) == ("alpha", "new", NOW)
    assert first["because"] == "neither guid, address nor text was known"


def test_all_that_share_a_name_are_found_by_it(store: Store) -> None:
    one, two = "https://alpha.example/one-report", "https://alpha.example/another-report"
    titles = ("Envoys meet in Geneva", "Floods break bridges along the coast", "Miners strike in the valley")
    items = [
        article("alpha", guid, title, url=url, text=f"{title}, said a speaker who did not give a name.")
        for guid, title, url in zip("GGH", titles, (one, two, two), strict=True)
    ]
    bring(store, "alpha", *items)
    found = {name: sorted(row["title"] for row in store.why([name])) for name in ("G", "H", one, two)}
    assert found == {
        "G": sorted(titles[:2]), "H": [titles[2]], one: [titles[0]], two: sorted(titles[1:])
    }  # fmt: skip


def test_items_without_a_name_are_not_found_by_none(store: Store) -> None:
    bring(
        store,
        "alpha",
        article("alpha", ""),
        article("alpha", "", "Floods break bridges", url="https://alpha.example/2"),
    )
    assert store.why([""]) == ()


@pytest.mark.parametrize("spelling", ["{}", "story/{}", "tag:desk.example,2026:story/{}"])
def test_a_story_is_found_by_its_id_and_by_its_page(store: Store, spelling: str) -> None:
    bring(store, "alpha", article("alpha", "1"))
    (finding,) = store.why(["1"])
    assert store.why([spelling.format(finding["id"].rpartition("/")[2])]) == (finding,)


def test_a_feed_never_touches_another_feeds_article(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    store.settle(NOW)
    before = store.entries("grain", limit=9, window=WINDOW)
    poison = article(
        "beta", "1", "Buy our pills", url="https://alpha.example/1", text="Nothing but an advertisement here."
    )
    bring(store, "beta", poison, now=NOW + HOUR)
    bring(store, "beta", replace(poison, title="Buy more pills", digest=b"p2"), now=NOW + 2 * HOUR)
    store.settle(NOW + 2 * HOUR)
    assert [e for e in store.entries("grain", limit=9, window=WINDOW) if e.origin.name == "alpha"] == list(before)


def test_updated_is_unique_to_the_microsecond(store: Store) -> None:
    bring(
        store, "alpha", *(article("alpha", str(n), f"Report number {n} on wheat", text=f"Story {n}.") for n in range(9))
    )
    store.settle(NOW)
    times = [entry.updated for entry in store.entries("grain", limit=99, window=WINDOW)]
    assert len(set(times)) == len(times) == 9
    assert {moment.replace(microsecond=0) for moment in times} == {NOW}


def test_a_story_is_never_older_by_its_change_than_by_its_date(url: str) -> None:
    """It is led by what came last, half a minute after it began."""
    store, later = open_store(url, source("alpha"), source("beta", priority=9)), NOW + HOUR / 120
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "1", published=None, first_seen=later), now=later)
    store.settle(later)
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert (entry.origin.name, entry.published) == ("beta", later)
    assert entry.updated >= entry.published
    store.close()


def test_entries_are_newest_first_and_never_fewer_than_the_window(store: Store) -> None:
    hours = [1, 5, 30, 47, 49, 60]
    items = [
        article("alpha", str(h), f"Report of hour {h}", text=f"What happened {h} h ago.", published=NOW - h * HOUR)
        for h in hours
    ]
    bring(store, "alpha", *reversed(items))
    assert [title for _, title in published(store)] == [f"Report of hour {h}" for h in hours]
    assert len(store.entries("grain", limit=2, window=WINDOW)) == 5  # 49 h ago is 48 h before the newest
    assert len(store.entries("grain", limit=6, window=WINDOW)) == 6
    assert len(store.entries("grain", limit=1, window=timedelta())) == 1


def test_an_item_that_left_its_list_and_came_back_is_the_same(store: Store) -> None:
    one, two = article("alpha", "1"), article("alpha", "2", "Rain over the coast", text="It rained.")
    bring(store, "alpha", one)
    bring(store, "alpha", two, now=NOW + HOUR)
    assert bring(store, "alpha", one, now=NOW + 2 * HOUR) == {Outcome.SAME: 1}


def test_slices_are_handed_out_with_the_next_job(store: Store) -> None:
    one, two = article("alpha", "1"), article("alpha", "2", "Rain over the coast", text="It rained.")
    bring(store, "alpha", one, two)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == {one.slice, two.slice}
    store.release()
    bring(store, "alpha", two)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == {two.slice}


def test_slices_of_a_poll_that_came_too_late_are_not_known(store: Store) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    store.release()
    assert store.apply(poll(job, article("alpha", "1")), deciding()).status == "late"
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == frozenset()


def test_a_feed_that_suddenly_lists_nothing_takes_nothing_back(store: Store) -> None:
    one = article("alpha", "1")
    bring(store, "alpha", one)
    bring(store, "alpha")
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == {one.slice}


def test_what_was_cut_is_counted_and_a_difference_is_for_good(store: Store) -> None:
    def state() -> tuple[object, ...]:
        (row,) = (row for row in store.status() if row["name"] == "alpha")
        return row["cuts"], row["trouble"], row["whole"]

    def again(**reading: Any) -> Facts:
        (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
        store.apply(poll(job, article("alpha", "1"), **reading), deciding())
        return job.facts

    assert state() == (None, "", "")
    again(cuts={"items": 5, "long_title": 1}, trouble="line 3: not well-formed")
    assert state() == ({"items": 5, "long_title": 1}, "line 3: not well-formed", "")
    again(cuts={"items": 2})
    assert state() == ({"items": 7, "long_title": 1}, "", "")
    assert not again(differs="item 3 of 50").whole
    assert state() == ({"items": 7, "long_title": 1}, "", "item 3 of 50")
    assert again().whole
    assert again().whole
    moved = source("alpha", url="https://elsewhere.example/"), source("beta")
    store.sync(moved, TOPICS, authority="desk.example,2026", now=NOW)
    assert not again().whole, "another address is another feed"


def test_a_text_under_five_titles_is_learnt_as_boilerplate(store: Store) -> None:
    text = "Subscribe to our newsletter for the best of the week in your inbox every single Sunday morning."
    items = [article("alpha", str(n), f"Quite another title {n}", text=text) for n in range(5)]
    bring(store, "alpha", *items[:4])
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.boilerplate == frozenset()
    store.release()
    bring(store, "alpha", items[4])
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.boilerplate == {items[0].fingerprint.text}


EVIL = {"title": "Envoys meet in Geneva: buy our pills", "text": "Nothing but an advertisement for pills."}


def test_an_item_at_the_same_address_with_another_text_never_leads(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    evil = article("beta", "b", url="https://alpha.example/1", published=NOW - 9 * HOUR, content="<p>all</p>", **EVIL)
    assert bring(store, "beta", evil) == {Outcome.DUPLICATE: 1}
    assert published(store) == [("alpha", "Envoys meet in Geneva for grain talks")]


def test_an_item_at_the_same_address_with_another_text_brings_no_topic(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "b", url="https://alpha.example/1", topics=(match("rain"),), **EVIL))
    assert published(store, "rain") == []


def test_the_same_address_is_not_also_reported(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "b", url="https://alpha.example/1"))
    store.settle(NOW)
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert entry.also == ()


@pytest.mark.parametrize("now_says", [EVIL, {"title": "Floods break bridges", "text": "Heavy rain on vineyards."}])
def test_a_copy_that_leaves_its_article_touches_its_topics(store: Store, now_says: dict[str, str]) -> None:
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "b"))
    before = {state.name: state.seq for state in store.topics()}
    bring(store, "beta", article("beta", "b", topics=(), **now_says), now=NOW + HOUR)
    after = {state.name: state.seq for state in store.topics()}
    assert after["grain"] > before["grain"]
    store.settle(NOW + HOUR)
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert [also.title for also in entry.also if also.title != now_says["title"]] == []


def test_a_new_name_of_a_feed_touches_the_topics_that_show_it(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "b"))
    before = {state.name: state.seq for state in store.topics()}
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["beta"], due=False)
    again = poll(job, article("beta", "b", digest=b"again"))
    assert again.reading is not None
    renamed = replace(again.reading, head=replace(again.reading.head, title="Another name"))
    store.apply(replace(again, reading=renamed), deciding())
    assert {n: s.seq - before[n] for s in store.topics() for n in [s.name]} == {"grain": 1, "rain": 0}


TWISTED = {"title": "Envoys meet in Geneva, charged with murder", "url": "https://alpha.example/1"}
CORRECTED = "Envoys meet in Geneva for wheat talks"


def entry_at(store: Store, now: datetime) -> Entry:
    store.settle(now)
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    return entry


@pytest.mark.parametrize("settled", [False, True], ids=["before it is published", "when it is published"])
@pytest.mark.parametrize("priority", [0, 9])
def test_a_page_is_told_by_the_source_whose_it_is(url: str, priority: int, settled: bool) -> None:
    store = open_store(url, source("alpha"), source("beta", priority=priority))
    bring(store, "beta", article("beta", "b", text="Our man says it was murder in Geneva, not talks.", **TWISTED))
    before = entry_at(store, NOW) if settled else None
    assert bring(store, "alpha", article("alpha", "1"), now=NOW + HOUR) == {Outcome.CHANGED: 1}
    after = entry_at(store, NOW + HOUR)
    assert (after.origin.name, after.title) == ("alpha", "Envoys meet in Geneva for grain talks")
    if before is not None:
        assert (after.id, after.updated) == (before.id, before.updated)
    assert bring(store, "alpha", article("alpha", "1", CORRECTED), now=NOW + 2 * HOUR) == {Outcome.CHANGED: 1}
    twisted = article("beta", "b", text="Our man says again: it was murder in Geneva.", **TWISTED)
    assert bring(store, "beta", twisted, now=NOW + 3 * HOUR) == {Outcome.CHANGED: 1}
    last = entry_at(store, NOW + 3 * HOUR)
    assert (last.id, last.origin.name, last.title) == (after.id, "alpha", CORRECTED)
    (finding,) = store.why(["1"])
    assert [version["was"] for version in finding["revisions"]] == [TWISTED["title"], after.title]
    assert list(store.verify()) == []


def test_a_copy_of_a_page_gives_way_when_the_page_is_corrected(url: str) -> None:
    store = open_store(url, source("alpha"), source("beta"))
    bring(store, "beta", article("beta", "b", url="https://alpha.example/1"))
    assert bring(store, "alpha", article("alpha", "1")) == {Outcome.DUPLICATE: 1}
    before = entry_at(store, NOW)
    bring(store, "alpha", article("alpha", "1", CORRECTED), now=NOW + HOUR)
    after = entry_at(store, NOW + HOUR)
    assert (after.id, after.origin.name, after.title) == (before.id, "alpha", CORRECTED)
    assert after.updated > before.updated, "its readers had read what was corrected"
    assert list(store.verify()) == []


@pytest.mark.parametrize(
    ("page", "home", "other"),
    [
        pytest.param("https://youtube.com/watch", "https://www.youtube.com/feeds/a", None, id="a site of many"),
        pytest.param("https://alpha.example/1", "https://gamma.example/feed", None, id="at home with neither"),
        pytest.param("https://alpha.example/1", "https://myalpha.example/feed", None, id="a name that ends likewise"),
        pytest.param(
            "https://alpha.example/1", "https://a.alpha.example/feed", "https://b.alpha.example/feed", id="with both"
        ),
        pytest.param("https://alpha.example/1", "file:/a.xml", None, id="a file that names no site"),
    ],
)
def test_a_page_that_is_nobodys_alone_is_told_by_who_came_first(
    url: str, page: str, home: str, other: str | None
) -> None:
    store = open_store(url, source("alpha", url=home), source("beta", url=other or "https://beta.example/feed"))
    its = {"url": page, "publisher": page.split("/")[2]}
    bring(store, "beta", article("beta", "b", "Envoys meet in Geneva, charged with murder", **its))
    assert bring(store, "alpha", article("alpha", "1", **its)) == {Outcome.DUPLICATE: 1}
    assert published(store) == [("beta", "Envoys meet in Geneva, charged with murder")]

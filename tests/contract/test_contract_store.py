"""The Store port, promise by promise, over every database that we support."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import StoreError
from feeds.model import Article, Failed, Match, NotModified, Outcome, Rejected, Source
from feeds.ports import Store
from feeds.store.sql import SqlStore
from tests.make import KEEP, NOW, article, deciding, match, poll, source

HOUR, LEASE = timedelta(hours=1), timedelta(minutes=10)
WINDOW = timedelta(hours=48)
TOPICS = ("grain", "rain")


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"{request.param}:///{tmp_path / 'feeds.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, source("alpha"), source("beta"))
    yield opened
    opened.close()


def open_store(url: str, *sources: Source) -> Store:
    store = SqlStore(url)
    store.sync(sources, TOPICS, authority="desk.example,2026", now=NOW)
    return store


def bring(store: Store, name: str, *items: Article | Rejected, now: object = NOW, known: int = 0) -> dict[Outcome, int]:
    """Poll one source that brings these items."""
    moment = now if isinstance(now, type(NOW)) else NOW
    (job,) = store.claim(moment, limit=1, lease=LEASE, only=[name], due=False)
    done = poll(job, *items, known=known)
    keep = timedelta.max if job.source.keeps_forever else KEEP
    return dict(store.apply(done, deciding(moment, keep)).outcomes)


def published(store: Store, topic: str = "grain") -> list[tuple[str, str]]:
    """(source that leads, title) of a topic's entries, once settled."""
    store.settle(NOW)
    return [(e.origin.name, e.title) for e in store.entries(topic, limit=100, window=WINDOW)]


# ------------------------------------------------------------------------------------------- claim, lease


def test_a_claim_is_sorted_bounded_and_exclusive(store: Store, url: str) -> None:
    other = SqlStore(url)
    assert [job.source.name for job in store.claim(NOW, limit=1, lease=LEASE)] == ["alpha"]
    assert [job.source.name for job in other.claim(NOW, limit=9, lease=LEASE)] == ["beta"]
    assert store.in_work(NOW) == ("beta",)
    assert other.in_work(NOW) == ("alpha",)
    assert store.claim(NOW, limit=9, lease=LEASE) == []
    other.close()
    assert [job.source.name for job in store.claim(NOW, limit=9, lease=LEASE)] == ["beta"]


def test_a_source_is_claimed_when_it_is_due(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    assert [job.source.name for job in store.claim(NOW, limit=9, lease=LEASE)] == ["beta"]
    store.release()
    names = [job.source.name for job in store.claim(NOW + HOUR, limit=9, lease=LEASE)]
    assert names == ["alpha", "beta"]


def test_due_false_ignores_the_time_alone(store: Store) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    done = poll(job)
    store.apply(replace(done, state=replace(done.state, stopped=True)), deciding())
    assert [j.source.name for j in store.claim(NOW, limit=9, lease=LEASE, due=False)] == ["beta"]
    store.release()
    assert len(store.claim(NOW, limit=9, lease=LEASE, due=False, force=True)) == 2


def test_a_pause_holds_the_whole_host(url: str) -> None:
    store = open_store(url, source("alpha", url="https://h.example/1"), source("beta", url="https://h.example/2"))
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    store.apply(replace(poll(job), host_until=NOW + 2 * HOUR), deciding())
    assert store.claim(NOW + HOUR, limit=9, lease=LEASE) == []
    assert len(store.claim(NOW + 2 * HOUR, limit=9, lease=LEASE)) == 2
    store.close()


def test_a_lease_that_ran_out_fences_the_late_holder(store: Store, url: str) -> None:
    (late,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    other = SqlStore(url)
    (job,) = other.claim(NOW + LEASE, limit=1, lease=LEASE, only=["alpha"])
    assert store.apply(poll(late, article("alpha", "1")), deciding()).status == "late"
    assert other.apply(poll(job, article("alpha", "1")), deciding()).outcomes == {Outcome.NEW: 1}
    assert published(store) == [("alpha", "Envoys meet in Geneva for grain talks")]
    other.close()


def test_two_stores_that_claim_at_once_share_nothing(url: str) -> None:
    first = open_store(url, *(source(f"s{n:02}") for n in range(40)))
    second = SqlStore(url)
    taken: list[str] = []

    def claim(store: Store) -> None:
        for _ in range(10):
            taken.extend(job.source.name for job in store.claim(NOW, limit=3, lease=LEASE))

    threads = [threading.Thread(target=claim, args=(store,)) for store in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"s{n:02}" for n in range(40)]
    first.close()
    second.close()


# ------------------------------------------------------------------------------------------ configuration


def test_a_new_name_with_a_known_address_is_a_rename(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    renamed = replace(source("alpha"), name="omega")
    store.sync([renamed, source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    (job,) = store.claim(NOW + HOUR, limit=1, lease=LEASE, only=["omega"])
    assert job.state.etag == '"e"'
    store.release()
    assert bring(store, "omega", article("omega", "1", url="https://alpha.example/1", digest=b"again")) == {
        Outcome.SAME: 1
    }


def test_a_new_address_under_a_known_name_keeps_keys_and_drops_validators(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    moved = source("alpha", url="https://elsewhere.example/feed")
    store.sync([moved, source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    assert job.state.etag == ""
    store.release()
    assert bring(store, "alpha", article("alpha", "1", digest=b"again")) == {Outcome.SAME: 1}


def test_a_removed_source_is_polled_no_more_and_its_stories_stay(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    store.sync([source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    assert [j.source.name for j in store.claim(NOW + HOUR, limit=9, lease=LEASE)] == ["beta"]
    assert len(published(store)) == 1
    assert [origin.name for origin in store.origins()] == ["beta"]


def test_the_first_authority_stands(store: Store) -> None:
    (warning,) = store.sync([source("alpha")], TOPICS, authority="other.example,2026", now=NOW)
    assert "desk.example,2026" in warning
    bring(store, "alpha", article("alpha", "1"))
    store.settle(NOW)
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert entry.id.startswith("tag:desk.example,2026:story/")


def test_agreeing_twice_changes_nothing(store: Store, url: str) -> None:
    bring(store, "alpha", article("alpha", "1"))
    before = dump(url)
    store.sync([source("alpha"), source("beta")], TOPICS, authority="desk.example,2026", now=NOW + HOUR)
    assert dump(url) == before


# ---------------------------------------------------------------------------------------------- identity


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
    assert job.facts.known == {one.digest, two.digest}
    store.release()
    bring(store, "alpha", two)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == {two.digest}


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


# ------------------------------------------------------------------------------------------------ topics


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


def dump(url: str) -> list[str]:
    """Every row of an SQLite database, as SQL."""
    import sqlite3

    with sqlite3.connect(url.partition(":///")[2]) as connection:
        return list(connection.iterdump())

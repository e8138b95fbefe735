"""The Store port: claims, leases and the configuration, over every database that we support."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.model import Failed, Outcome
from feeds.ports import Store
from feeds.store.sql import SqlStore
from tests.contract.stores import HOUR, LEASE, TOPICS, WINDOW, bring, dump, open_store, published
from tests.make import NOW, article, deciding, poll, source


def test_a_claim_is_sorted_bounded_and_exclusive(store: Store, url: str) -> None:
    other = SqlStore(url)
    assert [job.source.name for job in store.claim(NOW, limit=1, lease=LEASE)] == ["alpha"]
    assert [job.source.name for job in other.claim(NOW, limit=9, lease=LEASE)] == ["beta"]
    assert store.in_work(NOW) == ("beta",)
    assert other.in_work(NOW) == ("alpha",)
    assert store.claim(NOW, limit=9, lease=LEASE) == []
    other.close()
    assert [job.source.name for job in store.claim(NOW, limit=9, lease=LEASE)] == ["beta"]


def test_what_waits_for_a_host_that_is_in_work_elsewhere_is_in_work_too(url: str) -> None:
    names = ("alpha", "beta", "later")
    store = open_store(url, *(source(name, url=f"https://h.example/{name}") for name in names), source("free"))
    due_at(store, "later", NOW + HOUR)
    other = SqlStore(url)
    assert other.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    assert store.claim(NOW, limit=9, lease=LEASE, only=["beta", "later"], due=False) == []
    assert store.in_work(NOW) == ("alpha", "beta"), "later is not due"
    assert store.in_work(NOW, due=False) == ("alpha", "beta", "later")
    assert store.in_work(NOW, only=["later", "free"], due=False) == ("later",)
    assert other.in_work(NOW, due=False) == ()
    other.close()
    store.close()


def test_a_source_is_claimed_when_it_is_due(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    assert [job.source.name for job in store.claim(NOW, limit=9, lease=LEASE)] == ["beta"]
    store.release()
    names = [job.source.name for job in store.claim(NOW + HOUR, limit=9, lease=LEASE)]
    assert names == ["alpha", "beta"]


def test_what_is_in_work_is_not_given_back(store: Store) -> None:
    assert len(store.claim(NOW, limit=9, lease=LEASE)) == 2
    store.release(but=["alpha"])
    assert [job.source.name for job in store.claim(NOW, limit=9, lease=LEASE)] == ["beta"]


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
    assert store.held(job.host, NOW) is None
    store.apply(replace(poll(job), host_until=NOW + 2 * HOUR), deciding())
    assert store.held(job.host, NOW) == NOW + 2 * HOUR
    assert store.held(job.host, NOW + 2 * HOUR) is None
    assert store.claim(NOW + HOUR, limit=9, lease=LEASE) == []
    assert len(store.claim(NOW + 2 * HOUR, limit=9, lease=LEASE)) == 2
    store.close()


def test_a_pause_holds_the_host_that_asked_for_it(url: str) -> None:
    store = open_store(url, source("alpha"), source("cdn", url="https://cdn.example/x"))
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    refused = Failed(why="http_429", url="https://cdn.example/feed", status=429, holds_host=True)
    done = replace(poll(job), answer=refused, reading=None, host_until=NOW + 2 * HOUR)
    store.apply(done, deciding())
    assert [j.source.name for j in store.claim(NOW + HOUR, limit=9, lease=LEASE)] == ["alpha"], "cdn waits"
    store.close()


def test_a_learnt_address_moves_the_source_to_its_new_host(url: str) -> None:
    store = open_store(url, source("alpha"), source("cdn", url="https://cdn.example/x"))
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    done = poll(job)
    store.apply(replace(done, state=replace(done.state, moved_to="https://cdn.example/a")), deciding())
    configured = [source("alpha"), source("cdn", url="https://cdn.example/x")]
    store.sync(configured, TOPICS, authority="desk.example,2026", now=NOW)
    (job,) = store.claim(NOW + HOUR, limit=1, lease=LEASE, only=["cdn"])
    other = SqlStore(url)
    assert other.claim(NOW + HOUR, limit=9, lease=LEASE) == [], "its new host is in use"
    other.close()
    store.close()


@pytest.mark.parametrize(
    ("hours", "days", "late", "due"),
    [
        pytest.param(1 << 14, 0, 2.0, False, id="in an hour when it is to be spared"),
        pytest.param(1 << 14, 0, 3.0, True, id="an hour later"),
        pytest.param(0, 1 << 4, 2.0, False, id="on a day when it is to be spared"),
        pytest.param(0, 1 << 4, 12.0, True, id="a day later"),
        pytest.param(0xFFFFFF, 0x7F, 23.9, False, id="always"),
        pytest.param(0xFFFFFF, 0x7F, 24.0, True, id="always, but a day is the most"),
    ],
)
def test_a_source_that_comes_late_is_spared_too(store: Store, hours: int, days: int, late: float, due: bool) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    done = poll(job)
    store.apply(replace(done, state=replace(done.state, skip_hours=hours, skip_days=days)), deciding())
    then = NOW + late * HOUR  # Friday, noon, and so many hours
    assert bool(store.claim(then, limit=9, lease=LEASE, only=["alpha"])) is due
    store.release()
    assert store.claim(then, limit=9, lease=LEASE, only=["alpha"], due=False), "unless it is asked for by name"


def test_a_job_knows_when_its_host_was_last_asked_by_anybody(url: str) -> None:
    store = open_store(url, source("alpha", url="https://h.example/1"), source("beta", url="https://h.example/2"))
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    assert job.host_asked is None
    store.apply(replace(poll(job), ended=NOW + timedelta(seconds=3)), deciding())
    other = SqlStore(url)
    (job,) = other.claim(NOW, limit=1, lease=LEASE, only=["beta"])
    assert job.host_asked == NOW + timedelta(seconds=3)
    other.close()
    store.close()


def test_a_source_that_was_switched_off_and_on_is_asked_at_once(store: Store) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    done = poll(job)
    store.apply(replace(done, state=replace(done.state, stopped=True, why="http_410")), deciding())
    for enabled in (False, True):
        wanted = [source("alpha", enabled=enabled), source("beta")]
        store.sync(wanted, TOPICS, authority="desk.example,2026", now=NOW)
    assert [j.source.name for j in store.claim(NOW, limit=9, lease=LEASE)] == ["alpha", "beta"]


def test_news_tell_the_usual_gap(store: Store) -> None:
    gaps = []
    for n in range(3):
        bring(store, "alpha", article("alpha", str(n), f"Story number {n} of the day"), now=NOW + n * 4 * HOUR)
        bring(store, "alpha", now=NOW + n * 4 * HOUR + HOUR)
        (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
        store.release()
        gaps.append(job.state.usual_gap)
    assert gaps == [0, 4 * 3600, 4 * 3600], "polls without news do not count"


def test_retry_after_holds_though_all_are_asked(store: Store) -> None:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    failed = Failed(why="http_503", url=job.source.url, status=503)
    held = replace(job.state, failures=1, held_until=NOW + 2 * HOUR)
    store.apply(replace(poll(job), answer=failed, reading=None, state=held), deciding())
    names = [j.source.name for j in store.claim(NOW + HOUR, limit=9, lease=LEASE, due=False)]
    assert names == ["beta"]
    store.release()
    assert len(store.claim(NOW + HOUR, limit=9, lease=LEASE, due=False, force=True)) == 2
    store.release()
    assert len(store.claim(NOW + 2 * HOUR, limit=9, lease=LEASE, due=False)) == 2


def test_a_lease_that_ran_out_fences_the_late_holder(store: Store, url: str) -> None:
    (late,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    other = SqlStore(url)
    (job,) = other.claim(NOW + LEASE, limit=1, lease=LEASE, only=["alpha"])
    assert store.apply(poll(late, article("alpha", "1")), deciding()).status == "late"
    assert other.apply(poll(job, article("alpha", "1")), deciding()).outcomes == {Outcome.NEW: 1}
    assert published(store) == [("alpha", "Envoys meet in Geneva for grain talks")]
    other.close()


def test_a_holder_that_lives_may_keep_its_leases_and_no_others(store: Store, url: str) -> None:
    (kept,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    other = SqlStore(url)
    (lapsing,) = other.claim(NOW, limit=1, lease=LEASE, only=["beta"])
    store.renew(NOW + LEASE / 2, lease=LEASE)
    assert [job.source.name for job in store.claim(NOW + LEASE, limit=9, lease=LEASE)] == ["beta"]
    other.renew(NOW + LEASE, lease=LEASE)
    assert other.claim(NOW + LEASE, limit=9, lease=LEASE) == []
    assert other.apply(poll(lapsing), deciding()).status == "late", "what was lost stays lost"
    assert store.apply(poll(kept), deciding()).status == "changed"
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


# ---------------------------------------------------------------------------------------- as a daemon claims


def due_at(store: Store, name: str, moment: datetime, *, polled: datetime = NOW) -> None:
    """Have a source be due at a moment, as if polled before."""
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=[name], due=False)
    done = poll(job)
    store.apply(replace(done, reading=None, state=replace(done.state, next_poll=moment, polled=polled)), deciding())


def claimed(store: Store, now: datetime = NOW, *, limit: int = 99, each_host: int = 1, **more: Any) -> list[str]:
    jobs = store.claim_next(now, limit=limit, lease=LEASE, each_host=each_host, **more)
    return [job.source.name for job in jobs]


def test_what_has_been_due_longest_is_claimed_first(url: str) -> None:
    store = open_store(url, *(source(name) for name in ("a", "b", "c", "d", "fresh")))
    for name, minutes in (("a", 1), ("b", 3), ("c", 2), ("d", -1)):
        due_at(store, name, NOW - timedelta(minutes=minutes))
    assert claimed(store, limit=3) == ["fresh", "b", "c"], "never polled at all comes before everything"
    assert claimed(store) == ["a"], "d is not due"
    store.close()


def test_a_host_gets_no_more_than_its_share_of_a_claim_and_none_while_one_is_leased(url: str) -> None:
    one = [source(f"one{n}", url=f"https://one.example/{n}") for n in range(5)]
    files = [source(f"file{n}", url=f"file:/srv/{n}") for n in range(3)]
    store = open_store(url, *one, *files, source("two"))
    assert claimed(store, each_host=2) == ["file0", "file1", "file2", "one0", "one1", "two"]
    assert claimed(store, each_host=2) == []
    other = SqlStore(url)
    assert claimed(other, each_host=2) == []
    store.release()
    assert claimed(store, each_host=2, resting=["one.example"], but=["file1", "two"]) == ["file0", "file2"]
    other.close()
    store.close()


def test_a_claim_takes_nothing_but_the_sources_that_the_claimant_knows(url: str) -> None:
    store = open_store(url, *(source(name, url=f"https://one.example/{name}") for name in "abc"))
    assert claimed(store, only={"b", "unheard-of"}) == ["b"], "nor does the place of another count against it"
    store.close()


def test_a_host_in_work_is_left_alone_whatever_the_clock_says_of_leases(url: str) -> None:
    store = open_store(url, *(source(name, url=f"https://one.example/{name}") for name in "ab"), source("two"))
    assert claimed(store, limit=1) == ["a"]
    assert claimed(store, NOW + 2 * LEASE, but=["a"]) == ["two"]
    store.close()


def test_what_holds_a_claim_back_holds_this_one_too(url: str) -> None:
    store = open_store(url, *(source(name) for name in ("held", "host", "ready", "removed", "stopped")))
    held: list[tuple[str, dict[str, Any], datetime | None]] = [
        ("held", {"held_until": NOW + HOUR}, None),
        ("stopped", {"stopped": True}, None),
        ("host", {}, NOW + HOUR),
    ]
    for name, state, until in held:
        (job,) = store.claim(NOW, limit=1, lease=LEASE, only=[name])
        done = poll(job)
        state["next_poll"] = NOW
        store.apply(replace(done, state=replace(done.state, **state), host_until=until), deciding())
    configured = [source(name) for name in ("held", "host", "ready", "stopped")]
    store.sync(configured, TOPICS, authority="desk.example,2026", now=NOW)
    assert claimed(store) == ["ready"]
    store.release()
    assert sorted(claimed(store, NOW + HOUR)) == ["held", "host", "ready"]
    store.close()


def test_a_lease_of_a_dead_holder_is_not_shown(store: Store, url: str) -> None:
    other = SqlStore(url)
    assert claimed(other) == ["alpha", "beta"]
    looking = SqlStore(url, as_it_is=True)
    assert [row["lease_until"] for row in looking.status()] == [NOW + LEASE, NOW + LEASE]
    vars(other)["_holder"].close()  # as if killed: its leases stay
    assert [row["lease_until"] for row in looking.status()] == [None, None]
    looking.close()
    other.close()


def test_leases_of_dead_holders_are_taken_over(store: Store, url: str) -> None:
    other = SqlStore(url)
    assert claimed(other) == ["alpha", "beta"]
    vars(other)["_holder"].close()  # as if killed: its leases stay
    assert claimed(store) == ["alpha", "beta"]


# ---------------------------------------------------------------------------------------- sleep, jumps of the clock


def test_what_was_slept_through_is_caught_up_with_once_and_spread(url: str) -> None:
    store = open_store(url, *(source(f"s{n:03}") for n in range(300)))
    for n in range(300):
        due_at(store, f"s{n:03}", NOW + timedelta(seconds=n), polled=NOW)
    later, minute = NOW + timedelta(days=1), timedelta(minutes=1)
    assert store.mend_schedule(later, spread=minute) == 300
    counts = [len(claimed(store, later + timedelta(seconds=second), limit=999)) for second in range(0, 61, 6)]
    assert sum(counts) == 300
    assert max(counts[1:]) < 60, "about 30 in each tenth of the minute"
    assert store.mend_schedule(later, spread=minute) == 0, "a second look moves nothing"
    store.close()


def test_catching_up_keeps_the_order_in_which_sources_were_due(url: str) -> None:
    store = open_store(url, *(source(f"s{n}") for n in range(6)))
    for place, n in enumerate((3, 0, 5, 1, 4, 2)):
        due_at(store, f"s{n}", NOW + timedelta(minutes=place))
    later = NOW + timedelta(days=1)
    assert store.mend_schedule(later, spread=timedelta(minutes=1)) == 6
    assert claimed(store, later + timedelta(minutes=1)) == ["s3", "s0", "s5", "s1", "s4", "s2"]
    store.close()


def test_without_a_sleep_what_is_overdue_keeps_its_place_and_shows_how_late_it_is(store: Store) -> None:
    due_at(store, "alpha", NOW + HOUR)
    assert store.mend_schedule(NOW + 2 * HOUR, spread=None) == 0
    assert {row["name"]: row["next_poll"] for row in store.status()}["alpha"] == NOW + HOUR


def test_what_is_a_little_late_is_left_where_it_is(store: Store) -> None:
    due_at(store, "alpha", NOW + HOUR)
    assert store.mend_schedule(NOW + HOUR + timedelta(seconds=59), spread=timedelta(minutes=1)) == 0


def test_a_clock_set_back_stalls_nothing_and_hurries_nothing(store: Store) -> None:
    due_at(store, "alpha", NOW + HOUR / 4, polled=NOW)
    back = NOW - HOUR
    assert store.mend_schedule(back, spread=None) == 1
    assert claimed(store, back + HOUR / 4 - timedelta(seconds=1)) == ["beta"]
    assert claimed(store, back + HOUR / 4) == ["alpha"]


def test_a_pause_from_a_clock_that_was_years_ahead_ends_within_a_day(store: Store) -> None:
    ahead = NOW + timedelta(days=3650)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    done = poll(job)
    store.apply(replace(done, state=replace(done.state, polled=ahead, next_poll=ahead), host_until=ahead), deciding())
    store.mend_schedule(NOW, spread=timedelta(minutes=1))
    assert claimed(store, NOW + timedelta(days=1)) == ["beta", "alpha"]


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


def test_what_the_old_address_answers_after_a_new_one_was_given_comes_late(store: Store) -> None:
    (old,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    moved = source("alpha", url="https://elsewhere.example/feed")
    store.sync([moved, source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    done = poll(old, article("alpha", "1"))
    done = replace(done, state=replace(done.state, moved_to="https://alpha.example/learnt"))
    assert store.apply(done, deciding()).status == "late"
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"])
    assert (job.source.url, job.state.moved_to, job.state.etag) == (moved.url, "", "")
    assert published(store) == []


def test_a_removed_source_is_polled_no_more_and_its_stories_stay(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    store.sync([source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    assert [j.source.name for j in store.claim(NOW + HOUR, limit=9, lease=LEASE)] == ["beta"]
    assert len(published(store)) == 1
    assert [each.origin.name for each in store.standings()] == ["beta"]


def test_the_first_authority_stands(store: Store) -> None:
    (warning,) = store.sync([source("alpha")], TOPICS, authority="other.example,2026", now=NOW)
    assert "desk.example,2026" in warning
    bring(store, "alpha", article("alpha", "1"))
    store.settle(NOW)
    (entry,) = store.entries("grain", limit=9, window=WINDOW)
    assert entry.id.startswith("tag:desk.example,2026:story/")


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        pytest.param({"content": "headline"}, True, id="how much is shown"),
        pytest.param({"title": "Another name"}, True, id="what the outlet is called"),
        pytest.param({"url": "https://elsewhere.example/feed"}, True, id="where its feed stands"),
        pytest.param({"private": True}, True, id="whether its address is shown"),
        pytest.param({"name": "omega"}, True, id="what it is called in JSON, and which of two equal times comes first"),
        pytest.param({"language": "tr"}, True, id="its language"),
        pytest.param({"interval_min": 60}, False, id="what no reader sees"),
    ],
)
def test_what_readers_see_of_a_source_touches_its_topics(store: Store, changed: dict[str, Any], touched: bool) -> None:
    bring(store, "alpha", article("alpha", "1"))
    before = {state.name: state.seq for state in store.topics()}
    now = replace(source("alpha"), **changed)
    store.sync([now, source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    after = {state.name: state.seq for state in store.topics()}
    assert {name for name in after if after[name] != before[name]} == ({"grain"} if touched else set())


def test_the_address_of_a_private_source_is_told_to_no_reader(url: str) -> None:
    store = open_store(url, source("alpha", private=True), source("beta"))
    for name in ("alpha", "beta"):
        bring(store, name, article(name, "1", f"{name} tells of grain", text=f"It is {name} that tells it."))
    store.settle(NOW)
    shown = {origin.name: origin.url for origin in [each.origin for each in store.standings()]}
    assert shown == {"alpha": "", "beta": "https://beta.example/feed"}
    entries = store.entries("grain", limit=9, window=WINDOW)
    assert {entry.origin.name: (entry.origin.url, entry.origin.id) for entry in entries}["alpha"] == ("", "")
    (job,) = store.claim(NOW + HOUR, limit=1, lease=LEASE, only=["alpha"])
    assert job.source.url == "https://alpha.example/feed"
    store.close()


def test_agreeing_twice_changes_nothing(store: Store, url: str) -> None:
    bring(store, "alpha", article("alpha", "1"))
    before = dump(url)
    store.sync([source("alpha"), source("beta")], TOPICS, authority="desk.example,2026", now=NOW + HOUR)
    assert dump(url) == before


def test_sources_are_counted_by_how_they_stand(url: str) -> None:
    store = open_store(url, *map(source, ("fails", "fresh", "gone", "late", "new", "stopped")))
    assert store.tally(NOW) == ({"fresh": 0, "late": 0, "failing": 0, "stopped": 0, "new": 6}, timedelta())
    changes: dict[str, dict[str, Any]] = {
        "fresh": {"next_poll": NOW + HOUR},
        "late": {"next_poll": NOW - timedelta(minutes=6)},
        "fails": {"failures": 2, "next_poll": NOW - timedelta(minutes=4)},
        "stopped": {"failures": 1, "stopped": True, "next_poll": NOW - 9 * HOUR},
    }
    for name, change in changes.items():
        (job,) = store.claim(NOW, limit=1, lease=LEASE, only=[name], due=False)
        done = poll(job)
        store.apply(replace(done, state=replace(done.state, **change)), deciding())
    store.sync([source(name) for name in (*changes, "new")], TOPICS, authority="desk.example,2026", now=NOW)
    counts, behind = store.tally(NOW)
    assert counts == {"fresh": 1, "late": 1, "failing": 1, "stopped": 1, "new": 1}
    assert behind == timedelta(minutes=6)
    store.close()

"""What hubs push, in the store: whom it is for, what it changes, and what it leaves as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.model import (
    Failed,
    FeedHead,
    Held,
    Item,
    Job,
    Letter,
    NotModified,
    Outcome,
    Poll,
    Polled,
    Push,
    SourceState,
)
from feeds.ports import Store
from feeds.store import pushes
from tests.contract.stores import HOUR, LEASE, TOPICS, bring
from tests.make import NOW, article, deciding, digest, poll, source

HUB, TOPIC = "https://hub.example/", "https://alpha.example/atom"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HEAD = FeedHead(format="atom10", hub=HUB, topic=TOPIC)


def polled(store: Store, *items: Item, now: datetime = NOW, head: FeedHead = HEAD, **more: Any) -> Polled:
    """Poll alpha, which offers a hub."""
    (job,) = store.claim(now, limit=1, lease=LEASE, only=["alpha"], due=False)
    done = poll(job, *items)
    assert done.reading is not None
    done = replace(done, reading=replace(done.reading, head=head), state=replace(done.state, interval=900, **more))
    return store.apply(done, deciding(now))


def row(store: Store, name: str = "alpha") -> Mapping[str, Any]:
    (found,) = (row for row in store.status() if row["name"] == name)
    return found


def subscribed(store: Store) -> Push:
    """Alpha with a hub that was asked, and has verified."""
    polled(store, article("alpha", "1"))
    (push,) = store.subscriptions_due(NOW, limit=9)
    told(store, push, mode="subscribe", lease=str(10 * 86400))
    return push


def told(store: Store, push: Push, *, now: datetime = NOW, **head: str) -> None:
    """What the hub tells at our callback."""
    assert store.drop_in(Letter(kind="push", key=push.token, at=now, head=head))
    assert store.take_pushed(now, limit=9, lease=LEASE) == []


def came(store: Store, push: Push, body: bytes = b"<feed/>", *, now: datetime = NOW) -> list[Job]:
    """The jobs that a push makes."""
    assert store.drop_in(Letter(kind="push", key=push.token, at=now, body=body))
    return store.take_pushed(now, limit=9, lease=LEASE)


def pushed(store: Store, push: Push, *items: Item, body: bytes = b"<feed/>", now: datetime = NOW) -> Polled:
    """How a push ends that brings these items."""
    (job,) = came(store, push, body, now=now)
    return store.apply(poll(job, *items), deciding(now))


def callback(store: Store, push: Push) -> Push:
    found = store.callback(push.token)
    assert found is not None
    return found


def schedule(store: Store) -> SourceState:
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    store.release()
    return job.state


# --------------------------------------------------------------------------------------------- subscribing


def test_a_poll_finds_a_hub_which_is_asked_once(store: Store) -> None:
    polled(store)
    assert row(store)["push"]["stage"] == "new"
    (push,) = store.subscriptions_due(NOW, limit=9)
    assert (push.source, push.hub, push.topic, push.stage) == ("alpha", HUB, TOPIC, "asked")
    assert len(push.token) >= 22
    assert len(push.secret) >= 22
    assert push.token != push.secret
    assert store.subscriptions_due(NOW, limit=9) == ()
    assert callback(store, push) == push
    assert store.callback("another") is None
    assert store.callback("") is None


def test_token_and_secret_are_shown_to_nobody(store: Store) -> None:
    push = subscribed(store)
    shown = repr(store.status())
    assert push.token not in shown
    assert push.secret not in shown


@pytest.mark.parametrize(
    ("head", "there"),
    [
        pytest.param(HEAD, "the same", id="the same offer"),
        pytest.param(replace(HEAD, hub="https://other.example/"), "another", id="another hub"),
        pytest.param(replace(HEAD, topic="https://alpha.example/rss"), "another", id="another topic"),
        pytest.param(replace(HEAD, hub=""), "none", id="the hub is gone"),
        pytest.param(replace(HEAD, topic=""), "none", id="the feed does not say who it is"),
    ],
)
def test_what_the_next_poll_finds(store: Store, head: FeedHead, there: str) -> None:
    push = subscribed(store)
    polled(store, head=head)
    found = row(store)["push"]
    assert (store.callback(push.token) is not None) == (there == "the same")
    assert (found is None) == (there == "none")
    assert there == "none" or found["stage"] == ("verified" if there == "the same" else "new")


def test_a_poll_without_a_body_says_nothing_of_hubs(store: Store) -> None:
    push = subscribed(store)
    for answer in (NotModified(), Failed(why="dns", url="")):
        (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
        store.apply(Poll(job=job, answer=answer, reading=None, state=job.state), deciding())
        assert callback(store, push).stage == "verified"


def test_a_source_that_stops_is_followed_no_more(store: Store) -> None:
    push = subscribed(store)
    polled(store, stopped=True)
    assert store.callback(push.token) is None


def test_what_is_followed_and_polled_no_more_is_ended_once(store: Store) -> None:
    push = subscribed(store)
    assert store.subscriptions_left(NOW, limit=9) == ()
    store.sync([], TOPICS, authority="desk.example,2026", now=NOW)
    assert callback(store, push).stage == "ended"
    assert store.subscriptions_left(NOW + 10 * DAY, limit=9) == (), "its lease is over"
    (left,) = store.subscriptions_left(NOW, limit=9)
    assert (left.token, left.hub, left.topic) == (push.token, HUB, TOPIC)
    assert store.subscriptions_left(NOW, limit=9) == ()
    assert came(store, push) == []
    assert store.inbox("push", limit=9) == ()


@pytest.mark.parametrize("is_told", [True, False], ids=["its hub was told", "its hub could not be told"])
def test_a_source_that_comes_back_begins_anew(store: Store, *, is_told: bool) -> None:
    """Its hub was told to end it, or answered 410: to rely on that hub would be to wait a day for nothing."""
    push = subscribed(store)
    pushed(store, push, article("alpha", "2"))
    assert callback(store, push).is_trusted
    store.sync([], TOPICS, authority="desk.example,2026", now=NOW)
    assert len(store.subscriptions_left(NOW, limit=9 if is_told else 0)) == is_told
    store.sync([source("alpha")], TOPICS, authority="desk.example,2026", now=NOW)
    assert row(store)["push"] is None
    assert store.callback(push.token) is None
    assert schedule(store).next_poll is None
    polled(store)
    (again,) = store.subscriptions_due(NOW, limit=9)
    assert again.token != push.token


def test_a_hub_that_does_not_verify_is_asked_again(store: Store) -> None:
    polled(store)
    (first,) = store.subscriptions_due(NOW, limit=9)
    assert store.subscriptions_due(NOW + HOUR, limit=9) == ()
    assert row(store)["push"]["stage"] == "failed"
    (again,) = store.subscriptions_due(NOW + HOUR + 5 * MINUTE, limit=9)
    assert (again.token, again.secret) == (first.token, first.secret)


def test_a_lease_is_renewed_before_it_ends(store: Store) -> None:
    push = subscribed(store)
    assert store.subscriptions_due(NOW + 8 * DAY - MINUTE, limit=9) == ()
    (again,) = store.subscriptions_due(NOW + 8 * DAY, limit=9)
    assert again.token == push.token
    told(store, push, now=NOW + 8 * DAY, mode="subscribe", lease="864000")
    assert row(store)["push"]["lease_until"] == NOW + 18 * DAY


def test_what_a_hub_answers_is_noted(store: Store) -> None:
    polled(store)
    (push,) = store.subscriptions_due(NOW, limit=9)
    store.follow(push.token, lambda before: before.refused("http_500", NOW), NOW)
    assert row(store)["push"]["why"] == "http_500"
    store.follow("another", lambda _: None, NOW)
    store.follow(push.token, lambda _: None, NOW)
    assert row(store)["push"] is None


def test_denied(store: Store) -> None:
    push = subscribed(store)
    told(store, push, mode="denied", reason="not for you")
    assert (row(store)["push"]["stage"], row(store)["push"]["why"]) == ("ended", "not for you")
    assert came(store, push) == []
    assert store.subscriptions_due(NOW + 99 * DAY, limit=9) == ()


# --------------------------------------------------------------------------------------------------- pushes


def test_a_push_is_stored_like_a_poll_and_says_so(store: Store) -> None:
    push = subscribed(store)
    old, new = article("alpha", "1"), article("alpha", "2", "Ferry runs aground off the northern coast")
    (job,) = came(store, push, b"<feed>2</feed>")
    assert job.letter is not None
    assert (job.source.name, job.letter.body, job.host) == ("alpha", b"<feed>2</feed>", "")
    assert old.slice in job.facts.known
    done = store.apply(poll(job, new, known=1), deciding())
    assert done.outcomes == {Outcome.NEW: 1, Outcome.SAME: 1}
    assert store.inbox("push", limit=9) == ()
    assert [finding["because"] for finding in store.why(["2"])] == [
        "neither guid, address nor text was known; pushed by its hub"
    ]
    assert "pushed" not in store.why(["1"])[0]["because"]
    assert row(store)["counts"]["items"] == 3
    assert store.verify() == []


def test_a_push_leaves_the_polls_of_its_source_as_they_were(store: Store) -> None:
    push = subscribed(store)
    before = schedule(store), row(store)["counts"]["polls"]
    pushed(store, push, article("alpha", "2", "Ferry runs aground off the northern coast"))
    after = schedule(store), row(store)["counts"]["polls"]
    assert replace(after[0], next_poll=None, next_why="") == replace(before[0], next_poll=None, next_why="")
    assert after[1] == before[1]


def test_what_a_push_brought_is_no_news_to_the_next_poll(store: Store) -> None:
    push = subscribed(store)
    new = article("alpha", "2", "Ferry runs aground off the northern coast")
    pushed(store, push, new)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == {article("alpha", "1").slice, new.slice}  # though the push held but one of them
    store.release()
    assert polled(store, article("alpha", "1"), new).outcomes == {Outcome.SAME: 2}
    assert callback(store, push).is_trusted


@pytest.mark.parametrize(
    ("listed", "outcomes"),
    [
        pytest.param(False, {Outcome.DUPLICATE: 1}, id="only what is new: the other is still listed"),
        pytest.param(True, {Outcome.SAME: 1, Outcome.CHANGED: 1}, id="the whole feed: where it stood it is no more"),
    ],
)
def test_a_push_may_be_a_part_of_the_feed(store: Store, listed: bool, outcomes: dict[Outcome, int]) -> None:
    stays, old = (
        article("alpha", "0", "Ferry runs aground off the northern coast", text="At night."),
        article("alpha", "1"),
    )
    polled(store, stays, old)
    (push,) = store.subscriptions_due(NOW, limit=9)
    told(store, push, mode="subscribe", lease="864000")
    again = article("alpha", "other", slice=digest("elsewhere"))
    (job,) = came(store, push)
    done = poll(job, again)
    assert done.reading is not None
    if listed:
        done = replace(done, reading=replace(done.reading, known=1, slices=(stays.slice, again.slice)))
    assert store.apply(done, deciding()).outcomes == outcomes
    assert store.verify() == []


def test_a_push_makes_no_one_wait_for_what_it_does_not_list(store: Store) -> None:
    """An item that stands in no push has not left its source's list."""
    push = subscribed(store)
    pushed(store, push, article("alpha", "2", "Ferry runs aground off the northern coast"))
    store.expire(NOW + timedelta(days=400), keep=timedelta(days=1))
    polled(store, article("alpha", "1", "A new title for it"), now=NOW + timedelta(days=400))
    assert row(store)["counts"]["new"] == 2  # its key was not forgotten


def test_pushes_add_up_to_so_much_and_then_begin_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no push lists any more has left by then, so that its key does not stay for ever."""
    monkeypatch.setattr(pushes, "_MOST_SLICES", 2)
    push = subscribed(store)
    second, third = article("alpha", "2", "Ferry runs aground"), article("alpha", "3", "Grain rots in the port")
    pushed(store, push, second, body=b"2")
    pushed(store, push, third, body=b"3")
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert job.facts.known == {third.slice}
    store.release()
    store.expire(NOW + timedelta(days=400), keep=DAY)
    assert store.why(["2"]) == ()
    assert store.why(["3"]) != ()
    assert store.verify() == []


def refused(store: Store, push: Push, body: bytes = b"<feed/>") -> None:
    assert came(store, push, body) == []
    assert store.inbox("push", limit=9) == ()


def test_a_body_that_came_before_counts_for_nothing(store: Store) -> None:
    push = subscribed(store)
    for number in range(3):
        pushed(store, push, article("alpha", str(number)), body=b"%d" % number)
    before = row(store)
    for number in range(3):
        refused(store, push, b"%d" % number)
    assert row(store)["push"].pop("n_replayed") == 3
    assert row(store)["counts"] == before["counts"]
    assert row(store)["push"]["n_pushes"] == 3


def test_a_push_that_is_no_feed(store: Store) -> None:
    push = subscribed(store)
    before = row(store)
    (job,) = came(store, push, b"nonsense")
    answer = Failed(why="not_a_feed", url="")
    state = replace(job.state, failures=1, why="not_a_feed")
    store.apply(Poll(job=job, answer=answer, reading=None, state=state), deciding())
    after = row(store)
    assert after["push"]["n_useless"] == 1
    assert after["push"]["stage"] == "verified"
    assert (after["failures"], after["counts"]) == (before["failures"], before["counts"])
    assert store.inbox("push", limit=9) == ()


def test_a_push_that_cannot_be_read_now_stays(store: Store) -> None:
    push = subscribed(store)
    (job,) = came(store, push)
    store.apply(Poll(job=job, answer=Held(), reading=None, state=job.state), deciding())
    assert len(store.take_pushed(NOW, limit=9, lease=LEASE)) == 1


def test_a_push_whose_lease_was_lost_stays(store: Store) -> None:
    push = subscribed(store)
    (job,) = came(store, push)
    assert store.apply(poll(replace(job, token="another"), article("alpha", "2")), deciding()).status == "late"
    assert len(store.inbox("push", limit=9)) == 1


def test_a_push_of_a_subscription_that_ended_meanwhile_is_dropped(store: Store) -> None:
    push = subscribed(store)
    (job,) = came(store, push)
    store.unfollow(NOW)
    assert store.apply(poll(job, article("alpha", "2", "Ferry runs aground")), deciding()).outcomes == {}
    assert store.inbox("push", limit=9) == ()
    assert row(store)["counts"]["new"] == 1


def test_pushes_wait_for_a_poll_and_polls_for_pushes(store: Store) -> None:
    push = subscribed(store)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    assert came(store, push, b"1") == []
    assert came(store, push, b"2") == []
    assert len(store.inbox("push", limit=9)) == 2
    store.apply(Poll(job=job, answer=NotModified(), reading=None, state=job.state), deciding())
    assert store.take_pushed(NOW, limit=9, lease=LEASE, but=["alpha"]) == []
    (first,) = store.take_pushed(NOW, limit=9, lease=LEASE)  # one after the other, in the order in which they came
    assert first.letter is not None
    assert first.letter.body == b"1"
    assert store.claim(NOW, limit=9, lease=LEASE, only=["alpha"], due=False) == []
    store.apply(poll(first), deciding())
    (second,) = store.take_pushed(NOW, limit=9, lease=LEASE)
    assert second.letter is not None
    assert second.letter.body == b"2"


def test_no_more_are_taken_than_are_asked_for(store: Store) -> None:
    push = subscribed(store)
    assert store.drop_in(Letter(kind="push", key=push.token, at=NOW, body=b"1"))
    assert store.take_pushed(NOW, limit=0, lease=LEASE) == []
    assert len(store.take_pushed(NOW, limit=1, lease=LEASE)) == 1


def test_what_is_for_nobody_is_thrown_away(store: Store) -> None:
    push = subscribed(store)
    assert store.drop_in(Letter(kind="push", key="another", at=NOW, body=b"1"))
    assert store.take_pushed(NOW, limit=9, lease=LEASE) == []
    assert store.inbox("push", limit=9) == ()
    store.sync([source("beta")], TOPICS, authority="desk.example,2026", now=NOW)
    refused(store, push)
    assert callback(store, push).stage == "ended"
    assert store.subscriptions_due(NOW + 99 * DAY, limit=9) == ()


def test_a_rename_keeps_the_hub_and_another_address_drops_it(store: Store) -> None:
    push = subscribed(store)
    store.sync([replace(source("alpha"), name="gamma")], TOPICS, authority="desk.example,2026", now=NOW)
    assert callback(store, push).source == "gamma"
    elsewhere = replace(source("gamma"), url="https://alpha.example/other")
    store.sync([elsewhere], TOPICS, authority="desk.example,2026", now=NOW)
    assert store.callback(push.token) is None
    assert row(store, "gamma")["push"] is None


# -------------------------------------------------------------------------------------------------- rhythm


def trusted(store: Store) -> Push:
    push = subscribed(store)
    pushed(store, push, article("alpha", "2", "Ferry runs aground off the northern coast"))
    assert callback(store, push).is_trusted
    return push


def test_a_hub_is_distrusted_until_its_first_push_and_then_the_source_is_polled_once_a_day(store: Store) -> None:
    push = subscribed(store)
    polled(store, article("alpha", "1", "A new title for it"))
    assert callback(store, push).stage == "verified"
    assert row(store)["next_poll"] == NOW + HOUR
    pushed(store, push, article("alpha", "2", "Ferry runs aground off the northern coast"))
    assert (row(store)["next_poll"], row(store)["next_why"]) == (NOW + DAY, "once a day, as hub.example pushes it")
    polled(store, now=NOW + DAY, next_poll=NOW + DAY + HOUR)
    assert row(store)["next_poll"] == NOW + 2 * DAY
    assert row(store)["interval"] == 900


def test_the_usual_interval_waits_to_be_taken_up_again(store: Store) -> None:
    trusted(store)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    slow = replace(job.state, interval=86_400, next_poll=NOW + 2 * DAY)
    store.apply(Poll(job=job, answer=NotModified(), reading=None, state=slow), deciding())
    assert row(store)["interval"] == 900
    assert row(store)["next_poll"] == NOW + 2 * DAY  # never sooner than its publisher asks


def test_a_failure_of_a_pushed_source_is_tried_again_as_ever(store: Store) -> None:
    trusted(store)
    (job,) = store.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    failing = replace(job.state, failures=1, next_poll=NOW + HOUR)
    store.apply(Poll(job=job, answer=Failed(why="dns", url=""), reading=None, state=failing), deciding())
    assert row(store)["next_poll"] == NOW + HOUR


@pytest.mark.parametrize(
    ("items", "is_trusted"),
    [
        pytest.param((article("alpha", "3", "Another ferry runs aground"),), False, id="an item that was not pushed"),
        pytest.param((article("alpha", "1", "A new title for it"),), False, id="an edit that was not pushed"),
        pytest.param((article("alpha", "1"),), True, id="nothing but what is known"),
    ],
)
def test_a_poll_finds_what_a_push_missed(store: Store, items: tuple[Item, ...], is_trusted: bool) -> None:
    push = trusted(store)
    polled(store, *items, now=NOW + HOUR, next_poll=NOW + HOUR + 15 * MINUTE)
    assert callback(store, push).stage == ("trusted" if is_trusted else "distrusted")
    assert row(store)["next_poll"] == (NOW + HOUR + DAY if is_trusted else NOW + HOUR + 15 * MINUTE)


def test_what_waits_in_the_inbox_was_not_missed(store: Store) -> None:
    push = trusted(store)
    assert store.drop_in(Letter(kind="push", key="another", at=NOW, body=b"3"))
    assert store.drop_in(Letter(kind="push", key=push.token, at=NOW, body=b"3"))
    polled(store, article("alpha", "3", "Another ferry runs aground"), now=NOW + HOUR)
    assert callback(store, push).is_trusted


def test_a_lease_that_ends_brings_polling_back_at_once(store: Store) -> None:
    trusted(store)
    polled(store, now=NOW + timedelta(days=9, hours=20))
    assert row(store)["next_poll"] == NOW + timedelta(days=10, hours=20)
    store.subscriptions_due(NOW + 10 * DAY, limit=9)
    assert row(store)["push"]["stage"] in ("failed", "asked")
    assert row(store)["next_poll"] == NOW + 10 * DAY
    assert row(store)["next_why"] == "hub.example is not relied on any more"


def test_a_lease_may_end_while_its_hub_is_asked_for_another(store: Store) -> None:
    push = trusted(store)
    told(store, push, mode="subscribe", lease=str(4 * 3600))
    assert len(store.subscriptions_due(NOW + timedelta(hours=3.2), limit=9)) == 1
    assert store.subscriptions_due(NOW + 4 * HOUR, limit=9) == ()
    assert (row(store)["push"]["stage"], row(store)["next_poll"]) == ("asked", NOW + 4 * HOUR)


@pytest.mark.parametrize("how", ["denied", "unfollowed"])
def test_who_is_trusted_no_more_is_polled_as_before(store: Store, how: str) -> None:
    push = trusted(store)
    if how == "denied":
        told(store, push, mode="denied")
    else:
        assert store.unfollow(NOW) == 1
        assert store.unfollow(NOW) == 0
        assert store.callback(push.token) is None
    assert row(store)["next_poll"] == NOW + 15 * MINUTE


def test_sources_without_a_hub_are_polled_as_ever(store: Store) -> None:
    bring(store, "beta", article("beta", "1"))
    assert row(store, "beta")["push"] is None
    assert store.subscriptions_due(NOW, limit=9) == ()

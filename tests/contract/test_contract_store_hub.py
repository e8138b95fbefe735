"""The Store port: what the hub owes to whom."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine

from feeds.errors import StoreError
from feeds.model import Errand, Intent, Letter, Result
from feeds.ports import Store
from feeds.store import errands
from feeds.store.sql import SqlStore
from tests.make import NOW

HOUR, LEASE, DAY = timedelta(hours=1), timedelta(minutes=10), timedelta(days=1)
ATOM = "grain.atom"
DONE = Result(end="done", delivered=b"digest")


def intent(name: str = "a", mode: Any = "subscribe", **more: Any) -> Intent:
    values: dict[str, Any] = {
        "topic": ATOM,
        "callback": f"https://{name}.example/cb",
        "host": f"{name}.example",
        "lease": DAY,
    }
    return Intent(mode=mode, **values | more)


def take(store: Store, *intents: Intent, now: Any = NOW) -> int:
    return store.hub_take(intents, letters=(), now=now)


def claim(store: Store, now: Any = NOW, **more: Any) -> list[Errand]:
    values: dict[str, Any] = {"limit": 100, "slow": 100, "lease": LEASE}
    return store.hub_claim(now, **values | more)


def subscribe(store: Store, *names: str, topic: str = ATOM, now: Any = NOW) -> None:
    for some in names:
        assert take(store, intent(some, topic=topic), now=now) == 0
        finish(store, claim(store, now), now=now)


def finish(store: Store, claimed: Iterable[Errand], result: Result = DONE, now: Any = NOW) -> None:
    for errand in claimed:
        store.hub_finish(errand, result, now)


def publish(store: Store, topic: str = "grain") -> None:
    (state,) = [state for state in store.topics() if state.name == topic]
    assert store.mark_published(topic, seq=state.seq, seen=state.published_seq, entries=1, rendered_with="k")


def told(store: Store, now: Any = NOW) -> list[str]:
    return sorted(errand.host for errand in claim(store, now) if errand.role == "subscriber")


def numbers(store: Store, now: Any = NOW) -> list[tuple[str, int, int, int]]:
    return [(each.topic, each.number, each.waiting, each.failing) for each in store.hub_standing(now)]


# ------------------------------------------------------------------------------------------- intents


def test_an_intent_is_asked_about_and_becomes_a_subscription(store: Store) -> None:
    assert take(store, intent(secret=b"s3cret")) == 0
    assert numbers(store) == []
    (asked,) = claim(store)
    assert (asked.role, asked.mode, asked.topic, asked.secret, asked.lease) == (
        "intent",
        "subscribe",
        ATOM,
        b"s3cret",
        DAY,
    )
    finish(store, [asked])
    assert numbers(store) == [(ATOM, 1, 0, 0)]
    assert claim(store) == [], "who subscribes knows what is published now"
    publish(store)
    (due,) = claim(store)
    assert (due.role, due.callback, due.secret, due.delivered) == ("subscriber", asked.callback, b"s3cret", b"")


def test_letters_go_with_what_they_led_to(store: Store) -> None:
    store.drop_in(Letter(kind="hub", at=NOW, body=b"x"))
    (letter,) = store.inbox("hub", limit=1)
    store.hub_take([intent()], letters=[letter.id], now=NOW)
    assert store.inbox("hub", limit=1) == ()
    assert len(claim(store)) == 1


@pytest.mark.parametrize("end", ["over", "again"])
def test_what_no_callback_confirmed_is_no_subscription(store: Store, end: Any) -> None:
    take(store, intent())
    finish(store, claim(store), Result(end=end, why="wrong challenge", again=NOW + HOUR))
    publish(store)
    assert claim(store) == []
    assert numbers(store) == []
    assert len(claim(store, NOW + HOUR)) == (end == "again")


def test_the_newest_of_several_intents_is_asked_alone(store: Store) -> None:
    take(store, intent(secret=b"old"))
    take(store, intent(mode="unsubscribe"), intent(secret=b"new", lease=2 * DAY))
    (asked,) = claim(store)
    assert (asked.mode, asked.secret, asked.lease) == ("subscribe", b"new", 2 * DAY)


def test_an_answer_to_an_older_question_counts_for_nothing(store: Store) -> None:
    take(store, intent())
    (old,) = claim(store)
    take(store, intent(mode="unsubscribe"))
    finish(store, [old])
    assert numbers(store) == []
    assert [errand.mode for errand in claim(store)] == ["unsubscribe"]


def test_a_renewal_keeps_what_is_owed_and_takes_the_new_secret(store: Store) -> None:
    subscribe(store, "a")
    publish(store)
    take(store, intent(secret=b"new"), now=NOW + DAY / 2)
    finish(store, [e for e in claim(store, NOW + DAY / 2) if e.role == "intent"], now=NOW + DAY / 2)
    later = NOW + DAY + HOUR
    assert numbers(store, later) == [(ATOM, 1, 1, 0)], "the first lease would be over"
    assert [errand.secret for errand in claim(store, later)] == [b"new"]


def test_a_renewal_that_nobody_confirms_leaves_the_subscription_as_it_is(store: Store) -> None:
    subscribe(store, "a")
    take(store, intent(secret=b"forged"))
    finish(store, claim(store), Result(end="over", why="404"))
    publish(store)
    assert [errand.secret for errand in claim(store)] == [b""]


def test_who_unsubscribes_is_told_nothing_more(store: Store) -> None:
    subscribe(store, "a", "b")
    take(store, intent(mode="unsubscribe"))
    publish(store)
    finish(store, [e for e in claim(store, but=["b.example"]) if e.role == "intent"])
    assert numbers(store) == [(ATOM, 1, 1, 0)]
    assert told(store) == ["b.example"]


def test_a_lease_ends(store: Store) -> None:
    subscribe(store, "a")
    publish(store)
    assert told(store, NOW + DAY) == []
    assert numbers(store, NOW + DAY) == []
    assert store.hub_tend(NOW + DAY - HOUR) == 0
    assert store.hub_tend(NOW + DAY) == 1


def test_no_error_tells_a_secret(store: Store, url: str) -> None:
    """A traceback in a log names what was written, if it is not kept from it."""
    broken = create_engine(url)
    with broken.begin() as connection:
        connection.exec_driver_sql("alter table errands rename to away")
    asked = intent(secret=b"s3cret", callback="https://a.example/capability")
    with pytest.raises(StoreError) as caught:
        take(store, asked)
    said = "".join(traceback.format_exception(caught.value))
    assert "errands" in said
    assert "s3cret" not in said
    assert "capability" not in said
    broken.dispose()


# -------------------------------------------------------------------------------------------- bounds


def test_of_one_host_so_many_wait_to_be_asked(store: Store) -> None:
    many = [intent(callback=f"https://a.example/{n}") for n in range(12)]
    assert take(store, *many, intent("b")) == 2
    assert take(store, many[0]) == 0, "one that is known is asked anew"
    found = claim(store)
    assert sorted({errand.host for errand in found}) == ["a.example", "b.example"]
    assert len(found) == errands.AT_ONCE_OF_HOST + 1


def test_in_all_so_many_wait_to_be_asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "PENDING", 3)
    assert take(store, *(intent(f"h{n}") for n in range(5))) == 2


@pytest.mark.parametrize(
    ("bound", "more"),
    [
        pytest.param("MOST", intent("b", topic="rain.rss"), id="in all"),
        pytest.param("MOST_OF_TOPIC", intent("b"), id="of a topic"),
        pytest.param("MOST_OF_HOST", intent(topic="rain.rss"), id="of a host"),
        pytest.param("MOST_OF_BOTH", intent(callback="https://a.example/other"), id="of a host and topic"),
    ],
)
def test_where_there_is_no_room_the_callback_is_told_so(
    store: Store, monkeypatch: pytest.MonkeyPatch, bound: str, more: Intent
) -> None:
    subscribe(store, "a")
    monkeypatch.setattr(errands, bound, 1)
    assert take(store, more, intent(secret=b"renewed")) == 1
    assert sorted((errand.mode, errand.callback) for errand in claim(store)) == [
        ("denied", more.callback),
        ("subscribe", intent().callback),
    ]


@pytest.mark.parametrize(
    ("bound", "other"),
    [
        pytest.param("MOST_OF_TOPIC", intent("b", topic="rain.rss"), id="another topic"),
        pytest.param("MOST_OF_HOST", intent("b"), id="another host"),
        pytest.param("MOST_OF_BOTH", intent("b"), id="another host and the same topic"),
        pytest.param("MOST_OF_BOTH", intent(topic="rain.rss"), id="another topic and the same host"),
    ],
)
def test_one_topic_or_host_takes_no_room_of_another(
    store: Store, monkeypatch: pytest.MonkeyPatch, bound: str, other: Intent
) -> None:
    subscribe(store, "a")
    monkeypatch.setattr(errands, bound, 1)
    assert take(store, other) == 0


def test_bounds_hold_also_when_many_ask_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "MOST", 1)
    take(store, intent("a"), intent("b"))
    finish(store, claim(store))
    assert numbers(store) == [(ATOM, 1, 0, 0)]
    (no,) = claim(store)
    assert (no.mode, no.why) == ("denied", "this hub has as many subscriptions as it can serve")
    finish(store, [no])
    assert claim(store) == []


# ------------------------------------------------------------------------------------------ delivery


def test_each_publication_is_due_once_for_each_format_and_topic_that_somebody_wants(store: Store) -> None:
    subscribe(store, "a", "b")
    subscribe(store, "c", topic="grain.json")
    subscribe(store, "d", topic="rain.atom")
    publish(store)
    publish(store)
    assert told(store) == ["a.example", "b.example", "c.example"]
    assert claim(store) == [], "they are leased"


def test_a_publication_during_a_delivery_is_delivered_as_well(store: Store) -> None:
    subscribe(store, "a")
    publish(store)
    under_way = claim(store)
    publish(store)
    finish(store, under_way)
    again = claim(store)
    assert [errand.delivered for errand in again] == [b"digest"]
    finish(store, again)
    assert claim(store) == []
    assert numbers(store) == [(ATOM, 1, 0, 0)]


def test_what_fails_keeps_its_time_whatever_is_published(store: Store) -> None:
    subscribe(store, "a")
    publish(store)
    finish(store, claim(store), Result(end="again", why="connect", again=NOW + HOUR))
    publish(store)
    assert claim(store) == []
    assert numbers(store) == [(ATOM, 1, 1, 1)]
    (again,) = claim(store, NOW + HOUR)
    assert (again.tries, again.why) == (1, "connect")
    finish(store, [again])
    assert numbers(store) == [(ATOM, 1, 0, 0)]
    assert store.hub_standing(NOW)[0].why == ""


def test_who_fails_and_renews_is_told_at_once(store: Store) -> None:
    subscribe(store, "a")
    publish(store)
    finish(store, claim(store), Result(end="again", why="connect", again=NOW + 6 * HOUR))
    take(store, intent())
    finish(store, [errand for errand in claim(store) if errand.role == "intent"])
    (again,) = claim(store)
    assert (again.role, again.tries, again.why) == ("subscriber", 0, "")


def test_a_publication_while_we_give_a_hub_up_is_told_to_it(store: Store) -> None:
    store.hub_agree([], [ATOM], ["https://hub.example/"], NOW)
    last_try = claim(store)
    publish(store)
    finish(store, last_try, Result(end="over", why="http_500"))
    assert [errand.role for errand in claim(store)] == ["hub"]


def test_a_subscription_that_is_over_is_gone(store: Store) -> None:
    subscribe(store, "a")
    publish(store)
    finish(store, claim(store), Result(end="over", why="410"))
    publish(store)
    assert claim(store) == []
    assert numbers(store) == []


def test_who_was_slow_or_failed_takes_no_place_of_the_quick(store: Store) -> None:
    subscribe(store, "a", "b", "c")
    publish(store)
    for errand in claim(store):
        end = {"a": DONE, "b": Result(end="done", slow=True), "c": Result(end="again", again=NOW)}[errand.host[0]]
        store.hub_finish(errand, end, NOW)
    publish(store)
    assert [errand.host for errand in claim(store, slow=0)] == ["a.example"]
    assert [errand.host for errand in claim(store, slow=1)] == ["b.example"]
    assert [errand.host for errand in claim(store)] == ["c.example"]


def test_who_is_new_takes_no_place_of_the_quick(store: Store) -> None:
    """Anybody may name callbacks that are slow, or not there at all."""
    take(store, intent())
    assert claim(store, slow=0) == []
    assert len(claim(store, limit=0)) == 1


def test_the_leases_of_a_process_that_died_are_taken_over_at_once(store: Store, url: str) -> None:
    subscribe(store, "a")
    publish(store)
    other = SqlStore(url)
    (theirs,) = other.hub_claim(NOW, limit=9, slow=9, lease=LEASE)
    assert claim(store) == []
    other.close()  # as the kernel closes the files of a process that is killed
    (ours,) = claim(store)
    store.hub_finish(theirs, Result(end="over"), NOW)
    assert numbers(store) == [(ATOM, 1, 1, 0)], "who lost the lease writes nothing"
    finish(store, [ours])
    assert numbers(store) == [(ATOM, 1, 0, 0)]


def test_a_lease_of_an_errand_ends_by_itself(store: Store, url: str) -> None:
    subscribe(store, "a")
    publish(store)
    other = SqlStore(url)
    assert len(other.hub_claim(NOW, limit=9, slow=9, lease=LEASE)) == 1
    assert claim(store, NOW + LEASE - timedelta(seconds=1)) == []
    assert len(claim(store, NOW + LEASE)) == 1
    other.close()


# -------------------------------------------------------------------------------- the configuration


def test_hubs_elsewhere_are_pinged_of_what_is_published(store: Store) -> None:
    hubs = ["https://hub.example/", "https://other.example/"]
    for _ in range(2):
        store.hub_agree([], [ATOM, "rain.atom"], hubs, NOW)
    finish(store, claim(store))
    assert claim(store) == []
    publish(store)
    found = claim(store)
    assert sorted((errand.role, errand.topic, errand.callback) for errand in found) == [
        ("hub", ATOM, hub) for hub in hubs
    ]
    finish(store, found, Result(end="over", why="http_500"))
    assert [(each.hub, each.why) for each in store.hub_standing(NOW) if each.failing] == [
        (hub, "http_500") for hub in hubs
    ]
    publish(store)
    assert len(claim(store)) == 2, "it is tried again when there is news"
    store.hub_agree([], [ATOM], hubs[:1], NOW)
    assert [(each.topic, each.hub) for each in store.hub_standing(NOW)] == [(ATOM, hubs[0])]


def test_subscribers_of_what_is_no_longer_published_are_told_so(store: Store) -> None:
    subscribe(store, "a", "b")
    subscribe(store, "a", topic="rain.rss")
    store.hub_agree(["rain.rss"], ["rain.rss"], [], NOW)
    assert numbers(store) == [("rain.rss", 1, 0, 0)]
    assert [(e.mode, e.topic, e.host, e.why) for e in claim(store)] == [
        ("denied", ATOM, host, "this feed is no longer published") for host in ("a.example", "b.example")
    ]

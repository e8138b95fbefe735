"""The Store port: on which day a story came into a topic, and what is told again after a correction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from feeds.ports import Store
from tests.contract.stores import WINDOW, bring
from tests.make import KEEP, NOW, article, match

DAY = timedelta(days=1)
TODAY = NOW.date()


def publish(store: Store, day: date, *, topic: str = "grain") -> list[str]:
    """Publish a topic on `day`; the guids that stand in the archive of that day."""
    store.settle(NOW)
    entries = list(store.day_entries(topic, day, unfiled=True))
    (state,) = [state for state in store.topics() if state.name == topic]
    assert store.mark_published(
        topic,
        seq=state.seq,
        seen=state.published_seq,
        entries=len(entries),
        rendered_with="k",
        archived_at="https://desk.example/",
        filed=[entry.story for entry in entries],
        day=day,
    )
    return [entry.guid for entry in entries]


def filed(store: Store, day: date, topic: str = "grain") -> list[str]:
    return [entry.guid for entry in store.day_entries(topic, day, unfiled=False)]


def bring_some(store: Store, guids: Sequence[str], **more: object) -> None:
    title, text = "Number {} is another story", "It tells of number {} and of nothing else in all the world."
    items = [article("alpha", guid, title.format(guid), text=text.format(guid), **more) for guid in guids]
    bring(store, "alpha", *items)


def test_a_story_stands_in_the_archive_of_the_day_on_which_it_was_first_published(store: Store) -> None:
    bring_some(store, ["one", "two"])
    assert sorted(publish(store, TODAY)) == ["one", "two"]
    bring_some(store, ["three"])
    assert publish(store, TODAY + DAY) == ["three"]
    assert publish(store, TODAY + 2 * DAY) == []
    assert store.days("grain") == (TODAY, TODAY + DAY)
    assert sorted(filed(store, TODAY)) == ["one", "two"]
    assert list(store.verify()) == []


def test_what_was_published_twice_on_a_day_stands_there_once(store: Store) -> None:
    bring_some(store, ["one"])
    publish(store, TODAY)
    bring_some(store, ["two"])
    assert sorted(publish(store, TODAY)) == ["one", "two"]
    assert store.days("grain") == (TODAY,)


def test_each_topic_has_its_own_days(store: Store) -> None:
    bring_some(store, ["one"], topics=(match("grain"), match("rain")))
    publish(store, TODAY)
    assert store.days("rain") == ()
    assert publish(store, TODAY + DAY, topic="rain") == ["one"]
    assert (store.days("grain"), store.days("rain")) == ((TODAY,), (TODAY + DAY,))


def test_nothing_is_noted_before_the_files_stand(store: Store) -> None:
    bring_some(store, ["one"])
    store.settle(NOW)
    assert [entry.guid for entry in store.day_entries("grain", TODAY, unfiled=True)] == ["one"]
    assert store.days("grain") == ()
    assert filed(store, TODAY) == []


def test_who_publishes_too_late_notes_nothing(store: Store) -> None:
    bring_some(store, ["one"])
    publish(store, TODAY)
    (state,) = [state for state in store.topics() if state.name == "grain"]
    bring_some(store, ["two"])
    publish(store, TODAY)
    more = {"entries": 2, "rendered_with": "k", "filed": [2], "day": TODAY + DAY}
    assert not store.mark_published("grain", seq=state.seq + 1, seen=state.published_seq, **more)  # type: ignore[arg-type]
    assert store.days("grain") == (TODAY,)


def test_the_state_of_a_topic_tells_where_its_archives_lead(store: Store) -> None:
    publish(store, TODAY)
    assert {state.name: state.archived_at for state in store.topics()} == {"grain": "https://desk.example/", "rain": ""}


def test_an_archive_ends_with_the_last_story_of_its_day(store: Store) -> None:
    bring_some(store, ["one"])
    publish(store, TODAY)
    bring(store, "alpha", article("alpha", "late", "Quite another thing", first_seen=NOW + 9 * DAY), now=NOW + 9 * DAY)
    publish(store, TODAY + 9 * DAY)
    assert store.expire(NOW + KEEP + 2 * DAY, keep=KEEP) == 1
    assert store.days("grain") == (TODAY + 9 * DAY,)
    (state,) = [state for state in store.topics() if state.name == "grain"]
    assert state.dirty, "so that its file goes"
    assert list(store.verify()) == []


@pytest.mark.parametrize("minutes", [1, 59])
def test_a_corrected_story_is_told_again_however_old_it_is(store: Store, minutes: int) -> None:
    bring_some(store, ["old"], published=NOW - 30 * DAY)
    bring_some(store, ["new", "newer"])
    store.settle(NOW)
    assert [e.guid for e in store.entries("grain", limit=2, window=WINDOW)] == ["new", "newer"]
    at = NOW + timedelta(minutes=minutes)
    bring(store, "alpha", article("alpha", "old", "Number 7 is not so old", text="Seven.", published=None), now=at)
    store.settle(at)
    found = store.entries("grain", limit=2, window=WINDOW)
    assert [(e.guid, e.corrected) for e in found] == [("new", None), ("newer", None), ("old", at)]
    assert [e.guid for e in store.entries("grain", limit=2, window=timedelta(0))] == ["new", "newer"]


def test_what_was_read_for_the_feed_is_not_read_again_for_the_archive(store: Store) -> None:
    bring_some(store, ["one", "two", "three"])
    store.settle(NOW)
    first, second, third = store.day_entries("grain", TODAY, unfiled=True)
    known = {second.story: replace(second, title="as it was read"), third.story + 1: third}
    again = list(store.day_entries("grain", TODAY, unfiled=True, known=known))
    assert again == [first, known[second.story], third]
    assert again[1] is known[second.story]

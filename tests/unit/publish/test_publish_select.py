"""Which stories a feed holds, in which order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Entry
from feeds.publish.select import WINDOW, select
from tests.unit.publish.publish_samples import ORIGIN, START, entry


def test_newest_first_then_source_then_guid() -> None:
    b_source = replace(ORIGIN, name="b")
    stories = [
        entry(1, published=START, origin=b_source, id="tag:x:1"),
        entry(2, published=START, id="tag:x:2", guid="g3"),
        entry(3, published=START, id="tag:x:3", guid="g2"),
        entry(4, published=START + timedelta(seconds=1)),
    ]
    assert [e.story for e in select(stories, limit=9)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("hours", "limit", "expected"),
    [
        pytest.param([0, 1, 2], 2, 3, id="all within 48 h, though beyond the limit"),
        pytest.param([0, 48, 49], 1, 2, id="48 h are within"),
        pytest.param([0, 100, 200, 300], 3, 3, id="the limit, though older"),
        pytest.param([], 3, 0, id="nothing"),
    ],
)
def test_at_least_the_limit_and_never_less_than_two_days(hours: list[int], limit: int, expected: int) -> None:
    stories = [entry(nth, published=START - timedelta(hours=age)) for nth, age in enumerate(hours)]
    assert len(select(stories, limit=limit)) == expected


def test_an_id_stands_once() -> None:
    old, new = entry(1, published=START - WINDOW), entry(1, published=START)
    assert select([old, new], limit=9) == (new,)


@given(st.lists(st.integers(0, 5_000), max_size=30), st.integers(1, 10), st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(minutes: list[int], limit: int, order: random.Random) -> None:
    stories = [entry(nth, published=START - timedelta(minutes=age)) for nth, age in enumerate(minutes)]
    chosen = select(stories, limit=limit)
    order.shuffle(stories)
    assert select(stories, limit=limit) == chosen
    assert len(chosen) >= min(limit, len(stories))
    assert [e.published for e in chosen] == sorted((e.published for e in chosen), reverse=True)


DAY = timedelta(days=1)


def corrected(nth: int, *, days_old: int, hours_ago: int) -> Entry:
    """An old story, corrected so many hours before the newest was published."""
    return entry(nth, published=START - days_old * DAY, corrected=START - timedelta(hours=hours_ago))


@pytest.mark.parametrize(
    ("story", "comes_back"),
    [
        pytest.param(corrected(5, days_old=30, hours_ago=1), True, id="corrected an hour ago"),
        pytest.param(corrected(5, days_old=30, hours_ago=48), True, id="48 h are within"),
        pytest.param(corrected(5, days_old=30, hours_ago=49), False, id="told long enough"),
        pytest.param(entry(5, published=START - 30 * DAY), False, id="never corrected"),
    ],
)
def test_an_archived_story_comes_back_when_it_is_corrected_and_keeps_its_place(story: Entry, comes_back: bool) -> None:
    feed = [entry(1), entry(2)]
    assert select([story, *feed], limit=2) == (*feed, *([story] if comes_back else []))


def test_the_two_days_of_a_correction_are_counted_from_the_last_thing_that_happened() -> None:
    first, last = corrected(5, days_old=30, hours_ago=40), corrected(6, days_old=20, hours_ago=-10)
    assert select([entry(1), first, last], limit=1) == (entry(1), last)


def test_of_very_many_corrections_the_last_come_back() -> None:
    stories = [corrected(nth, days_old=30 + nth, hours_ago=nth) for nth in range(1, 9)]
    assert [e.story for e in select([entry(0), *stories], limit=3)] == [0, 1, 2, 3, 4, 5]

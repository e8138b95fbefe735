"""What every store tells for pages: how sources stand, and how much there is of a topic on each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.model import Standing
from feeds.ports import Store
from tests.contract.stores import HOUR, LEASE, TOPICS, bring, open_store
from tests.make import NOW, article, deciding, match, poll, source

DAY = timedelta(days=1)


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url, source("alpha"), source("beta"))


def ask(store: Store, name: str, now: datetime, **state: Any) -> None:
    """A poll that brings nothing, and leaves the source so."""
    (job,) = store.claim(now, limit=1, lease=LEASE, only=[name], due=False, force=True)
    done = poll(job)
    store.apply(replace(done, state=replace(done.state, polled=now, **state)), deciding(now))


def clean(store: Store) -> None:
    """Publish every topic."""
    store.settle(NOW)
    for topic in store.topics():
        store.mark_published(topic.name, seq=topic.seq, seen=topic.published_seq, entries=0, rendered_with="")


def dirty(store: Store) -> set[str]:
    return {topic.name for topic in store.topics() if topic.dirty}


def standing(store: Store, name: str) -> Standing:
    return {each.origin.name: each for each in store.standings()}[name]


def test_sources_stand_by_name_and_only_those_that_are_asked_for(store: Store) -> None:
    assert [each.origin.name for each in store.standings()] == ["alpha", "beta"]
    assert [each.origin.name for each in store.standings(only=["beta", "nobody"])] == ["beta"]
    assert store.standings(only=[]) == ()


def test_topics_are_published_anew_when_a_source_of_theirs_stands_otherwise_and_only_then(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    bring(store, "beta", article("beta", "2", title="Rain in Rize", text="It rains.", topics=(match("rain"),)))
    ask(store, "alpha", NOW, changed=NOW)
    clean(store)
    silent: dict[str, Any] = {"failing_since": NOW + HOUR, "why": "http_503: x"}
    for hours in range(1, 7):
        ask(store, "alpha", NOW + hours * HOUR, failures=hours, **silent)
        assert not dirty(store), "a short failure is no news"
    ask(store, "alpha", NOW + 7 * HOUR, failures=7, **silent)
    assert dirty(store) == {"grain"}
    assert (standing(store, "alpha").how, standing(store, "alpha").since) == ("silent", NOW + HOUR)
    clean(store)
    ask(store, "alpha", NOW + 8 * HOUR, failures=8, **silent | {"why": "timeout"})
    assert not dirty(store), "why it fails is not told"
    ask(store, "alpha", NOW + 9 * HOUR, failures=0, failing_since=None, why="")
    assert dirty(store) == {"grain"}
    assert standing(store, "alpha").how == "answers"
    clean(store)
    ask(store, "alpha", NOW + 10 * HOUR, stopped=True, why="http_410")
    assert dirty(store) == {"grain"}
    assert standing(store, "alpha").how == "gone"


def test_a_source_that_is_removed_or_comes_back_is_told(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1"))
    clean(store)
    for configured in ([source("beta")], [source("alpha"), source("beta")]):
        store.sync(configured, TOPICS, authority="desk.example,2026", now=NOW)
        assert dirty(store) == {"grain"}
        clean(store)
        store.sync(configured, TOPICS, authority="desk.example,2026", now=NOW)
        assert not dirty(store)


def test_the_volume_of_a_topic_ends_with_its_newest_story(store: Store) -> None:
    assert store.volume("grain", days=3) == {}
    times = (NOW, NOW - HOUR, NOW - 2 * DAY, NOW - 3 * DAY)
    items = [article("alpha", f"{nth}", title=f"Note {nth} on grain", published=at) for nth, at in enumerate(times)]
    bring(
        store,
        "alpha",
        *items,
        article("alpha", "r", title="On rain", text="It rains.", topics=(match("rain"),), published=NOW),
    )
    store.settle(NOW)
    today = NOW.date()
    assert list(store.volume("grain", days=3).items()) == [(today - 2 * DAY, 1), (today - DAY, 0), (today, 2)]
    assert store.volume("rain", days=1) == {today: 1}


# --------------------------------------------------------------------------------------------- pages of stories


def due(store: Store) -> dict[str, str]:
    """Headline -> id of each story whose page is behind; then they all stand."""
    store.settle(NOW)
    found = store.stories_due(limit=100)
    store.stories_put({each.id: each.due for each in found})
    return {each.entry.title: each.id for each in found}


def test_the_page_of_a_story_is_due_when_it_is_published_and_when_it_changes(store: Store) -> None:
    grain, rain = article("alpha", "1", title="On grain"), article("alpha", "2", title="On rain", text="It rains.")
    bring(store, "alpha", grain, rain)
    assert store.stories_due(limit=100) == (), "it has no id yet"
    assert due(store).keys() == {"On grain", "On rain"}
    assert not due(store)
    bring(store, "alpha", replace(grain, slice=b"12345678"), now=NOW + HOUR)
    assert not due(store), "nothing is different"
    bring(store, "alpha", article("alpha", "2", title="On rain in Rize", text="It rains."), now=NOW + HOUR)
    assert due(store).keys() == {"On rain in Rize"}
    bring(store, "beta", article("beta", "1", title="On grain"), now=NOW + HOUR)
    assert due(store).keys() == {"On grain"}, "another outlet carries it"


def test_a_change_that_comes_while_a_page_is_written_leaves_it_due(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", title="On grain"))
    store.settle(NOW)
    (read,) = store.stories_due(limit=9)
    bring(store, "beta", article("beta", "1", title="On grain"), now=NOW + HOUR)
    store.stories_put({read.id: read.due})
    assert [each.id for each in store.stories_due(limit=9)] == [read.id]


def test_the_newest_pages_come_first_and_no_more_than_are_asked_for(store: Store) -> None:
    bring(store, "alpha", *(article("alpha", f"{nth}", title=f"Note {nth}", text=f"{nth}.") for nth in range(5)))
    store.settle(NOW)
    assert [each.entry.title for each in store.stories_due(limit=2)] == ["Note 4", "Note 3"]


def test_every_page_or_some_can_be_wanted_anew(store: Store) -> None:
    bring(store, "alpha", *(article("alpha", f"{nth}", title=f"Note {nth}", text=f"{nth}.") for nth in range(3)))
    ids = due(store)
    assert store.story_ids() == frozenset(ids.values())
    store.want_stories(only=[ids["Note 1"], "tag:desk.example,2026:story/NONE"])
    assert due(store) == {"Note 1": ids["Note 1"]}
    store.want_stories(only=[])
    assert not due(store)
    store.want_stories()
    assert due(store) == ids


def test_a_story_tells_why_it_is_where_it_is_and_what_was_corrected(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", title="On grain", topics=(match("rain"), match("grain", 30.0))))
    bring(store, "alpha", article("alpha", "1", title="On grain and rain", topics=(match("grain"),)), now=NOW + HOUR)
    store.settle(NOW + HOUR)
    (story,) = store.stories_due(limit=9)
    assert [(topic, hits[0].word) for topic, hits in story.because] == [("grain", "grain")]
    (change,) = story.changes
    assert (change.outlet, change.edit.was, change.edit.at) == ("Alpha", "On grain", NOW + HOUR)
    assert not story.moved


def test_reclassified_stories_are_due(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", title="On grain"), article("alpha", "2", title="Else", text="Else."))
    due(store)
    store.reclassify(lambda it, _: () if it.title == "On grain" else it.topics, rules="r2", now=NOW)
    assert due(store).keys() == {"On grain"}

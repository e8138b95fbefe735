"""The Store port: what a publisher corrects and withdraws, and when readers are told, over every database."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.model import Entry, Match, Source
from feeds.ports import Store
from tests.contract.stores import WINDOW, bring
from tests.make import NOW, article, match

MINUTE = timedelta(minutes=1)


def entry(store: Store) -> Entry:
    """The only entry of the topic."""
    (found,) = store.entries("grain", limit=9, window=WINDOW)
    return found


def edit(store: Store, minutes: int, title: str, **more: object) -> datetime:
    """Bring another version of the article so many minutes later, settle, and return when `updated` stands."""
    now = NOW + minutes * MINUTE
    bring(store, "alpha", article("alpha", "1", title, **more), now=now)
    store.settle(now)
    return entry(store).updated


def clean(store: Store) -> None:
    """Call all topics published."""
    for state in store.topics():
        store.mark_published(
            state.name, seq=state.seq, seen=state.published_seq, entries=state.entries, rendered_with="k"
        )


def test_updated_moves_at_most_once_an_hour_and_then_by_itself(store: Store) -> None:
    first = edit(store, 0, "Envoys meet in Geneva for grain talks")
    assert first == NOW
    assert edit(store, 10, "Envoys meet in Geneva for wheat talks") == NOW + 10 * MINUTE, "the first is told at once"
    assert edit(store, 20, "Envoys meet in Geneva for maize talks") == NOW + 10 * MINUTE, "the second waits"
    assert edit(store, 30, "Envoys meet in Geneva for rye talks") == NOW + 10 * MINUTE
    clean(store)
    assert store.settle(NOW + 69 * MINUTE) == 0
    assert not any(topic.dirty for topic in store.topics())
    assert store.settle(NOW + 75 * MINUTE) == 1
    assert entry(store).updated == NOW + 70 * MINUTE, "an hour after the last, whenever that is looked at"
    assert [topic.name for topic in store.topics() if topic.dirty] == ["grain"]
    assert store.settle(NOW + 200 * MINUTE) == 0
    assert edit(store, 210, "Envoys meet in Geneva for oat talks") == NOW + 210 * MINUTE
    assert list(store.verify()) == []


def test_a_cosmetic_edit_is_kept_and_moves_nothing(store: Store) -> None:
    edit(store, 0, "Envoys meet in Geneva for grain talks")
    assert edit(store, 90, "envoys meet, in Geneva, for grain talks") == NOW
    now = entry(store)
    assert (now.title, now.edits) == ("envoys meet, in Geneva, for grain talks", ())
    (finding,) = store.why(["1"])
    assert [(r["differs"], r["corrections"]) for r in finding["revisions"]] == [(["title"], [])]


def test_corrections_are_kept_with_their_time_and_what_they_were(store: Store) -> None:
    edit(store, 0, "Envoys meet in Geneva for grain talks", text="On Monday 12 ships wait for them at the coast.")
    edit(store, 5, "Envoys part in Geneva", text="On Monday 12 ships wait for them at the coast.")
    edit(store, 9, "Envoys part in Geneva", text="On Monday 15 ships wait for them at the coast.")
    assert [(e.at, e.what, e.was) for e in entry(store).edits] == [
        (NOW + 5 * MINUTE, ("headline",), "Envoys meet in Geneva for grain talks"),
        (NOW + 9 * MINUTE, ("figures",), "Envoys part in Geneva"),
    ]


def test_a_withdrawn_article_stays_where_its_readers_see_it(store: Store) -> None:
    edit(store, 0, "Envoys meet in Geneva for grain talks")
    notice = {"text": "This article has been removed.", "topics": ()}
    assert edit(store, 30, "Envoys meet in Geneva for grain talks", **notice) == NOW + 30 * MINUTE
    assert entry(store).withdrawn == NOW + 30 * MINUTE
    edit(store, 40, "Envoys met in Geneva", **notice)
    assert entry(store).withdrawn == NOW + 30 * MINUTE, "since the first notice"

    def classify(_: object, __: Source) -> tuple[Match, ...]:
        return ()

    store.reclassify(classify, rules="r2", now=NOW)
    assert entry(store).title == "Envoys met in Geneva", "new rules do not look at a notice"
    edit(store, 50, "Envoys meet in Geneva for grain talks", topics=(match("grain"),))
    assert entry(store).withdrawn is None, "it is back"


def test_a_new_article_that_is_a_notice_withdraws_nothing(store: Store) -> None:
    edit(store, 0, "STORY REMOVED: Grain Talks")
    assert entry(store).withdrawn is None

"""The Store port: what a publisher corrects and withdraws, and when readers are told, over every database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from feeds.model import Article, Entry, Match, Outcome, Source
from feeds.ports import Store
from tests.contract.stores import HOUR, WINDOW, bring, dump, open_store
from tests.make import KEEP, NOW, article, match, source

MINUTE = timedelta(minutes=1)
TITLE = "Envoys meet in Geneva for grain talks"
TEXT = "On Monday 12 ships wait for them at the coast."
GUID = "story-1234567"  # no name of a place that is used again
COPY = f"https://beta.example/{GUID}"


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


# --------------------------------------------------------------------------------------------------- copies


def copy(title: str = TITLE, text: str = TEXT, guid: str = GUID, **more: Any) -> Article:
    """What beta repeats of alpha's article, or says in its place by now."""
    return article("beta", guid, title, text=text, **more)


def edit_copy(store: Store) -> None:
    """Bring alpha's article, beta's copy of it, and three edits of that copy, ten minutes apart."""
    bring(store, "alpha", article("alpha", "1", TITLE, text=TEXT))
    assert bring(store, "beta", copy()) == {Outcome.DUPLICATE: 1}
    store.settle(NOW)
    versions = (
        copy("Envoys meet in Geneva for wheat talks"),
        copy("Envoys meet in Geneva for wheat talks", "On Monday 15 ships wait for them at the coast."),
        copy("Envoys meet, in Geneva, for wheat talks", "On Monday 15 ships wait for them at the coast."),
    )
    for number, version in enumerate(versions, start=1):
        now = NOW + number * 10 * MINUTE
        assert bring(store, "beta", version, now=now) == {Outcome.CHANGED: 1}
        store.settle(now)


EDITED = [
    (NOW + 10 * MINUTE, ["title"], ["headline"], TITLE),
    (NOW + 20 * MINUTE, ["text"], ["figures"], "Envoys meet in Geneva for wheat talks"),
    (NOW + 30 * MINUTE, ["title"], [], "Envoys meet in Geneva for wheat talks"),
]


def plain(versions: list[Mapping[str, Any]]) -> list[tuple[datetime, list[str], list[str], str]]:
    """(when, what differs, what was corrected, the headline before) of each."""
    return [(v["seen_at"], v["differs"], v["corrections"], v["was"]) for v in versions]


def test_what_a_copy_was_is_kept_and_is_no_edit_of_the_article(store: Store) -> None:
    edit_copy(store)
    now = entry(store)
    assert (now.title, now.updated, now.edits, now.withdrawn) == (TITLE, NOW, (), None)
    edition = store.edition()
    for name in (COPY, "https://alpha.example/1"):
        (finding,) = store.why([name])
        assert (finding["article"], finding["revisions"]) == (1, [])
        assert plain(finding["copy_revisions"]) == EDITED
        assert {(v["source"], v["url"]) for v in finding["copy_revisions"]} == {("beta", COPY)}
    bring(store, "beta", copy("Envoys meet in Geneva for maize talks"), now=NOW + HOUR)
    assert store.edition() == edition, "what was found is found as before"
    store.settle(NOW + 2 * HOUR)
    assert (entry(store).updated, entry(store).edits) == (NOW, ())
    assert list(store.verify()) == []


def test_an_edit_of_the_article_stands_beside_those_of_its_copies(store: Store) -> None:
    edit_copy(store)
    assert edit(store, 40, "Envoys part in Geneva", text=TEXT) == NOW + 40 * MINUTE
    (finding,) = store.why(["https://alpha.example/1"])
    assert plain(finding["revisions"]) == [(NOW + 40 * MINUTE, ["title"], ["headline"], TITLE)]
    assert plain(finding["copy_revisions"]) == EDITED
    assert [each.was for each in entry(store).edits] == [TITLE]
    assert list(store.verify()) == []


def by_grain(_: object, __: Source) -> tuple[Match, ...]:
    return (match("grain"),)


def test_what_a_copy_was_are_versions_of_the_article_that_it_is_split_into(store: Store) -> None:
    edit_copy(store)
    bring(store, "beta", copy(guid="z"), now=NOW + 40 * MINUTE)
    bring(store, "beta", copy("Envoys meet in Geneva!", guid="z"), now=NOW + 50 * MINUTE)
    now = NOW + HOUR
    assert store.split_copy(1, "beta", by_grain, rules="r2", now=now) is not None
    store.settle(now)
    (mine,) = store.why([COPY])
    assert (mine["article"], plain(mine["revisions"])) == (2, EDITED)
    further = (NOW + 50 * MINUTE, ["title"], ["headline"], TITLE)
    assert plain(mine["copy_revisions"]) == [further], "of the other name, which is a copy of the new article"
    (other,) = store.why(["https://alpha.example/1"])
    assert (other["revisions"], other["copy_revisions"]) == ([], [])
    entries = {each.origin.name: each for each in store.entries("grain", limit=9, window=WINDOW)}
    assert [each.what for each in entries["beta"].edits] == [("headline",), ("figures",)]
    assert entries["alpha"].edits == ()
    later = now + HOUR
    assert bring(store, "beta", copy("Envoys part in Geneva"), now=later) == {Outcome.CHANGED: 1}
    (mine,) = store.why([COPY])
    assert len(mine["revisions"]) == len(EDITED) + 1
    assert list(store.verify()) == []


def test_what_a_copy_was_goes_with_it_where_it_says_something_else(store: Store) -> None:
    edit_copy(store)
    other = copy("Floods break bridges", "Heavy rain on vineyards near the sea.")
    assert bring(store, "beta", other, now=NOW + HOUR) == {Outcome.CHANGED: 1}
    (mine,) = store.why([COPY])
    left = (
        NOW + HOUR,
        ["title", "text"],
        ["headline", "figures", "names", "text"],
        "Envoys meet, in Geneva, for wheat talks",
    )
    assert (mine["article"], plain(mine["copy_revisions"])) == (2, [*EDITED, left])
    assert mine["revisions"] == [], "it was never another article"
    (former,) = store.why(["https://alpha.example/1"])
    assert former["copy_revisions"] == []
    assert list(store.verify()) == []


def test_what_a_copy_was_is_known_when_it_leads(url: str) -> None:
    store = open_store(url, source("alpha"), source("beta", priority=1))
    bring(store, "alpha", article("alpha", "1", TITLE, text=TEXT))
    store.settle(NOW)
    for number, title in enumerate((TITLE, "Envoys meet in Geneva for wheat talks", TITLE)):
        bring(store, "beta", copy(title), now=NOW + number * MINUTE)
    store.settle(NOW + HOUR)
    now = entry(store)
    assert (now.origin.name, now.updated, now.edits) == ("beta", NOW, ())
    bring(store, "beta", copy("Envoys part in Geneva"), now=NOW + 2 * HOUR)
    bring(store, "alpha", article("alpha", "1", "Envoys stay in Geneva", text=TEXT), now=NOW + 3 * HOUR)
    (finding,) = store.why([COPY])
    assert [(v["source"], v["was"]) for v in finding["copy_revisions"]] == [
        ("beta", TITLE),
        ("beta", "Envoys meet in Geneva for wheat talks"),
        ("alpha", TITLE),
    ]
    assert [v["was"] for v in finding["revisions"]] == [TITLE], "what was edited while it led"
    assert list(store.verify()) == []
    store.close()


def test_of_two_versions_of_a_copy_in_one_document_the_newer_one_stands(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", TITLE, text=TEXT))
    older = copy("Envoys meet in Geneva for wheat talks", published=NOW - 2 * HOUR)
    assert bring(store, "beta", copy(), older) == {Outcome.DUPLICATE: 1, Outcome.SAME: 1}
    assert bring(store, "beta", copy(), older, now=NOW + HOUR) == {Outcome.SAME: 2}
    (finding,) = store.why([COPY])
    assert finding["copy_revisions"] == []


def test_what_copies_were_is_kept_as_long_as_the_article(store: Store, url: str) -> None:
    edit_copy(store)
    assert sum('INTO "revisions"' in row for row in dump(url)) == len(EDITED)
    assert store.expire(NOW + KEEP + HOUR, keep=KEEP) == 1
    assert not any('INTO "revisions"' in row for row in dump(url))
    assert list(store.verify()) == []

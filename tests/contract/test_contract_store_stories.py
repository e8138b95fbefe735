"""The Store port: stories of several articles, over every database that we support."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from feeds.identify.stories import MERGE, Stories
from feeds.model import Article, Entry, Match, Outcome, Source
from feeds.ports import Store
from tests.contract.stores import HOUR, WINDOW, bring, open_store
from tests.grain import TOLD
from tests.make import NOW, article, match, source

OTHER = "Floods break bridges along the vineyards", "Heavy rain flooded the coast while mayors counted lost sheep."
NAMES = ("alpha", "beta", "gamma")


def told(name: str, guid: str = "1", **more: Any) -> Article:
    """How this outlet tells the story of the grain deal."""
    title, text = TOLD[name]
    return article(name, guid, more.pop("title", title), text=more.pop("text", text), **more)


@pytest.fixture
def stories() -> Stories:
    return Stories()


@pytest.fixture
def desk(url: str) -> Any:
    opened = open_store(url, *(source(name) for name in NAMES))
    yield opened
    opened.close()


def shown(store: Store, now: Any = NOW, topic: str = "grain") -> list[Entry]:
    store.settle(now)
    return list(store.entries(topic, limit=99, window=WINDOW))


def numbers(store: Store, *names: str) -> list[int]:
    """The story of each outlet's item."""
    found = []
    for name in names:
        (row,) = [row for row in store.why([f"https://{name}.example/1"]) if row["source"] == name]
        found.append(row["story"])
    return found


def test_what_two_outlets_tell_in_their_own_words_is_one_entry(desk: Store, stories: Stories) -> None:
    assert bring(desk, "alpha", told("alpha"), stories=stories) == {Outcome.NEW: 1}
    assert bring(desk, "beta", told("beta"), stories=stories) == {Outcome.NEW: 1}
    assert bring(desk, "gamma", article("gamma", "1", OTHER[0], text=OTHER[1]), stories=stories) == {Outcome.NEW: 1}
    entries = shown(desk)
    assert [[also.url for also in entry.also] for entry in entries] == [["https://beta.example/1"], []]
    assert list(desk.verify()) == []


def test_an_article_of_our_own_has_an_entry_of_its_own(desk: Store, stories: Stories) -> None:
    for name, own in (("alpha", False), ("beta", True), ("gamma", False)):
        bring(desk, name, told(name, own_page=own), stories=stories)
    assert [len(entry.also) for entry in shown(desk)] == [1, 0]


def test_a_merge_is_explained(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta"), stories=stories)
    (alpha,) = desk.why(["https://alpha.example/1"])
    (beta,) = desk.why(["https://beta.example/1"])
    assert alpha["near"] is None
    assert [other["source"] for other in alpha["with"]] == ["beta"]
    assert beta["near"]["article"] == alpha["article"]
    assert beta["near"]["score"] >= MERGE
    assert {"grain", "turkey", "sign"} <= set(beta["near"]["shared"])
    assert beta["because"].startswith(f"like article {alpha['article']} (")


def test_what_is_alike_and_stays_apart_says_why(url: str, desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(
        desk, "beta", told("beta", title="What to know about the grain deal that Ukraine, Turkey sign"), stories=stories
    )
    (beta,) = desk.why(["https://beta.example/1"])
    (related,) = beta["related"]
    assert (related["article"], related["against"]) == (1, "a piece about the news stands alone")
    with closing(sqlite3.connect(url.partition(":///")[2])) as connection, connection:
        connection.execute("UPDATE likenesses SET related = '[[1, 0.4, [\"grain\"]]]'")  # as it was in older databases
    (beta,) = desk.why(["https://beta.example/1"])
    assert beta["related"] == [{"article": 1, "score": 0.4, "shared": ["grain"], "against": ""}]


def test_of_every_article_is_told_who_leads_its_story(url: str, stories: Stories) -> None:
    store = open_store(url, source("alpha"), source("beta", priority=1), source("gamma"))
    for name in NAMES:
        bring(store, name, told(name), stories=stories)
    shown(store)
    found = store.why([f"https://{name}.example/1" for name in NAMES])
    assert [(row["of"], row["leads"]) for row in found] == [(name, "beta") for name in NAMES]
    store.close()


def test_another_process_takes_up_what_this_one_stored(url: str) -> None:
    stores = [open_store(url, *(source(name) for name in NAMES)) for _ in range(2)]
    indexes = [Stories(), Stories()]
    for turn, name in enumerate(NAMES):
        bring(stores[turn % 2], name, told(name), stories=indexes[turn % 2])
    assert len(set(numbers(stores[0], *NAMES))) == 1
    for store in stores:
        store.close()


def test_the_language_outlives_the_process(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", language="uk"), stories=Stories())
    bring(desk, "gamma", told("gamma", language="en-GB"), stories=Stories())
    alpha, beta, gamma = numbers(desk, *NAMES)
    assert alpha == gamma != beta


def test_what_was_decided_and_not_stored_is_forgotten(desk: Store, stories: Stories) -> None:
    class Broken(Exception):
        pass

    def fail(*_: Any, **__: Any) -> Any:
        from tests.make import deciding

        deciding(NOW, timedelta(days=180), stories)(*_, **__)
        raise Broken

    from tests.contract.stores import LEASE
    from tests.make import poll

    (job,) = desk.claim(NOW, limit=1, lease=LEASE, only=["alpha"], due=False)
    with pytest.raises(Broken):
        desk.apply(poll(job, told("alpha")), fail)
    assert len(stories) == 1
    desk.release()
    bring(desk, "beta", told("beta"), stories=stories)
    (beta,) = desk.why(["https://beta.example/1"])
    assert (beta["near"], len(stories)) == (None, 1)


def test_an_index_begun_anew_knows_what_was_stored(desk: Store) -> None:
    bring(desk, "alpha", told("alpha"), stories=Stories())
    bring(desk, "beta", told("beta"), now=NOW + HOUR, stories=Stories())
    assert len(set(numbers(desk, "alpha", "beta"))) == 1


def test_traces_count_for_72_hours(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", published=None, first_seen=NOW + 73 * HOUR), now=NOW + 73 * HOUR, stories=stories)
    assert len(set(numbers(desk, "alpha", "beta"))) == 2
    assert len(stories) == 1


def test_an_outlet_that_joins_moves_no_time_but_the_entry_shows_it(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    (before,) = shown(desk)
    seq = {state.name: state.seq for state in desk.topics()}
    bring(desk, "beta", told("beta", topics=()), now=NOW + HOUR, stories=stories)
    (after,) = shown(desk, NOW + HOUR)
    assert (after.id, after.updated, after.published) == (before.id, before.updated, before.published)
    assert [also.outlet for also in after.also] == ["Beta"]
    assert {state.name: state.seq - seq[state.name] for state in desk.topics()} == {"grain": 1, "rain": 0}


def test_a_story_is_in_the_topics_of_all_its_articles(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", topics=(match("rain"),)), stories=stories)
    (entry,) = shown(desk, topic="rain")
    assert (entry.origin.name, entry.topics) == ("alpha", ("grain", "rain"))


@pytest.mark.parametrize(
    ("later", "priority", "leads"),
    [
        pytest.param(HOUR, 1, "beta", id="a higher priority within two hours takes over"),
        pytest.param(3 * HOUR, 1, "alpha", id="after that it does not"),
        pytest.param(HOUR, 0, "alpha", id="an equal one does not"),
    ],
)
def test_who_leads_once_published(url: str, stories: Stories, later: timedelta, priority: int, leads: str) -> None:
    store = open_store(url, source("alpha"), source("beta", priority=priority))
    bring(store, "alpha", told("alpha"), stories=stories)
    (before,) = shown(store)
    beta = told("beta", content="<p>all</p>", first_seen=NOW + later)
    bring(store, "beta", beta, now=NOW + later, stories=stories)
    (after,) = shown(store, NOW + later)
    assert after.origin.name == leads
    assert (after.id, after.updated, after.published) == (before.id, before.updated, before.published)
    assert list(store.verify()) == []
    store.close()


# ---------------------------------------------------------------------------------------------- one becomes two


def test_a_split_article_has_an_entry_of_its_own_and_stays_apart(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta"), stories=stories)
    (before,) = shown(desk)
    (beta,) = desk.why(["https://beta.example/1"])
    seq = {state.name: state.seq for state in desk.topics()}
    parted = desk.split(beta["article"], NOW + HOUR)
    assert parted is not None
    mine, others = parted
    assert (others, {state.name: state.seq - seq[state.name] for state in desk.topics()}) == (
        before.story, {"grain": 1, "rain": 0},
    )  # fmt: skip
    entries = {entry.origin.name: entry for entry in shown(desk, NOW + HOUR)}
    assert (entries["alpha"].id, entries["alpha"].also) == (before.id, ())
    assert (entries["beta"].story, entries["beta"].also) == (mine, ())
    # Its headline becomes the other's: still apart; and a third outlet's words do not bring them together.
    edited = told("beta", title=TOLD["alpha"][0], text=TOLD["alpha"][1] + " It was signed.")
    bring(desk, "beta", edited, now=NOW + 2 * HOUR, stories=stories)
    bring(desk, "gamma", told("gamma", first_seen=NOW + 2 * HOUR), now=NOW + 2 * HOUR, stories=stories)
    assert len(set(numbers(desk, "alpha", "beta"))) == 2
    assert list(desk.verify()) == []


def test_a_split_is_explained_on_both_sides(desk: Store, stories: Stories) -> None:
    for name in NAMES:
        bring(desk, name, told(name), stories=stories)
    shown(desk)
    assert [row["apart"] for row in desk.why(["https://beta.example/1"])] == [[]]
    parted = desk.split(2, NOW + HOUR)
    assert parted is not None
    shown(desk, NOW + HOUR)
    (alpha,), (beta,), (gamma,) = (desk.why([f"https://{name}.example/1"]) for name in NAMES)
    assert beta["because"].startswith("split by hand from the story that it had joined: like article 1 (")
    assert (alpha["because"], gamma["because"][:13]) == ("neither guid, address nor text was known", "like article ")
    titles = {name: TOLD[name][0] for name in NAMES}
    assert beta["apart"] == [
        {"story": parted[1], "id": alpha["id"], "article": 1, "source": "alpha", "title": titles["alpha"]}
    ]
    assert alpha["apart"] == gamma["apart"]
    assert [(other["id"], other["source"]) for other in alpha["apart"]] == [(beta["id"], "beta")]


def test_if_the_head_is_split_the_others_leave(desk: Store, stories: Stories) -> None:
    for name in NAMES:
        bring(desk, name, told(name), stories=stories)
    (before,) = shown(desk)
    (alpha,) = desk.why(["https://alpha.example/1"])
    assert before.origin.name == "alpha"
    desk.split(alpha["article"], NOW + HOUR)
    entries = {entry.origin.name: entry for entry in shown(desk, NOW + HOUR)}
    assert (entries["alpha"].id, entries["alpha"].also) == (before.id, ())
    assert [also.outlet for also in entries["beta"].also] == ["Gamma"]


def test_an_article_that_stands_alone_cannot_be_split(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    assert desk.split(1, NOW) is None


def by_source(item: Article, stored: Source) -> tuple[Match, ...]:
    """Topics of an article, of which beta brings one of its own."""
    return (match("grain"), match("rain")) if stored.name == "beta" else (match("grain"),)


def copy_of_alpha(name: str, guid: str = "1", **more: Any) -> Article:
    title, text = TOLD["alpha"]
    return article(name, guid, more.pop("title", title), text=more.pop("text", text), **more)


def test_a_copy_that_is_split_is_an_entry_of_its_own_and_stays_apart(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    for guid in ("1", "2"):
        copy = copy_of_alpha("beta", guid, topics=(match("grain"), match("rain")))
        assert bring(desk, "beta", copy, stories=stories) == {Outcome.DUPLICATE: 1}
    bring(desk, "gamma", copy_of_alpha("gamma"), stories=stories)
    (before,) = shown(desk)
    assert desk.split(1, NOW) is None, "it is the only article"
    assert desk.split_copy(1, "alpha", by_source, rules="r2", now=NOW) is None, "it is no copy of itself"
    later = NOW + HOUR
    parted = desk.split_copy(1, "beta", by_source, rules="r2", now=later)
    entries = {entry.origin.name: entry for entry in shown(desk, later)}
    alpha, beta = entries["alpha"], entries["beta"]
    assert parted == (2, beta.story, alpha.story)
    assert (alpha.id, alpha.updated, alpha.topics) == (before.id, before.updated, ("grain",))
    assert (beta.topics, beta.url, beta.title) == (("grain", "rain"), "https://beta.example/1", before.title)
    assert {name: [also.outlet for also in each.also] for name, each in entries.items()} == {
        "alpha": ["Gamma"],
        "beta": [],
    }
    assert list(desk.verify()) == []
    for guid in ("1", "2"):
        (why,) = desk.why([f"https://beta.example/{guid}"])
        assert (why["article"], why["of"], [other["source"] for other in why["apart"]]) == (2, "beta", ["alpha"])
        assert why["because"].startswith("split by hand from article 1: the same text (class A) as in ")
    # Nothing brings it back: neither another look, nor an edit, nor one that restores the text that both had.
    assert bring(desk, "beta", copy_of_alpha("beta"), now=later, stories=stories) == {Outcome.SAME: 1}
    for text in (TOLD["alpha"][1] + " More soon.", TOLD["alpha"][1]):
        later += HOUR
        got = bring(desk, "beta", copy_of_alpha("beta", text=text), now=later, stories=stories)
        assert got == {Outcome.CHANGED: 1}
        assert {entry.origin.name: entry.id for entry in shown(desk, later)} == {"alpha": alpha.id, "beta": beta.id}
    assert list(desk.verify()) == []


def test_what_leads_since_is_what_a_copy_is_split_from(url: str, stories: Stories) -> None:
    store = open_store(url, source("alpha"), source("beta", priority=1))
    bring(store, "alpha", told("alpha"), stories=stories)
    (before,) = shown(store)
    bring(store, "beta", copy_of_alpha("beta"), stories=stories)
    assert [entry.origin.name for entry in shown(store)] == ["beta"]
    assert store.split_copy(1, "alpha", by_source, rules="r2", now=NOW + HOUR) is not None
    entries = {entry.origin.name: (entry.id == before.id, entry.also) for entry in shown(store, NOW + HOUR)}
    assert entries == {"alpha": (False, ()), "beta": (True, ())}
    assert list(store.verify()) == []
    store.close()


# ---------------------------------------------------------------------------------------------- two become one


LASTING = {"guid": "story-1234567", "url": "https://beta.example/1"}  # no name of a place that is used again


def two_entries(store: Store, stories: Stories) -> tuple[Entry, Entry]:
    """Two published entries, of alpha and of beta; then beta's article becomes alpha's story by an edit."""
    bring(store, "alpha", told("alpha"), stories=stories)
    shown(store)
    bring(store, "beta", article("beta", **LASTING, title=OTHER[0], text=OTHER[1]), now=NOW + HOUR, stories=stories)
    one, two = sorted(shown(store, NOW + HOUR), key=lambda entry: entry.origin.name)
    bring(store, "beta", told("beta", **LASTING), now=NOW + 2 * HOUR, stories=stories)
    return one, two


def test_of_two_published_entries_that_are_one_the_older_stays(desk: Store, stories: Stories) -> None:
    one, two = two_entries(desk, stories)
    (entry,) = shown(desk, NOW + 2 * HOUR)
    assert (entry.id, entry.updated, [also.outlet for also in entry.also]) == (one.id, one.updated, ["Beta"])
    assert list(desk.verify()) == []
    assert {row["story"] for row in desk.why([two.id])} == {entry.story}, "the id that is emitted no more is known"
    bring(desk, "gamma", told("gamma"), now=NOW + 3 * HOUR, stories=stories)
    assert len(set(numbers(desk, *NAMES))) == 1


def test_an_edit_that_gives_it_the_text_of_an_older_entry_makes_them_one_at_any_time(
    desk: Store, stories: Stories
) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", article("beta", **LASTING, title=OTHER[0], text=OTHER[1]), now=NOW + HOUR, stories=stories)
    before = {entry.origin.name: entry.id for entry in shown(desk, NOW + HOUR)}
    late = NOW + 100 * HOUR  # nobody remembers what it was like
    title, text = TOLD["alpha"]
    bring(desk, "beta", article("beta", **LASTING, title=title, text=text), now=late, stories=stories)
    (entry,) = shown(desk, late)
    assert (entry.id, [also.outlet for also in entry.also]) == (before["alpha"], ["Beta"])
    (why,) = desk.why([LASTING["url"]])
    assert why["near"]["score"] == 1.0
    assert list(desk.verify()) == []
    desk.split(why["article"], late)
    bring(desk, "beta", article("beta", **LASTING, title=title, text=f"{text} More."), now=late + HOUR, stories=stories)
    bring(desk, "beta", article("beta", **LASTING, title=title, text=text), now=late + 2 * HOUR, stories=stories)
    assert {entry.origin.name: entry.id for entry in shown(desk, late + 2 * HOUR)} == before, "parted for good"


def reasons(store: Store, *names: str) -> set[frozenset[int]]:
    """Pairs of articles that `why` of any of them gives as what joined them, the same for each."""
    found = []
    for name in names:
        (row,) = store.why([f"https://{name}.example/1"])
        told = [(row["article"], row["near"]), *((other["article"], other["near"]) for other in row["with"])]
        found.append({frozenset((article, near["article"])) for article, near in told if near})
        assert all(near["shared"] and near["score"] >= 0.40 for _, near in told if near)
    assert all(each == found[0] for each in found)
    return found[0]


def test_a_merge_by_an_edit_of_the_head_is_explained_on_both_sides(desk: Store, stories: Stories) -> None:
    page = {"guid": "story-1234567", "url": "https://alpha.example/1"}
    bring(desk, "alpha", article("alpha", **page, title=OTHER[0], text=OTHER[1]), stories=stories)
    bring(desk, "beta", told("beta", first_seen=NOW + HOUR), now=NOW + HOUR, stories=stories)
    assert len(shown(desk, NOW + HOUR)) == 2
    bring(desk, "alpha", told("alpha", **page), now=NOW + 2 * HOUR, stories=stories)
    assert [entry.origin.name for entry in shown(desk, NOW + 2 * HOUR)] == ["alpha"]
    assert reasons(desk, "alpha", "beta") == {frozenset((1, 2))}


def test_what_an_article_had_joined_for_is_told_when_its_story_becomes_part_of_another(
    desk: Store, stories: Stories
) -> None:
    """Gamma's article joins beta's, and gets the very text of alpha's when nobody remembers what it was like."""
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", article("beta", "1", OTHER[0], text=OTHER[1]), stories=stories)
    page = {"guid": "story-1234567", "url": "https://gamma.example/1"}
    bring(desk, "gamma", article("gamma", **page, title=OTHER[0], text=f"{OTHER[1]} So it was."), stories=stories)
    assert reasons(desk, "beta", "gamma") == {frozenset((2, 3))}
    late, (title, text) = NOW + 100 * HOUR, TOLD["alpha"]
    bring(desk, "gamma", article("gamma", **page, title=title, text=text), now=late, stories=stories)
    assert len(set(numbers(desk, *NAMES))) == 1
    assert reasons(desk, *NAMES) == {frozenset((2, 3)), frozenset((1, 3))}
    assert list(desk.verify()) == []


def test_an_undone_merge_brings_back_the_entry_that_was(desk: Store, stories: Stories) -> None:
    one, two = two_entries(desk, stories)
    shown(desk, NOW + 2 * HOUR)
    (beta,) = desk.why(["https://beta.example/1"])
    desk.split(beta["article"], NOW + 3 * HOUR)
    entries = {entry.origin.name: entry for entry in shown(desk, NOW + 3 * HOUR)}
    assert {name: entry.id for name, entry in entries.items()} == {"alpha": one.id, "beta": two.id}
    bring(
        desk,
        "beta",
        told("beta", **LASTING, text=TOLD["beta"][1] + " More soon."),
        now=NOW + 4 * HOUR,
        stories=stories,
    )
    assert len(set(numbers(desk, "alpha", "beta"))) == 2
    assert list(desk.verify()) == []


def test_nothing_is_left_of_what_is_no_longer_kept(desk: Store, stories: Stories) -> None:
    two_entries(desk, stories)
    (beta,) = desk.why(["https://beta.example/1"])
    desk.split(beta["article"], NOW + 3 * HOUR)
    assert desk.expire(NOW + timedelta(days=200), keep=timedelta(days=180)) == 2
    assert list(desk.verify()) == []
    later = NOW + timedelta(days=200)
    bring(desk, "gamma", told("gamma", published=None, first_seen=later), now=later, stories=stories)
    assert len(stories) == 1


# ---------------------------------------------------------------------------------------------- voices


@pytest.mark.parametrize(
    ("beta", "gamma", "independent"),
    [
        pytest.param({}, {}, [True, True], id="three in their own words"),
        pytest.param({"text": TOLD["alpha"][1] + " So it was."}, {}, [False, True], id="a copy of the head"),
        pytest.param({}, {"text": TOLD["beta"][1] + " So it was."}, [True, False], id="a copy of another"),
        pytest.param({"authors": ("Reuters",)}, {"authors": ("Reuters",)}, [True, False], id="one agency"),
        pytest.param({"publisher": "alpha.example"}, {}, [False, True], id="one publisher"),
    ],
)
def test_copies_are_one_voice(
    desk: Store, stories: Stories, beta: dict[str, Any], gamma: dict[str, Any], independent: list[bool]
) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", **beta), stories=stories)
    bring(desk, "gamma", told("gamma", **gamma), stories=stories)
    (entry,) = shown(desk)
    assert [also.independent for also in entry.also] == independent


def test_the_very_same_text_elsewhere_is_no_voice_of_its_own(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    copy = article("beta", "1", *TOLD["alpha"][:1], text=TOLD["alpha"][1])
    assert bring(desk, "beta", copy, stories=stories) == {Outcome.DUPLICATE: 1}
    (entry,) = shown(desk)
    assert [also.independent for also in entry.also] == [False]


SAID = {
    "a": TOLD["alpha"],
    "a+": (TOLD["alpha"][0], TOLD["alpha"][1] + " So it was."),
    "a++": (TOLD["alpha"][0], TOLD["alpha"][1] + " So it is."),
    "b": TOLD["beta"],
    "b+": (TOLD["beta"][0], TOLD["beta"][1] + " So it was."),
    "c": TOLD["gamma"],
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(("a", "b", "c"), ("a", "a+", "c"), id="edited into a copy of the head"),
        pytest.param(("a", "b", "c"), ("a", "a", "c"), id="edited into the very text of the head"),
        pytest.param(("a", "b", "c"), ("a", "b", "b+"), id="edited into a copy of another"),
        pytest.param(("a", "b", "a+"), ("b+", "b", "a+"), id="the head becomes a copy"),
        pytest.param(("a", "a+", "c"), ("a", "b", "c"), id="a copy finds its own words"),
        pytest.param(("a", "a+", "c"), ("b", "a+", "c"), id="what is copied changes"),
        pytest.param(
            ("a", "a+", "a++"), ("b", "a+", "a++"), id="what is copied changes, and two copies of it stay alike"
        ),
        pytest.param(("a", "a+", "b"), ("a", "b+", "b"), id="a copy of one becomes a copy of another"),
        pytest.param(("a", "b", "b+"), ("a", "a+", "b+"), id="what another copies becomes a copy of the head"),
        pytest.param(("a", "a+", "c"), ("a", "a++", "c"), id="a copy is edited and stays one"),
    ],
)
def test_who_is_independent_follows_from_what_the_texts_are_now(
    url: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    voices: list[list[bool]] = []
    for versions in ((before, after), (after,)):
        store, stories = open_store(url if not voices else "sqlite://", *(source(name) for name in NAMES)), Stories()
        for hour, texts in enumerate(versions):
            for name, said in zip(NAMES, texts, strict=True):
                item = told(
                    name, "story-1234567", url=f"https://{name}.example/1", title=SAID[said][0], text=SAID[said][1]
                )
                bring(store, name, item, now=NOW + hour * HOUR, stories=stories)
        (entry,) = shown(store, NOW + 2 * HOUR)
        voices.append([also.independent for also in entry.also])
        assert list(store.verify()) == []
        store.close()
    assert voices[0] == voices[1]


def test_a_voice_that_changes_is_shown_in_every_topic_of_its_story(desk: Store, stories: Stories) -> None:
    page: dict[str, Any] = {"guid": "story-1234567", "url": "https://beta.example/1", "topics": ()}
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", **page), stories=stories)
    shown(desk)
    seq = {state.name: state.seq for state in desk.topics()}
    title, text = SAID["a+"]
    bring(desk, "beta", told("beta", **page, title=title, text=text), now=NOW + HOUR, stories=stories)
    assert {state.name: state.seq - seq[state.name] for state in desk.topics()} == {"grain": 1, "rain": 0}
    (entry,) = shown(desk, NOW + HOUR)
    assert [also.independent for also in entry.also] == [False]
    assert [row["copy_of"] for name in ("alpha", "beta") for row in desk.why([f"https://{name}.example/1"])] == [
        None,
        1,
    ]


def test_what_has_the_very_text_of_another_is_no_voice_of_its_own_at_any_time(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", article("beta", **LASTING, title=OTHER[0], text=OTHER[1]), now=NOW + HOUR, stories=stories)
    late, (title, text) = NOW + 100 * HOUR, TOLD["alpha"]
    bring(desk, "beta", article("beta", **LASTING, title=title, text=text), now=late, stories=stories)
    (entry,) = shown(desk, late)
    assert [also.independent for also in entry.also] == [False]


def test_copies_whose_original_is_split_off_are_one_voice_still(desk: Store, stories: Stories) -> None:
    for name, said in zip(NAMES, ("a", "a+", "a++"), strict=True):
        bring(desk, name, told(name, title=SAID[said][0], text=SAID[said][1]), stories=stories)
    shown(desk)
    desk.split(1, NOW + HOUR)
    entries = {entry.origin.name: entry for entry in shown(desk, NOW + HOUR)}
    assert [also.independent for also in entries["beta"].also] == [False]


PAGE = "live-what-we-know-52350082"  # an address that is no place of a list
CHESS = "Chess champion loses title in Oslo", "Nine rounds were drawn before the young challenger won with black."


def test_a_copy_that_gives_way_to_something_wholly_different_leaves_the_story(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", PAGE, title=TOLD["alpha"][0], text=TOLD["alpha"][1]), stories=stories)
    assert [[also.source for also in entry.also] for entry in shown(desk)] == [["beta"]]
    bring(desk, "beta", told("beta", PAGE, title=CHESS[0], text=CHESS[1]), now=NOW + HOUR, stories=stories)
    entries = {entry.title: [also.source for also in entry.also] for entry in shown(desk, NOW + HOUR)}
    assert entries == {TOLD["alpha"][0]: [], CHESS[0]: []}
    assert list(desk.verify()) == []


@pytest.mark.parametrize(
    ("turned", "also"),
    [
        pytest.param("alpha", ["beta"], id="the article that leads the story"),
        pytest.param("beta", [], id="one that joined it"),
    ],
)
def test_what_others_tell_too_is_not_replaced_by_something_else(
    desk: Store, stories: Stories, turned: str, also: list[str]
) -> None:
    for name in ("alpha", "beta"):
        bring(desk, name, told(name, PAGE), stories=stories)
    bring(desk, turned, told(turned, PAGE, title=CHESS[0], text=CHESS[1]), now=NOW + HOUR, stories=stories)
    entries = {entry.title: [also.source for also in entry.also] for entry in shown(desk, NOW + HOUR)}
    assert entries == {TOLD["alpha"][0]: also, CHESS[0]: []}


RUBBLE = "Rescue teams searched the rubble of a collapsed apartment block"
STRUCK = "a magnitude 6.1 earthquake struck the Aegean coast"
QUAKE = {
    "alpha": (
        "Earthquake in Izmir, Turkey, kills at least 14",
        f"{RUBBLE} in Izmir on Friday after {STRUCK}, killing at least 14 people, officials said.",
    ),
    "beta": (
        "Turkey: Izmir earthquake kills at least 14",
        f"At least 14 people were killed after {STRUCK} near Izmir on Friday, officials said. {RUBBLE}.",
    ),
}
MISSILES = (
    "Ukraine: Russian missiles hit Kyiv, killing at least 20",
    "At least 20 people were killed when missiles hit Kyiv on Friday, officials said. Zelensky called for air defence.",
)
RESCUED = (
    "Izmir: girl pulled alive from the rubble, death toll at 60",
    "A girl of three was carried out of the ruins of a block on Monday, 65 hours after the earthquake, officials said.",
)


@pytest.mark.parametrize("turned", ["alpha", "beta"])
@pytest.mark.parametrize(
    ("page", "leaves"),
    [
        pytest.param(MISSILES, True, id="everyday words are all that it shares with what it was"),
        pytest.param(RESCUED, False, id="the story goes on"),
    ],
)
def test_a_live_page_leaves_the_story_when_it_tells_another(
    desk: Store, stories: Stories, turned: str, page: tuple[str, str], *, leaves: bool
) -> None:
    for name, (title, text) in QUAKE.items():
        bring(desk, name, told(name, PAGE, title=title, text=text), stories=stories)
    assert len(shown(desk)) == 1
    bring(desk, turned, told(turned, PAGE, title=page[0], text=page[1]), now=NOW + HOUR, stories=stories)
    entries = shown(desk, NOW + HOUR)
    assert len(entries) == (2 if leaves else 1)
    assert (QUAKE["alpha"][0] in [entry.title for entry in entries]) is (leaves or turned == "beta")
    assert list(desk.verify()) == []


def test_an_article_that_others_tell_too_may_be_rewritten_in_their_words(desk: Store, stories: Stories) -> None:
    """Nothing of its former words is left, and yet it is that story."""
    title, text = TOLD["alpha"]
    bring(desk, "alpha", told("alpha", PAGE), stories=stories)
    bring(desk, "beta", told("beta", PAGE, title=title, text=CHESS[1]), stories=stories)
    assert len(shown(desk)) == 1
    rewritten = told("beta", PAGE, title=CHESS[0], text=text)
    assert bring(desk, "beta", rewritten, now=NOW + HOUR, stories=stories) == {Outcome.CHANGED: 1}
    assert len(shown(desk, NOW + HOUR)) == 1


def test_the_story_of_one_source_alone_may_be_rewritten_from_the_ground_up(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha", PAGE), stories=stories)
    bring(desk, "alpha", told("alpha", PAGE, title=CHESS[0], text=CHESS[1]), now=NOW + HOUR, stories=stories)
    assert [entry.title for entry in shown(desk, NOW + HOUR)] == [CHESS[0]]


@pytest.mark.parametrize("guid", ["4711", PAGE])
def test_a_notice_marks_the_article_whose_name_it_has(desk: Store, stories: Stories, guid: str) -> None:
    """Also where the address is one that may be reused."""
    bring(desk, "alpha", told("alpha", guid), stories=stories)
    notice = told("alpha", guid, title="This story has been withdrawn", text="")
    assert bring(desk, "alpha", notice, now=NOW + HOUR, stories=stories) == {Outcome.CHANGED: 1}
    (entry,) = shown(desk, NOW + HOUR)
    assert entry.withdrawn
    assert bring(desk, "alpha", told("alpha", guid), now=NOW + 2 * HOUR, stories=stories) == {Outcome.CHANGED: 1}
    (entry,) = shown(desk, NOW + 2 * HOUR)
    assert entry.withdrawn is None
    assert ["withdrawn" in edit.what for edit in entry.edits] == [True, False]
    assert "restored" in entry.edits[-1].what


def test_an_article_that_others_carry_is_the_same_when_it_is_back(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    copy = told("beta", title=told("alpha").title, text=told("alpha").text)
    assert bring(desk, "beta", copy, stories=stories) == {Outcome.DUPLICATE: 1}
    notice = told("alpha", title="Retraction", text="This story has been withdrawn.")
    for number, version in enumerate((notice, told("alpha")), start=1):
        now = NOW + number * HOUR
        assert bring(desk, "alpha", version, now=now, stories=stories) == {Outcome.CHANGED: 1}
        (entry,) = shown(desk, now)
        assert bool(entry.withdrawn) is (version is notice)


def test_of_an_article_is_told_in_which_topics_its_story_stands_and_through_whom(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha", topics=(match("grain"),)), stories=stories)
    bring(desk, "beta", told("beta", topics=(match("grain", 30.0), match("rain"))), stories=stories)
    for name in ("alpha", "beta"):
        (row,) = desk.why([f"https://{name}.example/1"])
        through = {
            topic: (each["article"], each["source"], each["score"]) for topic, each in row["story_topics"].items()
        }
        assert through == {"grain": (2, "beta", 30.0), "rain": (2, "beta", 12.0)}
        assert sorted(row["topics"]) == (["grain"] if name == "alpha" else ["grain", "rain"])


def test_who_withdrew_its_article_reports_the_story_no_more(desk: Store, stories: Stories) -> None:
    bring(desk, "alpha", told("alpha"), stories=stories)
    bring(desk, "beta", told("beta", topics=()), stories=stories)
    bring(desk, "gamma", told("gamma"), stories=stories)
    (before,) = shown(desk)
    notice = told("beta", text="This article has been removed at the request of its author.", topics=())
    seq = {state.name: state.seq for state in desk.topics()}
    bring(desk, "beta", notice, now=NOW + HOUR, stories=stories)
    (after,) = shown(desk, NOW + HOUR)
    assert [[also.outlet for also in entry.also] for entry in (before, after)] == [["Beta", "Gamma"], ["Gamma"]]
    assert (after.id, after.updated) == (before.id, before.updated)
    assert {state.name: state.seq - seq[state.name] for state in desk.topics()} == {"grain": 1, "rain": 0}
    bring(desk, "beta", told("beta", topics=()), now=NOW + 2 * HOUR, stories=stories)
    (back,) = shown(desk, NOW + 2 * HOUR)
    assert [also.outlet for also in back.also] == ["Beta", "Gamma"]
    assert list(desk.verify()) == []

"""The Store port: which stories are found by a query, at every turn of an article's life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from feeds.classify.query import parse_query
from feeds.errors import StoreSlow
from feeds.model import Query
from feeds.ports import Store
from tests.contract.stores import HOUR, bring, open_store
from tests.make import KEEP, NOW, article, match, source

DAY = timedelta(days=1)
LOOSE = "Nothing in any topic about Kerch"
SEA = "Ships leave the harbour in the morning, as the weather is calm and the sea is smooth."


def query(text: str) -> Query:
    query = parse_query(text, now=NOW)
    assert isinstance(query, Query)
    return query


def found(store: Store, text: str, *, limit: int = 100) -> list[str]:
    """The titles of what is found, once settled."""
    store.settle(NOW)
    return [entry.title for entry in store.search(query(text), limit=limit)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An archive to look into, and nothing else: it is made once."""
    url = f"sqlite:///{tmp_path_factory.mktemp('archive') / 'feeds.db'}"
    store = open_store(url, source("alpha"), source("beta", url="https://beta.example/feed"))
    bring(
        store,
        "alpha",
        article("alpha", "1", "Kerch bridge closed", text="Grain ships wait. Football resumes.", language="en"),
        article("alpha", "2", "A bridge at Kerch", text="The grain silo.", published=NOW - 9 * DAY, language="en-GB"),
        article("alpha", "3", "Türkiye'de IŞIK şenliği", text="Ankara'da kutlandı.", language="tr"),
        article("alpha", "4", "Йододефіцит та її ліки", text="Новини з України, за́мок.", language="uk"),
        article("alpha", "5", "وقال في كييف", text="وزير الخارجية والأوكراني", language="ar"),
        article(
            "alpha",
            "6",
            "Summary and text",
            text="What the whole text says of potash.",
            summary="<p>What <a href='https://x.example/hiddenword'>the teaser</a> says of molybdenum.</p>",
            content="<p>What the whole text says of potash.</p>",
            language="de",
        ),
        article(
            "alpha", "7", "Half a Kerch", text="bridge over the river", topics=(match("rain"),), published=NOW - DAY
        ),
    )
    bring(
        store,
        "beta",
        article("beta", "1", LOOSE, published=NOW - HOUR, topics=(), language="fr"),
        article("beta", "2", "The river Kwai", text=SEA, publisher="paper.co.uk", language="arc"),
    )
    yield store
    store.close()


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        pytest.param("kerch bridge", ["Kerch bridge closed", "Half a Kerch", "A bridge at Kerch"], id="newest first"),
        pytest.param('"kerch bridge"', ["Kerch bridge closed"], id="a phrase does not reach from title into text"),
        pytest.param("kerch -football", ["Half a Kerch", "A bridge at Kerch", LOOSE], id="not this word"),
        pytest.param("turkiye isik", ["Türkiye'de IŞIK şenliği"], id="Turkish, by letters of anybody"),
        pytest.param("IŞIK ankara", ["Türkiye'de IŞIK şenliği"], id="Turkish, and a name before its suffix"),
        pytest.param("її замок", ["Йододефіцит та її ліки"], id="Ukrainian, though the stress was written"),
        pytest.param("йодо*", ["Йододефіцит та її ліки"], id="й is a letter"),
        pytest.param("иододефицит", [], id="and и another"),
        pytest.param("ії", [], id="as і is not ї"),
        pytest.param("أوكراني كييف", ["وقال في كييف"], id="Arabic, with what is written onto it"),
        pytest.param("potash molybdenum", ["Summary and text"], id="summary and whole text"),
        pytest.param("hiddenword", [], id="but no mark-up"),
        pytest.param("kerch topic:rain", ["Half a Kerch"], id="in a topic"),
        pytest.param("kerch -topic:rain", ["Kerch bridge closed", "A bridge at Kerch", LOOSE], id="not in a topic"),
        pytest.param("topic:rain topic:none", ["Half a Kerch"], id="in one of several"),
        pytest.param("source:beta", ["The river Kwai", LOOSE], id="of a source"),
        pytest.param("source:BETA river", ["The river Kwai"], id="in whatever letters"),
        pytest.param("source:co.uk", ["The river Kwai"], id="of a domain"),
        pytest.param("source:paper.co.uk -river", [], id="of a domain, without a word"),
        pytest.param("source:o.uk", [], id="of no such domain"),
        pytest.param("lang:en kerch", ["Kerch bridge closed", "Half a Kerch", "A bridge at Kerch"], id="in a language"),
        pytest.param("lang:en-gb", ["A bridge at Kerch"], id="in a language of a country"),
        pytest.param("lang:ar", ["وقال في كييف"], id="and not in one that is spelled alike"),
        pytest.param("kerch since:2d", ["Kerch bridge closed", LOOSE, "Half a Kerch"], id="of the last days"),
        pytest.param("-kerch since:2d lang:tr lang:de", ["Summary and text", "Türkiye'de IŞIK şenliği"], id="no word"),
        pytest.param("nothing topic", [LOOSE], id="what is in no topic"),
        pytest.param("nothing topic:grain", [], id="and in none that is asked for"),
        pytest.param("zzz", [], id="nothing"),
    ],
)
def test_a_query_finds(archive: Store, text: str, titles: list[str]) -> None:
    assert sorted(found(archive, text)) == sorted(titles)
    dates = [entry.published for entry in archive.search(query(text), limit=100)]
    assert dates == sorted(dates, reverse=True)


def test_no_more_are_found_than_were_asked_for_and_those_are_the_newest(archive: Store) -> None:
    assert found(archive, "kerch", limit=2) == ["Kerch bridge closed", LOOSE]


def test_what_is_found_is_what_topics_show(archive: Store) -> None:
    (entry,) = archive.search(query("kerch topic:rain"), limit=9)
    (shown,) = archive.entries("rain", limit=9, window=HOUR)
    assert (entry.id, entry.updated, entry.title, entry.topics) == (shown.id, shown.updated, shown.title, ("rain",))


def test_a_question_that_takes_too_long_is_given_up_and_the_next_one_is_not(store: Store) -> None:
    text = "word " * 200
    items = [article("alpha", str(n), f"Number {n}", text=f"{text} {n}") for n in range(400)]
    bring(store, "alpha", *items)
    store.settle(NOW)
    with pytest.raises(StoreSlow, match="took too long"):
        store.search(query("word number"), limit=9, seconds=0)
    assert len(store.search(query("word number"), limit=9, seconds=60)) == 9
    assert len(store.search(query("word number"), limit=9)) == 9


def test_an_article_is_found_by_what_it_says_now(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", "Two hurt at the harbour", text=SEA))
    assert found(store, "two hurt") == ["Two hurt at the harbour"]
    bring(store, "alpha", article("alpha", "1", "Four hurt at the harbour", text=SEA), now=NOW + HOUR)
    assert found(store, "two hurt") == []
    assert found(store, "four hurt") == ["Four hurt at the harbour"]
    assert list(store.verify()) == []


def test_when_another_item_comes_to_lead_it_is_found_by_its_words(url: str) -> None:
    store = open_store(url, source("alpha"), source("beta", priority=9))
    same = {"text": SEA, "fingerprint": article("alpha", "1", "Same", text=SEA).fingerprint}
    bring(store, "alpha", article("alpha", "1", "Calm weather", **same))
    bring(store, "beta", article("beta", "9", "Weather, calm and harmless", **same))
    assert found(store, "harmless") == ["Weather, calm and harmless"]
    assert found(store, "weather source:alpha") == ["Weather, calm and harmless"], "alpha carries it too"
    assert list(store.verify()) == []
    store.close()


def test_what_is_no_longer_kept_is_no_longer_found(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", "An old story", published=NOW - 9 * DAY))
    assert found(store, "old story") == ["An old story"]
    assert store.expire(NOW + KEEP + DAY, keep=KEEP) == 1
    assert found(store, "old story") == []
    bring(store, "alpha", article("alpha", "2", "A new story", text=SEA))  # may take the number of the old one
    assert found(store, "story") == ["A new story"]
    assert list(store.verify()) == []


def test_what_is_taken_out_of_all_topics_is_still_found_by_its_words(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", "Once in a topic"))
    assert found(store, "once") == ["Once in a topic"]
    store.reclassify(lambda article, source: (), rules="r2", now=NOW)
    assert found(store, "once") == ["Once in a topic"]
    assert found(store, "once topic:grain") == []


def test_a_story_keeps_the_id_under_which_it_was_found_before_any_topic_took_it_in(store: Store) -> None:
    one = article("alpha", "1", "Calm weather", text=SEA, topics=(), published=NOW - HOUR)
    bring(store, "alpha", one)
    (before,) = store.search(query("calm"), limit=9)
    assert (before.topics, before.published, before.updated.replace(microsecond=0)) == ((), one.dated, one.dated)
    assert store.story_ids() == frozenset(), "it is found, and has no page"
    assert store.settle(NOW) == 0
    store.reclassify(lambda article, source: (match("rain"),), rules="r2", now=NOW)
    (waiting,) = store.search(query("calm"), limit=9)
    assert waiting.topics == (), "the topic does not show it yet"
    assert store.settle(NOW) == 1
    (after,) = store.search(query("calm topic:rain"), limit=9)
    (shown,) = store.entries("rain", limit=9, window=HOUR)
    assert before.id == after.id == shown.id
    assert after.topics == ("rain",)
    assert store.story_ids() == {shown.id}
    assert list(store.verify()) == []


def test_a_story_in_no_topic_moves_when_it_is_corrected(store: Store) -> None:
    bring(store, "alpha", article("alpha", "1", "Two hurt at the harbour", text=SEA, topics=()))
    bring(store, "alpha", article("alpha", "1", "Four hurt at the harbour", text=SEA, topics=()), now=NOW + HOUR)
    (entry,) = store.search(query("hurt"), limit=9)
    assert (entry.title, entry.updated.replace(microsecond=0)) == ("Four hurt at the harbour", NOW + HOUR)
    assert store.settle(NOW + HOUR) == 0


def test_of_stories_in_no_topic_no_two_changed_at_one_time(store: Store) -> None:
    bring(store, "alpha", *(article("alpha", str(n), f"Calm {n}", text=f"{SEA} {n}", topics=()) for n in range(9)))
    assert len({entry.updated for entry in store.search(query("calm"), limit=9)}) == 9


def test_the_edition_is_another_when_something_else_may_be_found(store: Store) -> None:
    seen = [store.edition()]
    for title, at in (("Two hurt", NOW), ("Four hurt", NOW + HOUR), ("Four hurt", NOW + 2 * HOUR)):
        bring(store, "alpha", article("alpha", "1", title, text=SEA, topics=()), now=at)
        seen.append(store.edition())
    assert len(set(seen)) == 3
    assert seen[2] == seen[3], "nothing else was said"

"""The Store port: `verify` names each way in which a store can have lost something, and nothing else."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.model import Rejected
from feeds.store.sql import SqlStore
from tests.contract.stores import HOUR, bring, open_store
from tests.make import KEEP, NOW, article, source

OLD = article("alpha", "old", "Long ago", text="An archive item of former days.", published=NOW - 2 * KEEP)
BROKEN = Rejected(source="alpha", why="no title and no text", guid="r", digest=b"rrrrrrrr", slice=b"rrrrrrrr")
RAIN = {"title": "Rain over the coast", "text": "It rained for seven days and nights."}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store with an item of every outcome, an edit, a copy and a published story."""
    name = tmp_path / "feeds.db"
    store = open_store(f"sqlite:///{name}", source("alpha"), source("beta"))
    bring(store, "alpha", article("alpha", "1"), article("alpha", "2", **RAIN), OLD, BROKEN)
    bring(store, "beta", article("beta", "b"))
    bring(store, "alpha", article("alpha", "1", "Envoys meet in Geneva for wheat talks"), now=NOW + HOUR, known=3)
    store.settle(NOW + HOUR)
    for state in store.topics():
        store.mark_published(state.name, seq=state.seq, seen=state.published_seq, entries=2, rendered_with="k")
    assert list(store.verify()) == []
    store.close()
    return name


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param("update sources set n_items = n_items + 1 where name = 'alpha'", "8 outcomes", id="an outcome"),
        pytest.param(
            "update sources set n_same = n_same + 1, n_new = n_new - 1 where name = 'alpha'",
            "articles: 1 began and 0 expired, but 2 are there",
            id="an item counted as another",
        ),
        pytest.param("update keys set outcome = 'same' where kind = 'guid'", "that there is not", id="no such outcome"),
        pytest.param("update keys set article_id = 1 where outcome = 'stale'", "in spite of", id="a stale one stored"),
        pytest.param(
            "update keys set article_id = null where kind = 'url'", "has lost its article", id="a lost article"
        ),
        pytest.param("update keys set why = '' where outcome = 'rejected'", "has no reason", id="no reason"),
        pytest.param(
            "update sources set n_stale = 0, n_same = n_same + 1 where name = 'alpha'",
            "items that are stale, but none was counted",
            id="an outcome never counted",
        ),
        pytest.param(
            "update sources set slices = cast(slices || x'6161616161616161' as blob) where name = 'alpha'",
            "1 items count as known, but nothing is known of them",
            id="an item that is skipped and was never judged",
        ),
        pytest.param(
            "update keys set article_id = 99 where kind = 'guid'", "article 99, which is not", id="no article"
        ),
        pytest.param("delete from keys where outcome = 'new'", "its own name does not lead", id="a forgotten name"),
        pytest.param(
            "delete from keys where outcome = 'duplicate'", "not remembered by its name", id="a forgotten copy"
        ),
        pytest.param("delete from sightings where article_id = 2", "it stands nowhere", id="no place"),
        pytest.param("delete from revisions", "edited 1 times, but 0 former versions", id="a lost version"),
        pytest.param(
            "insert into stories (id, changed_at, waiting) values (9, 0, 0)", "story 9: it has no article", id="empty"
        ),
        pytest.param("update stories set head = 2 where id = 1", "its head is none of its", id="a foreign head"),
        pytest.param("update stories set published = null where id = 1", "it has no time", id="no time"),
        pytest.param("update stories set tag = null where id = 1", "it has no id", id="no id"),
        pytest.param(
            "update stories set head_frozen_at = null where id = 1", "neither published nor waiting", id="unpublished"
        ),
        pytest.param("update memberships set topic = 'snow'", "it is not configured", id="no such topic"),
        pytest.param("update memberships set score = 1", "with too few points", id="no reason to be in a topic"),
        pytest.param("update topics set published_seq = 99", "not what was noted", id="published before it was"),
        pytest.param("delete from articles where id = 2", "points to nothing in articles", id="a row that others need"),
    ],
)
def test_damage_is_named(file: Path, damage: str, told: str) -> None:
    with sqlite3.connect(file) as raw:
        assert raw.execute(damage).rowcount
    raw.close()
    store = SqlStore(f"sqlite:///{file}", as_it_is=True)
    found = list(store.verify())
    store.close()
    assert any(told in words for words in found), found


def test_what_expired_is_reckoned_with(file: Path) -> None:
    store = SqlStore(f"sqlite:///{file}")
    assert store.expire(NOW + KEEP + HOUR / 2, keep=KEEP) == 2
    assert list(store.verify()) == []
    (finding,) = store.why(["2"])
    assert finding["because"] == "its article is no longer kept"
    store.close()


def test_items_that_share_all_their_names_have_an_outcome_each(file: Path) -> None:
    store = SqlStore(f"sqlite:///{file}")
    later = NOW + 5 * HOUR
    twice = article("beta", "t", "Lakes freeze early in the north", text="Skaters rejoice over thick ice.")
    older = replace(twice, title="Lakes freeze", published=NOW - timedelta(days=1), digest=b"t2", slice=b"t2t2t2t2")
    bring(store, "beta", twice, older, now=later)
    assert list(store.verify()) == []
    store.close()

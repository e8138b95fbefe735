"""How a query is put to SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from feeds.classify.query import parse_query
from feeds.model import Query
from feeds.store.database import Database
from feeds.store.search import expression, question
from tests.make import NOW


def read(text: str) -> Query:
    query = parse_query(text, now=NOW)
    assert isinstance(query, Query)
    return query


@pytest.mark.parametrize(
    ("text", "fts"),
    [
        pytest.param("kerch bridge", '("kerch") AND ("bridge")', id="words"),
        pytest.param('"black sea" grain*', '("black sea") AND ("grain"*)', id="a phrase and a stem"),
        pytest.param("a -b -c", '(("a")) NOT (("b") OR ("c"))', id="what must not be"),
        pytest.param('a" OR b:c*d NEAR(', None, id="no operators"),
    ],
)
def test_nothing_but_quoted_words_comes_into_the_language_of_the_index(text: str, fts: str | None) -> None:
    if fts is None:
        assert not isinstance(parse_query(text, now=NOW), Query)
    else:
        assert expression(read(text).terms) == fts


@pytest.mark.parametrize(
    "text",
    [
        "kerch bridge", "topic:ukraine", "-topic:ukraine kerch", "source:alpha", "source:alpha kerch -bridge",
        "source:paper.co.uk", "lang:tr since:7d -kerch", "topic:a topic:b source:a source:b lang:en kerch since:7d",
    ],
)  # fmt: skip
def test_nothing_is_looked_for_again_at_each_story(text: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'feeds.db'}")
    compiled = question(read(text), limit=9).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with database.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    database.close()
    assert plan
    assert [step for step in plan if "CORRELATED" in step] == []

"""Opening a database: made, migrated, refused; never overwritten."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, select, text

from feeds.classify.query import parse_query
from feeds.errors import StoreBusy, StoreUnusable
from feeds.model import Query
from feeds.store import database
from feeds.store.database import Database
from feeds.store.rows import slices_from, slices_row
from feeds.store.sql import SqlStore
from feeds.store.tables import SCHEMA, Moment, keys, metadata, sources
from tests.contract.stores import bring, open_store
from tests.make import KEEP, NOW, article, source
from tests.schema import FOLDER, dump, migrate, migrated


def test_a_new_database_has_exactly_the_tables(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path / 'new.db'}")
    with opened.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same_type, "include_name": is_ours})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == SCHEMA
    opened.close()


def test_a_new_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'new.db'}").close()
    assert dump(tmp_path / "new.db") == migrated() == (FOLDER / "schema.sql").read_text(encoding="utf-8"), "make schema"


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """False for the index of words, which SQLite has of its own."""
    return kind != "table" or name is None or name.partition("_")[0] != "search"


def same_type(_: object, __: object, ___: object, inspected: object, declared: object) -> bool:
    """False where the types agree; a Moment is a whole number to the database."""
    named = "BIGINT" if isinstance(declared, Moment) else str(declared).upper()
    return str(inspected).upper() != named and {str(inspected).upper(), named} != {"INTEGER", "BIGINT"}


def make_old(file: Path, version: str, *statements: str) -> None:
    """A database as the program made it when this was its newest migration."""
    migrate(file, version)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def copy_rows(source: Path, target: Path) -> None:
    """Bring what one database holds into an older one, as far as that has tables and columns for it."""
    with sqlite3.connect(target) as raw:
        raw.execute("attach ? as newer", (str(source),))
        of = "select name from pragma_table_info(?, 'main')"
        for (table,) in raw.execute("select name from main.sqlite_schema where type = 'table'").fetchall():
            columns = ", ".join(f'"{column}"' for (column,) in raw.execute(of, (table,)))
            if not table.startswith(("sqlite_", "alembic_")):
                raw.execute(f"delete from main.{table}")
                raw.execute(f"insert into main.{table} ({columns}) select {columns} from newer.{table}")
    raw.close()


def test_an_older_database_keeps_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    make_old(file, "0001", "insert into sources (name, config, body_hash, etag) values ('a', '{}', x'00', '1')")
    Database(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as raw:
        assert raw.execute("select name, etag, ttl, move, body_at from sources").fetchall() == [("a", "1", 0, "", None)]
    raw.close()


def test_stories_that_were_published_before_have_archives_of_their_days_and_get_pages(tmp_path: Path) -> None:
    newer, file = tmp_path / "newer.db", tmp_path / "feeds.db"
    opened = open_store(f"sqlite:///{newer}", source("alpha"))
    bring(opened, "alpha", article("alpha", "1"))
    opened.settle(NOW)
    (story,) = opened.stories_due(limit=9)
    opened.stories_put({story.id: story.due})
    opened.close()
    make_old(file, "0005")
    copy_rows(newer, file)
    again = SqlStore(f"sqlite:///{file}")
    assert again.days("grain") == (NOW.date(),)
    assert [each.id for each in again.stories_due(limit=9)] == [story.id]
    assert list(again.verify()) == []
    again.close()


def test_what_was_stored_before_is_found_by_its_words(tmp_path: Path) -> None:
    newer, file = tmp_path / "newer.db", tmp_path / "feeds.db"
    opened = open_store(f"sqlite:///{newer}", source("alpha"))
    many = range(1200)  # more than are read at once
    bring(opened, "alpha", *(article("alpha", str(n), f"Şehir {n}", text=f"İstanbul {n}") for n in many))
    opened.close()
    with sqlite3.connect(newer) as raw:
        before = raw.execute("select rowid, title, text from search order by 1").fetchall()
    raw.close()
    make_old(file, "0006")
    copy_rows(newer, file)
    again = SqlStore(f"sqlite:///{file}")
    assert list(again.verify()) == []
    again.close()
    with sqlite3.connect(file) as raw:
        assert raw.execute("select rowid, title, text from search order by 1").fetchall() == before
        assert raw.execute("select count(*) from search where search match 'istanbul AND sehir'").fetchone() == (1200,)
    raw.close()


def test_stories_that_were_in_no_topic_get_their_ids(tmp_path: Path) -> None:
    newer, file = tmp_path / "newer.db", tmp_path / "feeds.db"
    opened = open_store(f"sqlite:///{newer}", source("alpha"))
    loose = article("alpha", "2", "Calm weather", text="The sea is smooth.", topics=(), published=NOW - KEEP / 2)
    bring(opened, "alpha", article("alpha", "1"), loose)
    opened.settle(NOW)
    opened.close()
    with sqlite3.connect(newer) as raw:
        kept = "select tag, head, published from stories where id = 1"
        before = raw.execute(kept).fetchall()
        raw.execute("update stories set tag = null, head = null, published = null where id = 2")
    raw.close()
    make_old(file, "0010")
    copy_rows(newer, file)
    again = SqlStore(f"sqlite:///{file}")
    asked = parse_query("calm", now=NOW)
    assert isinstance(asked, Query)
    (found,) = again.search(asked, limit=9)
    assert (found.title, found.published, found.topics) == ("Calm weather", loose.published, ())
    assert found.id.startswith("tag:desk.example,2026:story/")
    assert list(again.verify()) == []
    again.close()
    with sqlite3.connect(file) as raw:
        assert raw.execute(kept).fetchall() == before
    raw.close()


def test_versions_that_were_kept_before_are_those_of_articles(tmp_path: Path) -> None:
    newer, file = tmp_path / "newer.db", tmp_path / "feeds.db"
    opened = open_store(f"sqlite:///{newer}", source("alpha"), source("beta"))
    bring(opened, "alpha", article("alpha", "1"))
    bring(opened, "beta", article("beta", "1"))
    bring(opened, "alpha", article("alpha", "1", "Envoys part in Geneva"))
    before = opened.why(["1"])
    opened.close()
    make_old(file, "0011")
    copy_rows(newer, file)
    again = SqlStore(f"sqlite:///{file}")
    assert again.why(["1"]) == before
    assert [len(finding["revisions"]) for finding in before] == [1, 1]
    bring(again, "beta", article("beta", "1", "Envoys part in Geneva today"))
    assert [len(finding["copy_revisions"]) for finding in again.why(["1"])] == [1, 1]
    assert list(again.verify()) == []
    again.close()


def test_a_database_is_migrated_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a' / 'b' / 'feeds.db'}"
    Database(url).close()
    before = (tmp_path / "a" / "b" / "feeds.db").read_bytes()
    Database(url).close()
    assert (tmp_path / "a" / "b" / "feeds.db").read_bytes() == before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param("newer", "newer than this program", id="made by a newer program"),
        pytest.param("foreign", "not a database of topic-feeds", id="another program's database"),
        pytest.param("damaged", "damaged", id="no database at all"),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_touched(tmp_path: Path, make: str, words: str) -> None:
    file = tmp_path / "feeds.db"
    if make == "damaged":
        file.write_bytes(b"this is no database, but it is somebody's file" * 100)
    else:
        if make == "newer":
            Database(f"sqlite:///{file}").close()
        with sqlite3.connect(file) as connection:
            if make == "newer":
                connection.execute("update alembic_version set version_num = '9999'")
            else:
                connection.execute("create table letters (body text)")
        connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreUnusable, match=words) as caught:
        Database(f"sqlite:///{file}")
    assert str(file) in str(caught.value)
    assert file.read_bytes() == before


@pytest.mark.parametrize("as_it_is", [pytest.param(True, id="to look at"), pytest.param(False, id="to work with")])
def test_a_file_that_was_cut_off_to_nothing(tmp_path: Path, as_it_is: bool) -> None:
    file = tmp_path / "feeds.db"
    file.touch()
    with pytest.raises(StoreUnusable, match="though feeds are published"):
        Database(f"sqlite:///{file}", as_it_is=as_it_is, published=lambda: ("ukraine.atom",))
    assert file.stat().st_size == 0


def test_a_file_without_a_byte_is_new_where_nothing_is_published(tmp_path: Path) -> None:
    file = tmp_path / "feeds.db"
    file.touch()
    Database(f"sqlite:///{file}").close()
    assert file.stat().st_size > 0


def test_slices_of_an_older_database_are_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "feeds.db"
    migrate(file, "0001")
    with sqlite3.connect(file) as old:
        for number, name in ((1, "a"), (2, "b")):
            old.execute("insert into sources (id, name, config, body_hash) values (?, ?, '{}', x'')", (number, name))
        old.executemany("insert into slices values (1, ?)", [(b"bbbbbbbb",), (b"aaaaaaaa",)])
        columns = "kind, key, source_id, first_seen, digest"
        old.execute(f"insert into keys ({columns}) values ('guid', x'01', 1, 0, ?)", (b"aaaaaaaa",))
        old.execute(f"insert into keys ({columns}) values ('guid', x'02', 1, 0, ?)", (b"bbbbbbbb",))
    old.close()
    opened = Database(f"sqlite:///{file}")
    with opened.read() as connection:
        rows = connection.execute(select(sources.c.name, sources.c.slices, sources.c.whole).order_by(sources.c.id))
        assert [tuple(row) for row in rows] == [("a", b"aaaaaaaabbbbbbbb", ""), ("b", None, "")]
        assert connection.execute(select(keys.c.slice).order_by(keys.c.slice)).scalars().all() == [
            b"aaaaaaaa",
            b"bbbbbbbb",
        ]
    opened.close()


def test_what_is_known_of_an_item_takes_eight_bytes() -> None:
    assert slices_row({bytes([n]) * 8 for n in range(50)}) == b"".join(bytes([n]) * 8 for n in range(50))
    assert slices_from(b"aaaaaaaabbbbbbbb") == {b"aaaaaaaa", b"bbbbbbbb"}
    assert slices_from(b"") == slices_from(None) == frozenset()


def test_a_writer_waits_and_then_says_who_was_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.2)
    opened = Database(f"sqlite:///{tmp_path / 'feeds.db'}")
    rival = sqlite3.connect(tmp_path / "feeds.db", isolation_level=None)
    rival.execute("begin immediate")
    with pytest.raises(StoreBusy, match="another process held the database"), opened.write():
        pass
    rival.execute("rollback")
    with opened.write():
        pass
    rival.close()
    opened.close()


def test_a_moment_is_exact_to_the_microsecond(tmp_path: Path) -> None:
    moment = NOW.replace(microsecond=123_457)
    stored = Moment().process_bind_param(moment, None)  # type: ignore[arg-type]
    assert Moment().process_result_value(stored, None) == moment  # type: ignore[arg-type]
    assert Moment().process_bind_param(None, None) is None  # type: ignore[arg-type]

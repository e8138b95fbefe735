"""SQL that is compiled once in a process, where a test opens hundreds of databases and each would compile it all anew.

A program opens one, so that it never notices; those that a test starts cold compile their own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import Engine, util
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from feeds.store import database


class _Dialect(SQLiteDialect_pysqlite):
    """What statements are compiled for is part of their key: here all databases are one."""

    supports_statement_cache = True  # what SQLAlchemy asks of each class by itself

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Dialect)

    def __hash__(self) -> int:
        return hash(_Dialect)


def share_statements() -> None:
    """From now on all SQLite databases of this process, and of those that it forks, share what was compiled."""
    compiled: Any = util.LRUCache(5000)

    def create_engine(url: str, **options: Any) -> Engine:
        engine = sqlalchemy.create_engine(url, **options)
        if type(engine.dialect) is SQLiteDialect_pysqlite:
            engine.dialect.__class__ = _Dialect
            engine._compiled_cache = compiled
        return engine

    vars(database)["create_engine"] = create_engine

"""The schema that the migrations make, as feeds/store/schema.sql: `python -m tests.schema` writes it anew."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from feeds.store import database
from feeds.store.tables import SCHEMA

FOLDER = Path(database.__file__).parent
_OF_SQLITE = re.compile(r"sqlite_|search_")  # its own indexes and counters, and what its index of words is made of
_HEAD = "-- Written by `make schema` from the migrations; a new database is made of it, and an older one by them.\n\n"


def migrate(file: Path, version: str) -> None:
    """A database as the program made it when this was its newest migration."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER / "migrations"))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def dump(file: Path) -> str:
    """What makes a database like this one, with its rows."""
    connection = sqlite3.connect(file)
    made = [
        (kind, name, sql)
        for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY rowid")
        if not _OF_SQLITE.match(name)
    ]
    statements = [_laid_out(sql) for _, _, sql in made]
    for table in (name for kind, name, _ in made if kind == "table"):
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            values = ", ".join(connection.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in row)
            statements.append(f"INSERT INTO {table} VALUES ({values})")
    connection.close()
    return _HEAD + "".join(f"{statement};\n" for statement in statements)


def _laid_out(sql: str) -> str:
    """A column a line, whenever it was added."""
    sql = " ".join(sql.split()).replace("( ", "(").replace(" )", ")")
    if not sql.startswith("CREATE TABLE"):
        return sql
    depth, lines = 0, [""]
    for sign in sql:
        if sign == ")":
            depth -= 1
        if sign == ")" and not depth:
            lines.append("")
        lines[-1] += sign
        if sign == "(":
            depth += 1
        if (sign == "(" and depth == 1) or (sign == "," and depth == 1):
            lines.append("  ")
    return "\n".join(line.replace("   ", "  ").rstrip() for line in lines)


def migrated() -> str:
    """The schema that the migrations make."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "new.db")
        migrate(file, SCHEMA)
        return dump(file)


if __name__ == "__main__":
    (FOLDER / "schema.sql").write_text(migrated(), encoding="utf-8")

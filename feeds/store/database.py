"""Connections, transactions and migrations: the database as such."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from feeds import faults
from feeds.errors import StoreBusy, StoreError, StoreFailing, StoreSlow, StoreUnusable, UserError
from feeds.store.tables import SCHEMA

T = TypeVar("T")

LOCK_WAIT = 10  # seconds that a writer waits for another
# What ails the disk and not us: it may be over when we try again.
_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

_SCHEMA_FILE = Path(__file__).with_name("schema.sql")
_STEPS = 2000  # of SQLite's machine between two looks at the clock: some ten microseconds
_AT_ONCE = 500  # values of one IN list, well below SQLite's limit even for pairs


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists that one statement can take."""
    some = list(values)
    for at in range(0, len(some), _AT_ONCE):
        yield some[at : at + _AT_ONCE]


class Database:
    """One database, opened and of the right version."""

    def __init__(self, url: str, *, as_it_is: bool = False, published: Callable[[], Iterable[str]] = tuple) -> None:
        """Open `url`, an SQLAlchemy URL, and migrate it if it is older than this program, or refuse it `as_it_is`.

        A file without a byte is a new database, unless there are names of `published` files: then it was cut off.

        Raises:
            StoreBusy: another process held the lock for LOCK_WAIT seconds.
            StoreUnusable: corrupt, foreign, or newer than this program.
            UserError: nothing is there, and is to be left so.
        """
        self.url = url
        self.file = _sqlite_file(url)
        if as_it_is and self.file is not None and not self.file.exists():
            raise UserError(f"{self.name}: there is no database yet; `feeds refresh` or `feeds run` makes it")
        if self.file is not None and self.file.exists() and not self.file.stat().st_size and any(published()):
            words = f"{self.name}: the database is empty, though feeds are published"
            raise StoreUnusable(f"{words}; restore a backup, or delete it to begin anew, with new ids for all stories")
        if self.file is not None and not as_it_is:
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as exc:
                words = f"{self.name}: its folder cannot be made ({exc.strerror})"
                raise StoreUnusable(f"{words}; mend the path in store.url or the rights of the folder") from exc
        self.engine = _engine(url, looking=as_it_is)
        try:
            with self.read() as connection:
                version = _version(connection)
                is_foreign = not version and bool(inspect(connection).get_table_names())
            if is_foreign:
                raise StoreUnusable(f"{self.name}: not a database of topic-feeds; name another file in store.url")
            if as_it_is:
                self._refuse_another(version)
                return
            if version in ("", SCHEMA):  # one of another version may be newer, and is not touched before we know
                self._write_ahead()
            if version != SCHEMA:
                self._migrate()
        except BaseException:
            self.engine.dispose()
            raise

    def _refuse_another(self, version: str) -> None:
        if not version:
            raise UserError(f"{self.name}: the database is empty; `feeds refresh` or `feeds run` fills it")
        if version != SCHEMA:
            words = f"{self.name}: its schema is {version}, that of this program {SCHEMA}"
            raise StoreUnusable(f"{words}; `feeds db upgrade` brings an older one up. Nothing was written")

    @contextmanager
    def read(self, *, seconds: float | None = None) -> Iterator[Connection]:
        """One consistent view, for `seconds` at most.

        Raises:
            StoreSlow: they are over.
        """
        with self.translated(), self.engine.connect() as connection, connection.begin(), _until(connection, seconds):
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """One transaction, all or nothing; with `durable` it and all before it outlast a loss of power as well.

        It begins as a writer: one that reads first and then writes fails at once when another wrote in between,
        whatever the time-out (SQLITE_BUSY_SNAPSHOT).
        """
        with self.translated():
            connecting = self.engine.connect().execution_options(feeds_write=True, feeds_durable=durable)
            with connecting as connection, connection.begin():
                yield connection
                faults.point()
            faults.point()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _migrate(self) -> None:
        with self.write() as connection:
            version = _version(connection)  # another process may have migrated while we waited
            if not version and connection.dialect.name == "sqlite":
                for statement in _SCHEMA_FILE.read_text(encoding="utf-8").split(";\n")[:-1]:
                    connection.exec_driver_sql(statement)
            elif version != SCHEMA:
                self._upgrade(connection, version)

    def _upgrade(self, connection: Connection, version: str) -> None:
        # Heavy, and needed once in the life of a version only.
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(_SCHEMA_FILE.with_name("migrations")))
        try:
            if version:
                ScriptDirectory.from_config(config).get_revision(version)
        except CommandError as exc:
            raise StoreUnusable(
                f"{self.name}: its schema {version} is newer than this program, which knows {SCHEMA}; "
                "install the newer topic-feeds, or restore an older backup. Nothing was written"
            ) from exc
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    def _write_ahead(self) -> None:
        """Let readers go on beside a writer. The mode stays with the file, so only a new one is ever changed."""
        if self.file is not None:
            with (
                suppress(sqlite3.OperationalError, OSError),  # busy, or a bad disk: the next opening does it
                self.engine.connect() as connection,
            ):
                connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
                faults.point()

    @property
    def name(self) -> str:
        """The database as people may see it: without credentials."""
        return str(self.file) if self.file else re.sub(r"//[^@/]*@", "//", self.url)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """What the driver and the disk raise inside, as errors of the store."""
        try:
            yield
        except OperationalError as exc:
            words = str(exc.orig)
            if getattr(exc.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise StoreSlow(f"{self.name}: the question took too long, and was given up") from exc
            if "locked" in words or "busy" in words:
                raise StoreBusy(f"{self.name}: another process held the database for {LOCK_WAIT} s; try again") from exc
            if getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF in _DISK:  # the low byte is the primary code
                raise StoreFailing(f"{self.name}: {words}; nothing was written") from exc
            raise StoreError(f"{self.name}: {words}") from exc
        except OSError as exc:
            raise StoreFailing(f"{self.name}: {exc.strerror or exc}; nothing was written") from exc
        except DatabaseError as exc:
            words = str(exc.orig)
            if "malformed" in words or "not a database" in words:
                raise StoreUnusable(f"{self.name}: the database is damaged ({words}); restore a backup") from exc
            raise


@contextmanager
def _until(connection: Connection, seconds: float | None) -> Iterator[None]:
    """Have the database look at the clock while it works; see `Database.read`."""
    raw: Any = connection.connection.driver_connection
    if seconds is None or not isinstance(raw, sqlite3.Connection):
        yield
        return
    end = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _sqlite_file(url: str) -> Path | None:
    prefix, _, path = url.partition(":///")
    return Path(path) if prefix.startswith("sqlite") and path else None


def _engine(url: str, *, looking: bool) -> Engine:
    # What is written may be secret, as what hubs sign with is, and errors of the driver stand in the log.
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    options = {"timeout": LOCK_WAIT, "check_same_thread": False}
    engine = create_engine(url, poolclass=QueuePool, connect_args=options, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own late BEGIN would make every writer begin as a reader
        for pragma in ("foreign_keys=ON", f"busy_timeout={LOCK_WAIT * 1000}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        # Who looks may still have to make the -shm file beside the database, so it is not opened as read-only. And the
        # web server leaves letters: that is a transaction of its own.
        if looking:
            connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if options.get('feeds_write') else 'ON'}")
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('feeds_durable') else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("feeds_write") else "BEGIN")

    return engine


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(select(text("version_num")).select_from(text("alembic_version"))).scalar() or "")

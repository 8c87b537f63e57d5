"""The database of the read models, SQLite or PostgreSQL: the ledger's own or another.

Two ways in: a *snapshot*, in which everything read is of one moment, and a *transaction*, which
begins with the write lock so that it never fails for having read first.

Nothing here needs to be durable by itself. A read model's position moves in the same transaction
as its rows, so a commit that a power cut takes back is folded again. Hence SQLite does not sync
at each commit (`synchronous=NORMAL`) and PostgreSQL answers before its log is on disk
(`synchronous_commit=off`); the ledger's own connections are not touched by that.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg import Connection as PostgresConnection
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.store.errors import StoreUnavailable, in_our_words
from ledger.store.sqlite import READERS

PATIENCE_MS = 10_000
"""How long to wait for a lock another program holds: far longer than any write of ours takes."""

DROP_PATIENCE_MS = 2_000
"""How long dropping old tables waits for their last readers; what is left is dropped later."""

WAL_PAGES = 8000
"""Pages of SQLite's WAL before they are copied into the file, as the ledger's writer has it."""

CONNECT_SECONDS = 10
"""How long to try to reach the server."""

_TABLES_LOCK = 0x53554E50
"""Key of PostgreSQL's advisory lock over making and dropping tables: "SUNP"."""


class Database:
    """Where the read models are kept. Safe to use from several threads.

    Attributes:
        url: its URL, which may hold a password.
        dialect: what kind it is, `sqlite` or `postgresql`.

    """

    def __init__(self, url: str) -> None:
        """Name the database at `url`; an SQLite file is made if it is not there.

        Raises:
            StoreUnavailable: `url` names no database of a kind that is known.

        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:
            # The text may hold a password: it is not repeated.
            raise StoreUnavailable("The database URL cannot be read as one.") from error
        self.url = url
        self.dialect = parsed.get_backend_name()
        if self.dialect == "sqlite":
            self._writer, self._reader = _sqlite_engines(parsed)
            self.where = str(Path(parsed.database or "").absolute())
            self._begin = "BEGIN IMMEDIATE"
        elif self.dialect == "postgresql":
            self._writer, self._reader = _postgres_engines(parsed)
            self.where = parsed.render_as_string(hide_password=True)
            self._begin = "BEGIN"
        else:
            raise StoreUnavailable(
                f"Read models live in sqlite:///… or postgresql://…, not in {parsed.drivername}."
            )

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that reads one moment of the database and never waits for writers.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        begin = "BEGIN"
        if self.dialect == "postgresql":
            begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with in_our_words(self.where), self._reader.connect() as connection:
            connection.exec_driver_sql(begin)
            try:
                yield connection
            finally:
                connection.connection.rollback()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[Connection]:
        """Give a connection that writes; commit at the end, take everything back on an error.

        With `durable` the commit is on disk when the block ends: for what is kept beside the read
        models, and no history gives back.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        with in_our_words(self.where), self._writer.connect() as connection:
            sqlite = self.dialect == "sqlite"
            if durable and sqlite:
                connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql(self._begin)
            try:
                if durable and not sqlite:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
                yield connection
                connection.exec_driver_sql("COMMIT")
            finally:
                # After COMMIT this does nothing.
                connection.connection.rollback()
                if durable and sqlite:
                    connection.exec_driver_sql("PRAGMA synchronous = NORMAL")

    @contextmanager
    def changing_tables(self) -> Iterator[Connection]:
        """Give a transaction that may make and drop tables: one at a time in the database.

        Raises:
            StoreUnavailable: a table is in use for too long, or the database cannot be written.

        """
        with self.transaction() as connection:
            if self.dialect == "postgresql":
                # Two processes that make one table at once would fail on its catalogue row.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})")
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {DROP_PATIENCE_MS}")
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    if not url.database or url.database == ":memory:":
        raise StoreUnavailable("Read models on SQLite need a file: a URL sqlite:///PATH.")
    path = Path(url.database).absolute()
    target = URL.create(
        "sqlite+pysqlite",
        database=f"file:{quote(str(path))}",
        query={"mode": "rwc", "uri": "true"},
    )
    common: dict[str, Any] = {
        # The driver begins nothing by itself: we say BEGIN where we mean it.
        "isolation_level": "AUTOCOMMIT",
        "hide_parameters": True,
        "connect_args": {"timeout": PATIENCE_MS / 1000},
    }
    writer = create_engine(target, pool_size=1, max_overflow=0, **common)
    reader = create_engine(target, pool_size=READERS, max_overflow=0, **common)
    event.listen(writer, "connect", _prepare_sqlite_writer)
    event.listen(reader, "connect", _prepare_sqlite_reader)
    return writer, reader


def _prepare_sqlite_writer(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    # An index is sorted in two threads.
    connection.execute("PRAGMA threads = 2")
    # Some builds write zeros over what is dropped, at ten times the cost. Nothing here is secret:
    # the ledger itself holds all of it.
    connection.execute("PRAGMA secure_delete = FAST")


def _prepare_sqlite_reader(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only = ON")


def _postgres_engines(url: URL) -> tuple[Engine, Engine]:
    target = url.set(drivername="postgresql+psycopg")
    common: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "use_native_hstore": False,
        "hide_parameters": True,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": CONNECT_SECONDS},
    }
    writer = create_engine(target, pool_size=2, max_overflow=2, **common)
    reader = create_engine(target, pool_size=4, max_overflow=16, **common)
    event.listen(writer, "connect", _prepare_postgres_writer)
    return writer, reader


def _prepare_postgres_writer(
    connection: PostgresConnection[Any], _entry: ConnectionPoolEntry
) -> None:
    connection.execute("SELECT set_config('synchronous_commit', 'off', false)")
    connection.execute(f"SELECT set_config('lock_timeout', '{PATIENCE_MS}ms', false)")

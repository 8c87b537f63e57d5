"""A ledger in an SQLite file.

One connection writes, others read beside it (WAL): a reader never waits for the writer, nor
the writer for a reader. `synchronous=FULL` makes each commit one fsync of the WAL, and what
was committed survives the loss of power.

A write begins with `BEGIN IMMEDIATE`, so that a second process waits its turn there (up to
the patience given) instead of failing later: a deferred transaction that reads first and then
writes gets `database is locked` at once when somebody else wrote in between.
"""

import sqlite3
from itertools import chain
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.store.errors import OutcomeUnknown, StoreUnavailable
from ledger.store.rows import Batch
from ledger.store.schema import APPLICATION_ID

WAL_PAGES = 8000
"""Pages of WAL before they are copied into the file: 32 MB. The default of 1000 copies the
right edges of the indexes, which every commit writes again, eight times as often."""

CACHE_KIB = 65536
"""Page cache of the writing connection: holds the inner pages of the indexes of some millions
of rows, so that an insert reads nothing from disk."""

READER_CACHE_KIB = 16384
"""Page cache of a reading connection: the pages of some thousand events, so that the few
questions that are asked about one range of them read the file once."""

READERS = 20
"""Connections that read at most, of the read models' file as many again. All that were opened are
kept, with their caches: one that is opened anew reads the whole schema first, which takes longer
than a page of the portal."""

SETTLE_TRIES = 200
"""How often to ask for write-ahead logging while another process opens the same new ledger."""

_HEAD = "UPDATE head SET size = ?, positions = ? WHERE size = ? AND origin = ?"
ROWS_AT_ONCE = 64
"""Rows an INSERT, where there are so many: a sixth less time a row than one by one."""


def _insert(table: str, columns: int) -> tuple[str, str]:
    """Return the statements that insert one row, and `ROWS_AT_ONCE`."""
    row = f"({', '.join('?' * columns)})"
    head = f"INSERT INTO {table} VALUES "
    return head + row, head + ", ".join([row] * ROWS_AT_ONCE)


_INSERTS = (
    ("statements", *_insert("statement", 7)),
    ("events", *_insert("event", 7)),
    ("subjects", *_insert("subject", 2)),
    ("touches", *_insert("subject_event", 3)),
    ("postings", *_insert("posting", 7)),
    ("tiles", *_insert("tile", 3)),
)
_CHECKPOINT = "INSERT INTO checkpoint VALUES (?, ?, ?)"


class SqliteDatabase:
    """The file of one ledger, with an engine to write and an engine to read."""

    dialect = "sqlite"
    begin = "BEGIN IMMEDIATE"

    def __init__(self, url: URL, patience_ms: int, *, create: bool = False) -> None:
        """Name the file of `url`; it is not opened yet. Only `create` may make it.

        Raises:
            StoreUnavailable: `url` names no file.

        """
        if not url.database or url.database == ":memory:":
            raise StoreUnavailable("A ledger on SQLite needs a file: a URL sqlite:///PATH.")
        self._patience_ms = patience_ms
        path = Path(url.database).absolute()
        self.where = str(path)
        # Without mode=rw a mistyped path would quietly become a new, empty database.
        mode = "rwc" if create else "rw"
        target = URL.create(
            "sqlite+pysqlite",
            database=f"file:{quote(str(path))}",
            query={"mode": mode, "uri": "true"},
        )
        common: dict[str, Any] = {
            # The driver begins nothing by itself: we say BEGIN IMMEDIATE where we mean it.
            "isolation_level": "AUTOCOMMIT",
            "hide_parameters": True,
            "connect_args": {"timeout": patience_ms / 1000},
        }
        self.writer = create_engine(target, pool_size=1, max_overflow=0, **common)
        self.reader = create_engine(target, pool_size=READERS, max_overflow=0, **common)
        event.listen(self.writer, "connect", _prepare_writer)
        event.listen(self.reader, "connect", _prepare_reader)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.writer.dispose()
        self.reader.dispose()

    def identify(self) -> bool:
        """Tell whether the file bears a ledger's mark. Whether it holds the tables is asked later.

        Raises:
            DBAPIError: the file is missing, locked or no SQLite database.

        """
        with self.reader.connect() as connection:
            mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        return bool(mark == APPLICATION_ID)

    def mark(self, connection: Connection) -> None:
        """Write the mark of a ledger into the file, in the transaction of `connection`."""
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    def settle(self) -> None:
        """Make sure of write-ahead logging, which the file remembers once it is set.

        Only after the file was recognised: a foreign one is not touched. The change needs the
        file for itself, and where two processes open a new ledger at once SQLite does not wait
        for that but says "locked"; so we do.

        Raises:
            DBAPIError: the file stayed locked, or cannot be written.

        """
        pause = self._patience_ms / 1000 / SETTLE_TRIES
        for left in reversed(range(SETTLE_TRIES)):
            try:
                with self.writer.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            except DBAPIError as error:
                if _primary_code(error) != sqlite3.SQLITE_BUSY or not left:
                    raise
                sleep(pause)
            else:
                return

    def write(self, batch: Batch) -> bool:
        """Commit `batch` in one transaction; False when the head had moved.

        Cost: one fsync, and about 4 µs an event with two touches.

        Raises:
            OutcomeUnknown: the disk failed during COMMIT. The frames may be in the WAL: they
                count after a crash, or are overwritten by the next commit.
            DBAPIError: nothing was written.

        """
        with self.writer.connect() as connection:
            connection.exec_driver_sql(self.begin)
            try:
                moved = _put(connection, batch)
                if moved:
                    self._commit(connection)
            finally:
                # What was not committed is undone; after COMMIT this does nothing.
                connection.connection.rollback()
        return moved

    def _commit(self, connection: Connection) -> None:
        try:
            connection.exec_driver_sql("COMMIT")
        except DBAPIError as error:
            if _primary_code(error) == sqlite3.SQLITE_IOERR:
                raise OutcomeUnknown(
                    f"The disk failed while {self.where} committed; its head tells the outcome."
                ) from error
            raise


def _put(connection: Connection, batch: Batch) -> bool:
    """Move the head and insert the rows, without committing; False when the head had moved."""
    before, after = batch.head_before, batch.head_after
    execute = connection.exec_driver_sql
    moved = execute(_HEAD, (after.size, after.positions, before.size, before.origin))
    if moved.rowcount != 1:
        return False
    for name, insert_one, insert_many in _INSERTS:
        rows = getattr(batch, name)
        whole = len(rows) - len(rows) % ROWS_AT_ONCE
        for start in range(0, whole, ROWS_AT_ONCE):
            chunk = rows[start : start + ROWS_AT_ONCE]
            execute(insert_many, tuple(chain.from_iterable(chunk)))
        if whole < len(rows):
            execute(insert_one, rows[whole:])
    size, note = batch.checkpoint
    execute(_CHECKPOINT, (size, before.size, note))
    return True


def _primary_code(error: DBAPIError) -> int:
    return int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF


def _prepare_reader(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")


def _prepare_writer(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # INSERT OR REPLACE deletes without firing the delete triggers, unless triggers recurse.
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

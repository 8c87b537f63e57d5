"""A ledger in a PostgreSQL database.

A batch is one statement in one round trip: a CTE whose first part moves the head by
compare-and-swap and whose other parts insert the rows, each from one binary array a column:

    WITH moved AS (UPDATE head SET … WHERE size = … RETURNING one),
    put_event AS (INSERT INTO event SELECT * FROM unnest(…) WHERE EXISTS (SELECT FROM moved)), …
    SELECT count(*) FROM moved

When the head was moved by somebody else, the first part finds no row and the others insert
none. Two writers queue on the head's row; the second sees the new size and loses.

Nothing is kept open between statements: connections are in autocommit. Results are binary.
"""

from typing import Any

import psycopg
from psycopg.pq import Format
from psycopg.types.numeric import Int8
from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.store.arrays import (
    pack_blobs,
    pack_texts,
    pack_texts_or_nulls,
    pack_wholes,
    register_arrays,
)
from ledger.store.errors import OutcomeUnknown
from ledger.store.rows import Batch

CONNECT_SECONDS = 10
"""How long to try to reach the server: a server that answers, answers at once."""

_W, _B, _T, _N = pack_wholes, pack_blobs, pack_texts, pack_texts_or_nulls
_COLUMNS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("statements", "statement", (_W, _B, _W, _B, _W, _W, _B)),
    ("events", "event", (_W, _B, _W, _W, _W, _T, _B)),
    ("subjects", "subject", (_W, _T)),
    ("touches", "subject_event", (_W, _W, _W)),
    ("postings", "posting", (_W, _W, _T, _T, _T, _N, _W)),
    ("tiles", "tile", (_W, _W, _B)),
)
"""Field of the batch, table, and how each column is packed."""

_NO_ROWS = {name: tuple(pack(()) for pack in packs) for name, _, packs in _COLUMNS}


def _write_statement() -> str:
    move = "UPDATE head SET size = %b, positions = %b WHERE size = %b AND origin = %b RETURNING one"
    parts = [f"WITH moved AS ({move})"]
    for _, table, packs in _COLUMNS:
        arrays = ", ".join(["%b"] * len(packs))
        parts.append(
            f"put_{table} AS (INSERT INTO {table} "
            f"SELECT * FROM unnest({arrays}) WHERE EXISTS (SELECT FROM moved))"
        )
    parts.append(
        "put_checkpoint AS (INSERT INTO checkpoint "
        "SELECT %b, %b, %b WHERE EXISTS (SELECT FROM moved))"
    )
    return ", ".join(parts) + " SELECT count(*) FROM moved"


_WRITE = _write_statement()


class PostgresDatabase:
    """The database of one ledger, with an engine to write and an engine to read."""

    dialect = "postgresql"
    begin = "BEGIN"

    def __init__(self, url: URL, patience_ms: int, *, create: bool = False) -> None:  # noqa: ARG002 - the port's signature; a server's databases are made by its owner
        """Name the database at `url`; it is not reached yet, and never made here."""
        self.where = url.render_as_string(hide_password=True)
        self._patience_ms = patience_ms
        common: dict[str, Any] = {
            "isolation_level": "AUTOCOMMIT",
            "use_native_hstore": False,
            "hide_parameters": True,
            "connect_args": {
                "cursor_factory": BinaryCursor,
                "connect_timeout": CONNECT_SECONDS,
                "prepare_threshold": 1,
            },
        }
        target = url.set(drivername="postgresql+psycopg")
        self.writer = create_engine(target, pool_size=1, max_overflow=0, **common)
        self.reader = create_engine(target, pool_size=4, max_overflow=16, **common)
        event.listen(self.writer, "connect", self._prepare_writer)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.writer.dispose()
        self.reader.dispose()

    def identify(self) -> bool:
        """Tell whether the server answers; what the database holds is asked later.

        Raises:
            DBAPIError: the server or the database cannot be reached.

        """
        with self.reader.connect() as connection:
            return bool(connection.scalar(text("SELECT true")))

    def mark(self, connection: Connection) -> None:
        """Do nothing: the tables are mark enough."""

    def settle(self) -> None:
        """Do nothing: every setting is a connection's own."""

    def write(self, batch: Batch) -> bool:
        """Commit `batch` in one statement; False when the head had moved.

        Cost: one round trip and one fsync, and about 4 µs an event with two touches.

        Raises:
            OutcomeUnknown: the connection was lost before the server answered.
            DBAPIError: nothing was written.

        """
        before, after = batch.head_before, batch.head_after
        size, note = batch.checkpoint
        parameters: list[Any] = [Int8(after.size), Int8(after.positions), Int8(before.size)]
        parameters.append(before.origin)
        for name, _, packs in _COLUMNS:
            rows = getattr(batch, name)
            if rows:
                columns = zip(*rows, strict=True)
                parameters.extend(p(c) for p, c in zip(packs, columns, strict=True))
            else:
                parameters.extend(_NO_ROWS[name])
        parameters += (Int8(size), Int8(before.size), note)
        with self.writer.connect() as connection:
            try:
                result = connection.exec_driver_sql(_WRITE, tuple(parameters))
            except DBAPIError as error:
                # Class 57P is a server that goes down: it may have committed before saying so.
                state = getattr(error.orig, "sqlstate", None) or ""
                if error.connection_invalidated or state.startswith("57P"):
                    raise OutcomeUnknown(
                        f"The connection to {self.where} was lost during the commit; "
                        "its head tells the outcome."
                    ) from error
                raise
            return bool(result.scalar_one() == 1)

    def _prepare_writer(
        self, connection: psycopg.Connection[Any], _entry: ConnectionPoolEntry
    ) -> None:
        register_arrays(connection)
        settings = {
            # The one plan: arrays of unknown length, into tables without choice of an index.
            "plan_cache_mode": "force_generic_plan",
            "lock_timeout": f"{self._patience_ms}ms",
            # A stricter level would turn a lost compare-and-swap into a serialization error.
            "default_transaction_isolation": "read committed",
        }
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        # Whatever the server's default is, an acknowledged statement is on disk. Stronger
        # settings (remote_apply) stay.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )


class BinaryCursor(psycopg.Cursor[Any]):
    """A cursor whose results come in binary: no text is parsed for numbers, no hex for blobs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a cursor as psycopg does."""
        super().__init__(*args, **kwargs)
        self.format = Format.BINARY

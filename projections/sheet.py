"""What a fold reads of its tables, and what it wants changed in them.

A fold works on a *sheet*: it loads the rows that its batch may change, works out the new ones in
memory, and puts them down. Nothing is written while it works, so no lock is held; the engine
then writes the whole sheet in one short transaction, if the read model is still where the sheet
began.

    sheet.put(LINE, rows)                     insert; or replace the row with the same key
    sheet.append(VISIT, rows)                 insert rows whose keys nobody has yet
    sheet.add(BALANCE, rows, ("balance_fen",))   insert; or add to the named columns
    sheet.delete(SUPPLIER, "contract", keys)  delete where the column is one of the values

One statement writes all rows of a change: `executemany` on SQLite, `unnest` arrays on PostgreSQL,
or there `COPY` of what is appended, at a sixth of the cost.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table

from ledger.intake.reading import storable
from projections.chunks import chunks
from projections.shape import Shape, Tables

R = TypeVar("R", bound=tuple[Any, ...])


class Sheet:
    """The reads and changes of one fold, on one generation of a read model."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        """Read from a snapshot; `apply` writes elsewhere."""
        self._connection = connection
        self._tables = tables
        self._changes: list[tuple[str, Table, Any]] = []

    def load(
        self, shape: Shape[R], column: str, values: Collection[str] | Collection[int]
    ) -> list[R]:
        """Return the rows whose `column` is one of `values`, as they were before this sheet."""
        rows = self.look(shape, shape.columns, column, values)
        make = partial(tuple.__new__, shape.row)
        return list(map(make, rows))

    def look(
        self,
        shape: Shape[Any],
        columns: Sequence[str],
        column: str,
        values: Collection[str] | Collection[int],
    ) -> list[tuple[Any, ...]]:
        """Return only `columns` of the rows that `load` would return."""
        asked: list[Any] = sorted(set(values))
        source = f"SELECT {', '.join(columns)} FROM {self._tables[shape].name} WHERE {column}"
        if self._connection.dialect.name != "sqlite":
            if not asked:
                return []
            if shape.is_text[shape.columns.index(column)]:
                return _fetch(self._connection, f"{source} = ANY(%s::text[])", (asked,))
            # Thousands of positions lie near one another; not told so, it reads the whole table.
            query = f"{source} = ANY(%s::bigint[]) AND {column} BETWEEN %s AND %s"
            return _fetch(self._connection, query, (asked, asked[0], asked[-1]))
        found: list[tuple[Any, ...]] = []
        for chunk in chunks(asked):
            query = f"{source} IN ({', '.join('?' * len(chunk))})"
            found += _fetch(self._connection, query, (*chunk,))
        return found

    def load_all(self, shape: Shape[R]) -> list[R]:
        """Return every row of a small table, as it was before this sheet."""
        source = f"SELECT {', '.join(shape.columns)} FROM {self._tables[shape].name}"
        return [tuple.__new__(shape.row, row) for row in _fetch(self._connection, source, ())]

    def put(self, shape: Shape[R], rows: Iterable[R]) -> None:
        """Insert rows, each with a key of its own, in place of those with the same key."""
        self._write(shape, rows, ())

    def append(self, shape: Shape[Any], rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows with keys that are not there yet: events by their positions.

        They may be plain tuples in the order of the columns: of millions a name costs too much.
        """
        self._write(shape, rows, None)

    def add(self, shape: Shape[R], rows: Iterable[R], columns: Sequence[str]) -> None:
        """Insert rows; where a key is there, add to `columns` and replace the others."""
        self._write(shape, rows, tuple(columns))

    def delete(self, shape: Shape[Any], column: str, values: Collection[str]) -> None:
        """Delete the rows whose `column` is one of `values`."""
        if values:
            self._changes.append(("delete", self._tables[shape], (column, sorted(set(values)))))

    def apply(self, connection: Connection) -> None:
        """Write the changes, in the order they were asked for."""
        for kind, table, what in self._changes:
            if kind == "delete":
                column, values = what
                for chunk in chunks(values):
                    connection.execute(table.delete().where(table.c[column].in_(chunk)))
            else:
                rows, added = what
                if added is None:
                    _append(connection, table, rows)
                else:
                    _upsert(connection, table, rows, added)

    def _write(
        self,
        shape: Shape[Any],
        rows: Iterable[tuple[Any, ...]],
        added: tuple[str, ...] | None,
    ) -> None:
        # Plain ones: SQLite's driver takes a named tuple field by field.
        kept: list[tuple[Any, ...]] = list(map(tuple, rows))
        if kept:
            for place, is_text in enumerate(shape.is_text):
                if is_text:
                    kept = _storable(kept, place)
            self._changes.append(("write", self._tables[shape], (kept, added)))


def _fetch(connection: Connection, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return plain tuples, straight from the driver: both give int and str as they are."""
    cursor: Any = connection.exec_driver_sql(query, values).cursor
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _storable(rows: list[tuple[Any, ...]], place: int) -> list[tuple[Any, ...]]:
    """Return rows, their text at `place` without what no database keeps: a publisher's NUL, say."""
    together = "".join(filter(None, map(itemgetter(place), rows)))
    if together.isascii() and "\0" not in together:
        return rows
    return [
        row if row[place] is None else (*row[:place], storable(row[place]), *row[place + 1 :])
        for row in rows
    ]


def _append(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", rows)
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_postgres_type(column) for column in table.columns])
        for row in rows:
            copy.write_row(row)


def _postgres_type(column: Column[Any]) -> str:
    return "text" if column.type.python_type is str else "bigint"


def _upsert(
    connection: Connection, table: Table, rows: list[tuple[Any, ...]], added: tuple[str, ...]
) -> None:
    dialect = connection.dialect.name
    statement = _upsert_statement(table, dialect, added)
    if dialect == "sqlite":
        connection.exec_driver_sql(statement, rows)
    else:
        connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True))))


@lru_cache(maxsize=256)
def _upsert_statement(table: Table, dialect: str, added: tuple[str, ...]) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    if dialect == "sqlite":
        source = f"VALUES ({', '.join('?' * len(names))})"
    else:
        arrays = ", ".join(f"%s::{_postgres_type(column)}[]" for column in table.columns)
        source = f"SELECT * FROM unnest({arrays})"
    changes = [
        f"{name} = {table.name}.{name} + excluded.{name}"
        if name in added
        else f"{name} = excluded.{name}"
        for name in names
        if name not in keys
    ]
    conflict = f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) {source} "
        f"ON CONFLICT ({', '.join(keys)}) DO {conflict}"
    )

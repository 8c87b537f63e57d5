"""Reading columns from Parquet: some thousand rows at a time, as lists."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ledger.errors import LedgerError
from projections.national.columns import schema_of

BATCH_ROWS = 4096
"""Rows held at once."""

Columns = list[list[Any]]
"""Rows, column by column."""


def chosen(table: str, *names: str, raw: Sequence[str] = ()) -> pa.Schema:
    """Return the schema of some columns of a table; texts named in `raw` come as their bytes."""
    whole = schema_of(table)
    return pa.schema(
        [(name, pa.binary() if name in raw else whole.field(name).type) for name in names]
    )


def batches(path: str, schema: pa.Schema) -> Iterator[Columns]:
    """Yield some columns of a file, some rows at a time.

    Raises:
        LedgerError: a row has no value.
        OSError, pyarrow.ArrowException: the file cannot be read, or has other columns.

    """
    with pq.ParquetFile(path) as file:
        # Row group by row group, since those are bounded in bytes and a number of rows is not; and
        # without threads, since months are read side by side already.
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(
                BATCH_ROWS, row_groups=[group], columns=schema.names, use_threads=False
            ):
                yield [_values(batch.column(field.name), field) for field in schema]


def rows(path: str, schema: pa.Schema) -> Iterator[tuple[Any, ...]]:
    """Yield some columns of a file, row by row."""
    for columns in batches(path, schema):
        yield from zip(*columns, strict=True)


class Rows:
    """Some columns of a file, taken as many rows at a time as are asked for."""

    def __init__(self, path: str, schema: pa.Schema) -> None:
        """Begin with the first row."""
        self._batches = batches(path, schema)
        self._columns: Columns = [[] for _ in schema]

    def held(self) -> int:
        """Return how many rows are at hand; some are, except at the end."""
        self._hold(1)
        return len(self._columns[0])

    def take(self, count: int) -> Columns:
        """Return the columns of the next rows; of fewer at the end."""
        self._hold(count)
        taken = self._columns
        # What is left is copied, not what is taken: of rows at hand that is mostly the less.
        self._columns = [column[count:] for column in taken]
        for column in taken:
            del column[count:]
        return taken

    def _hold(self, count: int) -> None:
        while len(self._columns[0]) < count:
            following = next(self._batches, None)
            if following is None:
                break
            for column, more in zip(self._columns, following, strict=True):
                more[:0] = column
            self._columns = following


def cut(columns: Columns, start: int, stop: int) -> Columns:
    """Return the same columns of fewer rows."""
    return [column[start:stop] for column in columns]


def _values(column: pa.Array, field: pa.Field) -> list[Any]:
    if column.null_count:
        raise LedgerError(f"a row has no {field.name}")
    values: list[Any] = column.cast(field.type).to_pylist()
    return values

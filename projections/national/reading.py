"""Reading columns from Parquet, some thousand rows at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ledger.errors import LedgerError
from projections.national.columns import schema_of

BATCH_ROWS = 4096
"""Rows held at once."""


def chosen(table: str, *names: str, raw: Sequence[str] = ()) -> pa.Schema:
    """Return the schema of some columns of a table; texts named in `raw` come as their bytes."""
    whole = schema_of(table)
    return pa.schema(
        [(name, pa.binary() if name in raw else whole.field(name).type) for name in names]
    )


def batches(path: str, schema: pa.Schema) -> Iterator[pa.Table]:
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
                yield _table(batch, schema)


def rows(path: str, schema: pa.Schema) -> Iterator[tuple[Any, ...]]:
    """Yield some columns of a file, row by row."""
    for table in batches(path, schema):
        yield from zip(*[column.to_pylist() for column in table.columns], strict=True)


class Rows:
    """Some columns of a file, taken as many rows at a time as are asked for."""

    def __init__(self, path: str, schema: pa.Schema) -> None:
        """Begin with the first row."""
        self._batches = batches(path, schema)
        self._held: pa.Table = schema.empty_table()

    def held(self) -> int:
        """Return how many rows are at hand; some are, except at the end."""
        self._hold(1)
        count: int = self._held.num_rows
        return count

    def take(self, count: int) -> pa.Table:
        """Return the next rows; fewer at the end."""
        self._hold(count)
        taken, self._held = self._held.slice(0, count), self._held.slice(count)
        return taken

    def _hold(self, count: int) -> None:
        tables = [self._held]
        held = self._held.num_rows
        while held < count and (following := next(self._batches, None)) is not None:
            tables.append(following)
            held += following.num_rows
        self._held = pa.concat_tables(tables)


def _table(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    columns = [batch.column(field.name) for field in schema]
    for column, field in zip(columns, schema, strict=True):
        if column.null_count:
            raise LedgerError(f"a row has no {field.name}")
    return pa.Table.from_arrays(
        [column.cast(field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )

"""Rows as Parquet, a row group at a time: memory is that of a group.

Amounts are 64-bit integers, texts are UTF-8; each column carries its meaning as metadata of its
field. Compressed by Zstandard.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct
from msgspec.structs import astuple

from api.exports.columns import columns_of

R = TypeVar("R", bound=Struct)

GROUP_ROWS = 1 << 15
"""Rows of a row group: enough for good compression, some tens of megabytes while it is made."""


def parquet_file(record: type[R], rows: Iterable[R]) -> Iterator[bytes]:
    """Yield a Parquet file with rows of `record`, row group by row group."""
    schema = schema_of(record)
    source, written = iter(rows), _Sink()
    with pq.ParquetWriter(written, schema, compression="zstd") as writer:
        while group := list(islice(source, GROUP_ROWS)):
            columns = zip(*map(astuple, group), strict=True)
            arrays = [
                pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield written.take()
    yield written.take()


def parquet_rows(record: type[R], file: Any) -> Iterator[R]:
    """Yield the rows of a Parquet file that `parquet_file` made.

    Raises:
        ArrowInvalid: it is no Parquet file.
        ValueError: its columns are others.

    """
    opened = pq.ParquetFile(file)
    if not opened.schema_arrow.equals(schema_of(record)):
        raise ValueError("its columns are not those of the record")
    for batch in opened.iter_batches(batch_size=GROUP_ROWS >> 3):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield record(*values)


def schema_of(record: type[Struct]) -> Any:
    """Return the Arrow schema of rows of `record`."""
    kinds = {"integer": pa.int64(), "text": pa.string()}
    return pa.schema(
        [
            pa.field(
                column.name,
                kinds[column.type],
                nullable=column.optional,
                metadata={"description": column.meaning},
            )
            for column in columns_of(record)
        ]
    )


class _Sink(io.RawIOBase):
    """A file that is only ever written: what was written can be taken away meanwhile."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data

"""Columns of rows as PostgreSQL's binary arrays, packed without a step of Python per row.

`INSERT … SELECT FROM unnest($1, $2, …)` takes a table as one array a column. psycopg packs a
list element by element in Python; at 64 events a statement that costs more than the insert.
Here every pass over the rows runs inside `map`, `zip` and `join`.

The format (array_send and array_recv of the server), all numbers big-endian:

    int32 number of dimensions (0 for an empty array, else 1)
    int32 1 when there is a NULL, else 0
    int32 type of the elements
    int32 length, int32 lower bound (1)                      absent from an empty array
    each element: int32 length in bytes (−1: NULL), then its bytes

Worked example, `pack_wholes([7])`, an int8[]:

    00000001 00000000 00000014  00000001 00000001  00000008 0000000000000007
"""

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from struct import Struct

from psycopg.abc import AdaptContext
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_INT8, _BYTEA, _TEXT = 20, 17, 25
_INT8_ARRAY, _BYTEA_ARRAY, _TEXT_ARRAY = 1016, 1001, 1009
"""Types are fixed numbers in PostgreSQL's catalogue (pg_type.dat)."""

_head = Struct(">iiiii").pack
_length = Struct(">i").pack
_whole = Struct(">iq").pack
_NULL = _length(-1)


class WholeArray(bytes):
    """An int8[] in binary."""

    __slots__ = ()


class BlobArray(bytes):
    """A bytea[] in binary."""

    __slots__ = ()


class TextArray(bytes):
    """A text[] in binary."""

    __slots__ = ()


def pack_wholes(values: Sequence[int]) -> WholeArray:
    """Pack integers of 64 bits. Raises struct.error beyond them."""
    return WholeArray(_array(_INT8, len(values), b"".join(map(_whole, repeat(8), values))))


def pack_blobs(values: Sequence[bytes]) -> BlobArray:
    """Pack byte strings."""
    return BlobArray(_array(_BYTEA, len(values), _elements(values)))


def pack_texts(values: Sequence[str]) -> TextArray:
    """Pack texts, as UTF-8."""
    return TextArray(_array(_TEXT, len(values), _elements(list(map(str.encode, values)))))


def pack_texts_or_nulls(values: Sequence[str | None]) -> TextArray:
    """Pack texts, some of which may be absent."""
    nulls = None in values
    parts = (_NULL if v is None else _length(len(e := v.encode())) + e for v in values)
    return TextArray(_array(_TEXT, len(values), b"".join(parts), nulls=nulls))


def _elements(values: Sequence[bytes]) -> bytes:
    lengths: Iterable[bytes] = map(_length, map(len, values))
    return b"".join(chain.from_iterable(zip(lengths, values, strict=True)))


def _array(element: int, count: int, elements: bytes, *, nulls: bool = False) -> bytes:
    if not count:
        return _head(0, 0, element, 0, 0)[:12]
    return _head(1, nulls, element, count, 1) + elements


class _Packed(Dumper):
    """Hands over what is packed already."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> Buffer:
        return obj


class _WholeArrayDumper(_Packed):
    oid = _INT8_ARRAY


class _BlobArrayDumper(_Packed):
    oid = _BYTEA_ARRAY


class _TextArrayDumper(_Packed):
    oid = _TEXT_ARRAY


def register_arrays(context: AdaptContext) -> None:
    """Teach a connection to take the packed arrays as parameters (written `%b`)."""
    context.adapters.register_dumper(WholeArray, _WholeArrayDumper)
    context.adapters.register_dumper(BlobArray, _BlobArrayDumper)
    context.adapters.register_dumper(TextArray, _TextArrayDumper)

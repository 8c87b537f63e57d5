"""Rows of a read model by the value of a column: the query is made once, and asked with any value.

To make a query in SQLAlchemy's terms, and to find that it was compiled before, costs three times
what running it does, and a page of the portal asks twenty. So each is kept for the tables of a
generation, and values are its parameters.

    rows_where(reading, MONTH, "contract", "c-1", order=("month",))    the rows of one contract
    rows_among(reading, CLAIM, "claim", ["k-1", "k-2"])                those of some claims
    only_row(reading, LEDGER)                                          of a table that has one row

Rows come as the tuples that the table's shape describes.
"""

from collections.abc import Collection
from functools import lru_cache, partial
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Result, Select, Table, bindparam, select

from ledger.intake.reading import storable
from projections.chunks import chunks
from projections.reading import Reading
from projections.shape import Shape, Tables

R = TypeVar("R", bound=tuple[Any, ...])

QUERIES = 1 << 10
"""Queries kept: many more than there are in the code, for two generations of each read model."""

_ASKED = "asked"


def rows_where(
    reading: Reading, shape: Shape[R], column: str, value: str, *, order: tuple[str, ...] = ()
) -> list[R]:
    """Return the rows whose `column` is `value`, by the columns `order`."""
    query = _where(reading.tables, shape, column, order)
    return _made(shape, reading.connection.execute(query, {_ASKED: storable(value)}))


def rows_among(
    reading: Reading,
    shape: Shape[R],
    column: str,
    values: Collection[str],
    *,
    order: tuple[str, ...] = (),
) -> list[R]:
    """Return the rows whose `column` is one of `values`, by the columns `order`; none of none.

    Of more values than one query asks for, those of some come before those of others.
    """
    found: list[R] = []
    for chunk in chunks(sorted({storable(value) for value in values})):
        query = _among(reading.tables, shape, column, order)
        found += _made(shape, reading.connection.execute(query, {_ASKED: chunk}))
    return found


def only_row(reading: Reading, shape: Shape[R]) -> R | None:
    """Return the row of a table that has one; None before it is there."""
    found = _made(shape, reading.connection.execute(_every(reading.tables, shape)))
    return found[0] if found else None


def _made(shape: Shape[R], found: Result[Any]) -> list[R]:
    return list(map(partial(tuple.__new__, shape.row), found))


@lru_cache(QUERIES)
def _where(tables: Tables, shape: Shape[Any], column: str, order: tuple[str, ...]) -> Select[Any]:
    table = tables[shape]
    return _ordered(table, order).where(table.c[column] == bindparam(_ASKED))


@lru_cache(QUERIES)
def _among(tables: Tables, shape: Shape[Any], column: str, order: tuple[str, ...]) -> Select[Any]:
    table = tables[shape]
    asked: BindParameter[str] = bindparam(_ASKED, expanding=True)
    return _ordered(table, order).where(table.c[column].in_(asked))


@lru_cache(QUERIES)
def _every(tables: Tables, shape: Shape[Any]) -> Select[Any]:
    return select(tables[shape])


def _ordered(table: Table, order: tuple[str, ...]) -> Select[Any]:
    return select(table).order_by(*(table.c[name] for name in order))

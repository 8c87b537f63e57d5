"""Pages of a list: by key, never by offset, in the order in which things entered the ledger.

That order never changes for what is there, and what is new comes last. So who follows the pages
to the end, while the ledger grows, misses nothing and sees nothing twice.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    bindparam,
    select,
    tuple_,
)

from ledger.errors import Malformed
from ledger.intake.reading import storable
from projections.lookups import QUERIES
from projections.reading import Reading
from projections.shape import Shape, Tables

R = TypeVar("R", bound=tuple[Any, ...])
T = TypeVar("T")

DEFAULT_LIMIT = 100
"""Rows a page where nobody says."""

MAX_LIMIT = 1_000
"""Rows a page at most: an answer that a reader can hold."""

_ROWS, _POSITION, _KEY = "page_rows", "page_position", "page_key"
"""Parameters beside the columns; no column is called so."""

_MARK = re.compile(r"([0-9]{1,18})/(.+)", re.DOTALL)


class Page(Struct, Generic[T], frozen=True):
    """A part of a list.

    Attributes:
        position: how many events of the ledger it reflects.
        items: the rows.
        next: what to ask the following page `after`, or None at the end.

    """

    position: int
    items: tuple[T, ...]
    next: str | None


def page_of(
    connection: Connection,
    table: Table,
    where: Sequence[ColumnElement[bool]],
    after: str | None,
    limit: int,
) -> tuple[list[RowMapping], str | None]:
    """Return the rows behind the mark `after`, at most `limit`, and the mark of the next page.

    The table has a `first_position`; its first column is its key.

    Raises:
        Malformed: `after` is not what a page said.
        ValueError: less than one row is asked for.

    """
    wanted = _wanted(limit)
    key = next(iter(table.columns))
    query = (
        select(table)
        .where(*_behind(table, key, after), *where)
        .order_by(table.c.first_position, key)
        .limit(wanted + 1)
    )
    rows = list(connection.execute(query).mappings())
    if len(rows) <= wanted:
        return rows, None
    last = rows[wanted - 1]
    return rows[:wanted], f"{last['first_position']}/{last[key.name]}"


def page_where(
    reading: Reading,
    shape: Shape[R],
    equal: Mapping[str, str | None],
    after: str | None,
    limit: int,
) -> tuple[list[R], str | None]:
    """Return a page as `page_of` does, of the rows with a value in a column; None for any.

    The query is made once for the columns that are asked for.

    Raises:
        Malformed: `after` is not what a page said.
        ValueError: less than one row is asked for.

    """
    wanted = _wanted(limit)
    asked = {name: storable(value) for name, value in equal.items() if value is not None}
    query = _page_query(reading.tables, shape, tuple(asked), after is not None)
    values: dict[str, object] = {**asked, _ROWS: wanted + 1}
    if after is not None:
        values[_POSITION], values[_KEY] = parse_mark(after)
    found = reading.connection.execute(query, values)
    rows = list(map(partial(tuple.__new__, shape.row), found))
    if len(rows) <= wanted:
        return rows, None
    last = rows[wanted - 1]
    return rows[:wanted], f"{last[shape.columns.index('first_position')]}/{last[0]}"


@lru_cache(QUERIES)
def _page_query(
    tables: Tables, shape: Shape[Any], asked: tuple[str, ...], goes_on: bool
) -> Select[Any]:
    table = tables[shape]
    place = table.c.first_position, next(iter(table.columns))
    query = select(table).where(*(table.c[name] == bindparam(name) for name in asked))
    if goes_on:
        query = query.where(tuple_(*place) > tuple_(bindparam(_POSITION), bindparam(_KEY)))
    return query.order_by(*place).limit(bindparam(_ROWS))


def parse_mark(after: str) -> tuple[int, str]:
    """Return what a page mark stands for: the position and key of the row that was last.

    Raises:
        Malformed: it is not what a page said.

    """
    match = _MARK.fullmatch(after)
    if match is None or "\0" in after:
        raise Malformed(f"the page mark {after[:40]!r} is not one of ours")
    return int(match[1]), match[2]


def _wanted(limit: int) -> int:
    """Return how many rows a page has at most.

    Raises:
        ValueError: less than one row is asked for.

    """
    if limit < 1:
        raise ValueError(f"a page has one row at least, not {limit}")
    return min(limit, MAX_LIMIT)


def _behind(table: Table, key: Column[Any], after: str | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    return [tuple_(table.c.first_position, key) > parse_mark(after)]

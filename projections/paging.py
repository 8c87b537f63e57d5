"""Pages of a list: by key, never by offset, in the order in which things entered the ledger.

That order never changes for what is there, and what is new comes last. So who follows the pages
to the end, while the ledger grows, misses nothing and sees nothing twice.
"""

import re
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Table, select, tuple_

from ledger.errors import Malformed

T = TypeVar("T")

DEFAULT_LIMIT = 100
"""Rows a page where nobody says."""

MAX_LIMIT = 1_000
"""Rows a page at most: an answer that a reader can hold."""

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
    if limit < 1:
        raise ValueError(f"a page has one row at least, not {limit}")
    wanted = min(limit, MAX_LIMIT)
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


def parse_mark(after: str) -> tuple[int, str]:
    """Return what a page mark stands for: the position and key of the row that was last.

    Raises:
        Malformed: it is not what a page said.

    """
    match = _MARK.fullmatch(after)
    if match is None or "\0" in after:
        raise Malformed(f"the page mark {after[:40]!r} is not one of ours")
    return int(match[1]), match[2]


def _behind(table: Table, key: Column[Any], after: str | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    return [tuple_(table.c.first_position, key) > parse_mark(after)]

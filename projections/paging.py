"""Pages of a list: by key, never by offset, in the order in which things entered the ledger.

That order never changes for what is there, and what is new comes last. So who follows the pages
to the end, while the ledger grows, misses nothing and sees nothing twice.
"""

import re
from typing import Generic, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, Table, tuple_

from ledger.errors import Malformed

T = TypeVar("T")

DEFAULT_LIMIT = 100
"""Rows a page where nobody says."""

MAX_LIMIT = 1_000
"""Rows a page at most: an answer that a reader can hold."""

_CURSOR = re.compile(r"([0-9]{1,18})/(.+)", re.DOTALL)


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


def limited(limit: int) -> int:
    """Return a page's length, held to what is allowed.

    Raises:
        ValueError: less than one row is asked for.

    """
    if limit < 1:
        raise ValueError(f"a page has one row at least, not {limit}")
    return min(limit, MAX_LIMIT)


def cursor(first_position: int, key: str) -> str:
    """Return the text that names a row's place in the list."""
    return f"{first_position}/{key}"


def behind(table: Table, key: str, after: str | None) -> list[ColumnElement[bool]]:
    """Return the condition for the rows behind the place `after`; its key is in column `key`.

    Raises:
        Malformed: `after` is not what a page said.

    """
    if after is None:
        return []
    match = _CURSOR.fullmatch(after)
    if match is None or "\0" in after:
        raise Malformed(f"the page mark {after[:40]!r} is not one of ours")
    place = tuple_(table.c.first_position, table.c[key])
    return [place > (int(match[1]), match[2])]

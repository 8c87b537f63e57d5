"""The history of one subject, page by page, from its index, at a cost that no depth changes.

    history_page(store, "contract/c-17", after=40_000, limit=100)     the 100 events behind 40,000
    history_page(store, "contract/c-17", limit=100, newest=True)      the last 100, newest first

A subject's events are numbered from 1 without a gap (`subject_event`), and their positions grow
with the number. So the place to go on from is found by halving, some sixteen looks at that index
for 50,000 events, and a page is read from there. A place is a position of the ledger, whether or
not the event there touches the subject.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Column, Select, Table, bindparam, func, select

from ledger.store import schema
from ledger.store.errors import StoreUnavailable
from ledger.store.reading import IDS_A_QUERY, Reader
from ledger.store.rows import EventRow, PostingRow, StatementRow

_Row = TypeVar("_Row", bound=tuple[Any, ...])

_touch = schema.subject_event.c


def history_page(
    store: Reader, key: str, *, after: int | None = None, limit: int, newest: bool = False
) -> list[EventRow]:
    """Read at most `limit` events that touch subject `key`, from behind position `after` on.

    Oldest first from the beginning, or `newest` first from the end. Cost: a look at the index
    for each halving of the history, and one query.

    Raises:
        StoreUnavailable: the store cannot be read.

    """
    subject = store.subject(key)
    if subject is None:
        return []
    count = store.fetch(select(func.max(_touch.ordinal)).where(_touch.subject == subject.no))[0][0]
    order: Any = _touch.ordinal
    where = [_touch.subject == subject.no]
    if newest:
        order = order.desc()
        if after is not None:
            where.append(_touch.ordinal < _ordinal_at(store, subject.no, count, after))
    elif after is not None:
        where.append(_touch.ordinal >= _ordinal_at(store, subject.no, count, after + 1))
    query = select(_touch.position).where(*where).order_by(order).limit(limit)
    positions = [position for (position,) in store.fetch(query)]
    return events_at(store, positions)


def events_at(store: Reader, positions: Sequence[int]) -> list[EventRow]:
    """Read the events at some positions, in the order asked for; those that are not there lack."""
    event = schema.ledger_event
    found = {
        row.position: row for row in _among(store, EventRow, event, event.c.position, positions)
    }
    return [found[position] for position in positions if position in found]


def postings_at(store: Reader, positions: Sequence[int]) -> dict[int, list[PostingRow]]:
    """Read the postings of the events at some positions, by position."""
    posting = schema.posting
    found: dict[int, list[PostingRow]] = {}
    for row in _among(store, PostingRow, posting, posting.c.position, positions):
        found.setdefault(row.position, []).append(row)
    return {position: sorted(rows, key=_ordinal) for position, rows in found.items()}


def statements_at(store: Reader, indexes: Sequence[int]) -> dict[int, StatementRow]:
    """Read some statements, by index."""
    statement = schema.statement
    key = statement.c.leaf_index
    return {row.index: row for row in _among(store, StatementRow, statement, key, indexes)}


def subject_key(store: Reader, number: int) -> str:
    """Read the key of a subject by its number.

    Raises:
        StoreUnavailable: the store cannot be read, or has no such subject.

    """
    subject = schema.subject
    found = store.fetch(select(subject.c.key).where(subject.c.no == number))
    if not found:
        raise StoreUnavailable(f"The database {store.where} has lost the subject {number}.")
    key: str = found[0][0]
    return key


def _ordinal_at(store: Reader, subject: int, count: int, position: int) -> int:
    """Return the number of a subject's first event from `position` on; `count` + 1 for none."""

    def position_of(ordinal: int) -> int:
        where = (_touch.subject == subject, _touch.ordinal == ordinal)
        found: int = store.fetch(select(_touch.position).where(*where))[0][0]
        return found

    return bisect_left(range(1, count + 1), position, key=position_of) + 1


def _among(
    store: Reader, row_type: type[_Row], table: Table, column: Column[Any], values: Sequence[int]
) -> Iterator[_Row]:
    asked = sorted(set(values))
    for first in range(0, len(asked), IDS_A_QUERY):
        some = asked[first : first + IDS_A_QUERY]
        for row in store.fetch(_among_query(table, column), {"some": some}):
            yield tuple.__new__(row_type, row)


@cache
def _among_query(table: Table, column: Column[Any]) -> Select[Any]:
    return select(table).where(column.in_(bindparam("some", expanding=True)))


def _ordinal(row: PostingRow) -> int:
    return row.ordinal

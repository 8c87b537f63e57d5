"""Points of a history: after which whole statement, found by position or by time.

A position counts events, a time is when statements were recorded. Both are asked freely and
answered as of the last whole statement that lies within: nobody ever saw half of one.

    1200                          the first 1,200 events
    2026-03-31                    the end of that day, on the ledger's own calendar
    2026-03-31T18:00:00+08:00     what was recorded by then (RFC 3339)
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import select

from ledger.calendar import end_of_day_ms
from ledger.errors import LedgerError, Malformed
from ledger.store import schema
from ledger.times import parse_date
from projections.feed import START, Feed, HistoryMissing, Place

WAYS = 16
"""At how many numbers a search looks at once."""

_POSITION = re.compile(r"[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_statement = schema.statement.c


class Point(NamedTuple):
    """The ledger after one of its statements, or before its first.

    Attributes:
        place: what it then held.
        recorded_ms: when that statement was recorded, milliseconds since the epoch; 0 before any.

    """

    place: Place
    recorded_ms: int


BEGINNING = Point(START, 0)
"""Before the first statement."""


def point_of(feed: Feed, text: str) -> Point:
    """Return the point that somebody asks for, by position or by time.

    Raises:
        Malformed: `text` is neither a position, nor a date, nor an instant with its offset.
        LedgerError: the position lies beyond what the ledger holds.

    """
    if _POSITION.fullmatch(text):
        return point_at(feed, int(text))
    if _DATE.fullmatch(text):
        return point_by(feed, end_of_day_ms(parse_date(text), feed.offset_minutes) - 1)
    try:
        instant = dt.datetime.fromisoformat(text)
        since = instant - _EPOCH
    except (ValueError, TypeError, OverflowError):
        raise Malformed(
            f"{text[:40]!r} is no point in time: say a position such as 1200, a date such as "
            "2026-03-31, or an instant with its offset such as 2026-03-31T18:00:00+08:00"
        ) from None
    return point_by(feed, since // dt.timedelta(milliseconds=1))


def point_at(feed: Feed, position: int) -> Point:
    """Return the point of the last whole statement among the first `position` events.

    Raises:
        LedgerError: the ledger holds fewer.

    """
    held = feed.store.head().positions
    if position > held:
        raise LedgerError(f"the ledger holds {held} events; there is no position {position} yet")
    if position <= 0:
        return BEGINNING
    event = feed.store.event_at(position - 1)
    if event is None:
        raise HistoryMissing(f"the event at position {position - 1} is missing from the ledger")
    point = point_after(feed, event.statement_index + 1)
    if point.place.position > position:
        return point_after(feed, event.statement_index)
    return point


def point_by(feed: Feed, instant_ms: int) -> Point:
    """Return the point of the last statement that was recorded by an instant.

    Cost: a search among the statements, some five looks in a city's year.
    """
    size = feed.store.head().size
    return point_after(feed, first_index(feed, 0, size, lambda ms: ms > instant_ms))


def point_after(feed: Feed, size: int) -> Point:
    """Return the point after the first `size` statements.

    Raises:
        HistoryMissing: the last of them is missing.

    """
    if size == 0:
        return BEGINNING
    query = select(
        _statement.first_position, _statement.event_count, _statement.leaf, _statement.recorded_ms
    ).where(_statement.leaf_index == size - 1)
    found = feed.store.fetch(query)
    if not found:
        raise HistoryMissing(f"statement {size - 1} is missing from the ledger")
    ((first, count, leaf, recorded_ms),) = found
    return Point(Place(first + count, size, leaf), recorded_ms)


def first_index(feed: Feed, low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first statement in `[low, high)` whose time of recording `holds`, else `high`.

    Statements are recorded in the order of time, so from there on it holds for all.
    """

    def look(asked: Sequence[int]) -> list[int]:
        query = select(_statement.recorded_ms).where(_statement.leaf_index.in_(asked))
        return [ms for (ms,) in feed.store.fetch(query.order_by(_statement.leaf_index))]

    return first_where(low, high, look, holds)


def first_where(
    low: int, high: int, look: Callable[[Sequence[int]], list[int]], holds: Callable[[int], bool]
) -> int:
    """Return the first number in `[low, high)` whose value `holds`, else `high`.

    `look` returns the values of some numbers, in their order; `holds` does so from one on. Each
    look is at several numbers: a query costs more than a row.

    Raises:
        HistoryMissing: a number has no value.

    """
    while low < high:
        asked = range(low, high, max((high - low) // WAYS, 1))
        values = look(asked)
        if len(values) < len(asked):
            raise HistoryMissing(f"of {len(asked)} rows of an index {len(values)} are there")
        before = sum(not holds(value) for value in values)
        if before < len(asked):
            high = asked[before]
        if before == 0:
            return low
        low = asked[before - 1] + 1
    return low

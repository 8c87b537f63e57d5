"""What one subject went through between two points, in batches that any fold can fold.

Only the subject's own events are read: the ledger's index says which touch it, in order, and a
search in that index finds where the points fall. So the cost is that of the subject's events
between the points, and does not grow with the ledger.

A batch brings of the events that touch the subject: the decoded ones; counts of those at home in
it; and flows about it, if it is a contract or a fund line.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Column, ColumnElement, func, select

from ledger.store import schema
from projections.batch import Batch, Count, Fact, Flow
from projections.decoding import Lean
from projections.facts import facts_of, flows_of, select_flows
from projections.feed import Feed
from projections.model import ReadModel
from projections.points import Point, first_index, first_where, point_after

_statement = schema.statement.c
_event = schema.ledger_event.c
_touch = schema.subject_event.c
_posting = schema.posting.c

_ABOUT: dict[str, Column[Any]] = {
    "contract": schema.posting.c.contract,
    "line": schema.posting.c.line,
}
"""By kind of subject, the column of a posting that names it."""


class _Touched(NamedTuple):
    """A part of a subject's history: its number, and the ordinals `[first, stop)` in its index."""

    subject: str
    number: int
    first: int
    stop: int


def read_subject(
    feed: Feed, model: ReadModel, subject: str, start: Point, stop: Point
) -> Iterator[Batch]:
    """Read what `model` uses of `subject` between two points: a batch a month, to `stop`.

    There is one at least, so that a fold may note what time it is at `stop`.

    Raises:
        HistoryMissing: the store has gaps.
        EventUnreadable: an event's body is not what its row says.
        StoreUnavailable: the store cannot be read.

    """
    row = feed.store.subject(subject)
    reached = start
    if row is not None:
        first, end = (_ordinal(feed, row.no, point.place.position) for point in (start, stop))
        while first < end:
            until = _end_of_month(feed, _statement_of(feed, row.no, first), stop)
            following = end
            if until != stop:
                following = _ordinal(feed, row.no, until.place.position)
            touched = _Touched(subject, row.no, first, following)
            yield _batch(feed, model, touched, (reached, until))
            first, reached = following, until
    if reached == start or reached.place != stop.place:
        yield _made(feed, (reached, stop), [], [], [])


def facts_until(feed: Feed, subject: str, stop: Point, decoded: Collection[str]) -> list[Fact]:
    """Return all events of some types that touched `subject` before a point, in order.

    Cost: a look at each event that touched it: for subjects of few events, such as a party.
    """
    row = feed.store.subject(subject)
    if row is None:
        return []
    end = _ordinal(feed, row.no, stop.place.position)
    return _facts(feed, _Touched(subject, row.no, 1, end), decoded)


def _batch(feed: Feed, model: ReadModel, touched: _Touched, way: tuple[Point, Point]) -> Batch:
    kind, _, key = touched.subject.partition("/")
    flows: list[Flow] = []
    if kind in _ABOUT:
        query = select_flows().join_from(
            schema.subject_event, schema.posting, _touch.position == _posting.position
        )
        flows = flows_of(feed.store, query.where(*_inside(touched), _ABOUT[kind] == key))
    facts = _facts(feed, touched, model.decoded, model.lean)
    return _made(feed, way, facts, _counts(feed, touched, model.counted), flows)


def _made(
    feed: Feed,
    way: tuple[Point, Point],
    facts: list[Fact],
    counts: list[Count],
    flows: list[Flow],
) -> Batch:
    start, stop = way
    return Batch(
        start.place,
        stop.place,
        facts,
        counts,
        flows,
        month=feed.month_at(stop.recorded_ms),
        recorded_ms=stop.recorded_ms,
    )


def _facts(
    feed: Feed, touched: _Touched, decoded: Collection[str], lean: tuple[type[Lean], ...] = ()
) -> list[Fact]:
    query = (
        select(
            _event.position,
            _event.statement_index,
            _statement.recorded_ms,
            schema.subject.c.key,
            _event.type,
            _event.body,
        )
        .select_from(schema.subject_event)
        .join(schema.ledger_event, _event.position == _touch.position)
        .join(schema.statement, _statement.leaf_index == _event.statement_index)
        .join(schema.subject, schema.subject.c.no == _event.home)
        .where(*_inside(touched), _event.type.in_(sorted(decoded)))
        .order_by(_touch.ordinal)
    )
    return facts_of(
        cast(list[tuple[int, int, int, str, str, bytes]], feed.store.fetch(query)), lean
    )


def _counts(feed: Feed, touched: _Touched, counted: Collection[str]) -> list[Count]:
    if not counted:
        return []
    query = (
        select(_event.type, func.count(), func.max(_event.position))
        .select_from(schema.subject_event)
        .join(schema.ledger_event, _event.position == _touch.position)
        .where(
            *_inside(touched),
            _event.home == touched.number,
            _event.type.in_(sorted(counted)),
        )
        .group_by(_event.type)
    )
    return [
        Count(touched.subject, name, number, last) for name, number, last in feed.store.fetch(query)
    ]


def _inside(touched: _Touched) -> list[ColumnElement[bool]]:
    return [
        _touch.subject == touched.number,
        _touch.ordinal >= touched.first,
        _touch.ordinal < touched.stop,
    ]


def _ordinal(feed: Feed, number: int, position: int) -> int:
    """Return the ordinal of the first event at `position` or later that touches a subject."""
    ((last,),) = feed.store.fetch(select(func.max(_touch.ordinal)).where(_touch.subject == number))

    def look(asked: Sequence[int]) -> list[int]:
        query = select(_touch.position).where(_touch.subject == number, _touch.ordinal.in_(asked))
        return [found for (found,) in feed.store.fetch(query.order_by(_touch.ordinal))]

    return first_where(1, (last or 0) + 1, look, lambda found: found >= position)


def _statement_of(feed: Feed, number: int, ordinal: int) -> int:
    query = (
        select(_event.statement_index)
        .select_from(schema.subject_event)
        .join(schema.ledger_event, _event.position == _touch.position)
        .where(_touch.subject == number, _touch.ordinal == ordinal)
    )
    ((index,),) = feed.store.fetch(query)
    return int(index)


def _end_of_month(feed: Feed, index: int, stop: Point) -> Point:
    """Return the end of the local month in which a statement was recorded, `stop` at the latest."""
    month = feed.month_at(point_after(feed, index + 1).recorded_ms)
    if month == feed.month_at(stop.recorded_ms):
        return stop
    later: Callable[[int], bool] = lambda ms: feed.month_at(ms) > month  # noqa: E731
    return point_after(feed, first_index(feed, index + 1, stop.place.size, later))

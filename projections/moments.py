"""When events happened, of which nothing else is read: a million of them in a few seconds.

A whole event costs several times what its time does. Canonical JSON sorts its keys, so an event
begins with `{"at":"2026-03-01T08:00:00.000Z"` where no field of its type sorts before `at`; the
database cuts that off, and the rest of the body is never sent.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import func, select

from ledger.errors import Malformed
from ledger.store import schema
from ledger.times import parse_instant
from projections.feed import Batch, EventUnreadable, Feed

_MINUTE = len("2026-03-01T08:00")
_AT = b'{"at":"'
_BEGINS = len(_AT)
_ENDS = _BEGINS + len("2026-03-01T08:00:00.000Z")

_statement = schema.statement.c
_event = schema.ledger_event.c


class Moment(NamedTuple):
    """When an event happened.

    Attributes:
        position: its position in the ledger.
        statement_index: index of the statement it came in.
        recorded_ms: when that was admitted, milliseconds since the epoch.
        type: its stored type name.
        at: when it happened, as its signer says (RFC 3339).

    """

    position: int
    statement_index: int
    recorded_ms: int
    type: str
    at: str


def instant_ms(text: str, recorded_ms: int) -> int:
    """Return the milliseconds of an instant that a signer names.

    One in no calendar is that of the record. The form was checked at admission, so this need not
    be `parse_instant`; and a day's events share their minutes, so it takes a quarter of the time.
    """
    try:
        return _minute_ms(text[:_MINUTE]) + _rest_ms(text[_MINUTE:])
    except (Malformed, ValueError):
        return recorded_ms


@lru_cache(maxsize=1 << 14)
def _minute_ms(minute: str) -> int:
    return parse_instant(f"{minute}:00.000Z")


@lru_cache(maxsize=1 << 16)  # every millisecond of a minute
def _rest_ms(rest: str) -> int:
    return parse_instant(f"1970-01-01T00:00{rest}")


def moments_of(batch: Batch, feed: Feed, kinds: Collection[str]) -> list[Moment]:
    """Return when a batch's events of some types happened and were recorded, in order.

    Cost: about a microsecond an event.

    Raises:
        EventUnreadable: an event does not begin with its time.

    """
    start, stop = batch.start, batch.stop
    statements = select(_statement.leaf_index, _statement.recorded_ms).where(
        _statement.leaf_index >= start.size, _statement.leaf_index < stop.size
    )
    recorded = dict(feed.store.fetch(statements))
    events = (
        select(
            _event.position,
            _event.statement_index,
            _event.type,
            func.substr(_event.body, 1, _ENDS),
        )
        .where(
            _event.position >= start.position,
            _event.position < stop.position,
            _event.type.in_(sorted(kinds)),
        )
        .order_by(_event.position)
    )
    found = []
    for position, index, name, begin in feed.store.fetch(events):
        if begin[:_BEGINS] != _AT:
            raise EventUnreadable(position, f"its body, a {name}, does not begin with its time")
        found.append(Moment(position, index, recorded[index], name, begin[_BEGINS:].decode()))
    return found

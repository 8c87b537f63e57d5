"""Facts and flows of the rows in which the ledger keeps events and postings."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Integer, Select, func, literal, select

from ledger.errors import LedgerError, Malformed
from ledger.store import schema
from ledger.store.store import Store
from projections.batch import Fact, Flow
from projections.decoding import Lean, decode_otherwise, decoders_of

_HALF_BITS = 32
_HALF_MASK = (1 << _HALF_BITS) - 1

_posting = schema.posting.c


class HistoryMissing(LedgerError):
    """The ledger lacks rows that its head says are there: `verify` tells which."""


class EventUnreadable(LedgerError):
    """An event's body is not what its row says; `position` is its position."""

    def __init__(self, position: int, message: str) -> None:
        """Name the event."""
        super().__init__(message)
        self.position = position


def facts_of(
    rows: Iterable[tuple[int, int, int, str, str, bytes]], lean: tuple[type[Lean], ...] = ()
) -> list[Fact]:
    """Return facts of rows: position, statement, time recorded, home, type, body.

    Raises:
        EventUnreadable: a body is not what its row says.

    """
    decoders = decoders_of(lean)
    make = partial(tuple.__new__, Fact)
    facts: list[Fact] = []
    for position, index, recorded_ms, home, name, body in rows:
        try:
            event = decoders[name](body)
        except msgspec.DecodeError as error:
            event = _decode_otherwise(position, name, body, lean, error)
        facts.append(make((position, index, recorded_ms, home, event)))
    return facts


def select_flows() -> Select[Any]:
    """Return the query for what all postings moved, to be narrowed; see `flows_of`."""
    # Amounts are summed in halves of 32 bits: no sum of a batch can leave 64 bits.
    return select(
        _posting.debit,
        _posting.credit,
        _posting.line,
        _posting.contract,
        func.sum(_posting.amount_fen.op(">>")(literal(_HALF_BITS, Integer()))),
        func.sum(_posting.amount_fen.op("&")(_HALF_MASK)),
        func.max(_posting.position),
    ).group_by(_posting.debit, _posting.credit, _posting.line, _posting.contract)


def flows_of(store: Store, query: Select[Any]) -> list[Flow]:
    """Return the flows that a narrowed `select_flows` finds."""
    return [
        Flow(debit, credit, line, contract, (int(high) << _HALF_BITS) + int(low), last)
        for debit, credit, line, contract, high, low, last in store.fetch(query)
    ]


def _decode_otherwise(position: int, *what: Any) -> Any:
    try:
        return decode_otherwise(*what)
    except Malformed as error:
        raise EventUnreadable(position, str(error)) from error

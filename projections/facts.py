"""Facts and flows of the rows in which the ledger keeps events and postings."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Integer, Select, func, literal, select

from ledger.errors import LedgerError, Malformed
from ledger.events import TYPES
from ledger.store import schema
from ledger.store.store import Store
from projections.batch import Fact, Flow, Wanted
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


_Row = tuple[int, int, int, str, str, bytes]
"""Position, statement, time recorded, home, type and body of an event."""

_Reader = tuple[Callable[[bytes], Any], tuple[type[Lean], ...], list[Callable[[Fact], None]]]
"""What decodes a body, of which lean records, and what takes the fact for each who wants it so."""


def facts_of(rows: Iterable[_Row], lean: tuple[type[Lean], ...] = ()) -> list[Fact]:
    """Return the facts of rows.

    Raises:
        EventUnreadable: a body is not what its row says.

    """
    (facts,) = facts_for([Wanted(TYPES.keys(), lean=lean)], rows)
    return facts


def facts_for(wanted: Sequence[Wanted], rows: Iterable[_Row]) -> list[list[Fact]]:
    """Return for each of several readers the facts of the types it wants, in order.

    A body is decoded once for all who want it alike.

    Raises:
        EventUnreadable: a body is not what its row says.

    """
    found: list[list[Fact]] = [[] for _ in wanted]
    readers = _readers(wanted, found)
    make = partial(tuple.__new__, Fact)
    for position, index, recorded_ms, home, name, body in rows:
        for decode, lean, takers in readers[name]:
            try:
                event = decode(body)
            except msgspec.DecodeError as error:
                event = _decode_otherwise(position, name, body, lean, error)
            fact = make((position, index, recorded_ms, home, event))
            for take in takers:
                take(fact)
    return found


def _readers(wanted: Sequence[Wanted], found: Sequence[list[Fact]]) -> dict[str, list[_Reader]]:
    readers: dict[str, list[_Reader]] = {}
    for each, facts in zip(wanted, found, strict=True):
        decoders = decoders_of(each.lean)
        for name in each.decoded:
            of_type = readers.setdefault(name, [])
            alike = [takers for decode, _, takers in of_type if decode == decoders[name]]
            if alike:
                alike[0].append(facts.append)
            else:
                of_type.append((decoders[name], each.lean, [facts.append]))
    return readers


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

"""What read models fold: the ledger's history in batches.

A batch holds whole statements, so a reader never sees half of one. It brings

- `events`: the events of the types that are asked for, decoded, in order;
- `counts`: of the types that need only be counted, how many there were for each home subject: a
  visit is one of a million and its body is not read;
- `flows`: the postings summed by what they move, since a read model adds amounts up and never
  computes money again.

So reading costs by what the read models use, not by what the ledger holds. That events, counts
and flows are true to what was signed is not judged here: that is for `verify`.
"""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, func, literal, select

from ledger.errors import LedgerError, Malformed
from ledger.statement import parse_statement
from ledger.store import schema
from ledger.store.rows import EventRow
from ledger.store.store import Store
from projections.batch import START, Batch, Count, Fact, Flow, Place
from projections.decoding import Lean, decode_otherwise, decoders_of
from projections.signatures import Notes

__all__ = [
    "BATCH_EVENTS",
    "START",
    "Batch",
    "Count",
    "EventUnreadable",
    "Fact",
    "Feed",
    "Flow",
    "HistoryMissing",
    "Place",
]

BATCH_EVENTS = 5_000
"""Events a batch: enough to make a transaction's cost small, few enough to keep it short."""

BATCH_BYTES = 16 << 20
"""Bytes of bodies a batch decodes: as much as one statement may bring by itself."""

_ASKED_AT_ONCE = 500
"""Positions asked for in one query: far below what a driver takes as parameters."""

_EXTENTS_A_PAGE = 256
"""Statements looked at in one query: a city's batch of 5,000 events has some 180."""

_HALF_BITS = 32
_HALF_MASK = (1 << _HALF_BITS) - 1

_statement = schema.statement.c
_event = schema.ledger_event.c
_posting = schema.posting.c


class HistoryMissing(LedgerError):
    """The ledger lacks rows that its head says are there: `verify` tells which."""


class EventUnreadable(LedgerError):
    """An event's body is not what its row says; `position` is its position."""

    def __init__(self, position: int, message: str) -> None:
        """Name the event."""
        super().__init__(message)
        self.position = position


class Feed:
    """Reads a store for read models."""

    def __init__(self, store: Store) -> None:
        """Read from `store`, which stays the caller's to close."""
        self.store = store
        self._subjects: dict[int, str] = {}
        self._notes = Notes(store)

    def holds(self, place: Place) -> bool:
        """Tell whether the ledger's history goes through `place`."""
        if place.size == 0:
            return place.position == 0
        row = self.store.statement(place.size - 1)
        if row is None:
            return False
        return (row.first_position + row.event_count, row.leaf) == (place.position, place.leaf)

    def read(
        self,
        start: Place,
        decoded: Collection[str],
        counted: Collection[str],
        *,
        lean: tuple[type[Lean], ...] = (),
        limit: int = BATCH_EVENTS,
        until: int | None = None,
    ) -> Batch | None:
        """Read the batch that continues `start`; None when there is nothing more.

        It takes statements until it has `limit` events or more, and ends by position `until`.
        Types that `lean` has a record for are decoded into that, the others whole.

        Raises:
            HistoryMissing: the store has gaps.
            EventUnreadable: an event's body is not what its row says.
            StoreUnavailable: the store cannot be read.

        """
        statements = self._statements(start, decoded, limit, until)
        if not statements:
            self._check_end(start)
            return None
        last = statements[-1]
        stop = Place(last.first_position + last.event_count, last.index + 1, last.leaf)
        recorded = {row.index: row.recorded_ms for row in statements}
        facts = self._facts(self._bodies(start, stop, decoded), recorded, lean)
        counts = self._counts(start, stop, counted)
        flows = self._flows(start, stop)
        return Batch(start, stop, facts, counts, flows, recorded_ms=last.recorded_ms)

    def moved(self, positions: Collection[int]) -> dict[int, dict[tuple[str, str], int]]:
        """Return what events posted: by position, debited and credited account, all lines' fen."""
        asked = sorted(positions)
        moved: dict[int, dict[tuple[str, str], int]] = {position: {} for position in asked}
        for first in range(0, len(asked), _ASKED_AT_ONCE):
            chunk = asked[first : first + _ASKED_AT_ONCE]
            query = select(
                _posting.position, _posting.debit, _posting.credit, _posting.amount_fen
            ).where(_posting.position.in_(chunk))
            for position, debit, credit, amount_fen in self.store.fetch(query):
                of_event = moved[position]
                of_event[debit, credit] = of_event.get((debit, credit), 0) + amount_fen
        return moved

    def signers(self, statement_index: int) -> tuple[str, ...]:
        """Return the parties that signed a statement, as its text names them.

        Raises:
            HistoryMissing: there is no such statement.
            Malformed: it is none.

        """
        row = self.store.statement(statement_index)
        if row is None:
            raise HistoryMissing(f"statement {statement_index} is missing from the ledger")
        return parse_statement(row.note).signers

    def signatures(self, statement_index: int) -> tuple[str, ...]:
        """Return the names of the keys that signed a statement, `<party>/<label>`, sorted.

        Raises:
            HistoryMissing: there is no such statement.

        """
        found = self._notes.signed_by(statement_index)
        if found is None:
            raise HistoryMissing(f"statement {statement_index} is missing from the ledger")
        return found

    def recorded_ms(self, position: int) -> int:
        """Return when the event at a position was recorded, milliseconds since the epoch.

        Raises:
            HistoryMissing: there is no such event.

        """
        index = select(_event.statement_index).where(_event.position == position)
        query = select(_statement.recorded_ms)
        found = self.store.fetch(query.where(_statement.leaf_index == index.scalar_subquery()))
        if not found:
            raise HistoryMissing(f"the event at position {position} is missing from the ledger")
        recorded_ms: int = found[0][0]
        return recorded_ms

    def positions(self, event_ids: Collection[str]) -> dict[str, int]:
        """Return the positions of events by their ids.

        Raises:
            HistoryMissing: the ledger has no such event.

        """
        asked = {bytes.fromhex(each.replace("-", "")): each for each in event_ids}
        found = self.store.positions_of(asked)
        if len(found) < len(asked):
            lost = min(each for key, each in asked.items() if key not in found)
            raise HistoryMissing(f"event {lost} is missing from the ledger")
        return {asked[key]: position for key, position in found.items()}

    def event_ids(self, positions: Collection[int]) -> dict[int, str]:
        """Return the ids of the events at some positions, by position.

        Raises:
            HistoryMissing: the ledger lacks one of them.

        """
        asked = sorted(set(positions))
        found: dict[int, str] = {}
        for first in range(0, len(asked), _ASKED_AT_ONCE):
            chunk = asked[first : first + _ASKED_AT_ONCE]
            query = select(_event.position, _event.id).where(_event.position.in_(chunk))
            found |= {position: str(UUID(bytes=raw)) for position, raw in self.store.fetch(query)}
        if len(found) < len(asked):
            missing = min(set(asked) - set(found))
            raise HistoryMissing(f"the event at position {missing} is missing from the ledger")
        return found

    def history(self, subject: str, until: int) -> list[EventRow]:
        """Return the events that touch a subject at positions below `until`."""
        return [row for row in self.store.history(subject) if row.position < until]

    def _statements(
        self, start: Place, decoded: Collection[str], limit: int, until: int | None
    ) -> list["_Extent"]:
        taken: list[_Extent] = []
        position = start.position
        for index, row in enumerate(self._extents(start.size), start.size):
            if row.first_position >= start.position + limit:
                break
            end = row.first_position + row.event_count
            if (row.index, row.first_position) != (index, position):
                raise HistoryMissing(f"statement {index} is not where it should be")
            if until is not None and end > until:
                break
            taken.append(row)
            position = end
        return self._that_fit(start.position, taken, decoded)

    def _extents(self, first: int) -> Iterator["_Extent"]:
        """Read what statements cover, from one on; a page of them has what a batch mostly has."""
        query = select(
            _statement.leaf_index,
            _statement.recorded_ms,
            _statement.first_position,
            _statement.event_count,
            _statement.leaf,
        )
        query = query.order_by(_statement.leaf_index).limit(_EXTENTS_A_PAGE)
        while True:
            page = self.store.fetch(query.where(_statement.leaf_index >= first))
            yield from (_Extent(*row) for row in page)
            if len(page) < _EXTENTS_A_PAGE:
                return
            first = page[-1][0] + 1

    def _check_end(self, place: Place) -> None:
        """Check that nothing follows `place` because nothing is there, not because it is lost."""
        if self.store.head().size > place.size and self.store.statement(place.size) is None:
            raise HistoryMissing(f"statement {place.size} is not where it should be")

    def _that_fit(
        self, start: int, taken: list["_Extent"], decoded: Collection[str]
    ) -> list["_Extent"]:
        """Cut the batch where the bodies to decode become too large to hold."""
        if not taken:
            return taken
        stop = taken[-1].first_position + taken[-1].event_count
        where = _between(start, stop, decoded)
        ((size,),) = self.store.fetch(select(func.sum(func.length(_event.body))).where(*where))
        if size is None or int(size) <= BATCH_BYTES:
            return taken  # nearly always: to sum them by statement takes six times as long
        query = (
            select(_event.statement_index, func.sum(func.length(_event.body)))
            .where(*where)
            .group_by(_event.statement_index)
            .order_by(_event.statement_index)
        )
        total = 0
        for index, size in self.store.fetch(query):
            total += int(size)
            if total > BATCH_BYTES:
                return taken[: max(index - taken[0].index, 1)]
        return taken

    def _bodies(self, start: Place, stop: Place, decoded: Collection[str]) -> list[tuple[Any, ...]]:
        query = (
            select(_event.position, _event.statement_index, _event.home, _event.type, _event.body)
            .where(*_between(start.position, stop.position, decoded))
            .order_by(_event.position)
        )
        return self.store.fetch(query)

    def _facts(
        self, rows: list[tuple[Any, ...]], recorded: dict[int, int], lean: tuple[type[Lean], ...]
    ) -> list[Fact]:
        decoders, subject = decoders_of(lean), self._subject
        make = partial(tuple.__new__, Fact)
        facts: list[Fact] = []
        for position, index, home, name, body in rows:
            try:
                event = decoders[name](body)
            except msgspec.DecodeError as error:
                event = _decode_otherwise(position, name, body, lean, error)
            facts.append(make((position, index, recorded[index], subject(home), event)))
        return facts

    def _counts(self, start: Place, stop: Place, counted: Collection[str]) -> list[Count]:
        if not counted:
            return []
        query = (
            select(_event.home, _event.type, func.count(), func.max(_event.position))
            .where(*_between(start.position, stop.position, counted))
            .group_by(_event.home, _event.type)
        )
        return [
            Count(self._subject(home), name, number, last)
            for home, name, number, last in self.store.fetch(query)
        ]

    def _flows(self, start: Place, stop: Place) -> list[Flow]:
        # Amounts are summed in halves of 32 bits: no sum of a batch can leave 64 bits.
        query = (
            select(
                _posting.debit,
                _posting.credit,
                _posting.line,
                _posting.contract,
                func.sum(_posting.amount_fen.op(">>")(literal(_HALF_BITS, Integer()))),
                func.sum(_posting.amount_fen.op("&")(_HALF_MASK)),
                func.max(_posting.position),
            )
            .where(_posting.position >= start.position, _posting.position < stop.position)
            .group_by(_posting.debit, _posting.credit, _posting.line, _posting.contract)
        )
        return [
            Flow(debit, credit, line, contract, (int(high) << _HALF_BITS) + int(low), last)
            for debit, credit, line, contract, high, low, last in self.store.fetch(query)
        ]

    def _subject(self, number: int) -> str:
        key = self._subjects.get(number)
        if key is None:
            self._subjects.update(self.store.subjects(max(self._subjects, default=-1) + 1))
            key = self._subjects.get(number)
        if key is None:
            raise HistoryMissing(f"subject {number} is missing from the ledger")
        return key


class _Extent(NamedTuple):
    """What a statement covers."""

    index: int  # type: ignore[assignment]  # as in StatementRow
    recorded_ms: int
    first_position: int
    event_count: int
    leaf: bytes


def _decode_otherwise(position: int, *what: Any) -> Any:
    try:
        return decode_otherwise(*what)
    except Malformed as error:
        raise EventUnreadable(position, str(error)) from error


def _between(start: int, stop: int, kinds: Collection[str]) -> list[ColumnElement[bool]]:
    return [_event.position >= start, _event.position < stop, _event.type.in_(sorted(kinds))]

"""What read models fold: the ledger's history in batches.

A batch holds whole statements, so a reader never sees half of one. It lies within one month of
the ledger's own calendar, and a statement with a closing is its last: so a fold may keep figures by
month, and what stands at a closing can be kept aside. It brings

- `events`: the events of the types that are asked for, decoded, in order;
- `counts`: of the types that need only be counted, how many there were for each home subject: a
  visit is one of a million and its body is not read;
- `flows`: the postings summed by what they move, since a read model adds amounts up and never
  computes money again.

So reading costs by what the read models use, not by what the ledger holds. That events, counts
and flows are true to what was signed is not judged here: that is for `verify`.
"""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from ledger.events.parties import LedgerOpened
from ledger.statement import parse_statement
from ledger.store import schema
from ledger.store.rows import EventRow
from ledger.store.store import Store
from ledger.times import local_month, parse_offset
from projections.batch import START, Batch, Count, Fact, Flow, Place, Wanted
from projections.chunks import chunks
from projections.extents import Extent, Extents, ends_of
from projections.facts import (
    EventUnreadable,
    HistoryMissing,
    facts_for,
    facts_of,
    flows_of,
    select_flows,
)
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
    "Wanted",
]

BATCH_EVENTS = 5_000
"""Events a batch: enough to make a transaction's cost small, few enough to keep it short."""

BATCH_BYTES = 16 << 20
"""Bytes of bodies a batch decodes: as much as one statement may bring by itself."""

_OPENED = "ledger.opened"

_statement = schema.statement.c
_event = schema.ledger_event.c
_posting = schema.posting.c


class Feed:
    """Reads a store for read models."""

    def __init__(self, store: Store) -> None:
        """Read from `store`, which stays the caller's to close."""
        self.store = store
        self._subjects = _Subjects(store)
        self._notes = Notes(store)
        self._genesis: LedgerOpened | None = None
        self._extents = Extents(store, self.month_at)

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
        wanted: Sequence[Wanted],
        *,
        limit: int = BATCH_EVENTS,
        until: int | None = None,
    ) -> list[Batch]:
        """Read the batch that continues `start`, as each of `wanted` asks for it.

        So it is read once for several; there is none for anybody when there is nothing more.
        It takes statements until it has `limit` events or more, a closing, or all of a local
        month, and ends by position `until`.

        Raises:
            HistoryMissing: the store has gaps.
            EventUnreadable: an event's body is not what its row says.
            StoreUnavailable: the store cannot be read.

        """
        statements, closing = self._extents.after(start, limit, until)
        if not statements:
            return []
        facts, fitting = self._facts(statements, wanted)
        if len(fitting) < len(statements):
            statements, closing = fitting, None
        last = statements[-1]
        stop = Place(last.first_position + last.event_count, last.index + 1, last.leaf)
        counts = self._counts(start, stop, frozenset().union(*(each.counted for each in wanted)))
        flows = self._flows(start, stop)
        return [
            Batch(
                start,
                stop,
                own,
                [count for count in counts if count.type in each.counted],
                flows,
                month=self.month_at(last.recorded_ms),
                recorded_ms=last.recorded_ms,
                closing=closing,
            )
            for each, own in zip(wanted, facts, strict=True)
        ]

    def month_at(self, recorded_ms: int) -> str:
        """Return the month `YYYY-MM` of an instant on the ledger's own calendar."""
        return local_month(recorded_ms, self.offset_minutes)

    @property
    def offset_minutes(self) -> int:
        """How far the ledger's own time lies east of UTC, as its genesis says."""
        return parse_offset(self.genesis.utc_offset)

    @property
    def genesis(self) -> LedgerOpened:
        """The event with which the ledger was opened.

        Raises:
            HistoryMissing: there is none.
            EventUnreadable: the first event is none.

        """
        if self._genesis is None:
            first = self.store.event_at(0)
            if first is None:
                raise HistoryMissing("the ledger has no genesis")
            (fact,) = facts_of([(0, 0, 0, "", _OPENED, first.body)])
            self._genesis = cast(LedgerOpened, fact.event)
        return self._genesis

    def moved(self, positions: Collection[int]) -> dict[int, dict[tuple[str, str], int]]:
        """Return what events posted: by position, debited and credited account, all lines' fen."""
        asked = sorted(positions)
        moved: dict[int, dict[tuple[str, str], int]] = {position: {} for position in asked}
        for chunk in chunks(asked):
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
        for chunk in chunks(asked):
            query = select(_event.position, _event.id).where(_event.position.in_(chunk))
            found |= {position: str(UUID(bytes=raw)) for position, raw in self.store.fetch(query)}
        if len(found) < len(asked):
            missing = min(set(asked) - set(found))
            raise HistoryMissing(f"the event at position {missing} is missing from the ledger")
        return found

    def history(self, subject: str, until: int) -> list[EventRow]:
        """Return the events that touch a subject at positions below `until`."""
        return [row for row in self.store.history(subject) if row.position < until]

    def _facts(
        self, taken: list[Extent], wanted: Sequence[Wanted]
    ) -> tuple[list[list[Fact]], list[Extent]]:
        """Return the facts of as many statements as can be held, for each, and these statements.

        A body is let go as soon as it is decoded.
        """
        decoded = frozenset().union(*(each.decoded for each in wanted))
        query = (
            select(_event.position, _event.statement_index, _event.home, _event.type, _event.body)
            .where(*_between(*ends_of(taken), decoded))
            .order_by(_event.position)
        )
        with contextlib.closing(self.store.stream(query)) as pages:
            bodies = _Bodies(pages, taken, self._subjects)
            facts = facts_for(wanted, bodies)
        if bodies.broken_off is None:
            return facts, taken
        stop = bodies.broken_off
        whole = [[fact for fact in own if fact.statement_index < stop] for own in facts]
        return whole, [each for each in taken if each.index < stop]

    def _counts(self, start: Place, stop: Place, counted: Collection[str]) -> list[Count]:
        if not counted:
            return []
        query = (
            select(_event.home, _event.type, func.count(), func.max(_event.position))
            .where(*_between(start.position, stop.position, counted))
            .group_by(_event.home, _event.type)
        )
        return [
            Count(self._subjects[home], name, number, last)
            for home, name, number, last in self.store.fetch(query)
        ]

    def _flows(self, start: Place, stop: Place) -> list[Flow]:
        inside = [_posting.position >= start.position, _posting.position < stop.position]
        return flows_of(self.store, select_flows().where(*inside))


class _Bodies:
    """The rows of events as they are read, until their bodies are as many as can be held.

    Attributes:
        broken_off: index of the statement of which some events may not have been read, or None.

    """

    def __init__(
        self,
        pages: Iterable[list[tuple[Any, ...]]],
        statements: Sequence[Extent],
        subjects: Mapping[int, str],
    ) -> None:
        """Take the rows of some statements from `pages`."""
        self._pages = pages
        self._first = statements[0].index
        self._recorded = {each.index: each.recorded_ms for each in statements}
        self._subjects = subjects
        self.broken_off: int | None = None

    def __iter__(self) -> Iterator[tuple[int, int, int, str, str, bytes]]:
        """Yield the rows as `facts_for` takes them."""
        recorded, subjects = self._recorded, self._subjects
        size = 0
        for rows in self._pages:
            for position, index, home, name, body in rows:
                size += len(body)
                yield position, index, recorded[index], subjects[home], name, body
            last = rows[-1][1]
            if size > BATCH_BYTES and last > self._first:
                self.broken_off = last
                return


class _Subjects(dict[int, str]):
    """The keys of subjects by number, read as they come up."""

    def __init__(self, store: Store) -> None:
        """Know none yet."""
        super().__init__()
        self._store = store

    def __missing__(self, number: int) -> str:
        """Read those that came since.

        Raises:
            HistoryMissing: there is no such subject.

        """
        self.update(self._store.subjects(max(self, default=-1) + 1))
        if number not in self:
            raise HistoryMissing(f"subject {number} is missing from the ledger")
        return self[number]


def _between(start: int, stop: int, kinds: Collection[str]) -> list[ColumnElement[bool]]:
    return [_event.position >= start, _event.position < stop, _event.type.in_(sorted(kinds))]

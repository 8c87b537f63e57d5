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

from bisect import bisect_left
from collections.abc import Collection, Iterator
from itertools import takewhile
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from ledger.events.parties import LedgerOpened
from ledger.statement import parse_statement
from ledger.store import schema
from ledger.store.rows import EventRow
from ledger.store.store import Store
from ledger.times import local_month, parse_offset
from projections.batch import START, Batch, Count, Fact, Flow, Place
from projections.chunks import chunks
from projections.decoding import Lean
from projections.facts import EventUnreadable, HistoryMissing, facts_of, flows_of, select_flows
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

_EXTENTS_A_PAGE = 256
"""Statements looked at in one query: a city's batch of 5,000 events has some 180."""

_OPENED, _CLOSED = "ledger.opened", "ledger.closed"
_LEDGER = "ledger/main"
"""The subject whose history has every closing."""


_statement = schema.statement.c
_event = schema.ledger_event.c
_posting = schema.posting.c


class Feed:
    """Reads a store for read models."""

    def __init__(self, store: Store) -> None:
        """Read from `store`, which stays the caller's to close."""
        self.store = store
        self._subjects: dict[int, str] = {}
        self._notes = Notes(store)
        self._genesis: LedgerOpened | None = None
        self._closings: tuple[list[int], int] = ([], 0)  # positions, and how far was looked

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

        It takes statements until it has `limit` events or more, a closing, or all of a local
        month, and ends by position `until`.
        Types that `lean` has a record for are decoded into that, the others whole.

        Raises:
            HistoryMissing: the store has gaps.
            EventUnreadable: an event's body is not what its row says.
            StoreUnavailable: the store cannot be read.

        """
        statements = self._of_one_month(self._statements(start, limit, until))
        if not statements:
            self._check_end(start)
            return None
        statements, closing = self._to_closing(statements)
        fitting = self._that_fit(statements, decoded)
        if len(fitting) < len(statements):
            statements, closing = fitting, None
        last = statements[-1]
        stop = Place(last.first_position + last.event_count, last.index + 1, last.leaf)
        recorded = {row.index: row.recorded_ms for row in statements}
        facts = facts_of(
            (
                (position, index, recorded[index], self._subject(home), name, body)
                for position, index, home, name, body in self._bodies(start, stop, decoded)
            ),
            lean,
        )
        counts = self._counts(start, stop, counted)
        flows = self._flows(start, stop)
        return Batch(
            start,
            stop,
            facts,
            counts,
            flows,
            month=self.month_at(last.recorded_ms),
            recorded_ms=last.recorded_ms,
            closing=closing,
        )

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

    def _statements(self, start: Place, limit: int, until: int | None) -> list["_Extent"]:
        taken: list[_Extent] = []
        position = start.position
        closing = self._known_closing(position)
        for index, row in enumerate(self._extents(start.size), start.size):
            if row.first_position >= start.position + limit:
                break
            if closing is not None and row.first_position > closing:
                break
            end = row.first_position + row.event_count
            if (row.index, row.first_position) != (index, position):
                raise HistoryMissing(f"statement {index} is not where it should be")
            if until is not None and end > until:
                break
            taken.append(row)
            position = end
        return taken

    def _of_one_month(self, taken: list["_Extent"]) -> list["_Extent"]:
        """Cut the batch where another local month begins."""
        if not taken:
            return taken
        month = self.month_at(taken[0].recorded_ms)
        if self.month_at(taken[-1].recorded_ms) == month:
            return taken
        return list(takewhile(lambda row: self.month_at(row.recorded_ms) == month, taken))

    def _to_closing(self, taken: list["_Extent"]) -> tuple[list["_Extent"], int | None]:
        """Cut the batch behind its first closing; return that one's position too."""
        start, stop = _ends(taken)
        closings, looked = self._closings
        if not closings or closings[-1] < stop:
            # After the statements were read: their closings can be seen by now.
            rows = list(self.store.history(_LEDGER, looked + 1))
            found = [row.position for row in rows if row.type == _CLOSED]
            self._closings = [*closings, *found], looked + len(rows)
        closing = self._known_closing(start)
        if closing is None or closing >= stop:
            return taken, None
        return list(takewhile(lambda row: row.first_position <= closing, taken)), closing

    def _known_closing(self, position: int) -> int | None:
        """Return the first closing at or behind a position, as far as was looked for them."""
        closings, _ = self._closings
        at = bisect_left(closings, position)
        return closings[at] if at < len(closings) else None

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

    def _that_fit(self, taken: list["_Extent"], decoded: Collection[str]) -> list["_Extent"]:
        """Cut the batch where the bodies to decode become too large to hold."""
        where = _between(*_ends(taken), decoded)
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
        inside = [_posting.position >= start.position, _posting.position < stop.position]
        return flows_of(self.store, select_flows().where(*inside))

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


def _between(start: int, stop: int, kinds: Collection[str]) -> list[ColumnElement[bool]]:
    return [_event.position >= start, _event.position < stop, _event.type.in_(sorted(kinds))]


def _ends(taken: list[_Extent]) -> tuple[int, int]:
    """Return the positions `[start, stop)` of statements that follow one another."""
    return taken[0].first_position, taken[-1].first_position + taken[-1].event_count

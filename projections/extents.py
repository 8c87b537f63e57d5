"""What a batch of the history may cover: whole statements, of one month, up to a closing.

Which statements these are depends on nothing but their rows; so it is found out before any event
is read.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import NamedTuple

from sqlalchemy import select

from ledger.store import schema
from ledger.store.store import Store
from projections.batch import Place
from projections.facts import HistoryMissing

_EXTENTS_A_PAGE = 256
"""Statements looked at in one query: a city's batch of 5,000 events has some 180."""

_CLOSED = "ledger.closed"
_LEDGER = "ledger/main"
"""The subject whose history has every closing."""

_statement = schema.statement.c


class Extent(NamedTuple):
    """What a statement covers."""

    index: int  # type: ignore[assignment]  # as in StatementRow
    recorded_ms: int
    first_position: int
    event_count: int
    leaf: bytes


class Extents:
    """Finds the statements of batches in a store."""

    def __init__(self, store: Store, month_at: Callable[[int], str]) -> None:
        """Read from `store`; `month_at` tells the local month of an instant."""
        self._store = store
        self._month_at = month_at
        self._closings: tuple[list[int], int] = ([], 0)  # positions, and how far was looked

    def after(self, start: Place, limit: int, until: int | None) -> tuple[list[Extent], int | None]:
        """Return the statements of the batch after a place, and the closing it ends with, if any.

        There are none at the end of the history.

        Raises:
            HistoryMissing: the store has gaps.

        """
        statements = self._of_one_month(self._statements(start, limit, until))
        if not statements:
            self._check_end(start)
            return [], None
        return self._to_closing(statements)

    def _statements(self, start: Place, limit: int, until: int | None) -> list[Extent]:
        taken: list[Extent] = []
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

    def _of_one_month(self, taken: list[Extent]) -> list[Extent]:
        """Cut the batch where another local month begins."""
        if not taken:
            return taken
        month = self._month_at(taken[0].recorded_ms)
        if self._month_at(taken[-1].recorded_ms) == month:
            return taken
        return list(takewhile(lambda row: self._month_at(row.recorded_ms) == month, taken))

    def _to_closing(self, taken: list[Extent]) -> tuple[list[Extent], int | None]:
        """Cut the batch behind its first closing; return that one's position too."""
        start, stop = ends_of(taken)
        closings, looked = self._closings
        if not closings or closings[-1] < stop:
            # After the statements were read: their closings can be seen by now.
            rows = list(self._store.history(_LEDGER, looked + 1))
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

    def _extents(self, first: int) -> Iterator[Extent]:
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
            page = self._store.fetch(query.where(_statement.leaf_index >= first))
            yield from (Extent(*row) for row in page)
            if len(page) < _EXTENTS_A_PAGE:
                return
            first = page[-1][0] + 1

    def _check_end(self, place: Place) -> None:
        """Check that nothing follows `place` because nothing is there, not because it is lost."""
        if self._store.head().size > place.size and self._store.statement(place.size) is None:
            raise HistoryMissing(f"statement {place.size} is not where it should be")


def ends_of(taken: list[Extent]) -> tuple[int, int]:
    """Return the positions `[start, stop)` of statements that follow one another."""
    return taken[0].first_position, taken[-1].first_position + taken[-1].event_count

"""What can be read from a store.

Reads never wait for the writer and see only what is committed. History does not change, so
long reads need no transaction: they go page by page (keyset), each page a query of its own,
with memory bounded by the page. Rows come out as they are stored, in the order of their key;
whether they are right is for `verify` to say. That is why nothing here presumes that they are:
a statement that claims events which are missing comes with those that are there.

Where a range is taken it is `[start, stop)`; `stop=None` reads to the end of the table, even
beyond the head, so that a row added behind it does not go unseen.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)

from ledger.store import schema
from ledger.store.errors import StoreUnavailable
from ledger.store.fetching import Fetcher, Parameters
from ledger.store.rows import (
    CheckpointRow,
    CosignedRow,
    EventRow,
    Head,
    PostingRow,
    SnapshotRow,
    StatementRow,
    SubjectRow,
    TileRow,
    TouchRow,
)

PAGE_ROWS = 2048
"""Rows a page: some MB of events of common size, far from being felt in the rate."""

STATEMENT_PAGE_ROWS = 512
"""Statements a page: 32 MiB when every note is as long as an entry may be."""

TILE_PAGE_ROWS = 128
"""Tiles a page: 1 MiB."""

EVENTS_MAX = 10_000
"""Events a statement can have; a row that claims more is not believed."""

IDS_A_QUERY = 500
"""Ids asked for at once: far below the 32,766 parameters of SQLite."""

_FAR = 1 << 62
"""Beyond every number that is given."""

_Row = TypeVar("_Row", bound=tuple[Any, ...])

_statement = schema.statement.c
_event = schema.ledger_event.c
_touch = schema.subject_event.c
_posting = schema.posting.c
_tile = schema.tile.c
_checkpoint = schema.checkpoint.c
_cosigned = schema.cosigned.c

# Made once: they are asked all the time, and to make one costs more than to run it.
_HEAD = select(schema.head.c.origin, schema.head.c.size, schema.head.c.positions)
_STATEMENT = select(schema.statement).where(_statement.leaf_index == bindparam("index"))
_EVENT = select(schema.ledger_event).where(_event.id == bindparam("id"))
_EVENT_AT = select(schema.ledger_event).where(_event.position == bindparam("position"))
_SUBJECT = select(schema.subject).where(schema.subject.c.key == bindparam("key"))


class Reader(Fetcher):
    """The reading half of a store; safe to use from several threads."""

    # --- the head and the log ---

    def head(self) -> Head:
        """Read where the history ends."""
        found = self.fetch(_HEAD)
        if not found:
            raise StoreUnavailable(f"The database {self.where} has lost the row of its head.")
        return Head(*found[0])

    def checkpoint(self) -> bytes | None:
        """Read the newest checkpoint, a signed note; None before the first statement."""
        query = select(_checkpoint.note).order_by(_checkpoint.size.desc()).limit(1)
        found = self.fetch(query)
        return found[0][0] if found else None

    def checkpoint_over(self, index: int) -> CheckpointRow | None:
        """Read the first checkpoint that covers statement `index`: the one of its receipt."""
        query = select(schema.checkpoint).where(_checkpoint.size > index)
        return self._one(CheckpointRow, query.order_by(_checkpoint.size).limit(1))

    def checkpoints(self, start: int = 0, stop: int | None = None) -> Iterator[CheckpointRow]:
        """Read the checkpoints with a size in `[start, stop)`, by size."""
        return self._rows(CheckpointRow, schema.checkpoint, start=start, stop=stop)

    def cosigned(self) -> Iterator[CosignedRow]:
        """Read every cosigned checkpoint, in the order of the table, whatever its numbers."""
        return self._rows(CosignedRow, schema.cosigned, start=-_FAR)

    def cosigned_over(self, index: int, most: int, *, newest: bool) -> list[CosignedRow]:
        """Read at most `most` cosigned checkpoints that cover statement `index`.

        The oldest ones first, or the newest.
        """
        order = _cosigned.n.desc() if newest else _cosigned.n
        query = select(schema.cosigned).where(_cosigned.size > index).order_by(order).limit(most)
        return [CosignedRow(*row) for row in self.fetch(query)]

    def statement(self, index: int) -> StatementRow | None:
        """Read statement `index`."""
        return self._one(StatementRow, _STATEMENT, {"index": index})

    def statement_by_id(self, statement_id: bytes) -> StatementRow | None:
        """Read the statement with this id (32 bytes).

        Cost: a look on each shelf of 1,024 statements, some microseconds each (see `schema`).
        """
        shelf = select(literal(0).label("n")).cte("shelf", recursive=True)
        last = select(schema.head.c.size.bitwise_rshift(schema.shelf_bits)).scalar_subquery()
        shelf = shelf.union_all(select(shelf.c.n + 1).where(shelf.c.n < last))
        query = select(schema.statement).join(shelf, schema.statement_shelf == shelf.c.n)
        query = query.where(_statement.id == statement_id)
        return self._one(StatementRow, query)

    def statement_of_event(self, event_id: bytes) -> StatementRow | None:
        """Read the statement that holds the event with this id (16 bytes)."""
        index = select(_event.statement_index).where(_event.id == event_id).scalar_subquery()
        query = select(schema.statement).where(_statement.leaf_index == index)
        return self._one(StatementRow, query)

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Read the leaf hashes of statements `[start, stop)`, in order."""
        query = select(_statement.leaf).where(*_between(_statement.leaf_index, start, stop))
        return [leaf for (leaf,) in self.fetch(query.order_by(_statement.leaf_index))]

    def tile(self, level: int, n: int) -> bytes | None:
        """Read a complete tile, 256 hashes; None when it is not complete yet."""
        found = self.fetch(select(_tile.hashes).where(_tile.level == level, _tile.n == n))
        return found[0][0] if found else None

    def tiles(self) -> Iterator[TileRow]:
        """Read all complete tiles, by level and number."""
        return self._rows(TileRow, schema.tile, rows=TILE_PAGE_ROWS)

    # --- events ---

    def event(self, event_id: bytes) -> EventRow | None:
        """Read the event with this id (16 bytes)."""
        return self._one(EventRow, _EVENT, {"id": event_id})

    def event_at(self, position: int) -> EventRow | None:
        """Read the event at `position`."""
        return self._one(EventRow, _EVENT_AT, {"position": position})

    def events_of_statement(self, index: int) -> list[EventRow]:
        """Read the events of statement `index`, in order; none when there is no such statement."""
        found = self.statement(index)
        return self._with_events([found])[0][1] if found else []

    def events(self, start: int = 0, stop: int | None = None) -> Iterator[EventRow]:
        """Read the events at positions `[start, stop)`, in order."""
        return self._rows(EventRow, schema.ledger_event, start=start, stop=stop)

    def entries(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[StatementRow, list[EventRow]]]:
        """Read statements `[start, stop)` in order, each with its events.

        The events of a statement are those at its positions, as its row gives them.
        Cost: about 1 µs an event on SQLite and 2 µs on PostgreSQL.
        """
        pages = self._pages(
            StatementRow, schema.statement, start=start, stop=stop, rows=STATEMENT_PAGE_ROWS
        )
        for statements in pages:
            for run in _runs(statements):
                yield from self._with_events(run)

    # --- subjects and postings ---

    def subject(self, key: str) -> SubjectRow | None:
        """Read the subject with this key."""
        return self._one(SubjectRow, _SUBJECT, {"key": key})

    def subjects(self, start: int = 0) -> Iterator[SubjectRow]:
        """Read the subjects numbered from `start` on, by number."""
        return self._rows(SubjectRow, schema.subject, start=start)

    def touches(self, start: int = 0, stop: int | None = None) -> Iterator[TouchRow]:
        """Read which subjects the events at positions `[start, stop)` touch, by subject.

        The order is (subject, ordinal). Cost: one pass over the whole table, whatever the
        range: it has no index by position, which would make every append dearer.
        """
        where = _between(_touch.position, start, stop)
        return self._rows(TouchRow, schema.subject_event, where=where)

    def history(self, key: str, start: int = 1, stop: int | None = None) -> Iterator[EventRow]:
        """Read the events that touch subject `key`, from its `start`-th (from 1) to `stop`."""
        found = self.subject(key)
        while found:
            query = (
                select(schema.ledger_event, _touch.ordinal)
                .join(schema.subject_event, _touch.position == _event.position)
                .where(_touch.subject == found.no, *_between(_touch.ordinal, start, stop))
                .order_by(_touch.ordinal)
                .limit(PAGE_ROWS)
            )
            page = self.fetch(query)
            for row in page:
                yield EventRow(*row[:-1])
            if len(page) < PAGE_ROWS:
                return
            start = page[-1][-1] + 1

    def postings(self, start: int = 0, stop: int | None = None) -> Iterator[PostingRow]:
        """Read the postings of the events at positions `[start, stop)`, in order."""
        return self._rows(PostingRow, schema.posting, start=start, stop=stop)

    # --- beside the history ---

    def snapshot(self) -> SnapshotRow | None:
        """Read the state that was kept to start from; None where there is none."""
        return self._one(SnapshotRow, select(schema.snapshot.c.note, schema.snapshot.c.data))

    # --- questions about all of it ---

    def positions_of(self, event_ids: Collection[bytes]) -> dict[bytes, int]:
        """Return the positions of those of these events (16-byte ids) that there are."""
        return dict(self._by_event_id("id, position", event_ids))

    def known_events(self, event_ids: Collection[bytes]) -> set[bytes]:
        """Tell which of these ids of events (16 bytes) are taken."""
        return set(chain.from_iterable(self._by_event_id("id", event_ids)))

    def row_counts(self) -> dict[str, int]:
        """Count the rows of every table, by its name. Cost: a pass over each table's keys."""
        tables = (schema.head, *schema.HISTORY)
        return {t.name: self.fetch(select(func.count()).select_from(t))[0][0] for t in tables}

    # --- helpers ---

    def _by_event_id(self, columns: str, event_ids: Collection[bytes]) -> list[tuple[Any, ...]]:
        # As the driver's own text: parameters in SQLAlchemy's IN cost more than the search.
        asked, query = list(event_ids), f"SELECT {columns} FROM event WHERE id "
        if self._engine.dialect.name == "postgresql":
            return self.fetch(f"{query}= ANY(%b)", (asked,)) if asked else []
        found: list[tuple[Any, ...]] = []
        for first in range(0, len(asked), IDS_A_QUERY):
            some = asked[first : first + IDS_A_QUERY]
            found += self.fetch(f"{query}IN ({', '.join('?' * len(some))})", (*some,))
        return found

    def _one(
        self, row_type: type[_Row], query: Select[Any], parameters: Parameters = ()
    ) -> _Row | None:
        found = self.fetch(query, parameters)
        return tuple.__new__(row_type, found[0]) if found else None

    def _rows(
        self,
        row_type: type[_Row],
        table: Table,
        *,
        start: int = 0,
        stop: int | None = None,
        where: Sequence[ColumnElement[bool]] = (),
        rows: int = PAGE_ROWS,
    ) -> Iterator[_Row]:
        pages = self._pages(row_type, table, start=start, stop=stop, where=where, rows=rows)
        return chain.from_iterable(pages)

    def _pages(
        self,
        row_type: type[_Row],
        table: Table,
        *,
        start: int,
        stop: int | None,
        where: Sequence[ColumnElement[bool]] = (),
        rows: int,
    ) -> Iterator[list[_Row]]:
        """Read `table` by its primary key, `rows` at a time; its columns are those of the type.

        `start` and `stop` bound the key's first column, `where` any other.
        """
        columns = list(table.primary_key.columns)
        key = columns[0] if len(columns) == 1 else tuple_(*columns)
        key_of = itemgetter(*(list(table.columns).index(column) for column in columns))
        make = partial(tuple.__new__, row_type)
        every = select(table).order_by(*columns).limit(rows).where(*where)
        if stop is not None:
            every = every.where(columns[0] < stop)
        query = every.where(columns[0] >= start)
        while True:
            page = self.fetch(query)
            yield list(map(make, page))
            if len(page) < rows:
                return
            # In the place of `start`, not beside it: of two lower bounds SQLite searches by one
            # and steps over the rows between them, the whole table again for every page.
            query = every.where(key > key_of(page[-1]))

    def _with_events(
        self, run: Sequence[StatementRow]
    ) -> list[tuple[StatementRow, list[EventRow]]]:
        """Read the events of statements that follow one another without a gap."""
        start, stop = run[0].first_position, run[-1].first_position + _count(run[-1])
        query = select(schema.ledger_event).where(*_between(_event.position, start, stop))
        make = partial(tuple.__new__, EventRow)
        rows: list[EventRow] = list(map(make, self.fetch(query.order_by(_event.position))))
        # As many different positions as the range has: all of them, so the place tells.
        complete = len(rows) == stop - start
        paired = []
        high = 0
        for row in run:
            low, high = high, high + _count(row)
            if not complete:
                first = row.first_position
                low = bisect_left(rows, first, key=itemgetter(0))
                high = bisect_left(rows, first + _count(row), key=itemgetter(0))
            paired.append((row, rows[low:high]))
        return paired


def _runs(statements: Sequence[StatementRow]) -> Iterator[list[StatementRow]]:
    """Cut statements where a page of events is full, or where positions do not continue."""
    run: list[StatementRow] = []
    start = stop = 0
    for row in statements:
        first = row.first_position
        end = first + _count(row)
        if run and (first != stop or end - start > PAGE_ROWS):
            yield run
            run = []
        if not run:
            start = first
        run.append(row)
        stop = end
    if run:
        yield run


def _count(row: StatementRow) -> int:
    """Give the number of a statement's events, kept within what a statement can have."""
    claimed = row.event_count
    return claimed if 0 <= claimed <= EVENTS_MAX else max(0, min(claimed, EVENTS_MAX))


def _between(column: Column[int], start: int, stop: int | None) -> list[ColumnElement[bool]]:
    low = [column >= start]
    return low if stop is None else [*low, column < stop]

"""The past of one subject: a contract, a fund line, the payments of a contract, as they were.

The subject's rows as they were kept at the nearest closing go into a small database in memory, with
the read model's own tables; what the subject went through since then, and nothing else, is folded
into them by the read model's own fold. So the answer is the one that the very same question has on
read models that were filled from zero up to that point, names of parties included; and its cost is
that of a day of one contract, however long the ledger (docs/decisions/0045).

    point = point_of(projections.feed, "2026-03-31")
    with as_of(projections, CONTRACTS, "contract/c-17", point) as past:
        file = contract(past, "c-17")
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, NullPool, create_engine, select
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.errors import LedgerError
from projections.closings import last_closing, rows_kept
from projections.context import CONTEXT_EVENTS, Context
from projections.engine import Projections
from projections.feed import Feed
from projections.model import ReadModel
from projections.points import BEGINNING, Point, point_at
from projections.reading import Reading
from projections.shape import Shape, Tables, tables_of
from projections.sheet import Sheet
from projections.subject_feed import facts_until, read_subject

R = TypeVar("R", bound=tuple[Any, ...])
T = TypeVar("T")

_MEMORY = create_engine("sqlite://", poolclass=NullPool, isolation_level="AUTOCOMMIT")
"""Each connection is a database of its own, and gone when it is closed."""

_GENERATION = 0
"""Number of the tables in memory: no generation that is kept has it."""


class Past:
    """One subject of one read model at a point of the past; answers as `Projections` do.

    Attributes:
        point: after which statement of the ledger.

    """

    def __init__(self, model: ReadModel, connection: Connection, point: Point) -> None:
        """Answer from the tables of `model` in `connection`."""
        self.point = point
        self._model = model
        self._connection = connection

    def read(self, model: ReadModel, query: Callable[[Reading], T]) -> T:
        """Return what `query` finds.

        Raises:
            TypeError: it is about another read model.

        """
        if model.name != self._model.name:
            raise TypeError(f"this is the past of {self._model.name}, not of {model.name}")
        return query(Reading(self._connection, _tables(model), self.point.place.position))


@contextmanager
def as_of(projections: Projections, model: ReadModel, subject: str, point: Point) -> Iterator[Past]:
    """Give a subject of a read model as it was at a point; other subjects are not there.

    Raises:
        LedgerError: the read model does not reflect as much yet.
        ProjectionStopped: another release filled it: `follow` rebuilds it.
        EventUnreadable: an event of the subject's is not what its row says.
        StoreUnavailable: a database cannot be read.

    """
    with _MEMORY.connect() as connection:
        made: Any = connection.connection.driver_connection
        made.executescript(_script(model.name, model.shapes))

        def fill(reading: Reading) -> None:
            if reading.position < point.place.position:
                raise LedgerError(
                    f"the read model {model.name} reflects {reading.position} events, and not yet "
                    f"the first {point.place.position}"
                )
            _Replay(projections.feed, model, connection, reading).go(subject, point)

        projections.read(model, fill)
        yield Past(model, connection, point)


class _Replay:
    """Fills a database in memory."""

    def __init__(self, feed: Feed, model: ReadModel, connection: Connection, live: Reading) -> None:
        """Fill `connection`, which has the model's tables, from the `live` ones and the ledger."""
        self._feed = feed
        self._model = model
        self._connection = connection
        self._live = live

    def go(self, subject: str, point: Point) -> None:
        """Bring a subject to a point."""
        if point == BEGINNING:
            return
        sheet = self._sheet()
        context = Context(sheet)
        context.see(self._feed.genesis)
        context.put(sheet)
        start = self._load(sheet, subject, point)
        sheet.apply(self._connection)
        model = self._model
        for batch in read_subject(self._feed, model, subject, start, point):
            sheet = self._sheet()
            model.fold(batch, sheet, self._feed)
            sheet.apply(self._connection)
        sheet = self._sheet()
        context = Context(sheet)
        for party in self._parties():
            for fact in facts_until(self._feed, f"party/{party}", point, CONTEXT_EVENTS):
                context.see(fact.event)
        context.put(sheet)
        sheet.apply(self._connection)

    def _load(self, sheet: Sheet, subject: str, point: Point) -> Point:
        """Put down the rows of the nearest closing; return its point."""
        kind, _, key = subject.partition("/")
        kept = [each for each in self._model.kept if each.by == kind]
        if not kept:
            return BEGINNING
        connection, tables, _ = self._live
        closing = last_closing(connection, tables, point.place.position)
        for shape, rows in rows_kept(connection, kept, tables, key, closing):
            sheet.put(shape, [tuple(row) for row in rows])
        return point_at(self._feed, closing)

    def _parties(self) -> list[str]:
        tables = _tables(self._model)
        found: set[str] = set()
        for shape, column in self._model.parties:
            query = select(tables[shape].c[column]).distinct()
            found.update(party for (party,) in self._connection.execute(query) if party)
        return sorted(found)

    def _sheet(self) -> Sheet:
        return _PastSheet(self._connection, _tables(self._model), self._model, self._live)


class _PastSheet(Sheet):
    """A sheet that looks up what never changes where it is."""

    def __init__(
        self, connection: Connection, tables: Tables, model: ReadModel, live: Reading
    ) -> None:
        super().__init__(connection, tables)
        self._constant = model.constant
        self._lookup = Sheet(live.connection, live.tables)

    def load(
        self, shape: Shape[R], column: str, values: Collection[str] | Collection[int]
    ) -> list[R]:
        if shape in self._constant:
            return self._lookup.load(shape, column, values)
        return super().load(shape, column, values)


def _tables(model: ReadModel) -> Tables:
    return tables_of(model.name, model.shapes, _GENERATION)


@lru_cache(maxsize=64)
def _script(name: str, shapes: tuple[Shape[Any], ...]) -> str:
    """Return the SQL that makes the tables in memory."""
    made: list[str] = []
    for table in tables_of(name, shapes, _GENERATION).metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=_MEMORY.dialect)))
        made += [str(CreateIndex(i).compile(dialect=_MEMORY.dialect)) for i in table.indexes]
    return ";\n".join(made)

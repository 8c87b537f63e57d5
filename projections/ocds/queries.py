"""Contracting processes read from the ledger, one at a time.

The read model `tenders` knows the contracts of a tender, `timeline` where a contract's events are
that are no visits. All else is the ledger's own: an export holds one process in memory.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import select

from ledger.events import decode_event
from ledger.store.pages import events_at, postings_at, statements_at
from ledger.store.rows import EventRow
from projections.contracts import CONTRACTS
from projections.contracts.tables import CONTRACT
from projections.engine import Projections, Reading
from projections.ocds.process import Entry
from projections.ocds.register import Register
from projections.ocds.releases import TYPES, Publication, releases_of
from projections.ocds.values import Release
from projections.tenders.model import TENDERS
from projections.tenders.tables import LOT, TENDER
from projections.timeline import MARK, TIMELINE

_PAGE = 500
"""Ids of tenders read at once."""

MODELS = (TENDERS, CONTRACTS, TIMELINE)
"""The read models that this reads."""


class Origin(NamedTuple):
    """Whose a process is: the tender that began it, and its purchaser."""

    tender: str
    buyer: str


def list_processes(projections: Projections) -> Iterator[Origin]:
    """Yield the processes of the ledger in the order of their tenders' ids."""
    after = ""
    while True:
        found = projections.read(TENDERS, lambda reading, after=after: _page(reading, after))  # type: ignore[misc]
        yield from found
        if len(found) < _PAGE:
            return
        after = found[-1].tender


def process_of_tender(projections: Projections, tender: str) -> Origin | None:
    """Return the process that a tender began, or None where there is no such tender."""

    def query(reading: Reading) -> Origin | None:
        table = reading.tables[TENDER]
        where = (table.c.tender == tender, table.c.origin == "native")
        row = reading.connection.execute(select(table.c.tender, table.c.buyer).where(*where))
        found = row.first()
        return None if found is None else Origin(*found)

    return projections.read(TENDERS, query)


def process_of_contract(projections: Projections, contract: str) -> Origin | None:
    """Return the process that a contract is of, or None where there is no such contract."""

    def query(reading: Reading) -> str | None:
        table = reading.tables[CONTRACT]
        where = (table.c.contract == contract, table.c.origin == "native")
        return reading.connection.scalar(select(table.c.tender).where(*where))

    tender = projections.read(CONTRACTS, query)
    return None if tender is None else process_of_tender(projections, tender)


def process_releases(
    projections: Projections, register: Register, publication: Publication, origin: Origin
) -> list[tuple[int, Release]]:
    """Return the releases of a process, each with its position, in order.

    Cost: that of the process's own events, visits left out.

    Raises:
        StoreUnavailable: a database cannot be read.

    """
    history = _history(projections, origin.tender)
    return list(releases_of(register, publication, origin.tender, origin.buyer, history))


def _page(reading: Reading, after: str) -> list[Origin]:
    table = reading.tables[TENDER]
    query = (
        select(table.c.tender, table.c.buyer)
        .where(table.c.origin == "native", table.c.tender > after)
        .order_by(table.c.tender)
        .limit(_PAGE)
    )
    return [Origin(*row) for row in reading.connection.execute(query)]


def _history(projections: Projections, tender: str) -> Iterator[Entry]:
    """Yield the events of a process in the order of the ledger."""
    store = projections.feed.store
    marked = projections.read_together(
        (TENDERS, TIMELINE), lambda readings: _marked(readings[0], readings[1], tender)
    )
    rows: dict[int, tuple[EventRow, str | None]] = {
        row.position: (row, None)
        for row in projections.feed.history(f"tender/{tender}", marked.position)
    }
    contracts = marked.contracts
    rows |= {row.position: (row, contracts[row.position]) for row in events_at(store, [*contracts])}
    wanted = sorted(position for position, (row, _) in rows.items() if row.type in TYPES)
    yield from _entries(projections, [rows[position] for position in wanted])


def _entries(
    projections: Projections, rows: Collection[tuple[EventRow, str | None]]
) -> Iterator[Entry]:
    store = projections.feed.store
    statements = statements_at(store, [row.statement_index for row, _ in rows])
    postings = postings_at(store, [row.position for row, _ in rows])
    for row, contract in rows:
        yield Entry(
            position=row.position,
            type=row.type,
            statement_index=row.statement_index,
            recorded_ms=statements[row.statement_index].recorded_ms,
            contract=contract,
            event=decode_event(row.body),
            postings=tuple(postings.get(row.position, ())),
        )


class _Marked(NamedTuple):
    """Where a process's contracts have events that are no visits, by position, up to one."""

    position: int
    contracts: dict[int, str]


def _marked(tenders: Reading, timeline: Reading, tender: str) -> _Marked:
    lots, marks = tenders.tables[LOT], timeline.tables[MARK]
    named = select(lots.c.contract).where(lots.c.tender == tender, lots.c.contract.is_not(None))
    contracts = list(tenders.connection.scalars(named))
    query = select(marks.c.position, marks.c.contract).where(marks.c.contract.in_(contracts))
    found = [tuple(row) for row in timeline.connection.execute(query)]
    return _Marked(timeline.position, dict(found))

"""Contracting processes read from the ledger, one at a time.

The read model `tenders` knows the contracts of a tender, `timeline` where a contract's events are
that are no visits. All else is the ledger's own: an export holds one process in memory.
"""

from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

from msgspec import UNSET
from sqlalchemy import select

from ledger.events import decode_event
from ledger.events.budget import BudgetCarriedOver
from ledger.store.pages import events_at, postings_at, statements_at, subject_key
from ledger.store.rows import EventRow
from ledger.store.store import Store
from projections.changes import Change, changes
from projections.contracts import CONTRACTS
from projections.contracts.tables import CONTRACT
from projections.engine import Projections, Reading
from projections.ocds.process import Entry
from projections.ocds.register import Register
from projections.ocds.releases import TYPES, Publication, releases_of
from projections.ocds.values import Release
from projections.tenders.model import TENDERS
from projections.tenders.tables import AWARD, TENDER
from projections.timeline import MARK, TIMELINE

_PAGE = 500
"""Ids of tenders read at once."""

MAX_LOOKS = 20
"""Stretches of the ledger that are looked through for a page that has something already."""

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
        found = projections.read(TENDERS, partial(_page, after=after))
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
    projections: Projections,
    register: Register,
    publication: Publication,
    origin: Origin,
    last: int | None = None,
) -> list[tuple[int, Release]]:
    """Return the releases of a process, each with its position, in order; none behind `last`.

    Cost: that of the process's own events until then, visits left out.

    Raises:
        StoreUnavailable: a database cannot be read.

    """
    history = _history(projections, origin.tender, last)
    return list(releases_of(register, publication, origin.tender, origin.buyer, history))


class ReleasePage(NamedTuple):
    """Releases by position.

    Attributes:
        releases: them, in the order of their events.
        reached: how many events of the ledger were looked at: where the next page begins.
        position: how many events are reflected; at the end `reached` is the same.

    """

    releases: list[Release]
    reached: int
    position: int


def releases_after(
    projections: Projections, publication: Publication, after: int, limit: int
) -> ReleasePage:
    """Return the releases of the events at positions from `after` on: at most `limit` events.

    Only an end of the ledger gives none. Cost: that of each process that has an event among them.

    Raises:
        StoreUnavailable: a database cannot be read.

    """
    position = projections.read_together((TENDERS, TIMELINE), lambda readings: readings[0].position)
    releases: list[Release] = []
    while after < position and not releases:
        found, after = _told_after(projections.feed.store, after, limit, position)
        releases = _told(projections, publication, found)
    return ReleasePage(releases, after, position)


def _told_after(store: Store, after: int, limit: int, stop: int) -> tuple[list[Change], int]:
    """Return the next events that releases may tell, and how far was looked.

    Most events are visits: it looks on until there are enough, or some and it has looked far.
    """
    found: list[Change] = []
    looks = 0
    while after < stop and len(found) < limit and (not found or looks < MAX_LOOKS):
        more = changes(store, after, types=TYPES, limit=limit - len(found), size=stop)
        found += more.items
        after = more.reached
        looks += 1
    return found, after


def _told(
    projections: Projections, publication: Publication, events: list[Change]
) -> list[Release]:
    """Return the releases of some events, in their order."""
    register = Register(projections.feed)
    by_process: dict[Origin, set[int]] = {}
    for event in events:
        origin = _origin_of(projections, event.subject, event.position)
        if origin is not None:
            by_process.setdefault(origin, set()).add(event.position)
    told = [
        (at, release)
        for origin, positions in by_process.items()
        for at, release in process_releases(
            projections, register, publication, origin, max(positions)
        )
        if at in positions
    ]
    return [release for _at, release in sorted(told, key=lambda each: each[0])]


def release_of_event(
    projections: Projections, publication: Publication, row: EventRow
) -> Release | None:
    """Return the release that tells an event, or None where none does."""
    if row.type not in TYPES:
        return None
    key = subject_key(projections.feed.store, row.home)
    origin = _origin_of(projections, key, row.position)
    if origin is None:
        return None
    register = Register(projections.feed)
    told = process_releases(projections, register, publication, origin, row.position)
    return next((release for at, release in told if at == row.position), None)


def _origin_of(projections: Projections, subject: str, position: int) -> Origin | None:
    """Return the process that an event is of, by its home and, for a carry-over, by itself."""
    kind, _, key = subject.partition("/")
    if kind == "line":
        (row,) = events_at(projections.feed.store, [position])
        event = decode_event(row.body)
        if not isinstance(event, BudgetCarriedOver):
            return None
        if event.contract is not UNSET:
            kind, key = "contract", event.contract
        elif event.tender is not UNSET:
            kind, key = "tender", event.tender
    if kind == "tender":
        return process_of_tender(projections, key)
    return process_of_contract(projections, key) if kind == "contract" else None


def _page(reading: Reading, after: str) -> list[Origin]:
    table = reading.tables[TENDER]
    query = (
        select(table.c.tender, table.c.buyer)
        .where(table.c.origin == "native", table.c.tender > after)
        .order_by(table.c.tender)
        .limit(_PAGE)
    )
    return [Origin(*row) for row in reading.connection.execute(query)]


def _history(projections: Projections, tender: str, last: int | None) -> Iterator[Entry]:
    """Yield the events of a process up to position `last` in the order of the ledger."""
    store = projections.feed.store
    marked = projections.read_together(
        (TENDERS, TIMELINE), lambda readings: _marked(readings[0], readings[1], tender, last)
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


def _marked(tenders: Reading, timeline: Reading, tender: str, last: int | None) -> _Marked:
    stop = timeline.position if last is None else last + 1
    awards, marks = tenders.tables[AWARD], timeline.tables[MARK]
    named = select(awards.c.contract).where(
        awards.c.tender == tender, awards.c.contract.is_not(None)
    )
    contracts = list(tenders.connection.scalars(named))
    query = select(marks.c.position, marks.c.contract).where(
        marks.c.contract.in_(contracts), marks.c.position < stop
    )
    found = [tuple(row) for row in timeline.connection.execute(query)]
    return _Marked(stop, dict(found))

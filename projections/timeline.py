"""Timelines: what happened to a contract, a fund line or any other subject, page by page.

The events come straight from the ledger, by its index of subjects. Of a contract's, all but a few
hundred are visits and people's words about visits; who leaves those out shall not have to step
over them. So the read model `timeline` keeps where the others are, and nothing else. On no other
subject are there visits, so nothing is kept of them.

    page = timeline(projections, "contract/c-17", without_visits=True, newest=True, limit=20)
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import UNSET, Struct
from sqlalchemy import BindParameter, Select, bindparam, select

from ledger.errors import Malformed
from ledger.events import TYPES, Event, decode_event
from ledger.events.budget import BudgetCarriedOver
from ledger.events.delivery import VisitConfirmed, VisitCorrected, VisitDenied, VisitRecorded
from ledger.events.reported import ReleaseReported
from ledger.note import parse_note
from ledger.statement import split_key_name
from ledger.store.pages import events_at, history_page, postings_at, statements_at
from ledger.store.rows import EventRow, PostingRow, StatementRow
from ledger.times import format_instant
from projections.context import CONTEXT_SHAPES, Context, currency_of
from projections.engine import Projections, Reading
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.paging import DEFAULT_LIMIT, MAX_LIMIT
from projections.shape import Shape, Tables
from projections.sheet import Sheet

CONTRACT_KIND = "contract/"
VISITS = types(VisitRecorded, VisitCorrected, VisitConfirmed, VisitDenied)
"""Visits, and what people say about them: most of what happens under a contract."""


class MarkRow(NamedTuple):
    """An event that touches a contract and is no visit."""

    contract: str
    position: int


MARK = Shape("mark", MarkRow, key=2)


def _fold(batch: Batch, sheet: Sheet, _feed: Feed) -> None:
    context = Context(sheet)
    marks = []
    for fact in batch.events:
        event = fact.event
        context.see(event)
        if fact.subject.startswith(CONTRACT_KIND):
            contract = fact.subject.removeprefix(CONTRACT_KIND)
            marks.append(MarkRow(contract, fact.position))
        elif isinstance(event, BudgetCarriedOver) and event.contract is not UNSET:
            marks.append(MarkRow(event.contract, fact.position))
    context.put(sheet)
    sheet.put(MARK, marks)


TIMELINE = ReadModel(
    name="timeline",
    version=1,
    shapes=(*CONTEXT_SHAPES, MARK),
    decoded=frozenset(TYPES) - VISITS - types(ReleaseReported),
    counted=frozenset(),
    fold=_fold,
)
"""What others reported is at home at its process, and too long to be read in vain."""


class Signer(Struct, frozen=True):
    """Who signed, and with which key.

    Attributes:
        party: the party's id.
        key: the key's label within the party.

    """

    party: str
    key: str


class Posted(Struct, frozen=True):
    """Money, or authority, that an event moved.

    Attributes:
        debit: the account debited.
        credit: the account credited.
        line: the fund line.
        amount_fen: how much, in fen of the ledger's currency, above zero.

    """

    debit: str
    credit: str
    line: str
    amount_fen: int


class Occurrence(Struct, frozen=True):
    """An event of a timeline.

    Attributes:
        position: its position in the ledger.
        event_id: its id.
        type: its type.
        at: when it happened, as its signers say: RFC 3339, UTC.
        recorded: when the ledger admitted it, likewise.
        statement_index: index of the statement that it came in.
        signers: who signed that statement, in the order of key names.
        posted: the money that it moved, in the journal's order.
        event: the event itself.

    """

    position: int
    event_id: str
    type: str
    at: str
    recorded: str
    statement_index: int
    signers: tuple[Signer, ...]
    posted: tuple[Posted, ...]
    event: Event


class Timeline(Struct, frozen=True):
    """A page of a subject's history.

    Attributes:
        position: how many events of the ledger it reflects.
        subject: the subject's key, `contract/c-17`.
        currency: ISO 4217 of every amount.
        items: the events.
        next: the position that the following page is to be asked `after`, or None at the end.

    """

    position: int
    subject: str
    currency: str
    items: tuple[Occurrence, ...]
    next: int | None


def timeline(
    projections: Projections,
    subject: str,
    *,
    after: int | None = None,
    limit: int = DEFAULT_LIMIT,
    newest: bool = False,
    without_visits: bool = False,
    readable: Callable[[EventRow], bool] = lambda _row: True,
) -> Timeline | None:
    """Return a page of what touches a subject, or None where there is no such subject.

    It goes on behind the position `after`: upward from the oldest, or downward from the `newest`.
    `without_visits` leaves out visits and people's words about them, `readable` whatever it says
    no to: then neither the page nor its `next` tells that there was something. A page costs the
    same at any depth: some looks at an index and as many rows as it has, those left out included.

    Raises:
        Malformed: `after` is no position.
        ValueError: less than one row is asked for.
        StoreUnavailable: a database cannot be read.

    """
    if limit < 1:
        raise ValueError(f"a page has one row at least, not {limit}")
    if after is not None and not 0 <= after < 1 << 62:
        raise Malformed(f"there is no position {after} to go on from")
    store, wanted = projections.feed.store, min(limit, MAX_LIMIT)
    by_marks = without_visits and subject.startswith(CONTRACT_KIND)
    if by_marks:
        position = projections.read(TIMELINE, lambda reading: reading.position)
    else:
        position = store.head().positions
    if store.subject(subject) is None:
        return None
    rows: list[EventRow] = []
    while len(rows) <= wanted:
        if by_marks:
            page = _marked(projections, subject, after, wanted + 1, newest=newest)
        else:
            page = history_page(store, subject, after=after, limit=wanted + 1, newest=newest)
        rows += filter(readable, page)
        if len(page) <= wanted:
            break
        after = page[-1].position
    return Timeline(
        position=position,
        subject=subject,
        currency=projections.read(TIMELINE, currency_of),
        items=occurrences(projections, rows[:wanted]),
        next=rows[wanted - 1].position if len(rows) > wanted else None,
    )


def occurrence(projections: Projections, row: EventRow) -> Occurrence:
    """Return one event as timelines show it.

    Raises:
        StoreUnavailable: the database cannot be read.

    """
    return occurrences(projections, [row])[0]


def occurrences(projections: Projections, rows: Sequence[EventRow]) -> tuple[Occurrence, ...]:
    """Return some events as timelines show them, in their order, by a few looks for all.

    Raises:
        StoreUnavailable: the database cannot be read.

    """
    store = projections.feed.store
    postings = postings_at(store, [row.position for row in rows])
    statements = statements_at(store, [row.statement_index for row in rows])
    signers = {index: _signers(row) for index, row in statements.items()}
    found = []
    for row in rows:
        event = decode_event(row.body)
        found.append(
            Occurrence(
                position=row.position,
                event_id=event.id,
                type=row.type,
                at=event.at,
                recorded=format_instant(statements[row.statement_index].recorded_ms),
                statement_index=row.statement_index,
                signers=signers[row.statement_index],
                posted=tuple(_posted(each) for each in postings.get(row.position, ())),
                event=event,
            )
        )
    return tuple(found)


def _marked(
    projections: Projections, subject: str, after: int | None, limit: int, *, newest: bool
) -> list[EventRow]:
    """Read a page of what is no visit, by the read model's marks."""
    contract = subject.removeprefix(CONTRACT_KIND)
    positions = projections.read(
        TIMELINE, lambda reading: _marks(reading, contract, after, limit, newest)
    )
    return events_at(projections.feed.store, positions)


def _marks(
    reading: Reading, contract: str, after: int | None, limit: int, newest: bool
) -> list[int]:
    query = _marks_query(reading.tables, after is not None, newest)
    values = {"contract": contract, "after": after, "limit": limit}
    return list(reading.connection.scalars(query, values))


@lru_cache(maxsize=8)
def _marks_query(tables: Tables, goes_on: bool, newest: bool) -> Select[Any]:
    """Return the query for the marks of a contract; `goes_on` behind a position."""
    mark = tables[MARK].c
    query = select(mark.position).where(mark.contract == bindparam("contract"))
    if goes_on:
        behind: BindParameter[int] = bindparam("after")
        query = query.where(mark.position < behind if newest else mark.position > behind)
    order = mark.position.desc() if newest else mark.position
    return query.order_by(order).limit(bindparam("limit"))


def _signers(statement: StatementRow) -> tuple[Signer, ...]:
    # That it is a statement was checked when it was admitted; here its signature lines are enough.
    lines = parse_note(statement.note).signatures
    return tuple(Signer(*split_key_name(line.name)) for line in lines)


def _posted(row: PostingRow) -> Posted:
    return Posted(row.debit, row.credit, row.line, row.amount_fen)

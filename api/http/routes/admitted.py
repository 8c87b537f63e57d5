"""What was admitted: statements and events as they are stored, and what happened to a contract.

The log is public: of every statement anybody reads who signed how many events, and when. Bodies of
events are for those that `api.rights` says. So a statement is answered to everybody, and in place
of an event that the reader may not read stands its leaf hash: enough to compute the root that was
signed, and blinded by the event's salt, so that nothing can be guessed from it.
"""

import re
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from msgspec import Struct

from api.http.parameters import Limit
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Question, Routes
from api.http.readable import CONTRACT, Readable
from ledger.merkle import leaf_hash
from ledger.statement import encode_statement_file, parse_statement
from ledger.store.rows import EventRow, StatementRow
from ledger.times import format_instant
from projections.paging import DEFAULT_LIMIT
from projections.timeline import Occurrence, Timeline, occurrence, timeline

routes = Routes(tags=["the log"])

STATEMENT_FILE = "text/vnd.sunledger.statement"
"""Media type of a statement file (formats.md, 3)."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_ID = re.compile(r"[0-9a-f]{64}")
_EVENT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_POSITION = 2**53 - 1

Name = Annotated[
    str,
    Path(
        description="Its index in the log, or its id: SHA-256 of its text, 64 hex digits.",
        examples=["0"],
    ),
]
EventId = Annotated[
    str,
    Path(
        description="The event's id, a UUID in lower case.",
        examples=["0194bd12-9820-7c68-a873-1d0723027341"],
    ),
]
Contract = Annotated[str, Path(description="The contract's id.", examples=["c-2025-01"])]


class StatementEvent(Struct, frozen=True):
    """An event of a statement.

    Attributes:
        position: its position in the ledger.
        leaf: its RFC 6962 leaf hash, 64 hex digits: SHA-256 of a zero byte and its body.
        body: its canonical JSON as it is stored, or None: it is not for whoever asks.

    """

    position: int
    leaf: str
    body: str | None


class StatementFile(Struct, frozen=True):
    """A statement as it was admitted.

    Attributes:
        index: its index in the log.
        id: SHA-256 of its text, 64 hex digits.
        recorded: when the ledger admitted it, RFC 3339, UTC.
        note: text and signature lines as they are stored; entry `index` of the log is the line
            `recorded <time>` and this.
        signers: the parties that signed, once for each signature.
        events: its events, in order.
        withheld: how many of them are not for whoever asks.

    """

    index: int
    id: str
    recorded: str
    note: str
    signers: tuple[str, ...]
    events: tuple[StatementEvent, ...]
    withheld: int


class EventFile(Struct, frozen=True):
    """An event as it was admitted, and the statement that it came in.

    Attributes:
        event: what timelines show of it.
        body: its canonical JSON as it is stored.
        statement: id of its statement, 64 hex digits.

    """

    event: Occurrence
    body: str
    statement: str


@routes.get(
    "/statements/{name}.stmt",
    summary="Download a statement file",
    response_class=Response,
    responses={200: {"description": "The file.", "content": {STATEMENT_FILE: {}}}},
)
def statement_file(question: Asked, name: Name) -> Response:
    """Give a statement as its signers signed it, byte for byte: a file that verifies by itself.

    It is there for those that may read all of its events.
    """
    row, events = statement_rows(question, name)
    readable = Readable(question.service, question.reader)
    if not all(map(readable, events)):
        raise _no_statement(name)
    body = encode_statement_file(row.note, [event.body for event in events])
    return question.answer_bytes(body, question.service.position, STATEMENT_FILE)


@routes.get("/statements/{name}", summary="Show a statement")
def statement(question: Asked, name: Name) -> Answer[StatementFile]:
    """Show a statement as it is stored, with the bodies of the events that are for the reader."""
    row, events = statement_rows(question, name)
    readable = Readable(question.service, question.reader)
    shown = tuple(
        StatementEvent(
            position=event.position,
            leaf=leaf_hash(event.body).hex(),
            body=event.body.decode() if readable(event) else None,
        )
        for event in events
    )
    found = StatementFile(
        index=row.index,
        id=row.id.hex(),
        recorded=format_instant(row.recorded_ms),
        note=row.note.decode(),
        signers=parse_statement(row.note).signers,
        events=shown,
        withheld=sum(1 for event in shown if event.body is None),
    )
    return question.answer(found, question.service.position)


@routes.get("/events/{event_id}", summary="Show an event")
def event(question: Asked, event_id: EventId) -> Answer[EventFile]:
    """Show an event as it is stored: its body, who signed it, and the money that it moved."""
    row = event_row(question, event_id)
    signed = question.service.store.statement(row.statement_index)
    if signed is None:
        raise _no_event(event_id)
    shown = occurrence(question.projections, row)
    found = EventFile(event=shown, body=row.body.decode(), statement=signed.id.hex())
    return question.answer(found, question.service.position)


@routes.get("/contracts/{name}/timeline", summary="Tell what happened to a contract")
def contract_timeline(
    question: Asked,
    name: Contract,
    after: Annotated[
        int | None,
        Query(ge=0, le=_MAX_POSITION, description="The `next` of the page before."),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    newest: Annotated[bool, Query(description="From the newest back.")] = False,
    visits: Annotated[
        bool, Query(description="With visits and what people said of them, where they may be read.")
    ] = False,
) -> Answer[Timeline]:
    """Tell what happened to a contract, in order, of what is for the reader."""
    readable = Readable(question.service, question.reader)
    found = timeline(
        question.projections,
        f"{CONTRACT}{name}",
        after=after,
        limit=limit,
        newest=newest,
        # Who may read none of them shall not step over all of them either.
        without_visits=not (visits and readable.is_side_of(name)),
        readable=readable,
    )
    if found is None:
        raise Problem("not_found", f"there is no contract {name}")
    return question.answer(found, found.position)


def statement_rows(question: Question, name: str) -> tuple[StatementRow, list[EventRow]]:
    """Return a statement by its index or id, and its events.

    Raises:
        Problem: `not_found`: there is none.

    """
    store = question.service.store
    found = None
    if _INDEX.fullmatch(name):
        found = store.statement(int(name))
    elif _ID.fullmatch(name):
        found = store.statement_by_id(bytes.fromhex(name))
    if found is None:
        raise _no_statement(name)
    return found, store.events_of_statement(found.index)


def event_row(question: Question, event_id: str) -> EventRow:
    """Return an event by its id.

    Raises:
        Problem: `not_found`: there is none, or it is not for whoever asks.

    """
    if not _EVENT_ID.fullmatch(event_id):
        raise _no_event(event_id)
    row = question.service.store.event(UUID(event_id).bytes)
    if row is None or not Readable(question.service, question.reader)(row):
        raise _no_event(event_id)
    return row


def _no_event(event_id: str) -> Problem:
    return Problem("not_found", f"there is no event {event_id}")


def _no_statement(name: str) -> Problem:
    return Problem("not_found", f"there is no statement {name}")

"""The log: its checkpoint and witnesses, the latest statements, a statement, an event."""

from msgspec import Struct

from api.http.questions import Asked, Question
from api.http.routes.admitted import event_row, statement_rows
from api.http.routes.bank_orders import reads_orders
from api.portal.asking import Position
from api.portal.events import Shown, fields_of, shown
from api.portal.views import Pages, View
from ledger.bank.references import advance_name
from ledger.events.advance import AdvanceOrdered
from ledger.merkle import leaf_hash
from ledger.note import VerifierKey, cosigned_at, parse_note
from ledger.statement import parse_statement
from ledger.store.pages import statements_at, subject_key
from ledger.store.rows import CosignedRow
from ledger.times import format_instant
from ledger.tlog import Checkpoint
from ledger.tracing.graph import Graph
from projections.timeline import Occurrence, occurrences

pages = Pages()

ROWS = 30
"""Statements a page."""
NEAR = 20
"""Events that are told of what one rests on, and of what rests on it."""


class Cosignature(Struct, frozen=True):
    """A witness's word that it saw a checkpoint and none that contradicts it.

    Attributes:
        witness: name of its key.
        at: when it cosigned, as it says: RFC 3339, UTC.

    """

    witness: str
    at: str


class CheckpointShown(Struct, frozen=True):
    """A checkpoint: what the log commits to.

    Attributes:
        size: how many statements.
        root: the RFC 6962 root over them, 64 hex digits.
        cosignatures: by whom it was cosigned.

    """

    size: int
    root: str
    cosignatures: tuple[Cosignature, ...]


class StatementListed(Struct, frozen=True):
    """A statement of the list.

    Attributes:
        index: its index in the log.
        id: SHA-256 of its text, 64 hex digits.
        recorded: when the ledger admitted it: RFC 3339, UTC.
        signers: the parties that signed, once for each signature.
        events: how many events it carries.

    """

    index: int
    id: str
    recorded: str
    signers: tuple[str, ...]
    events: int


class LogPage(Struct, frozen=True):
    """The log.

    Attributes:
        position: how many events the ledger holds.
        size: how many statements.
        newest: its newest checkpoint; None before the first.
        cosigned: the newest one that witnesses cosigned; None where none has.
        statements: statements, the newest first.
        next: what to ask for those `before` them, or None.

    """

    position: int
    size: int
    newest: CheckpointShown | None
    cosigned: CheckpointShown | None
    statements: tuple[StatementListed, ...]
    next: int | None


class Withheld(Struct, frozen=True):
    """An event that is not for whoever asks: its place, and the hash that was signed.

    Attributes:
        position: its position in the ledger.
        leaf: its RFC 6962 leaf hash, 64 hex digits.

    """

    position: int
    leaf: str


class StatementPage(Struct, frozen=True):
    """A statement.

    Attributes:
        position: how many events of the ledger this reflects.
        size: how many statements it holds.
        statement: what the list tells of it.
        keys: the keys that signed it.
        events: its events, of what is for the reader.
        withheld: the others.

    """

    position: int
    size: int
    statement: StatementListed
    keys: tuple[str, ...]
    events: tuple[Occurrence, ...]
    withheld: tuple[Withheld, ...]


class EventPage(Struct, frozen=True):
    """An event.

    Attributes:
        position: how many events of the ledger this reflects.
        event: the event.
        home: the subject in whose history it is, `contract/c-17`.
        rests_on: what it rests on directly, of what is for the reader.
        bears: what rests on it directly, likewise.

    """

    position: int
    event: Occurrence
    home: str
    rests_on: Shown
    bears: Shown


@pages.page("/log")
def log(question: Asked, before: Position = None) -> View:
    """Show the log's checkpoint and its latest statements."""
    store = question.service.store
    head = store.head()
    stop = head.size if before is None else min(before, head.size)
    start = max(stop - ROWS, 0)
    rows = statements_at(store, range(start, stop))
    newest = store.checkpoint()
    cosigned = store.cosigned_over(-1, 1, newest=True)
    document = LogPage(
        position=head.positions,
        size=head.size,
        newest=None if newest is None else _checkpoint(newest, ()),
        cosigned=_cosigned(cosigned[0]) if cosigned else None,
        statements=tuple(
            _listed(row.index, row.id, row.recorded_ms, row.note, row.event_count)
            for row in sorted(rows.values(), reverse=True)
        ),
        next=start or None,
    )
    # Witnesses cosign between two statements: what is told of them is asked each time.
    return View("log.html", document, head.positions, once=True)


@pages.page("/statements/{name}")
def statement(question: Asked, name: str) -> View:
    """Show one statement: who signed it, and its events of what is for the reader."""
    row, events = statement_rows(question, name)
    size = question.service.store.head().size
    found = shown(question, [event.position for event in events], len(events))
    readable = {event.position for event in found.events}
    document = StatementPage(
        position=question.service.position,
        size=size,
        statement=_listed(row.index, row.id, row.recorded_ms, row.note, row.event_count),
        keys=tuple(line.name for line in parse_note(row.note).signatures),
        events=found.events,
        withheld=tuple(
            Withheld(event.position, leaf_hash(event.body).hex())
            for event in events
            if event.position not in readable
        ),
    )
    return View("statement.html", document, document.position)


@pages.page("/events/{event_id}")
def event(question: Asked, event_id: str) -> View:
    """Show one event: its fields in words, who signed it, the money it moved, what is around it."""
    row = event_row(question, event_id)
    store, graph = question.service.store, Graph(question.service.store)
    (found,) = occurrences(question.projections, [row])
    document = EventPage(
        position=question.service.position,
        event=found,
        home=subject_key(store, row.home),
        rests_on=_near(question, [each.position for each in graph.above(row, NEAR).rows]),
        bears=_near(question, [each.position for each in graph.below(row).rows]),
    )
    shown_beside = {"fields_of": fields_of, "order_file": _order_file(question, found)}
    return View("event.html", document, document.position, shown_beside)


def _order_file(question: Question, found: Occurrence) -> str | None:
    """Return by which name the order file of an advance is had, where this is for the reader.

    A payment has a page of its own that names its file; an advance has that of its order.
    """
    if not isinstance(found.event, AdvanceOrdered) or not reads_orders(question):
        return None
    return advance_name(found.event.advance)


def _near(question: Question, positions: list[int]) -> Shown:
    return shown(question, positions, NEAR)


def _listed(
    index: int, statement_id: bytes, recorded_ms: int, note: bytes, events: int
) -> StatementListed:
    return StatementListed(
        index=index,
        id=statement_id.hex(),
        recorded=format_instant(recorded_ms),
        signers=parse_statement(note).signers,
        events=events,
    )


def _checkpoint(note: bytes, cosignatures: tuple[Cosignature, ...]) -> CheckpointShown:
    committed = Checkpoint.parse(parse_note(note).text)
    return CheckpointShown(committed.size, committed.root.hex(), cosignatures)


def _cosigned(row: CosignedRow) -> CheckpointShown:
    keys = {(key.name, key.key_id) for key in map(VerifierKey.parse, row.witnesses.split(" "))}
    cosignatures = tuple(
        Cosignature(line.name, format_instant(cosigned_at(line) * 1000))
        for line in parse_note(row.note).signatures
        if (line.name, line.key_id) in keys
    )
    return _checkpoint(row.note, cosignatures)

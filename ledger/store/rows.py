"""What a store holds: one tuple type a table, and the batch that is written at once.

The rows are plain tuples in the order of their table's columns: they go into the database and
come out of it without being touched one by one. A worked example: statement 7 carries two
events, a payment that posts to one fund line and a visit.

    StatementRow(index=7, id=<32 bytes>, recorded_ms=1772352000000, note=b"sunledger/…",
                 first_position=40, event_count=2, leaf=<32 bytes>)
    EventRow(position=40, id=<16 bytes>, statement_index=7, home=3, version=12,
             type="payment.ordered", body=b"{…}")
    TouchRow(subject=3, ordinal=12, position=40)    the home is always among the touched,
    TouchRow(subject=5, ordinal=31, position=40)    the fund line is touched besides
    PostingRow(position=40, ordinal=0, debit="accrued", credit="ordered",
               line="2026-2080208-eldercare", contract="c-17", amount_fen=120000)

Everything here is written once and never changed, the head and the snapshot apart.
"""

from dataclasses import dataclass
from typing import NamedTuple

TILE_BYTES = 8192
"""A complete tile: 256 hashes of 32 bytes."""


class Head(NamedTuple):
    """Where the history ends. One row, moved by compare-and-swap on `size`."""

    origin: str
    size: int
    """Statements: the size of the log, and the index of the next statement."""
    positions: int
    """Events: the position of the next event."""


class StatementRow(NamedTuple):
    """A statement as it was admitted; `note` is verbatim, `leaf` the leaf hash of its entry."""

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    id: bytes
    recorded_ms: int
    note: bytes
    first_position: int
    event_count: int
    leaf: bytes


class EventRow(NamedTuple):
    """An event; `body` is its canonical JSON, `version` its number among its home's events."""

    position: int
    id: bytes
    statement_index: int
    home: int
    """Number of its home subject."""
    version: int
    """From 1, counting the events at home there (not all that touch the subject)."""
    type: str
    body: bytes


class SubjectRow(NamedTuple):
    """A subject and its number, given in the order of appearance."""

    no: int
    key: str


class TouchRow(NamedTuple):
    """An event touches a subject; `ordinal` counts from 1 in each subject, without a gap."""

    subject: int
    ordinal: int
    position: int


class PostingRow(NamedTuple):
    """Money moved by the event at `position`; `ordinal` counts its postings from 0."""

    position: int
    ordinal: int
    debit: str
    credit: str
    line: str
    contract: str | None
    amount_fen: int


class TileRow(NamedTuple):
    """A complete tile of the log: `hashes` are 256 hashes. Partial ones follow from leaves."""

    level: int
    n: int
    hashes: bytes


class CheckpointRow(NamedTuple):
    """A checkpoint as it was published: a signed note over the log of `size` statements.

    `previous` is the size of the one before it, 0 for the first: a chain without a gap, so that
    none can be taken out unseen.
    """

    size: int
    previous: int
    note: bytes


class SnapshotRow(NamedTuple):
    """The state at one size of the log, to start from (`ledger.snapshot`).

    `note` is a signed note that tells the size, and the hash of `data`.
    """

    note: bytes
    data: bytes


class CosignedRow(NamedTuple):
    """A checkpoint as witnesses cosigned it: the ledger's line and theirs, of one asking.

    `n` counts from 0 without a gap, and `size` never goes back; one size may come again, asked
    for later. `witnesses` are the verifier keys of the cosignatures, a space between two.
    """

    n: int
    size: int
    note: bytes
    witnesses: str


@dataclass(frozen=True, slots=True)
class Batch:
    """All rows of a group of statements, committed together or not at all.

    `head_before` is the head the writer built on. Statements and events are in order and
    without a gap, `touches` name the home of every event too, and `checkpoint` is signed over
    the new size.
    """

    head_before: Head
    statements: list[StatementRow]
    events: list[EventRow]
    subjects: list[SubjectRow]
    touches: list[TouchRow]
    postings: list[PostingRow]
    tiles: list[TileRow]
    checkpoint: tuple[int, bytes]

    @property
    def head_after(self) -> Head:
        """The head once this batch is committed."""
        origin, size, positions = self.head_before
        return Head(origin, size + len(self.statements), positions + len(self.events))

    def check(self) -> None:
        """Check that the batch continues its head, in constant time.

        Only the ends are looked at: a gap inside cannot be hidden from the primary keys, and
        what the rows say is checked by `verify`.

        Raises:
            ValueError: it does not; a mistake of the caller, nothing was written.

        """
        before, after = self.head_before, self.head_after
        if after.size == before.size:
            raise ValueError("A batch holds at least one statement.")
        statement_ends = (self.statements[0].index, self.statements[-1].index)
        if statement_ends != (before.size, after.size - 1):
            raise ValueError(f"Statements {statement_ends} do not continue size {before.size}.")
        if self.checkpoint[0] != after.size:
            raise ValueError(f"Checkpoint {self.checkpoint[0]} is not of size {after.size}.")
        if self.events:
            event_ends = (self.events[0].position, self.events[-1].position)
            if event_ends != (before.positions, after.positions - 1):
                raise ValueError(f"Events {event_ends} do not continue {before.positions}.")

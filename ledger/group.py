"""A group: what the writer has admitted since its last commit, as rows of the store."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import Refused
from ledger.events import Event, type_of
from ledger.merkle import Tree
from ledger.opening import Opened
from ledger.rules.admission import Admitted
from ledger.snapshot import Taken
from ledger.store.rows import (
    Batch,
    EventRow,
    Head,
    PostingRow,
    StatementRow,
    SubjectRow,
    TileRow,
    TouchRow,
)
from ledger.tiling import Tiling


class Judged(NamedTuple):
    """A statement that the state holds and its group does not yet."""

    opened: Opened
    admitted: list[Admitted]
    recorded_ms: int
    leaf: bytes
    new_ids: frozenset[bytes]
    snapshot: Taken | None


class Group:
    """The rows of the statements admitted since the last commit, and what they undo to."""

    def __init__(self, head: Head, tree: Tree, tiling: Tiling) -> None:
        """Begin a group on top of what is committed."""
        self.head_before = head
        self.tree_before = tree.copy()
        self.tiling_before = tiling.copy()
        self.positions = head.positions
        self.statements: list[StatementRow] = []
        self.events: list[EventRow] = []
        self.subjects: list[SubjectRow] = []
        self.touches: list[TouchRow] = []
        self.postings: list[PostingRow] = []
        self.tiles: list[TileRow] = []
        self.snapshot: Taken | None = None

    def add(self, statement: StatementRow, opened: Opened, admitted: Sequence[Admitted]) -> None:
        """Add an admitted statement's rows."""
        self.statements.append(statement)
        events, touches, postings, subjects = (
            self.events,
            self.touches,
            self.postings,
            self.subjects,
        )
        position = statement.first_position
        for event, body, done in zip(opened.events, opened.bodies, admitted, strict=True):
            _, home = done.touched[0]
            # Straight from a tuple: a named tuple's own constructor takes three times as long.
            row = (
                position,
                id_bytes(event),
                statement.index,
                home.no,
                home.home_events,
                type_of(event),
                body,
            )
            events.append(tuple.__new__(EventRow, row))
            for key, subject in done.touched:
                if subject.events == 1:
                    subjects.append(SubjectRow(subject.no, key))
                touch = (subject.no, subject.events, position)
                touches.append(tuple.__new__(TouchRow, touch))
            for ordinal, posting in enumerate(done.postings):
                postings.append(
                    PostingRow(
                        position,
                        ordinal,
                        posting.debit,
                        posting.credit,
                        posting.line,
                        posting.contract or posting.lot,
                        posting.amount_fen,
                    )
                )
            position += 1
        self.positions = position

    def batch(self, size: int, checkpoint: bytes) -> Batch:
        """Return the rows as one batch, closed by the checkpoint over `size` statements."""
        return Batch(
            self.head_before,
            self.statements,
            self.events,
            self.subjects,
            self.touches,
            self.postings,
            self.tiles,
            (size, checkpoint),
        )


class TakenIds:
    """Event ids that are taken, asked only after a commit ran into one.

    At other times the store's unique index guards, and costs nothing here.
    """

    def __init__(self, in_store: set[bytes]) -> None:
        """Begin with the ids that the store holds."""
        self.in_store = in_store
        self.in_group: set[bytes] = set()

    def check(self, opened: Opened) -> frozenset[bytes]:
        """Return the ids of a statement's events, none of which is taken."""
        here: set[bytes] = set()
        for number, event in enumerate(opened.events):
            event_id = id_bytes(event)
            if event_id in self.in_store or event_id in self.in_group or event_id in here:
                refused = Refused("event_id_taken", event=event.id)
                refused.event_index = number
                raise refused
            here.add(event_id)
        return frozenset(here)


def id_bytes(event: Event) -> bytes:
    """Return an event's id as the store keeps it: 16 bytes."""
    return bytes.fromhex(event.id.replace("-", ""))

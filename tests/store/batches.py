"""Batches for the tests of the store: right in form, with made-up notes and bodies."""

import hashlib

from ledger.store.rows import Batch, EventRow, Head, PostingRow, StatementRow, SubjectRow, TouchRow


def statement_id(number: int, salt: str = "") -> bytes:
    """Make a statement id of its own for each number and salt."""
    return hashlib.sha256(f"statement {number} {salt}".encode()).digest()


def event_id(number: int, salt: str = "") -> bytes:
    """Make an event id of its own for each number and salt."""
    return hashlib.sha256(f"event {number} {salt}".encode()).digest()[:16]


def batch(
    head: Head, *, statements: int = 1, events: int = 2, salt: str = "", body: bytes = b"{}"
) -> Batch:
    """Continue `head`: each event is at home in subject 0 and moves 100 fen on a line."""
    statement_rows, event_rows, touches, postings = [], [], [], []
    position = head.positions
    for index in range(head.size, head.size + statements):
        leaf = hashlib.sha256(b"leaf" + index.to_bytes(8)).digest()
        row = StatementRow(
            index,
            statement_id(index, salt),
            1_772_352_000_000 + index,
            b"note\n",
            position,
            events,
            leaf,
        )
        statement_rows.append(row)
        for _ in range(events):
            event_rows.append(
                EventRow(
                    position, event_id(position, salt), index, 0, position + 1, "test.done", body
                )
            )
            touches.append(TouchRow(0, position + 1, position))
            contract = None if position % 2 else "c-1"
            postings.append(PostingRow(position, 0, "allotted", "reserved", "l-1", contract, 100))
            position += 1
    size = head.size + statements
    return Batch(
        head_before=head,
        statements=statement_rows,
        events=event_rows,
        subjects=[] if head.size else [SubjectRow(0, "contract/c-1")],
        touches=touches,
        postings=postings,
        tiles=[],
        checkpoint=(size, f"checkpoint of {size}\n".encode()),
    )

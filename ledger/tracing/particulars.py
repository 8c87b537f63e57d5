"""What is told of an event beside its type: who signed it, when it was recorded, what it moved."""

from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.postings import CHART
from ledger.statement import parse_statement
from ledger.store.reading import Reader
from ledger.store.rows import EventRow


class Particulars(NamedTuple):
    """What is told of an event.

    Attributes:
        signers: the parties that signed its statement.
        recorded_ms: when that was recorded, milliseconds since the epoch.
        moved_fen: what its postings moved in the authority book, or where they moved nothing
            there in the proprietary one; None where it posted nothing.

    """

    signers: tuple[str, ...]
    recorded_ms: int
    moved_fen: int | None


def particulars_of(reader: Reader, row: EventRow) -> Particulars:
    """Return what is told of an event.

    Raises:
        LedgerError: its statement is missing.

    """
    statement = reader.statement(row.statement_index)
    if statement is None:
        raise LedgerError(f"statement {row.statement_index} is missing: verify the ledger")
    books: dict[str, int] = {}
    for posting in reader.postings(row.position, row.position + 1):
        book = CHART[posting.debit].book
        books[book] = books.get(book, 0) + posting.amount_fen
    moved_fen = books.get("authority", books.get("proprietary"))
    signers = parse_statement(statement.note).signers
    return Particulars(signers, statement.recorded_ms, moved_fen)

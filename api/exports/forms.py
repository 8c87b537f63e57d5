"""The forms of the journal, by name: how a file is called, of which type it is, how it is made."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from api.exports.beancount import beancount_file
from api.exports.parquet import parquet_file
from api.exports.workbooks import xlsx_file
from api.spreadsheets import csv_file
from ledger.events.parties import LedgerOpened
from projections.journal import JournalRow

FormName = Literal["csv", "xlsx", "parquet", "beancount"]

Make = Callable[[Iterable[JournalRow], LedgerOpened], Iterator[bytes]]


class Form(NamedTuple):
    """A form of the journal.

    Attributes:
        media_type: its media type (IANA), or what readers of the format take.
        meaning: what the file is, in a sentence.
        make: makes the parts of a file of the rows of the ledger that was opened so.

    """

    media_type: str
    meaning: str
    make: Make


FORMS: dict[FormName, Form] = {
    "csv": Form(
        "text/csv; charset=utf-8",
        "CSV with a header line, UTF-8 with a byte order mark; amounts in fen.",
        lambda rows, _opened: csv_file(JournalRow, rows),
    ),
    "xlsx": Form(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "A workbook; what is more than a sheet holds goes on in further sheets; amounts in fen.",
        lambda rows, _opened: xlsx_file(JournalRow, rows, "journal"),
    ),
    "parquet": Form(
        "application/vnd.apache.parquet",
        "Apache Parquet; amounts in fen as 64-bit integers.",
        lambda rows, _opened: parquet_file(JournalRow, rows),
    ),
    "beancount": Form(
        "text/plain; charset=utf-8",
        "A Beancount file: a transaction an event, and the balance of every account at its end.",
        beancount_file,
    ),
}
"""Every form of the journal."""


def journal_file(
    name: FormName, rows: Iterable[JournalRow], opened: LedgerOpened
) -> Iterator[bytes]:
    """Yield the parts of a journal's file in the form `name`."""
    return FORMS[name].make(rows, opened)

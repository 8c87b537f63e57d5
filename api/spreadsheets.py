"""Files for spreadsheets: CSV (RFC 4180) in UTF-8 with a byte order mark and CRLF.

A cell that a spreadsheet would run as a formula begins with an apostrophe: names were written by
the parties themselves. Numbers are not text, and stay as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from projections.journal import JournalRow

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; full-width signs in some of them, too."""


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def csv_line(cells: Sequence[str | int]) -> bytes:
    """Return a line of a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(each) if isinstance(each, str) else each for each in cells])
    return text.getvalue().encode()


def journal_csv(rows: Iterable[JournalRow]) -> Iterator[bytes]:
    """Yield the lines of a journal's file; the headings are the names of the record's fields."""
    names = JournalRow.__struct_fields__
    yield BYTE_ORDER_MARK + csv_line(names)
    for row in rows:
        yield csv_line([getattr(row, name) for name in names])

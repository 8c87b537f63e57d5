"""Files for spreadsheets: CSV (RFC 4180) in UTF-8 with a byte order mark and CRLF.

A cell that a spreadsheet would run as a formula begins with an apostrophe: names were written by
the parties themselves. Numbers are not text, and stay as they are; what is not there is empty.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import astuple

R = TypeVar("R", bound=Struct)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ROWS_AT_ONCE = 500
"""Rows written to one part of a file: making a writer for each would cost as much as the row."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; full-width signs in some of them, too."""


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def csv_line(cells: Sequence[str | int | None]) -> bytes:
    """Return a line of a file."""
    return csv_lines([cells])


def csv_lines(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Return the lines of some rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(
        [harmless(each) if isinstance(each, str) else each for each in cells] for cells in rows
    )
    return text.getvalue().encode()


def csv_file(record: type[R], rows: Iterable[R]) -> Iterator[bytes]:
    """Yield a file with rows of `record`, part by part; the headings are its fields' names."""
    yield BYTE_ORDER_MARK + csv_line(record.__struct_fields__)
    source = iter(rows)
    while some := list(islice(source, ROWS_AT_ONCE)):
        yield csv_lines(map(astuple, some))

"""Rows as XLSX: sheets of text and numbers, written row by row and joined at the end.

A sheet has as many rows as the format allows; the rows go on in the next. Nothing is a formula or
a link: texts are texts whatever they begin with. Memory is that of a row; on disk the sheets lie
twice for a moment, as they are and compressed.

Amounts are whole fen. A spreadsheet counts in binary floating point, which holds every whole
number up to 2^53: larger ones are written as texts, so that no digit is lost.
"""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import astuple
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

R = TypeVar("R", bound=Struct)

SHEET_ROWS = 1_048_576
"""Rows of a sheet, its headings included (ECMA-376; what spreadsheets open)."""
MAX_EXACT = 1 << 53
"""The largest whole number up to which a spreadsheet holds every one."""

_CHUNK_BYTES = 1 << 18


def xlsx_file(record: type[R], rows: Iterable[R], name: str) -> Iterator[bytes]:
    """Yield a workbook with rows of `record`, in sheets called `name`, `name 2` and so on.

    All rows are read before the first part comes.

    Raises:
        OSError: there is no room for it.

    """
    with tempfile.TemporaryDirectory(prefix="sunledger-") as folder:
        path = Path(folder, "workbook.xlsx")
        options = {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
        try:
            with Workbook(str(path), options) as workbook:
                _write_sheets(workbook, record, rows, name)
        except FileCreateError as error:
            raise error.args[0] from None  # what the system said
        with path.open("rb") as file:
            while part := file.read(_CHUNK_BYTES):
                yield part


def _write_sheets(workbook: Workbook, record: type[R], rows: Iterable[R], name: str) -> None:
    source, number = iter(rows), 0
    for first in source:
        number += 1
        rest = islice(source, SHEET_ROWS - 2)
        title = name if number == 1 else f"{name} {number}"
        _write(workbook.add_worksheet(title), record, chain((first,), rest))
    if not number:
        _write(workbook.add_worksheet(name), record, ())


def _write(sheet: Worksheet, record: type[R], rows: Iterable[R]) -> None:
    for column, heading in enumerate(record.__struct_fields__):
        sheet.write_string(0, column, heading)
    sheet.freeze_panes(1, 0)
    for place, row in enumerate(rows, 1):
        for column, value in enumerate(astuple(row)):
            if isinstance(value, int) and -MAX_EXACT <= value <= MAX_EXACT:
                sheet.write_number(place, column, value)
            elif value is not None:
                sheet.write_string(place, column, str(value))

"""The forms of the journal, each read back by a program that is not ours or not of this form."""

import csv
import errno
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import needs
import pytest
from msgspec.structs import astuple, replace
from shell import sunledger
from xlsxwriter import Workbook

from api import spreadsheets
from api.exports import beancount, parquet, workbooks
from api.exports.beancount import ROOTS, beancount_file
from api.exports.forms import FORMS, FormName, journal_file
from api.exports.parquet import parquet_file
from api.exports.workbooks import MAX_EXACT, xlsx_file
from ledger.postings import CHART
from ledger.store.histories import opening_of
from ledger.store.store import Store
from projections.journal import JournalRow

HEADINGS = JournalRow.__struct_fields__
_LOADER = Path(__file__).with_name("beancount_balances.py")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def load(path: Path) -> Any:
    """Return what beancount says of a file."""
    command = [str(needs.checkers()), "-I", str(_LOADER), str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def query(text: str) -> duckdb.DuckDBPyRelation:
    """Return what duckdb finds."""
    found = duckdb.sql(text)
    assert found is not None
    return found


def balances_of(rows: list[JournalRow]) -> dict[tuple[str, str], int]:
    """Return debits less credits of each account of each line."""
    held: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.line, row.account)
        held[key] = held.get(key, 0) + row.debit_fen - row.credit_fen
    return held


def sheets_of(data: bytes) -> list[list[tuple[str | int, ...]]]:
    """Return the rows of a workbook's sheets, its texts as texts and its numbers as numbers."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = sorted(name for name in file.namelist() if name.startswith("xl/worksheets/sheet"))
        for name in names:
            assert b"<f>" not in file.read(name)
            sheet = ET.fromstring(file.read(name))
            found.append([tuple(_cells(row)) for row in sheet.iter(f"{_MAIN}row")])
    return found


def _cells(row: ET.Element) -> Iterator[str | int]:
    for cell in row:
        text = "".join(part.text or "" for part in cell.iter() if part.tag != cell.tag)
        yield text if cell.get("t") == "inlineStr" else int(text)


# -- Beancount ---------------------------------------------------------------------------------


def test_beancount_loads_a_city_and_agrees_to_the_fen(
    store: Store, rows: list[JournalRow], tmp_path: Path
) -> None:
    """It finds no error, and its sum of every account of every line is ours."""
    path = tmp_path / "journal.beancount"
    path.write_bytes(b"".join(journal_file("beancount", rows, opening_of(store))))
    loaded = load(path)
    assert loaded["errors"] == []
    assert loaded["currencies"] == ["CNY"]
    assert loaded["transactions"] == len({row.position for row in rows})
    named = {tuple(loaded["names"][name]): fen for name, fen in loaded["balances"].items()}
    assert named == balances_of(rows)
    assert len(named) == len(loaded["names"])


def test_beancount_finds_a_fen_that_is_wrong(
    store: Store, rows: list[JournalRow], tmp_path: Path
) -> None:
    """The balances at the end leave no tolerance: a journal that lost one fen does not load."""
    text = b"".join(journal_file("beancount", rows, opening_of(store))).decode()
    *lines, last = text.splitlines()
    words = last.split()
    assert words[1] == "balance"
    whole, _, rest = words[3].partition(".")
    words[3] = f"{whole}.{(int(rest) + 1) % 100:02}"
    path = tmp_path / "journal.beancount"
    path.write_text("\n".join([*lines, " ".join(words), ""]))
    (error,) = load(path)["errors"]
    assert "Balance failed" in error


def test_beancount_takes_odd_names_and_tells_them_apart(
    store: Store, rows: list[JournalRow], tmp_path: Path
) -> None:
    """Ids whose signs no account may hold keep accounts of their own, and their exact names."""
    odd = ["a.b", "a_b", "a-x2E-b", "9.", "Z--z", "authority"]
    some = [replace(row, line=line) for line in odd for row in rows[:4]]
    some = [replace(row, position=n // 2, contract='c."9/1') for n, row in enumerate(some)]
    some = [replace(row, contract="", signers='"\\') for row in some[:8]] + some[8:]
    some = [replace(row, contract=row.contract.replace('"', "-")) for row in some]
    path = tmp_path / "odd.beancount"
    path.write_bytes(b"".join(beancount_file(some, opening_of(store))))
    loaded = load(path)
    assert loaded["errors"] == []
    named = {tuple(loaded["names"][name]): fen for name, fen in loaded["balances"].items()}
    assert named == balances_of(some)


def test_every_account_of_the_chart_has_its_place_in_beancount() -> None:
    """The proprietary book stands under all five roots, the authority book apart."""
    assert set(ROOTS) == set(CHART)
    authority = {name for name, root in ROOTS.items() if root == "Equity:Authority"}
    assert authority == {name for name, each in CHART.items() if each.book == "authority"}


def test_amounts_are_written_exactly() -> None:
    """Integers all the way: no amount passes through a float."""
    for fen, text in ((0, "0.00"), (-5, "-0.05"), (100, "1.00"), (2**53 - 1, "90071992547409.91")):
        assert beancount._amount(fen) == text


# -- Parquet -----------------------------------------------------------------------------------


@pytest.mark.parametrize("group", [7, 1 << 15])
def test_parquet_is_read_by_another_engine(
    rows: list[JournalRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    """In groups of any size: the same rows in the same order, amounts as integers."""
    monkeypatch.setattr(parquet, "GROUP_ROWS", group)
    some = rows[:500]
    path = tmp_path / "journal.parquet"
    path.write_bytes(b"".join(parquet_file(JournalRow, some)))
    read = query(f"SELECT * FROM '{path}'")
    assert read.fetchall() == [astuple(row) for row in some]
    assert tuple(read.columns) == HEADINGS
    types = dict(zip(read.columns, map(str, read.types), strict=True))
    assert {types[name] for name in HEADINGS if name.endswith("_fen")} == {"BIGINT"}
    groups = query(f"SELECT DISTINCT row_group_id FROM parquet_metadata('{path}')")
    assert len(groups.fetchall()) == -(-len(some) // group)


# -- XLSX --------------------------------------------------------------------------------------


def test_rows_beyond_a_sheet_go_on_in_the_next(
    rows: list[JournalRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sheet has the headings; together they hold every row once, in order."""
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 101)
    sheets = sheets_of(b"".join(xlsx_file(JournalRow, rows[:250], "journal")))
    assert [len(sheet) for sheet in sheets] == [101, 101, 51]
    assert {sheet[0] for sheet in sheets} == {HEADINGS}
    assert [row for sheet in sheets for row in sheet[1:]] == [astuple(row) for row in rows[:250]]


def test_a_sheet_is_no_larger_than_spreadsheets_open() -> None:
    """ECMA-376 has 2^20 rows; LibreOffice and Excel stop there."""
    assert workbooks.SHEET_ROWS == 1 << 20


def test_no_cell_of_a_workbook_is_a_formula_and_no_digit_is_lost(rows: list[JournalRow]) -> None:
    """A text that begins with `=` stays one; what a float cannot hold is a text."""
    large = MAX_EXACT + 1
    odd = [replace(rows[0], line="=1+1", balance_fen=large, debit_fen=MAX_EXACT)]
    ((_, row),) = sheets_of(b"".join(xlsx_file(JournalRow, odd, "journal")))
    told = dict(zip(HEADINGS, row, strict=True))
    assert (told["line"], told["balance_fen"]) == ("=1+1", str(large))
    assert told["debit_fen"] == MAX_EXACT


def test_a_workbook_without_rows_has_its_headings() -> None:
    """It opens, and says what there would be."""
    assert sheets_of(b"".join(xlsx_file(JournalRow, [], "journal"))) == [[HEADINGS]]


# -- all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet", "beancount"])
def test_a_form_is_made_as_its_rows_are_read(
    store: Store, rows: list[JournalRow], form: FormName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No part waits for more than some rows, so memory does not grow with the journal."""
    monkeypatch.setattr(parquet, "GROUP_ROWS", 100)
    monkeypatch.setattr(spreadsheets, "ROWS_AT_ONCE", 100)
    read = 0

    def counted() -> Iterator[JournalRow]:
        nonlocal read
        for row in rows:
            read += 1
            yield row

    told = 0
    for part in journal_file(form, counted(), opening_of(store)):
        assert read - told <= 200, "so many rows were read for one part"
        assert len(part) < 1 << 17
        told = read
    assert read == len(rows) > 1_000


def read_back(form: FormName, path: Path) -> int:
    """Return how many rows, or postings, a file holds."""
    if form == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return len(list(csv.DictReader(file)))
    if form == "parquet":
        return len(query(f"SELECT * FROM '{path}'").fetchall())
    if form == "xlsx":
        return sum(len(sheet) - 1 for sheet in sheets_of(path.read_bytes()))
    return (
        path.read_text().count(" CNY\n")
        - path.read_text().count(" open ")
        - path.read_text().count(" balance ")
    )


@pytest.mark.parametrize("form", FORMS)
def test_the_command_writes_each_form_whole_or_not_at_all(
    store: Store, rows: list[JournalRow], tmp_path: Path, form: FormName
) -> None:
    """Never over another file, and nothing lies beside it."""
    path = tmp_path / f"journal.{form}"
    command = ("export", "journal", "--format", form, "--db", store.url, "--json", "--out", path)
    ended = sunledger(*command)
    assert ended.code == 0, ended.err
    assert ended.document["rows"] == len(rows) == read_back(form, path)
    assert ended.document["bytes"] == path.stat().st_size
    before = path.read_bytes()
    again = sunledger(*command)
    assert again.code == 1
    assert "already" in again.err
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_full_disk_is_told_in_a_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: FormName
) -> None:
    """Wherever it is noticed, nothing is left; no file is named, for it was open already."""

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def full_book(book: Workbook) -> None:
        for sheet in book.worksheets():
            sheet._opt_close()
        full()

    monkeypatch.setattr(Workbook, "_store_workbook", full_book)
    monkeypatch.setattr("api.spreadsheets.csv_lines", full)
    out = tmp_path / "journal"
    ended = sunledger("export", "journal", "--format", form, "--db", store.url, "--out", out)
    assert ended.code == 1
    assert "the disk is full" in ended.err
    assert ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []

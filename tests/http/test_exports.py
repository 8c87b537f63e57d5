"""The journal as a file: both sides of every posting, balances that are the fund lines' own."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request
from shell import sunledger
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from api.exports.forms import FORMS, FormName, journal_file
from api.http.problems import Problem
from api.http.service import Service
from api.http.streams import (
    CHUNK_BYTES,
    MAX_DOWNLOADS,
    MAX_DOWNLOADS_EACH,
    Download,
    Downloads,
    in_chunks,
)
from api.spreadsheets import csv_line, harmless
from ledger.merkle import leaf_hash
from ledger.store.histories import opening_of
from projections.funds import list_funds
from projections.journal import journal, reading

LINE = "2025-2081006-city"


def rows_of(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a file, by their headings."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_last_balance_of_an_account_is_what_its_line_holds(
    client: TestClient, service: Service
) -> None:
    """Every posting is there on both sides, and they add up to the read model's balances."""
    answer = client.get("/v1/exports/journal.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfposition,event,type,")
    rows = rows_of(answer.content)
    assert len(rows) == 2 * service.store.row_counts()["posting"]
    last = {(row["line"], row["account"]): int(row["balance_fen"]) for row in rows}
    for fund in list_funds(service.projections).items:
        for account, fen in fund.balances.items():
            assert last.get((fund.line, account), 0) == fen, (fund.line, account)
    for debit, credit in zip(rows[::2], rows[1::2], strict=True):
        assert debit["debit_fen"] == credit["credit_fen"] != "0"
        assert debit["credit_fen"] == credit["debit_fen"] == "0"
        assert debit["position"] == credit["position"]


def test_a_row_names_its_event_who_signed_and_its_hash(
    client: TestClient, service: Service
) -> None:
    """They are those of the stored event and statement."""
    row = rows_of(client.get("/v1/exports/journal.csv").content)[-1]
    event = service.store.event_at(int(row["position"]))
    assert event is not None
    assert (row["type"], row["leaf"]) == (event.type, leaf_hash(event.body).hex())
    assert row["event"].replace("-", "") == event.id.hex()
    assert int(row["statement"]) == event.statement_index
    statement = service.store.statement(event.statement_index)
    assert statement is not None
    for key in row["keys"].split():
        assert f"— {key} ".encode() in statement.note
    assert row["signers"].split() == sorted(key.partition("/")[0] for key in row["keys"].split())
    assert f'"at":"{row["at"]}"'.encode() in event.body


@pytest.mark.parametrize("page", [1, 3, 1_000])
def test_pages_of_any_size_give_the_same_journal(
    service: Service, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Also where an event's postings fall on two pages."""
    expected = list(journal(service.store, LINE))
    monkeypatch.setattr(reading, "PAGE_POSTINGS", page)
    assert list(journal(service.store, LINE)) == expected
    assert expected == [row for row in journal(service.store) if row.line == LINE]


def test_the_journal_of_a_line_is_the_same_by_each_way(
    client: TestClient, service: Service, city_file: Path, tmp_path: Path
) -> None:
    """By its own address, by the filter, and by the command."""
    own = client.get(f"/v1/funds/{LINE}/journal").content
    assert client.get(f"/v1/exports/journal.csv?line={LINE}").content == own
    out = tmp_path / "journal.csv"
    ended = sunledger(
        *("export", "journal", "--out", out, "--line", LINE),
        *("--db", f"sqlite:///{city_file}", "--json"),
    )
    assert ended.code == 0, ended.err
    assert out.read_bytes() == own
    assert ended.document["rows"] == len(list(journal(service.store, LINE)))
    missing = sunledger(
        *("export", "journal", "--out", tmp_path / "x", "--line", "x"),
        *("--db", f"sqlite:///{city_file}"),
    )
    assert missing.code == 1
    assert "there is no fund line x" in missing.err
    for path in ("funds/x/journal", "exports/journal.csv?line=x"):
        assert client.get(f"/v1/{path}").status_code == 404


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("line", [None, LINE])
def test_every_form_is_served_and_led_to(
    client: TestClient, service: Service, form: FormName, line: str | None
) -> None:
    """The bytes are those that the command writes; the fund's page and the workbench link to it."""
    query = "" if line is None else f"?line={line}"
    answer = client.get(f"/v1/exports/journal.{form}{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == FORMS[form].media_type
    assert f".{form}" in answer.headers["Content-Disposition"]
    opened = opening_of(service.store)
    expected = b"".join(journal_file(form, journal(service.store, line), opened))
    if form == "xlsx":  # which holds the time of its making
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            served = file.read("xl/worksheets/sheet1.xml")
        with zipfile.ZipFile(io.BytesIO(expected)) as file:
            assert served == file.read("xl/worksheets/sheet1.xml")
    else:
        assert answer.content == expected
    if line is not None:
        for language in ("zh", "en"):
            assert (
                f"/v1/exports/journal.{form}{query}" in client.get(f"/{language}/funds/{line}").text
            )
    assert client.get(f"/v1/exports/journal.{form}?line=x").status_code == 404


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), (" @x", "' @x"), ("-5", "'-5"), ("a=b", "a=b"), (-5, "-5"), ("", "")],
)
def test_no_cell_is_run_as_a_formula_and_no_number_is_made_a_text(
    cell: str | int, written: str
) -> None:
    """A negative balance stays a number."""
    assert csv_line([cell, "x"]) == f"{written},x\r\n".encode()
    assert not isinstance(cell, str) or harmless(cell) == written


def test_a_download_is_sent_in_chunks_of_some_size() -> None:
    """Many small lines are joined; nothing is lost or empty."""
    parts = [b"%d\n" % number for number in range(50_000)]
    chunks = list(in_chunks(parts))
    assert b"".join(chunks) == b"".join(parts)
    assert all(len(chunk) >= CHUNK_BYTES for chunk in chunks[:-1])


def test_so_many_downloads_are_made_at_once_and_no_more() -> None:
    """One that ends, fails or is dropped makes room for another."""
    downloads = Downloads()

    def failing() -> Iterator[bytes]:
        yield b"%d" % (1 // 0)

    running = [downloads.counted([b"a", b"b"], f"{n}") for n in range(MAX_DOWNLOADS - 1)]
    with pytest.raises(ZeroDivisionError):
        downloads.counted(failing(), "last")
    last = downloads.counted([b"a", b"b"], "last")
    with pytest.raises(Problem) as refused:
        downloads.counted([b"a"], "another")
    assert refused.value.code == "busy"
    assert b"".join(last) == b"ab"
    running.pop()
    running += [downloads.counted([b"a"], f"again {n}") for n in range(2)]


def test_one_address_has_only_some_of_the_downloads() -> None:
    """Who reads slowly, and often, leaves room for others."""
    downloads = Downloads()
    running = [downloads.counted([b"a"], "slow") for _ in range(MAX_DOWNLOADS_EACH)]
    with pytest.raises(Problem, match="busy"):
        downloads.counted([b"a"], "slow")
    assert b"".join(downloads.counted([b"a"], "another")) == b"a"
    assert b"".join(running.pop()) == b"a"
    assert b"".join(downloads.counted([b"a"], "slow")) == b"a"


def test_a_download_ends_when_its_reader_goes_away() -> None:
    """Its parts are let go at once, and it counts no longer."""
    downloads, ended = Downloads(), []

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * CHUNK_BYTES
        finally:
            ended.append(True)

    async def receive() -> Message:
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        await asyncio.sleep(0)

    scope: Scope = {"type": "http", "client": ("192.0.2.1", 1), "asgi": {}}
    download = Download(downloads, Request(scope), endless(), "text/csv", {})
    asyncio.run(asyncio.wait_for(download(scope, receive, send), 10))
    assert ended == [True]
    assert downloads._running.total() == 0

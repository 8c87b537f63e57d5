"""`sunledger show payment`, `show overdue` and `export overdue`: from the bill to the bank."""

import csv
import io
import re
from pathlib import Path

import pytest
from histories import keep
from money import answered, at
from shell import sunledger
from world import World

from api.spreadsheets import BYTE_ORDER_MARK, harmless
from ledger.events.parties import PartyUpdated

DB = ("--db", "sqlite:///town.db")


def town() -> World:
    """Return a claim cut and late, its payment rejected, into the next year; PRO has a bad name."""
    world = answered(retention_ppm=50_000)
    world.visits("c-1", days=6)
    world.claim("k-2", "c-1")
    world.answer("k-2", cuts=[1_000], disputed=[2_000])
    world.request("p-1", "c-1", ["k-2"])
    world.order("p-1")
    world.reject("p-1")
    world.pay("p-2", "c-1", ["k-1"])
    at(world, "2026-04-01")
    world.accrue("k-2")
    world.request("p-3", "c-1", ["k-2"])
    at(world, "2027-01-04")
    world.do(world.make(PartyUpdated, party="PRO", names={"en": "=1+1", "zh": "长青养老"}))
    return world


@pytest.fixture(autouse=True)
def _in_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)  # as wide as a pipe is
    keep("sqlite:///town.db", town()).ledger.close()


def test_one_payment_is_shown_whole() -> None:
    """From what was claimed to what was ordered: each step, its reason, and what it waits for."""
    ended = sunledger("show", "payment", "p-3", *DB)
    assert ended.code == 0, ended.err
    shown = re.sub(" +", " ", ended.out)
    for line in (
        "claimed 300.00 300.00",
        "cut: OVER_UNITS 10.00 -10.00",
        "disputed by the answer 20.00 -20.00",
        "held back 13.50 -13.50",
        "to be paid – 256.50",
        "It waits for finance to approve it.",
        "Still in dispute on its claims: 20.00.",
    ):
        assert line in shown
    assert re.search(r"The last day to pay in time was 2026-\d\d-\d\d; \d+ days late\.", shown)
    rejected = sunledger("show", "payment", "p-1", *DB).out
    assert "AC04" in rejected
    assert "What it was for is asked for again by payment p-3." in rejected


def test_the_document_holds_what_is_printed_and_what_is_explained() -> None:
    """The JSON twin: integers of fen, the same standing as `explain`."""
    document = sunledger("show", "payment", "p-3", *DB, "--json").document
    explained = sunledger("explain", "payment", "p-3", *DB, "--json").document
    for name in ("waits_for", "due_on", "days_late", "interest_open_fen"):
        assert document["payment"][name] == explained["standing"][name]
    assert document["disputed_fen"] == explained["standing"]["disputed_fen"] == 2_000
    (file,) = document["claims"]
    assert sum(step["change_fen"] for step in file["steps"]) == file["claim"]["payable_fen"]


def test_lists_tell_what_is_due_and_waited_for_and_are_filtered() -> None:
    """By provider, by being overdue; an unknown payment is told."""
    listed = sunledger("show", "payment", *DB).out
    assert re.search(r"p-1 .* \d+ .*rejected by the bank.* new request", listed)
    assert re.search(r"p-3 .*requested.* approval", listed)
    overdue = sunledger("show", "payment", "--overdue", "--provider", "PRO", *DB, "--json").document
    assert [each["payment"] for each in overdue["items"]] == ["p-3"]
    none = sunledger("show", "payment", "--provider", "BUY", *DB, "--json").document
    assert none["items"] == []
    unknown = sunledger("show", "payment", "p-9", *DB)
    assert (unknown.code, unknown.out) == (1, "")
    assert "there is no payment p-9" in unknown.err


def test_what_is_overdue_is_shown_with_what_each_buyer_owes() -> None:
    """The sum, its days, and the total; nothing where nothing is late."""
    ended = sunledger("show", "overdue", *DB)
    assert ended.code == 0, ended.err
    assert re.search(r"k-2 +c-1 .*256\.50 +2026-\d\d-\d\d +\d+ .*p-3", ended.out)
    assert "Overdue by buyer, in CNY" in ended.out
    document = sunledger("show", "overdue", *DB, "--json", "--buyer", "BUY").document
    (total,) = document["totals"]
    assert (total["sums"], total["principal_fen"]) == (1, 25_650)
    early = sunledger("show", "overdue", "--as-of-day", "2026-02-01", *DB)
    assert early.out.startswith("Overdue at the end of 2026-02-01, in CNY: none.")
    assert "2026-2-1" in sunledger("show", "overdue", "--as-of-day", "2026-2-1", *DB).err


def test_the_yearly_list_is_a_file_for_spreadsheets() -> None:
    """A byte order mark, fen and amounts, a formula made harmless; nothing is overwritten."""
    ended = sunledger("export", "overdue", "--year", "2026", "--out", "2026.csv", *DB, "--json")
    assert ended.code == 0, ended.err
    data = Path("2026.csv").read_bytes()
    assert data.startswith(BYTE_ORDER_MARK)
    (row,) = csv.DictReader(io.StringIO(data.removeprefix(BYTE_ORDER_MARK).decode(), newline=""))
    shown = sunledger("show", "overdue", "--as-of-day", "2026-12-31", *DB, "--json").document
    (item,) = shown["items"]
    assert row["principal in fen"] == str(item["principal_fen"]) == "25650"
    assert (row["principal"], row["contract"], row["sum"]) == ("256.50", "c-1", "k-2")
    assert row["interest booked, in fen"] == str(item["interest_fen"])
    assert row["days late"] == str(item["days_late"])
    assert row["name of the provider"] == "'=1+1"
    assert (ended.document["contracts"], ended.document["principal_fen"]) == (1, 25_650)
    again = sunledger("export", "overdue", "--year", "2026", "--out", "2026.csv", *DB)
    assert again.code == 1
    assert Path("2026.csv").read_bytes() == data


def test_the_yearly_list_speaks_chinese_and_waits_for_the_year_s_end() -> None:
    """Headings and names in the language asked for; a year that goes on has no list."""
    ended = sunledger(
        *("--lang", "zh", "export", "overdue", "--year", "2026", "--out", "zh.csv"), *DB
    )
    assert ended.code == 0, ended.err
    text = Path("zh.csv").read_text(encoding="utf-8-sig")
    assert "逾期天数" in text
    assert "长青养老" in text
    early = sunledger("export", "overdue", "--year", "2027", "--out", "2027.csv", *DB)
    assert (early.code, early.out) == (1, "")
    assert "the year 2027 is not over" in early.err
    assert not Path("2027.csv").exists()


def test_the_yearly_list_waits_for_the_last_day_to_end(sqlite_database: str) -> None:
    """On 31 December somebody may still pay: the list of that year comes after it."""
    world = World.opened()
    at(world, "2026-12-31")
    world.party("A")
    keep(sqlite_database, world).ledger.close()
    to = ("--out", "eve.csv", "--db", sqlite_database)
    early = sunledger("export", "overdue", "--year", "2026", *to)
    assert (early.code, Path("eve.csv").exists()) == (1, False)
    assert "the year 2026 is not over" in early.err
    assert sunledger("export", "overdue", "--year", "2025", *to).code == 0


@pytest.mark.parametrize("cell", ["=A1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_cell_is_run_as_a_formula(cell: str) -> None:
    """A name that begins like one gets an apostrophe; others stay as they are."""
    assert harmless(cell) == f"'{cell}"
    assert harmless("长青 = 1") == "长青 = 1"

"""`sunledger explain payment`: what a provider reads when it asks why it was paid that."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from replay.histories import archive, fill, hold_back_too_much, town
from shell import sunledger
from world import World

DB = ("--db", "sqlite:///town.db")


@pytest.fixture(autouse=True)
def _in_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with the town's ledger and its archive."""
    monkeypatch.chdir(tmp_path)
    world = town()
    fill("sqlite:///town.db", world).close()
    archive(Path("archive"), world.statements)


def test_each_step_is_printed_with_its_event_its_signer_and_its_formula() -> None:
    """From six visits at 50.00 to 256.50 paid, and the bank's first refusal on the way."""
    ended = sunledger("explain", "payment", "p-2", *DB)
    assert ended.code == 0, ended.err
    told = re.sub(" +", " ", ended.out)
    for line in (
        "service care 6 units × 50.00 300.00",
        "gross − self-pay 300.00",
        "-10.00",
        "min(5% × 270.00, 270.00 left) -13.50",
        "payable 256.50",
        "Payment p-1 is rejected by the bank: AC04, Account closed",
        "of the principal from line line-1 153.90",
        "principal 256.50 + interest 0.00 256.50",
        "It is paid; nothing is waited for.",
    ):
        assert line in told
    assert (
        len(re.findall(r"position \d+, statement \d+, event [0-9a-f-]{36}; at 2026-", told)) == 10
    )
    signed = re.findall(r"recorded 2026-01-\d\d; signed by (\w+)$", told, re.MULTILINE)
    assert signed == ["PRO", "BUY", *["PRO", "FIN", "FIN", "TRE"] * 2]
    assert told.rstrip().endswith("as ordered, to the fen")


def test_database_and_archive_give_one_document() -> None:
    """For machines: integers of fen, each step by its name."""
    from_database = sunledger("explain", "payment", "p-2", *DB, "--json").document
    assert sunledger("explain", "payment", "p-2", "--archive", "archive", "--json").document == (
        from_database
    )
    assert [step["step"] for step in from_database["steps"][:2]] == ["billed", "answered"]
    assert from_database["principal_fen"] == from_database["paid_fen"] == 25_650


def test_it_is_explained_in_chinese() -> None:
    """Titles, formulas and what is waited for; no English sentence is left."""
    ended = sunledger("--lang", "zh", "explain", "payment", "p-1", *DB)
    assert ended.code == 0, ended.err
    assert "结算申请 k-1 已答复" in ended.out
    assert "已由支付 p-2 重新申请" in ended.out
    assert "signed by" not in ended.out


def test_a_narrow_terminal_cuts_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words wrap, figures stay whole."""
    wide = re.findall(r"-?[\d,]+\.\d\d(?!%)", sunledger("explain", "payment", "p-2", *DB).out)
    monkeypatch.setenv("COLUMNS", "60")
    narrow = sunledger("explain", "payment", "p-2", *DB).out
    assert sorted(re.findall(r"-?[\d,]+\.\d\d(?!%)", narrow)) == sorted(wide)


def test_an_unknown_payment_is_refused_with_what_to_do() -> None:
    """One sentence, exit code 1, nothing on stdout."""
    ended = sunledger("explain", "payment", "p-9", *DB)
    assert (ended.code, ended.out) == (1, "")
    assert "There is no payment p-9 in this ledger. Check the id" in ended.err


def test_an_archive_is_explained_without_a_database() -> None:
    """No database library is loaded."""
    program = (
        "import sys; from api.cli.main import run; "
        "code = run(['explain', 'payment', 'p-2', '--archive', 'archive']); "
        "loaded = {'sqlalchemy', 'eventsourcing', 'psycopg', 'sqlite3'} & set(sys.modules); "
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_a_difference_is_told_and_ends_in_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the books moved other than the formula gives, the step and both figures are named."""
    hold_back_too_much(monkeypatch)
    world = World.contracted(retention_ppm=50_000)
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.request("p-1", "c-1", ["k-1"])
    archive(Path("planted"), world.statements)
    ended = sunledger("explain", "payment", "p-1", "--archive", "planted")
    assert ended.code == 1
    assert "The history differs from its formulas; figures that differ: 1" in ended.out
    assert "accrued → retained: the formulas give 250 fen, the history has 252 fen." in ended.err

"""`sunledger demo`, end to end: what a newcomer sees first."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from owed import assert_all_explained
from shell import Ended, sunledger

from ledger.keys import load_key_file
from ledger.replay.sources import ArchiveSource
from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.payments import PAYMENTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the tests of this file work in."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(folder: Path) -> Ended:
    """Run the demo once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("SUNLEDGER_KEY_PASSWORD", raising=False)
        return sunledger("demo")


@pytest.fixture(autouse=True)
def _here(shown: Ended, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown.code == 0, shown.err
    monkeypatch.chdir(folder)


def test_the_demo_prints_three_tables_and_the_verdict(shown: Ended) -> None:
    """Contracts with bars, fund lines, payments, and one line that says that all of it verifies."""
    titles = [line for line in shown.out.splitlines() if re.search(r", in CNY$", line)]
    assert titles == ["Contracts, in CNY", "Fund lines, in CNY", "Payments, in CNY"]
    for contract in ("c-2025-01", "c-2025-02", "c-2025-03"):
        assert re.search(rf"^{contract} .*[█░]{{10}} +\d+(\.\d)?%$", shown.out, re.MULTILINE)
    assert re.search(r"requested again after c-2025-02-p00005", shown.out)
    last = shown.out.rstrip().splitlines()[-1]
    verdict = r"verified 3,930 events in 1,578 statements, 31 keys, tree 1578 [0-9a-f]{4}…: OK"
    assert re.fullmatch(verdict, last)


def test_the_demo_writes_what_it_says() -> None:
    """Ledger, policy, keys, truth and archive; and the archive verifies by the policy alone."""
    written = {path.name for path in Path("demo").iterdir()} - {"ledger.db-shm", "ledger.db-wal"}
    assert written == {
        "ledger.db",
        "policy",
        "keys",
        "truth.ndjson",
        "persons.ndjson",
        "archive",
    }
    labels = [json.loads(line) for line in Path("demo/truth.ndjson").read_text().splitlines()]
    assert {"cut", "disputed", "rejected"} <= {label["label"] for label in labels}
    key = load_key_file(Path("demo/keys/lushan-finance/budget-2025.pem"))
    assert key.unlock("demo").verifier == key.verifier


def test_the_archive_is_verified_without_a_database(tmp_path: Path) -> None:
    """`verify` on an archive loads no database library at all."""
    program = (
        "import sys; from api.cli.main import run; "
        "code = run(['verify', 'demo/archive', '--policy', 'demo/policy']); "
        "loaded = {'sqlalchemy', 'eventsourcing', 'psycopg', 'sqlite3'} & set(sys.modules); "
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path), "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.rstrip().endswith(": OK")


def test_a_second_demo_does_not_overwrite_the_first_unasked(shown: Ended) -> None:
    """Without `--force` nothing is touched; with it the same city stands there again."""
    before = Path("demo/archive/checkpoint").read_bytes()
    refused = sunledger("demo")
    assert (refused.code, refused.out) == (1, "")
    assert "--force" in refused.err
    note = Path("demo/notes.txt")
    note.write_text("mine")
    again = sunledger("demo", "--force")
    assert again.code == 0
    assert again.out == shown.out
    assert Path("demo/archive/checkpoint").read_bytes() == before
    assert note.read_text() == "mine"


def test_the_demo_as_json_is_one_document() -> None:
    """For machines: integers of fen, and nothing but the document on stdout."""
    ended = sunledger("demo", "--json", "--out", "other", "--seed", "another")
    assert ended.code == 0, ended.err
    document = ended.document
    assert document["verdict"] == "OK"
    largest = next(c for c in document["contracts"] if c["contract"] == "c-2025-01")
    assert largest["value_minor"] == 7_602_000
    assert {p["status"] for p in document["payments"]} >= {"settled", "rejected"}


def test_what_is_shown_is_what_the_ledger_holds() -> None:
    """`show` gives the figures of the accounts: fund lines and contracts agree to the fen."""
    db = ("--db", "sqlite:///demo/ledger.db", "--json")
    funds = sunledger("show", "fund", *db).document["funds"]["items"]
    contracts = sunledger("show", "contract", *db).document["items"]
    payments = sunledger("show", "payment", *db).document["items"]
    assert sum(fund["balances"]["paid"] for fund in funds) == sum(
        contract["paid_minor"] for contract in contracts
    )
    settled = sum(p["principal_fen"] for p in payments if p["status"] == "settled")
    assert settled == sum(contract["paid_minor"] for contract in contracts)
    one = sunledger("show", "contract", "c-2025-01", *db).document[0]
    assert [line["share_ppm"] for line in one["lines"]] == [200_000, 300_000, 500_000]
    missing = sunledger("show", "contract", "c-none", *db)
    assert (missing.code, missing.out) == (1, "")


def test_the_past_is_shown_as_of_a_date_or_position() -> None:
    """A contract, a line and a payment as they were; what was not there yet is not shown."""
    db = ("--db", "sqlite:///demo/ledger.db")
    now = sunledger("show", "contract", "c-2025-01", *db, "--json").document[0]
    (then,) = sunledger(
        "show", "contract", "c-2025-01", "--as-of", "2025-06-30", *db, "--json"
    ).document
    assert 0 < then["position"] < now["position"]
    months = [month for month in now["months"] if month["month"] <= "2025-06"]
    assert then["months"] == months
    assert then["contract"]["paid_minor"] == sum(month["paid_fen"] for month in months)
    line = now["lines"][0]["line"]
    ended = sunledger("show", "fund", line, "--as-of", str(then["position"]), *db)
    assert ended.code == 0
    assert f"As of position {then['position']:,}" in ended.out
    assert "2025-06" in ended.out
    assert "2025-07" not in ended.out
    payments = sunledger("show", "payment", "--contract", "c-2025-01", *db, "--json").document
    paid = next(each for each in payments["items"] if each["status"] == "settled")
    asked = ("show", "payment", paid["payment"], *db, "--json")
    first = sunledger(*asked, "--as-of", str(paid["first_position"] + 1)).document
    assert (first["payment"]["status"], first["payment"]["value_date"]) == ("requested", None)
    assert [each["claim"]["claim"] for each in first["claims"]] == paid["claims"]
    assert sunledger(*asked).document["payment"] == paid
    missing = sunledger(*asked, "--as-of", str(paid["first_position"]))
    assert missing.code != 0
    assert f"there was no payment {paid['payment']} as of" in missing.err
    lists = sunledger("show", "fund", "--as-of", "2025-06-30", *db)
    assert (lists.code != 0, "one at a time" in lists.err) == (True, True)


def test_every_kind_of_payment_of_the_demo_is_explained_to_the_fen() -> None:
    """From the archive alone: what the formulas give is what was ordered, and what was paid."""
    db = ("--db", "sqlite:///demo/ledger.db", "--json")
    payments = sunledger("show", "payment", *db).document["items"]
    kinds = {(each["status"], each["interest_fen"] > 0): each for each in payments}
    assert len(kinds) >= 4
    for payment in kinds.values():
        arguments = ("explain", "payment", payment["payment"], "--archive", "demo/archive")
        explained = sunledger(*arguments, "--json")
        assert explained.code == 0, explained.err
        document = explained.document
        assert document["differences"] == []
        assert document["principal_fen"] == payment["principal_fen"]
        total_fen = payment["principal_fen"] + payment["interest_fen"]
        ordered_fen = None if payment["ordered_on"] is None else total_fen
        assert document["ordered_fen"] == ordered_fen
        assert document["paid_fen"] == (total_fen if payment["status"] == "settled" else 0)


def test_every_settled_payment_of_the_demo_is_explained_to_the_fen() -> None:
    """One replay of the archive recomputes all: each is what was paid, and what is shown."""
    with (
        open_store("sqlite:///demo/ledger.db") as store,
        open_projections(store, "sqlite:///payments.db") as projections,
    ):
        projections.follow(PAYMENTS.name)
        settled = assert_all_explained(ArchiveSource(Path("demo/archive")), projections)
        contracts = sunledger("show", "contract", "--db", store.url, "--json").document["items"]
        assert settled.principal_fen == sum(each["paid_minor"] for each in contracts)
        assert settled.payments > 30
        assert deep_check(projections, PAYMENTS.name).count == 0


def test_the_demo_speaks_chinese() -> None:
    """Tables and headings in the language that was asked for."""
    ended = sunledger("--lang", "zh", "show", "fund", "--db", "sqlite:///demo/ledger.db")
    assert ended.code == 0
    assert re.search("[\u4e00-\u9fff]", ended.out)
    assert "Fund lines" not in ended.out
    assert re.search("[\u4e00-\u9fff]", sunledger("--lang", "zh", "verify", "--help").out)


def test_figures_are_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a narrow terminal a table becomes cards: every figure stays whole."""
    wide = sunledger("show", "fund", "--db", "sqlite:///demo/ledger.db").out
    monkeypatch.setenv("COLUMNS", "60")
    narrow = sunledger("show", "fund", "--db", "sqlite:///demo/ledger.db").out
    figures = re.findall(r"[\d,]+\.\d\d(?!%)", wide)
    assert figures == re.findall(r"[\d,]+\.\d\d(?!%)", narrow)
    assert len(figures) == 21
    assert "…" not in narrow


def test_a_tampered_read_model_is_found_and_mended() -> None:
    """`doctor --deep` names the row, `rebuild` mends it."""
    db = ("--db", "sqlite:///demo/ledger.db")
    assert sunledger("doctor", "--deep", *db, "--keys", "demo/keys").code == 0
    connection = sqlite3.connect("demo/ledger.db")
    (table,) = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'funds%balance%'"
    ).fetchone()
    connection.execute(f"UPDATE {table} SET balance_fen = 1 WHERE account = 'paid'")
    connection.commit()
    connection.close()
    sick = sunledger("doctor", "--deep", *db, "--keys", "demo/keys")
    assert sick.code == 1
    assert "paid" in sick.out
    assert sunledger("rebuild", *db).code == 0
    assert sunledger("doctor", "--deep", *db, "--keys", "demo/keys").code == 0

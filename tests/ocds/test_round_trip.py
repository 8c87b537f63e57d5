"""What one ledger exports, another imports: the same contracts, values and payments."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import shell
from histories import busy_city, keep, unusual_contract
from ocds.test_money import two_bureaus
from shell import sunledger
from sqlalchemy import func, select

from ledger.store import schema
from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.contracts import list_contracts
from projections.engine import Projections

PREFIX = "ocds-abc123"

SAID = {
    "active": "active",
    "suspended": "active",
    "terminated": "terminated",
    "closed": "terminated",
}
"""What OCDS says of a contract's status (docs/ocds.md lists what it cannot say)."""


@pytest.fixture
def empty_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with an empty ledger that watches."""
    (tmp_path / "watching").mkdir()
    monkeypatch.chdir(tmp_path / "watching")
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    shell.found()


def cash_of(projections: Projections, contract: str) -> int:
    """Return what left the fund lines' cash for a contract, less what came back."""
    posting = schema.posting.c
    signed = [
        projections.feed.store.fetch(
            select(func.coalesce(func.sum(posting.amount_fen), 0)).where(
                column == "cash", posting.contract == contract
            )
        )[0][0]
        for column in (posting.credit, posting.debit)
    ]
    return int(signed[0]) - int(signed[1])


def exported_from(url: str) -> dict[str, Any]:
    """Return by contract what a ledger of its own holds, and export it to `native.json`."""
    ended = sunledger(
        *("export", "ocds", "--out", "native.json", "--prefix", PREFIX, "--db", url, "--json")
    )
    assert ended.code == 0, ended.err
    with open_store(url) as store, open_projections(store) as projections:
        projections.follow()
        return {
            each.contract: (each.value_minor, cash_of(projections, each.contract), each.status)
            for each in list_contracts(projections, origin="native").items
        }


def check_round_trip(url: str) -> set[str]:
    """Export a ledger, import it here, compare; return the statuses that there were."""
    native = exported_from(url)
    ended = sunledger("import", "ocds", "native.json", "--key", "watch/office", "--json")
    assert ended.code == 0, ended.err
    assert ended.document["quarantined"] == 0
    with open_store(shell.URL) as store, open_projections(store) as projections:
        projections.follow()
        found = {}
        for each in list_contracts(projections, limit=500).items:
            key = each.contract.rpartition("/")[2]
            found[key] = (each.value_minor, each.paid_minor or 0, each.status)
            assert each.defects == 0, (key, each)
    expected = {key: (value, paid, SAID[status]) for key, (value, paid, status) in native.items()}
    assert found == expected
    return {status for _, _, status in native.values()}


@pytest.mark.usefixtures("empty_ledger")
def test_a_demo_city_comes_through_the_standard_unharmed(demo_ledger: str) -> None:
    """Every contract has the value, the payments and the status that OCDS can say."""
    check_round_trip(demo_ledger)


@pytest.mark.usefixtures("empty_ledger")
def test_unusual_contracts_come_through_too(database_url: str) -> None:
    """Amended, suspended, terminated and closed ones; a payment that was rejected is none."""
    world = busy_city()
    unusual_contract(world)
    kept = keep(database_url, world)
    kept.ledger.close()
    assert {"suspended", "closed", "terminated"} <= check_round_trip(database_url)


@pytest.mark.usefixtures("empty_ledger")
def test_a_contract_of_two_payers_comes_through_too(database_url: str) -> None:
    """What each of them paid, and what came back to it; exported again under the same ids."""
    keep(database_url, two_bureaus()).ledger.close()
    check_round_trip(database_url)
    ended = sunledger("export", "ocds", "--out", "again.json", "--prefix", PREFIX)
    assert ended.code == 0, ended.err
    before, after = (_transactions(name) for name in ("native.json", "again.json"))
    assert len(before) == 12
    assert before == after


@pytest.mark.usefixtures("empty_ledger")
def test_payments_come_through_one_by_one(demo_ledger: str) -> None:
    """Each transaction of the export is one of the import: id, day, amount, milestone."""
    exported_from(demo_ledger)
    ended = sunledger("import", "ocds", "native.json", "--key", "watch/office")
    assert ended.code == 0, ended.err
    ended = sunledger("export", "ocds", "--out", "again.json", "--prefix", PREFIX)
    assert ended.code == 0, ended.err
    before, after = (_transactions(name) for name in ("native.json", "again.json"))
    assert before
    assert before == after


def _transactions(name: str) -> dict[str, tuple[Decimal, str, object]]:
    package = json.loads(Path(name).read_bytes(), parse_float=Decimal)
    return {
        each["id"]: (
            each["value"]["amount"],
            each["date"],
            each.get("relatedImplementationMilestone"),
        )
        for release in package["releases"]
        for contract in release.get("contracts", ())
        for each in contract.get("implementation", {}).get("transactions", ())
    }

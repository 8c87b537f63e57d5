"""Publishers give out release ids without each other: what one says replaces nothing of another."""

import json
from pathlib import Path
from typing import Any

import pytest
import shell
from shell import sunledger

from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.contracts import list_contracts

MAY, JUNE = "2024-05-01T00:00:00Z", "2024-06-01T00:00:00Z"


@pytest.fixture(autouse=True)
def ledger_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with an empty ledger that watches."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    shell.found()
    return tmp_path


def release(paid: dict[str, int], *, ocid: str = "ocds-abc123-1", date: str = MAY) -> Any:
    """Return the release `1` of a contract with payments by id, in whole MXN."""
    payments = [
        {"id": name, "date": date, "value": {"amount": amount, "currency": "MXN"}}
        for name, amount in paid.items()
    ]
    contract = {
        "id": "c",
        "awardID": "a",
        "value": {"amount": 100, "currency": "MXN"},
        "implementation": {"transactions": payments},
    }
    named = {"ocid": ocid, "id": "1", "date": date, "tag": ["implementation"]}
    return named | {"initiationType": "tender", "contracts": [contract]}


def publish(publisher: str, *releases: Any) -> None:
    """Import a package of a publisher."""
    path = Path(f"{publisher}-{len(list(Path().glob('*.json')))}.json")
    package = {
        "uri": f"https://{publisher.lower()}.example/package",
        "version": "1.1",
        "publishedDate": JUNE,
        "publisher": {"name": publisher},
        "releases": releases,
    }
    path.write_text(json.dumps(package))
    ended = sunledger("import", "ocds", str(path), "--key", "watch/office", "--json")
    assert ended.code == 0, ended.err


def exported(form: str) -> Any:
    """Export the ledger; return the package."""
    ended = sunledger("export", "ocds", "--form", form, "--out", f"{form}.out", "--json")
    assert ended.code == 0, ended.err
    return json.loads(Path(f"{form}.out").read_text())


def payments(contracts: Any) -> dict[str, int]:
    """Return what contracts say was paid, by the payment's id."""
    return {
        each["id"]: each["value"]["amount"]
        for contract in contracts
        for each in contract["implementation"]["transactions"]
    }


def test_two_publishers_releases_with_one_id_are_both_exported() -> None:
    """As releases, in the record, and in what they come to, which is what the ledger counts."""
    first, second = release({"t-1": 5}), release({"t-2": 6}, date=JUNE)
    publish("Ministry", first)
    publish("Treasury", second)
    assert exported("releases")["releases"] == [first, second]
    (record,) = exported("records")["records"]
    assert record["releases"] == [first, second]
    assert payments(record["compiledRelease"]["contracts"]) == {"t-1": 5, "t-2": 6}
    with open_store(shell.URL) as store, open_projections(store) as projections:
        projections.follow()
        (contract,) = list_contracts(projections).items
    assert contract.paid_minor == 1_100


def test_a_publisher_s_later_release_replaces_its_own_alone() -> None:
    """The correction of one is given in place of what it said; the other's word stands."""
    other, corrected = release({"t-2": 6}, date=JUNE), release({"t-1": 7})
    publish("Ministry", release({"t-1": 5}))
    publish("Treasury", other)
    publish("Ministry", corrected)
    assert exported("releases")["releases"] == [corrected, other]


def test_what_two_publishers_say_word_for_word_is_given_once() -> None:
    """A portal that republishes a release adds nothing to it."""
    said = release({"t-1": 5})
    publish("Ministry", said)
    publish("Portal", said)
    assert exported("releases")["releases"] == [said]


def test_one_release_id_under_two_ocids_is_two_releases() -> None:
    """An id is unique only within its process, also for one publisher."""
    first, second = release({"t-1": 5}), release({"t-1": 6}, ocid="ocds-xyz789-1")
    publish("Ministry", first)
    publish("Treasury", second)
    publish("Ministry", release({"t-9": 9}, ocid="ocds-abc123-9"))
    found = exported("releases")["releases"]
    assert [each["ocid"] for each in found] == ["ocds-abc123-1", "ocds-abc123-9", "ocds-xyz789-1"]
    assert [each["id"] for each in found] == ["1", "1", "1"]

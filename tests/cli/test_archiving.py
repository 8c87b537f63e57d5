"""`sunledger export archive` for the readers of a demo city."""

from collections import Counter
from pathlib import Path

import pytest
from shell import sunledger

from ledger.archive import Archive
from ledger.events import decode_event
from ledger.events.delivery import VisitRecorded
from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.contracts import list_contracts


@pytest.fixture
def db(demo_ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Name a demo city's ledger, with its read models kept elsewhere."""
    monkeypatch.setenv("SUNLEDGER_PROJECTIONS", f"sqlite:///{tmp_path / 'models.db'}")
    monkeypatch.chdir(tmp_path)
    return ("--db", demo_ledger)


def types(folder: str) -> Counter[str]:
    """Return how many events of each type an archive holds."""
    return Counter(
        str(decode_event(body).__struct_config__.tag)
        for statement in Archive(Path(folder)).statements()
        for body in statement.bodies
    )


def test_a_party_s_archive_holds_what_concerns_it(db: tuple[str, str], tmp_path: Path) -> None:
    """More than the public's and less than all: deliveries of its own contracts, no others."""
    with (
        open_store(db[1]) as store,
        open_projections(store, f"sqlite:///{tmp_path / 'models.db'}") as projections,
    ):
        projections.follow("contracts")
        contracts = list_contracts(projections, origin="native", limit=1_000).items
    provider = contracts[0].providers[0].id
    assert provider is not None
    own = {each.contract for each in contracts if each.providers[0].id == provider}
    assert len(own) < len(contracts)
    made = {
        folder: sunledger("export", "archive", folder, *reader, *db, "--json").document
        for folder, reader in (
            ("all", ()),
            ("public", ("--for", "public")),
            ("own", ("--for", f"party {provider}")),
        )
    }
    assert [each["reader"] for each in made.values()] == ["", "public", f"party {provider}"]
    held = {folder: types(folder) for folder in made}
    assert held["public"] < held["own"] < held["all"]
    assert held["public"]["visit.recorded"] == 0
    for folder, document in made.items():
        withheld = {each["type"]: each["events"] for each in document["withheld"]}
        assert held["all"] - held[folder] == Counter(withheld)
    assert {
        event.contract
        for statement in Archive(Path("own")).statements()
        for event in map(decode_event, statement.bodies)
        if isinstance(event, VisitRecorded)
    } <= own
    again = sunledger("export", "archive", "own", "--for", f"party {provider}", *db, "--json")
    assert again.document == made["own"]
    assert sunledger("verify", "own").code == 3


def test_the_folder_one_is_in_is_no_name_for_an_archive(db: tuple[str, str]) -> None:
    """It could not appear there whole; one sentence says so."""
    for name in ("archive", "parquet", "auditpack"):
        ended = sunledger("export", name, ".", *db)
        assert (ended.code, ended.err.count("\n")) == (1, 1)
        assert "name a folder that does not" in ended.err

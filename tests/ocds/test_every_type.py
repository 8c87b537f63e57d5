"""Every type of event that OCDS has a place for, in the histories that are kept for ever."""

from collections.abc import Iterator
from pathlib import Path

import golden_files
import pytest
from exported import own_processes, write_packages
from histories import LEDGER_KEY, SetClock
from ocds.test_money import check_money
from official import Verdict, judge

from ledger.app import create_ledger
from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.engine import Projections
from projections.ocds.releases import TYPES

HISTORIES = golden_files.read_histories()
CLEAN = Verdict({}, [], {})
SILENT = {
    "bid.revealed",  # another bid is still sealed in these histories
    "payment.requested",
    "receivable.assigned",
}
"""What a later release needs to know, and which gives none itself."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Projections]]:
    """Give the read models of each history, in a ledger of its own."""
    opened = []
    for history in HISTORIES.values():
        url = f"sqlite:///{tmp_path_factory.mktemp('golden') / 'ledger.db'}"
        first, *others = history.statements
        clock = SetClock(first.recorded_ms)
        with create_ledger(url, first.data, LEDGER_KEY, clock) as ledger:
            for clock.set_ms, data in others:
                ledger.submit(data)
        store = open_store(url)
        opened.append((store, open_projections(store)))
        opened[-1][1].follow()
    yield dict(zip(HISTORIES, (projections for _, projections in opened), strict=True))
    for store, projections in opened:
        projections.close()
        store.close()


def test_every_type_is_told_and_passes_the_official_checker(
    kept: dict[str, Projections], tmp_path: Path
) -> None:
    """From complaints that are left out to refunds: all packages of all histories."""
    told: set[str] = set()
    files: list[Path] = []
    for number, projections in enumerate(kept.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = own_processes(projections)
        told |= {each["ledgerEvent"]["type"] for one in found for each in one.releases}
        if found:
            files += write_packages(projections, found, folder).values()
    assert told == TYPES - SILENT
    assert judge(files) == [CLEAN] * len(files)


@pytest.mark.parametrize("name", HISTORIES)
def test_money_agrees_with_the_accounts_in_every_history(
    kept: dict[str, Projections], name: str
) -> None:
    """Refunds, penalties, carry-overs and assigned receivables included."""
    check_money(kept[name], own_processes(kept[name]))

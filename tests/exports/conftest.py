"""The demo city's journal and audit pack, for tests of what is carried away."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.exports.pack.writing import write_pack
from ledger.archive import Archive
from ledger.policy import Policy
from ledger.store.store import Store, open_store
from projections.catalogue import open_projections
from projections.engine import Projections
from projections.journal import JournalRow, journal


@pytest.fixture(scope="session")
def store(demo_ledger: str) -> Iterator[Store]:
    """Give the demo city's ledger, which nobody writes."""
    with open_store(demo_ledger) as opened:
        yield opened


@pytest.fixture(scope="session")
def rows(store: Store) -> list[JournalRow]:
    """Give its journal."""
    return list(journal(store))


@pytest.fixture(scope="session")
def projections(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projections]:
    """Give the read models of the demo city, kept elsewhere."""
    path = tmp_path_factory.mktemp("models") / "models.db"
    with open_projections(store, f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture(scope="session")
def pack(projections: Projections, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a pack of the demo city, which nobody changes."""
    folder = tmp_path_factory.mktemp("packs") / "pack"
    write_pack(projections, folder, None)
    return folder


@pytest.fixture(scope="session")
def policy(pack: Path) -> Policy:
    """Give the policy that trusts the demo city's ledger."""
    return Archive(pack / "archive").keys()


@pytest.fixture
def copy(pack: Path, tmp_path: Path) -> Path:
    """Give a copy of the pack to be changed."""
    return Path(shutil.copytree(pack, tmp_path / "pack"))

"""The demo city's journal, for tests of its forms."""

from collections.abc import Iterator

import pytest

from ledger.store.store import Store, open_store
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

"""The demo city's contracting processes, ready to be exported."""

from collections.abc import Iterator

import pytest

from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.engine import Projections


@pytest.fixture(scope="session")
def city(demo_ledger: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projections]:
    """Give the demo city's read models, in a database of their own."""
    own = f"sqlite:///{tmp_path_factory.mktemp('ocds') / 'read.db'}"
    with open_store(demo_ledger) as store, open_projections(store, own) as projections:
        projections.follow()
        yield projections

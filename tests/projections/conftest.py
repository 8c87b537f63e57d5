"""A ledger with a busy history and its read models, on both databases."""

from collections.abc import Iterator

import pytest
from histories import Kept, busy_city, keep

from projections.catalogue import open_projections
from projections.engine import Projections


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give a ledger with a busy history."""
    made = keep(database_url, busy_city())
    yield made
    made.ledger.close()


@pytest.fixture
def projections(kept: Kept) -> Iterator[Projections]:
    """Give its read models, followed to the head."""
    with open_projections(kept.ledger.store) as opened:
        opened.follow()
        yield opened

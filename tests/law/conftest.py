"""Tests of the law play on the days that their tables name."""

import pytest
from world import World


@pytest.fixture(autouse=True)
def _tenders_lie_in_the_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "looks_back", True)

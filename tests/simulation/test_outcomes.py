"""What the simulation found: an answer that was not true, and a time that never was."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from replay.histories import LEDGER_KEY, StandingClock, fill
from simulation.faults import FaultyStore
from world import World

from ledger.app import Ledger
from ledger.events.budget import BudgetSupplemented
from ledger.store.errors import OutcomeUnknown, StoreUnavailable
from ledger.store.store import open_store
from ledger.times import MS_PER_DAY


@pytest.fixture
def world() -> World:
    """Give a city with budget lines."""
    return World.founded()


@pytest.fixture
def clock(world: World) -> StandingClock:
    """Give the ledger's clock."""
    return StandingClock(world.now_ms)


@pytest.fixture
def ledger(tmp_path: Path, world: World, clock: StandingClock) -> Iterator[Ledger]:
    """Open the city's ledger over a store to which faults can happen."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    fill(url, world).close()
    with Ledger(FaultyStore(open_store(url)), LEDGER_KEY, clock) as opened:
        yield opened


def supplement(world: World) -> bytes:
    """Return a statement that the law admits."""
    return world.sign(world.make(BudgetSupplemented), by="FIN/one FIN/two")


@pytest.mark.parametrize("fault", ["append_kept_head_lost", "append_lost_head_lost"])
def test_nobody_hears_that_nothing_was_written_where_the_head_cannot_be_read(
    fault: str, ledger: Ledger, world: World
) -> None:
    """A commit without an answer, then a database that is silent: the outcome stays unknown."""
    size, data = ledger.store.head().size, supplement(world)
    assert isinstance(ledger.store, FaultyStore)
    ledger.store.fault = fault  # type: ignore[assignment]  # two of the names it knows
    with pytest.raises(OutcomeUnknown, match="cannot be read"):
        ledger.submit(data)
    ledger.store.disarm()
    assert ledger.submit(data).index == size
    assert ledger.submit(supplement(world)).index == size + 1


def test_a_time_at_which_nothing_was_written_is_forgotten(
    ledger: Ledger, world: World, clock: StandingClock
) -> None:
    """A clock that was a day ahead during a lost commit does not date what comes after it."""
    assert isinstance(ledger.store, FaultyStore)
    ledger.store.fault = "append_lost"
    clock.time_ms += MS_PER_DAY
    with pytest.raises(StoreUnavailable):
        ledger.submit(supplement(world))
    clock.time_ms -= MS_PER_DAY
    assert ledger.submit(supplement(world)).recorded_ms == clock.time_ms

"""Read models followed by a process of its own: the same rows, whatever becomes of the process."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from histories import Kept, busy_city, foreign_read_models, keep
from structlog.testing import capture_logs
from world import World

from api.http import following
from api.http.following import Following
from ledger.errors import LedgerError
from projections.apart import Apart, Ended, Reached
from projections.catalogue import open_projections
from projections.contracts.queries import list_contracts
from projections.engine import Projections

PATIENCE_S = 60


@pytest.fixture
def world() -> World:
    """Give a small city's history."""
    return busy_city()


@pytest.fixture
def kept(database_url: str, world: World) -> Iterator[Kept]:
    """Give a ledger of that history."""
    found = keep(database_url, world)
    yield found
    found.ledger.close()


@pytest.fixture
def projections(kept: Kept) -> Iterator[Projections]:
    """Give its read models, which nobody has filled."""
    with open_projections(kept.ledger.store) as opened:
        yield opened


def until(holds: Callable[[], bool]) -> None:
    """Wait for something."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ready(kept: Kept, projections: Projections) -> Apart:
    """Return a process that is ready."""
    apart = Apart(kept.ledger.store, projections)
    until(apart.is_ready)
    return apart


def test_a_process_folds_what_the_ledger_holds(
    kept: Kept, projections: Projections, world: World
) -> None:
    """It comes to the head, again when there is more; what it wrote is read here."""
    apart = ready(kept, projections)
    try:
        assert apart.follow().position == kept.ledger.store.head().positions
        world.contract("c-9", 1_000, {"line-1": 1_000_000})
        kept.catch_up()
        reached = apart.follow()
        assert reached.position == kept.ledger.store.head().positions
        page = list_contracts(projections)
        assert page.position == reached.position
        assert "c-9" in {each.contract for each in page.items}
    finally:
        apart.end()


def test_a_process_that_ended_says_so(kept: Kept, projections: Projections) -> None:
    """Killed before it was ready, or after."""
    early = Apart(kept.ledger.store, projections)
    early.end()
    with pytest.raises(Ended):
        until(early.is_ready)
    late = ready(kept, projections)
    late.end()
    with pytest.raises(Ended):
        late.follow()


def test_what_is_in_its_way_is_told(kept: Kept, tmp_path: Path) -> None:
    """A history that is not the read models' does not end it: it may be mended."""
    read_url = foreign_read_models(tmp_path)
    with open_projections(kept.ledger.store, read_url) as projections:
        apart = ready(kept, projections)
        try:
            for _ in range(2):
                with pytest.raises(LedgerError, match="history that is not the ledger's"):
                    apart.follow()
            projections.rebuild()
            assert apart.follow() == Reached(
                kept.ledger.store.head().positions, projections.generations.rebuilt()
            )
        finally:
            apart.end()


def test_a_killed_process_is_missed_by_nobody(
    kept: Kept, projections: Projections, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was folding is folded here; another is started in its place; none is left at the end.

    Stopped in the middle, it keeps nobody from ending either.
    """
    monkeypatch.setattr(following, "PROCESS_AGAIN_SECONDS", 0.05)
    follower = Following(kept.ledger.store, projections, apart=True)
    follower.catch_up()

    def is_ready() -> bool:
        return follower._process is not None and follower._process._is_ready

    def grow(contract: str) -> int:
        world.contract(contract, 1_000, {"line-1": 1_000_000})
        kept.catch_up()
        return kept.ledger.store.head().positions

    def until_at(head: int) -> None:
        until(lambda: follower.position == head)

    with capture_logs() as logged:
        follower.start()
        until(lambda: follower._process is not None)
        for number in range(100):  # what comes while it starts is folded here
            until_at(grow(f"c-early-{number}"))
            if is_ready():
                break
        assert is_ready()
        first = follower._process
        assert first is not None
        first._process.send_signal(signal.SIGSTOP)
        head = grow("c-stopped")
        time.sleep(0.2)
        assert follower.position < head  # it waits for the process
        first._process.kill()
        until_at(head)
        assert [line["event"] for line in logged] == ["the process that folds has ended"]
        until(lambda: follower._process not in {None, first})
        last = follower._process
        assert last is not None
        until(last._pipe.poll)  # it is ready, and hears signals to all without ending
        for number in (signal.SIGTERM, signal.SIGINT):
            last._process.send_signal(number)
        until_at(grow("c-again"))
        assert is_ready()
        last._process.send_signal(signal.SIGSTOP)
        grow("c-last")
        follower.stop()
    assert len(logged) == 1
    assert last._process.poll() is not None
    assert {each.contract for each in list_contracts(projections).items} >= {"c-stopped", "c-again"}

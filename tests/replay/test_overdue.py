"""What nobody booked: `verify` names the first entry that was admitted more than a day later."""

from collections.abc import Callable
from pathlib import Path

import pytest
from money import answered, at
from replay.histories import archive, policy_of
from world import World

from ledger.replay.overdue import Overdue
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.rules.deadline import end_of_day
from ledger.times import MS_PER_DAY


def overdue(world: World, folder: Path) -> Overdue | None:
    """Return what `verify` finds missing in a world's history; nothing is wrong in it."""
    report = verify(ArchiveSource(archive(folder, world.statements)), policy_of(world))
    assert report.verdict == "OK"
    return report.overdue


def deemed_ms(world: World) -> int:
    """Return when the time to answer the claim `k-1` is over (C12)."""
    return end_of_day(world.state, world.state.claims["k-1"].answer_by)


def _silent() -> World:
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    return world


@pytest.mark.parametrize(
    ("after_ms", "missing"), [(0, False), (MS_PER_DAY, False), (MS_PER_DAY + 1, True)]
)
def test_the_first_entry_a_day_after_a_clock_ran_out_is_named(
    after_ms: int, missing: bool, tmp_path: Path
) -> None:
    """A day of grace, to the millisecond; whatever is admitted then tells."""
    world = _silent()
    due_ms = deemed_ms(world)
    world.now_ms = due_ms + after_ms
    world.amend("c-1", 1)
    at_index = len(world.statements) - missing
    world.now_ms += MS_PER_DAY + 1  # at the latest then, whatever looks at it
    world.tick()
    recorded_ms = world.statements[at_index].recorded_ms
    found = overdue(world, tmp_path / "archive")
    assert found == Overdue("claim.deemed_accepted", "k-1", due_ms, at_index, recorded_ms)


def _booked_at_once() -> World:
    world = _silent()
    world.now_ms = deemed_ms(world)
    world.tick()
    at(world, "2026-04-05")
    world.tick()  # the month ends in between were missed
    return world


def _daily() -> World:
    world = _silent()
    for _ in range(100):
        world.now_ms += MS_PER_DAY
        world.tick()
        world.amend("c-1", 1)
    return world


def _paid_late() -> World:
    """Interest to the value date is due with the bank's word, not since the month's end before."""
    world = answered()
    at(world, "2026-03-02")
    world.now_ms -= MS_PER_DAY // 2
    world.tick()
    at(world, "2026-03-20")
    world.pay("p-1", "c-1", ["k-1"])
    world.now_ms += MS_PER_DAY // 2
    world.tick()
    world.amend("c-1", 1)
    return world


@pytest.mark.parametrize(
    ("history", "missing"),
    [(_silent, None), (_daily, None), (_paid_late, None), (_booked_at_once, "interest.accrued")],
)
def test_who_ticks_every_day_misses_nothing(
    history: Callable[[], World], missing: str | None, tmp_path: Path
) -> None:
    """Nothing is reported while all is booked within a day of its clock."""
    found = overdue(history(), tmp_path / "archive")
    assert (found and found.type) == missing

"""Read models whose process is killed at any moment: tables equal a rebuild, every time."""

import random
import time

from following_process import follow
from forked import fork

from ledger.store.store import open_store
from projections import registry
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.engine import Projections

KILLS = 50
ALL_EVERY = 10
"""After every so many kills all read models are compared, and one by turns after the others."""
BATCH_EVENTS = 150


def test_tables_equal_a_rebuild_after_each_of_50_kills(demo_ledger: str, database_url: str) -> None:
    """Killed while it follows or rebuilds a demo city, a process leaves no row wrong.

    The tables that readers see are those of a fold from zero, as far as it came; and a rebuild
    that was cut off changes nothing of them. All are compared once in ten times, one by turns at
    the others.
    """
    moments = random.Random(11)
    behind = rebuilding = 0
    with (
        open_store(demo_ledger) as store,
        open_projections(store, database_url) as projections,
    ):
        names = list(projections.models)
        for number in range(1, KILLS + 1):
            stage = "begun"
            if number > KILLS // 2:
                projections.follow()  # so that the process rebuilds
                stage = ("rebuilding", "filling")[number % 2]
            _kill(demo_ledger, database_url, stage, moments.uniform(0, 0.4))
            _check(projections, names if number % ALL_EVERY == 0 else [names[number % len(names)]])
            behind += any(each.lag for each in projections.status())
            rebuilding += _rebuilds(projections) > 0
        projections.follow()
        _check(projections, names)
        assert {each.lag for each in projections.status()} == {0}
    assert behind, "the kills came too late to hit one who follows"
    assert rebuilding, "the kills came too early to hit one who rebuilds"


def _rebuilds(projections: Projections) -> int:
    """Return how many rebuilds were cut off and left their tables."""
    with projections.database.snapshot() as connection:
        found = [
            each.state
            for name in projections.models
            for each in registry.generations(connection, name)
        ]
    return found.count("building")


def _kill(url: str, read_url: str, stage: str, after_s: float) -> None:
    """Kill a process some time after it came to a stage, however slow the machine is."""
    process, told = fork(follow, url, read_url, BATCH_EVENTS)
    while told.recv() != stage:
        pass
    time.sleep(after_s)
    process.kill()
    process.join()
    told.close()


def _check(projections: Projections, names: list[str]) -> None:
    for name in names:
        report = deep_check(projections, name)
        assert (name, report.differences) == (name, ())

"""What tests of money have in common: a claim that is owed, a day, and what a contract holds."""

from typing import Any

from world import World

from ledger.postings import CHART
from ledger.times import parse_instant


def answered(**terms: Any) -> World:
    """Return a world whose contract `c-1` has the accepted claim `k-1` of 5,000 fen."""
    world = World.contracted(**terms)
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    return world


def at(world: World, date: str) -> None:
    """Set the clock to the morning of a local date."""
    world.now_ms = parse_instant(f"{date}T01:00:00.000Z")


def held(world: World, contract: str) -> dict[str, int]:
    """Return what each account holds for a contract over all its lines, empty ones left out."""
    record = world.state.contracts[contract]
    names = [name for name, account in CHART.items() if account.about == "contract"]
    sums = {name: sum(world.state.holdings(name, record)) for name in names}
    return {name: fen for name, fen in sums.items() if fen}

"""Worlds with an open tender: published, its bids sealed, revealed, and the winner decided.

The worlds' ledgers open on Monday 5 January 2026, 09:00 local time (01:00 UTC); the tender `t-1`
closes three weeks later at that hour, and each bidder's bid is `b-<bidder>`.
"""

from collections.abc import Mapping

from world import World

from ledger.events.award import AwardDecided
from ledger.events.bid import BidPrices, BidRate, BidRevealed
from ledger.events.tender import Criterion
from ledger.times import parse_instant

CLOSES = "2026-01-26T01:00:00.000Z"
BIDDERS = ("PRO", "PR2", "PR3")


def asking(value_fen: int, rate_fen: int = 5_000) -> BidPrices:
    """Return the prices of a bid."""
    return BidPrices(value_fen=value_fen, rates=[BidRate(service="care", rate_fen=rate_fen)])


def tendered(**fields: object) -> World:
    """Return a world with the open tender `t-1` of one lot worth 1,000 fen, closing at `CLOSES`."""
    world = World.founded()
    criteria = [
        Criterion(id="price", weight_ppm=400_000),
        Criterion(id="quality", weight_ppm=600_000),
    ]
    world.tender(
        "t-1",
        {"1": {"line-1": 1_000}},
        **{"method": "open", "closes": CLOSES, "criteria": criteria, **fields},
    )
    return world


def sealed(values: Mapping[str, int], **fields: object) -> World:
    """Return a world at the close of `t-1`, each bidder's bid (`b-PRO`) sealed for its value."""
    world = tendered(**fields)
    for bidder, value_fen in values.items():
        event = world.sealing(f"b-{bidder}", "t-1", "1", bidder, prices=asking(value_fen))
        world.do(event, by=f"{bidder}/one")
    world.now_ms = parse_instant(CLOSES)
    return world


def revealed(values: Mapping[str, int], **fields: object) -> World:
    """Return the same with every bid revealed."""
    world = sealed(values, **fields)
    for bidder, value_fen in values.items():
        reveal(world, bidder, value_fen)
    return world


def reveal(world: World, bidder: str, value_fen: int) -> None:
    """Reveal a bid."""
    event = world.make(BidRevealed, bid=f"b-{bidder}", prices=asking(value_fen))
    world.do(event, by=f"{bidder}/one")


THREE = {"PRO": 900, "PR2": 950, "PR3": 990}


def awarded() -> World:
    """Return a world in which PRO, the lowest of three bidders, has just won `t-1`."""
    world = revealed(THREE)
    world.do(world.make(AwardDecided, ranking=list(BIDDERS), value_fen=900))
    return world

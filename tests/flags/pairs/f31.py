"""A bidder that bids everywhere and won once of eight, and one that won half."""

from flags.buying import award, bid, market, purchase

from projections.flags.procurement import Purchase

_ALL = range(8)


def _lost(number: int, winner: str) -> Purchase:
    return purchase(
        bid("L", 950, position=100 + number),
        bid(f"W{number}", 900, position=200 + number),
        awards=[award(winner)],
        number=number + 1,
    )


FLAGGED = market(*(_lost(n, f"W{n}" if n else "L") for n in _ALL))
CLEAR = market(*(_lost(n, f"W{n}" if n % 2 else "L") for n in _ALL))

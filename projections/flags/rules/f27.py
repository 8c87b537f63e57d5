"""F27: a price close to the winner's.

The difference of a purchase is (the lowest valid bid of another − the winner's) ÷ the winner's.
It is flagged at or below the lower fence Q1 − fence × (Q3 − Q1) of all differences of its market,
and below Q1; the fence is `fence_ppm` millionths (1.5). A market is this ledger's purchases, or
those of one publisher. Only purchases count in which one award to one supplier is final, its
bidder's bid was the lowest, and bids compare in one currency; consortia are left out.

Why look: a partner in collusion mimics competition by a bid that is near in price and worse in
quality (Cardinal R024, whose quartiles, exclusions and fence these are). Where the quartiles meet,
so that most differences are the same, Cardinal flags them all and this rule none. Methods in which
prices are not compared are no matter of this ledger; Cardinal has a setting for them.

Innocent: a market with published price caps, where everybody bids just below them; few purchases.
Look at whether the same two bid together elsewhere, and who wins in turn.
"""

from collections.abc import Collection, Iterable, Iterator

from projections.flags.fences import fences
from projections.flags.markets import MARKETS, Market
from projections.flags.procurement import (
    Contest,
    Purchase,
    contest_of,
    evidence_of,
    evidence_of_bids,
    party_of,
    percent,
)
from projections.flags.rule import Flagged, Rule, Thresholds


def contests(
    purchases: Iterable[Purchase], excluded: Collection[str] = ()
) -> list[tuple[Purchase, Contest]]:
    """Return the purchases that have a winning bid and a lowest other one, with both."""
    found = ((each, contest_of(each, excluded)) for each in purchases)
    return [(purchase, contest) for purchase, contest in found if contest is not None]


def close_prices(
    purchases: Iterable[Purchase], fence_ppm: int, excluded: Collection[str] = ()
) -> list[tuple[Purchase, Contest, str]]:
    """Return the purchases below the fence, each with its bids and the fence in per cent."""
    compared = contests(purchases, excluded)
    fence = fences((contest.difference for _, contest in compared), fence_ppm)
    if fence is None:
        return []
    return [
        (purchase, contest, percent(fence.lower))
        for purchase, contest in compared
        if fence.is_low(contest.difference)
    ]


def _judge(market: Market, thresholds: Thresholds) -> Iterator[Flagged]:
    for purchase, contest, fence in close_prices(market.purchases, thresholds["fence_ppm"]):
        yield Flagged(
            purchase.subject,
            evidence_of(purchase.evidence[:1], evidence_of_bids([contest.winning, contest.lowest])),
            {
                "purchase": purchase.key,
                "origin": purchase.origin,
                "winner": contest.winner,
                "second": contest.second,
                "difference_percent": percent(contest.difference),
                "fence_percent": fence,
            },
            party=party_of(purchase, contest.winner),
        )


F27 = Rule(
    "f27",
    "Price close to the winner's",
    "{second} bid {difference_percent} % above the winner {winner} of {purchase}; the fence of all "
    "is {fence_percent} %.",
    "Cardinal R024",
    MARKETS,
    _judge,
)

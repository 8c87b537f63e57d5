"""F28: equal bids of different bidders.

Two bids for one purchase have the same price in the same currency and different bidders. Bids that
were handed in count, disqualified ones too; withdrawn, forfeited and merely invited ones do not,
nor a purchase that was cancelled. One case for each price.

Why look: prices of independent bidders hardly ever meet to the fen. Equal ones tell of a common
hand in the bids, or of a price that was leaked (Cardinal R028; OECD guidelines for fighting bid
rigging: identical prices). On this ledger bids are sealed by commitment, so that a leak needs the
bidder itself.

Innocent: bids at a published price cap or tariff, or for one unit at a round price. Look at the
rates inside, at files and devices the bids have in common, and at whether the equal ones bid
together elsewhere, and lose to the same winner.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator

from ledger.intake.amounts import format_amount
from projections.flags.procurement import Bid, Purchase, evidence_of, evidence_of_bids, submitted
from projections.flags.procurement import named as listed
from projections.flags.purchases import PURCHASES
from projections.flags.rule import Flagged, Rule, Thresholds


def equal_bids(
    purchase: Purchase, excluded: Collection[str] = ()
) -> list[tuple[str, int, list[Bid]]]:
    """Return currency, price and bids, for each price that different bidders ask.

    `excluded` are methods (by their details) under which the buyer sets the price.
    """
    if purchase.cancelled or purchase.details in excluded:
        return []
    by_price: defaultdict[tuple[str, int], list[Bid]] = defaultdict(list)
    for bid in submitted(purchase):
        if bid.tenderers and bid.amount_minor is not None:
            by_price[bid.currency, bid.amount_minor].append(bid)
    return [
        (currency, amount_minor, bids)
        for (currency, amount_minor), bids in sorted(by_price.items())
        if len({frozenset(bid.tenderers) for bid in bids}) > 1
    ]


def _judge(purchase: Purchase, _thresholds: Thresholds) -> Iterator[Flagged]:
    for currency, amount_minor, bids in equal_bids(purchase):
        bidders = dict.fromkeys(name for bid in bids for name in bid.tenderers)
        yield Flagged(
            purchase.subject,
            evidence_of(purchase.evidence[:1], evidence_of_bids(bids)),
            {
                "purchase": purchase.key,
                "origin": purchase.origin,
                "bids": len(bids),
                "bidders": listed(bidders),
                "price": format_amount(amount_minor, currency),
                "currency": currency,
            },
        )


F28 = Rule(
    "f28",
    "Equal bids of different bidders",
    "{bids} bids for {purchase} ask the same, {price} {currency}: {bidders}.",
    "Cardinal R028; OECD Guidelines for Fighting Bid Rigging in Public Procurement",
    PURCHASES,
    _judge,
)

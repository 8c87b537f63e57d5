"""F30: the others were put out, or the lowest was.

One of two, in a purchase that was not cancelled:

- exactly one bidder has valid bids, the suppliers of all awards in force are that bidder, and at
  least one other was disqualified; no award is pending (Cardinal R035, at its default of one);
- an award is in force, and the lowest bid handed in, in its currency, was disqualified (Cardinal
  R036).

One case a purchase; `lowest` is 1 where the lowest bid was put out.

Why look: who wants one bidder to win disqualifies the others, the cheapest first (European
Commission, Fraud in Public Procurement, 2017; World Bank, Warning Signs of Fraud and Corruption in
Procurement). Under Procurement Law 36 a tender left with fewer than three valid bids fails, so the
first case is for what others publish, and for methods without that rule.

Innocent: bids that really miss a term, or are abnormally low. Look at the grounds given, at whether
the same ground was let pass for the winner, and at who judged (F34).
"""

from collections.abc import Iterator
from typing import NamedTuple

from projections.flags.procurement import (
    Bid,
    Purchase,
    active,
    evidence_of,
    evidence_of_bids,
    final_awards,
    named,
    submitted,
)
from projections.flags.purchases import PURCHASES
from projections.flags.rule import Flagged, Rule, Thresholds


class Outed(NamedTuple):
    """Who was put out.

    Attributes:
        winner: the only bidder left.
        others: the bidders that were disqualified.

    """

    winner: str
    others: set[str]


def all_others_out(purchase: Purchase) -> Outed | None:
    """Return who was put out of a purchase of which only the winner was left; else None."""
    if purchase.cancelled:
        return None
    suppliers = {name for award in final_awards(purchase) for name in award.suppliers}
    valid = _tenderers(purchase, "valid")
    others = _tenderers(purchase, "disqualified") - valid
    if len(valid) != 1 or valid != suppliers or not others:
        return None
    return Outed(next(iter(valid)), others)


def lowest_out(purchase: Purchase) -> Bid | None:
    """Return the lowest bid of a purchase that was awarded, where it was disqualified."""
    priced = [bid for bid in submitted(purchase) if bid.amount_minor is not None]
    if purchase.cancelled or not active(purchase) or not priced:
        return None
    currency = priced[0].currency
    compared = [bid for bid in priced if bid.currency == currency]
    lowest = min(compared, key=lambda bid: bid.amount_minor or 0)
    return lowest if lowest.status == "disqualified" else None


def _tenderers(purchase: Purchase, status: str) -> set[str]:
    return {name for bid in purchase.bids if bid.status == status for name in bid.tenderers}


def _judge(purchase: Purchase, _thresholds: Thresholds) -> Iterator[Flagged]:
    outed, lowest = all_others_out(purchase), lowest_out(purchase)
    if outed is None and lowest is None:
        return
    out = [bid for bid in purchase.bids if bid.status == "disqualified"]
    awards = active(purchase)
    yield Flagged(
        purchase.subject,
        evidence_of(
            purchase.evidence[:1], evidence_of_bids(out), *(award.evidence for award in awards)
        ),
        {
            "purchase": purchase.key,
            "origin": purchase.origin,
            "bids": len(submitted(purchase)),
            "out": len(out),
            "lowest": int(lowest is not None),
            "winner": named(dict.fromkeys(n for award in awards for n in award.suppliers)),
        },
    )


F30 = Rule(
    "f30",
    "All others disqualified, or the lowest bid",
    "Of {bids} bids for {purchase} {out} were disqualified, {lowest} of them the lowest; {winner} "
    "won.",
    "Cardinal R035, R036",
    PURCHASES,
    _judge,
)

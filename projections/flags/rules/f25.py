"""F25: too few bids.

A purchase by a competitive method (open or invited; OCDS open or selective) got one valid bid; or
fewer than `count`, and did not fail. Of a published process the number of tenderers is what it
states (`numberOfTenderers`), else the number of those with a valid bid. Cancelled purchases are
left out; one of this ledger is judged when it is awarded or has failed.

Why look: under three valid bids an open or invited tender fails (Government Procurement Law 36), so
one that went on anyway needs a reason. A single bid in a competition is the classic indicator of
one that was kept away from others (Cardinal R018, which knows one bid only and no failing: there
`count` is 2).

Innocent: a remote area with one provider, a specialised service, a short list of the qualified.
Look at the window, at the terms, at who asked questions and did not bid, and at what the same
buyer's other tenders got.
"""

from collections.abc import Iterator

from projections.flags.procurement import (
    COMPETITIVE,
    Purchase,
    evidence_of,
    evidence_of_bids,
)
from projections.flags.purchases import PURCHASES
from projections.flags.rule import Flagged, Rule, Thresholds


def bidders(purchase: Purchase) -> int:
    """Return how many bid validly, as far as that is known; 0 where nobody says."""
    if purchase.tenderers is not None:
        return purchase.tenderers
    valid = [bid for bid in purchase.bids if bid.status == "valid"]
    return len({tenderer for bid in valid for tenderer in bid.tenderers})


def _judge(purchase: Purchase, thresholds: Thresholds) -> Iterator[Flagged]:
    number = bidders(purchase)
    competed = purchase.method in COMPETITIVE and purchase.judged and not purchase.cancelled
    few = number == 1 or (0 < number < thresholds["count"] and not purchase.failed)
    if competed and few:
        valid = [bid for bid in purchase.bids if bid.status == "valid"]
        yield Flagged(
            purchase.subject,
            evidence_of(purchase.evidence, evidence_of_bids(valid)),
            {
                "purchase": purchase.key,
                "origin": purchase.origin,
                "bids": number,
                "count": thresholds["count"],
            },
        )


F25 = Rule(
    "f25",
    "Single bid, or too few bids",
    "{purchase} was open to competition and got {bids} valid bids, of {count} that it needs.",
    "Government Procurement Law 36; Cardinal R018",
    PURCHASES,
    _judge,
)

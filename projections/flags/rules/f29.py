"""F29: a late bid won.

A valid bid was received after the purchase had closed, and one of its bidders is a supplier of an
award in force. Cancelled purchases are left out. Dates are compared as instants, with their
offsets.

Why look: a buyer who takes a bid after the deadline may have told the bidder what others ask
(Cardinal R030). On this ledger it cannot happen, because the law refuses it: a bid is sealed before
the close or not at all, and what is revealed must open the commitment that was sealed; a reveal
that does not match is refused and leaves no event. So of this ledger's own tenders this rule finds
nothing unless the log itself was tampered with, which `verify` says; it is for what others publish.

Innocent: the deadline was put off and the published period was not; dates without a time, which
are read as midnight. Look at amendments of the tender, and at the same bidder's earlier bids.
"""

from collections.abc import Iterator

from ledger.times import MS_PER_MINUTE
from projections.flags.procurement import (
    Bid,
    Purchase,
    active,
    evidence_of,
    evidence_of_bids,
    named,
    party_of,
)
from projections.flags.purchases import PURCHASES
from projections.flags.rule import Flagged, Rule, Thresholds


def late_winners(purchase: Purchase) -> list[Bid]:
    """Return the valid bids that came after the close and won."""
    closes_ms = purchase.closes_ms
    if purchase.cancelled or closes_ms is None:
        return []
    suppliers = {supplier for award in active(purchase) for supplier in award.suppliers}
    return [
        bid
        for bid in purchase.bids
        if bid.status == "valid"
        and bid.received_ms is not None
        and bid.received_ms > closes_ms
        and not suppliers.isdisjoint(bid.tenderers)
    ]


def _judge(purchase: Purchase, _thresholds: Thresholds) -> Iterator[Flagged]:
    for bid in late_winners(purchase):
        late_ms = (bid.received_ms or 0) - (purchase.closes_ms or 0)
        yield Flagged(
            purchase.subject,
            evidence_of(purchase.evidence[:1], evidence_of_bids([bid])),
            {
                "purchase": purchase.key,
                "origin": purchase.origin,
                "winner": named(bid.tenderers),
                "minutes": late_ms // MS_PER_MINUTE,
            },
            party=party_of(purchase, bid.tenderers[0]),
        )


F29 = Rule(
    "f29",
    "Late bid won",
    "The bid of {winner} came {minutes} minutes after {purchase} had closed, and won.",
    "Cardinal R030",
    PURCHASES,
    _judge,
)

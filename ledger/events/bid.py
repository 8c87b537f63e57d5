"""Bids: sealed by a commitment, revealed after the close, judged by evaluators."""

from typing import Annotated, Literal

from msgspec import Meta

from ledger.events.base import Event, Id, PositiveFen, Ppm, Record, Ref, Sha256
from ledger.events.tender import TenderDocument

Nonce = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""32 random bytes in hex: without them a sealed price could be guessed."""


class BidRate(Record, frozen=True, kw_only=True):
    """What a bidder asks for one unit of a service.

    Attributes:
        service: its code.
        rate_fen: price of one unit.

    """

    service: Id
    rate_fen: PositiveFen


class BidPrices(Record, frozen=True, kw_only=True):
    """What a bidder asks for a lot.

    Attributes:
        value_fen: for the whole lot (OCDS `bids.details.value`).
        rates: for one unit of each service.

    """

    value_fen: PositiveFen
    rates: Annotated[list[BidRate], Meta(min_length=1, max_length=100)]


class BidSealed(Event, frozen=True, kw_only=True, tag="bid.sealed"):
    """A provider bound itself to a bid that nobody can read yet. Signed by the provider.

    Attributes:
        bid: its id (OCDS `bids.details.id`).
        tender: for which tender.
        lot: for which of its lots.
        commitment: SHA-256 of the canonical JSON of {origin, tender, lot, bidder, prices,
            documents, nonce}, as `bid.revealed` will give them.

    """

    bid: Id
    tender: Ref
    lot: Ref
    commitment: Sha256


class BidWithdrawn(Event, frozen=True, kw_only=True, tag="bid.withdrawn"):
    """A bidder took back its bid before the close. Signed by the bidder.

    Attributes:
        bid: which.

    """

    bid: Ref


class BidRevealed(Event, frozen=True, kw_only=True, tag="bid.revealed"):
    """A bidder showed what it had bound itself to, in the 24 hours after the close.

    Signed by the bidder.

    Attributes:
        bid: which.
        prices: what it asks.
        documents: the files of the bid.
        nonce: what blinded the commitment.

    """

    bid: Ref
    prices: BidPrices
    documents: Annotated[list[TenderDocument], Meta(max_length=100)]
    nonce: Nonce


class BidForfeited(Event, frozen=True, kw_only=True, tag="bid.forfeited"):
    """A bid was not revealed in time and is out. Signed by the operator, purchaser or a bidder.

    The clock makes it valid, whoever of them submits it.

    Attributes:
        bid: which.

    """

    bid: Ref


class BidDisqualified(Event, frozen=True, kw_only=True, tag="bid.disqualified"):
    """An evaluator found that a revealed bid may not compete. Signed by the evaluator.

    Attributes:
        bid: which.
        reason: why (OCDS `bids.details.status` disqualified).

    """

    bid: Ref
    reason: Literal[
        "NOT_QUALIFIED",
        "NOT_RESPONSIVE",
        "DOCUMENTS_INCOMPLETE",
        "BOND_MISSING",
        "PRICE_OVER_CAP",
        "PRICE_BELOW_COST",
        "COLLUSION",
        "FALSE_STATEMENT",
        "OTHER",
    ]


class BidScored(Event, frozen=True, kw_only=True, tag="bid.scored"):
    """An expert scored a bid by one criterion. Signed by the evaluator, each expert for itself.

    Attributes:
        bid: which.
        criterion: by which of the tender's criteria.
        score_ppm: from 0 to 1.

    """

    bid: Ref
    criterion: Ref
    score_ppm: Ppm


EVENTS = (
    BidSealed,
    BidWithdrawn,
    BidRevealed,
    BidForfeited,
    BidDisqualified,
    BidScored,
)

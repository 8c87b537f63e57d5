"""Penalties, and what is demanded back: money that moves against its usual way, after notice."""

from ledger.events.base import Date, Event, Id, PositiveFen, Ref, Sha256
from ledger.events.notice import Ground


class PenaltyImposed(Event, frozen=True, kw_only=True, tag="penalty.imposed"):
    """A penalty was set off against what is payable. Signed by the purchaser, after notice.

    It is revenue of the treasury and no cut of the price: the claims it is set off against count
    as paid by so much (Civil Code 568, 585).

    Attributes:
        contract: under which contract.
        notice: the notice that stands.
        ground: why, as the notice says.
        amount_fen: how much; at most what the notice, or the reviewer, says.

    """

    contract: Ref
    notice: Ref
    ground: Ground
    amount_fen: PositiveFen


class RevenueRemitted(Event, frozen=True, kw_only=True, tag="revenue.remitted"):
    """Penalties were paid over as non-tax revenue (非税收入缴库). Signed by the treasury.

    Attributes:
        line: the fund line that the penalties arose on.
        amount_fen: how much; at most what is to be remitted.
        value_date: day the money was paid over.
        sha256: hash of the bank's entry.

    """

    line: Ref
    amount_fen: PositiveFen
    value_date: Date
    sha256: Sha256


class RefundDemanded(Event, frozen=True, kw_only=True, tag="refund.demanded"):
    """Money that was paid is to come back. Signed by the purchaser or an auditor, after notice.

    Attributes:
        refund: its id.
        contract: under which contract it was paid.
        notice: the notice that stands.
        cause: why, as the notice's ground says.
        amount_fen: how much; at most what the notice, or the reviewer, says.

    """

    refund: Id
    contract: Ref
    notice: Ref
    cause: Ground
    amount_fen: PositiveFen


EVENTS = (PenaltyImposed, RevenueRemitted, RefundDemanded)

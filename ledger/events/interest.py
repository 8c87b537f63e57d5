"""Interest on late payment: what the law gives for each day, and what a provider lets go."""

from typing import Annotated

from msgspec import Meta

from ledger.events.base import Event, PositiveFen, Ref


class InterestAccrued(Event, frozen=True, kw_only=True, tag="interest.accrued"):
    """A claim bore interest for late payment (C13; SME Payment Regulation 17).

    Signed by the operator, or by either side of the contract: the rule makes it valid, not the
    signer. Booked at each month's end and at settlement.

    Attributes:
        claim: which.
        days: days late so far: to the end of the last month; of what was paid, to its value date.
        rate_ppm_per_year: the contract's rate a year.
        amount_fen: round(principal x rate x days / 365), less what was accrued before.

    """

    claim: Ref
    days: Annotated[int, Meta(gt=0, le=100_000)]
    rate_ppm_per_year: Annotated[int, Meta(gt=0, le=1_000_000)]
    amount_fen: PositiveFen


class InterestWaived(Event, frozen=True, kw_only=True, tag="interest.waived"):
    """The provider let go of interest that it is owed. Signed by the provider (flag F45).

    Attributes:
        claim: on which.
        amount_fen: how much, at most what is owed and not ordered.

    """

    claim: Ref
    amount_fen: PositiveFen


EVENTS = (InterestAccrued, InterestWaived)

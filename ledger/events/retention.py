"""Retention: what is held back of every acceptance, until a date or against a guarantee."""

from typing import Literal

from ledger.events.base import Event, PositiveFen, Ref


class RetentionReleased(Event, frozen=True, kw_only=True, tag="retention.released"):
    """What was held back is owed now, under this event's id (SME Payment Regulation 13).

    Signed by the purchaser. From the contract's day of release on (C21) also by the operator or
    the provider, for all that is held back.

    Attributes:
        contract: under which contract.
        amount_fen: how much.
        basis: `due`, the contract's day of release has come; `early`, the purchaser releases
            before it.

    """

    contract: Ref
    amount_fen: PositiveFen
    basis: Literal["due", "early"]


class GuaranteeLodged(Event, frozen=True, kw_only=True, tag="guarantee.lodged"):
    """A guarantee took the place of what was held back. Signed by provider and lender.

    The sum it frees is owed under this event's id (SME Payment Regulation 13).

    Attributes:
        contract: under which contract.
        amount_fen: how much it guarantees.
        guarantor: the lender that answers for it.

    """

    contract: Ref
    amount_fen: PositiveFen
    guarantor: Ref


EVENTS = (RetentionReleased, GuaranteeLodged)

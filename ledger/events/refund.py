"""Refunds: money that a provider gave back."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import Date, Event, PositiveFen, Ref, Sha256


class RefundReceived(Event, frozen=True, kw_only=True, tag="refund.received"):
    """Money paid under a contract came back from its provider. Signed by the treasury.

    What was paid in the same budget year can be used again; what was paid in an earlier one is
    the treasury's, and no authority of this year.

    Attributes:
        contract: under which.
        cause: why.
        amount_fen: how much.
        year: budget year in which it had been paid.
        value_date: day the money came in (ISO 20022 `ValDt`).
        sha256: hash of the bank's entry.
        refund: the demand it answers, in whole or in part; absent where the provider gave it back
            unasked.

    """

    contract: Ref
    cause: Literal["OVERPAYMENT", "FINDING", "CORRECTION", "VOLUNTARY", "OTHER"]
    amount_fen: PositiveFen
    year: Annotated[int, Meta(ge=1900, le=9999)]
    value_date: Date
    sha256: Sha256
    refund: Ref | UnsetType = UNSET


EVENTS = (RefundReceived,)

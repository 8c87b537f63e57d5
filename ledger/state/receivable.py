"""Receivables, as the law remembers them."""

from typing import Literal, NamedTuple


class Receivable(NamedTuple):
    """What a provider is owed on one claim, and to whom it was assigned.

    Attributes:
        claim: on which claim.
        contract: under which contract.
        amount_fen: asked for, then confirmed.
        status: how far it got.
        lender: to whom it was assigned, or None.
        account: token of the lender's account, or None.

    """

    claim: str
    contract: str
    amount_fen: int
    status: Literal["requested", "confirmed", "assigned"]
    lender: str | None = None
    account: str | None = None

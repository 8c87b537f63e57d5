"""Advances, as the law remembers them."""

from typing import Literal, NamedTuple


class Advance(NamedTuple):
    """An advance and how far it got.

    Attributes:
        advance: its id.
        contract: under which contract.
        amount_fen: how much was ordered.
        refunded_fen: how much of it came back.
        payee: token of the account.
        status: ordered, settled or rejected.

    """

    advance: str
    contract: str
    amount_fen: int
    refunded_fen: int
    payee: str
    status: Literal["ordered", "settled", "rejected"]

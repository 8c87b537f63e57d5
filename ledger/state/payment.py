"""Payments, as the law remembers them."""

from typing import Literal, NamedTuple


class Payment(NamedTuple):
    """A payment and how far it got."""

    payment: str
    contract: str
    claims: tuple[str, ...]
    principal_fen: int
    payee: str
    status: Literal["requested", "ordered", "settled", "rejected"]

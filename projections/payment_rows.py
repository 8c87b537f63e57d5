"""The tables of the read model `payments`: one row a payment, one a claim."""

from typing import NamedTuple

from projections.shape import Shape


class PaymentRow(NamedTuple):
    """A payment; columns are those of `Payment`."""

    payment: str
    first_position: int
    last_position: int
    contract: str
    claims: str
    """JSON list."""
    status: str
    principal_fen: int
    interest_fen: int
    payee: str
    requested_on: str
    approved_on: str | None
    ordered_on: str | None
    ended_on: str | None
    value_date: str | None
    reason: str | None
    explanation: str | None


class ClaimRow(NamedTuple):
    """A claim; columns are those of `Claim`."""

    claim: str
    first_position: int
    last_position: int
    contract: str
    status: str
    from_date: str
    to_date: str
    invoice: str
    visits: int
    gross_fen: int
    self_pay_fen: int
    claim_fen: int
    accepted_fen: int
    cut_fen: int
    disputed_fen: int
    submitted_on: str
    answered_on: str | None


PAYMENT = Shape("payment", PaymentRow, indexes=[("first_position", "payment"), ("contract",)])
CLAIM = Shape("claim", ClaimRow, indexes=[("first_position", "claim"), ("contract",)])

"""Payments, as the law remembers them."""

from typing import Literal, NamedTuple

PaymentStatus = Literal[
    "requested", "approved", "returned", "ordered", "settled", "rejected", "bounced", "diverted"
]

WITH_THE_BANK = ("ordered", "diverted", "settled")
"""How far a payment got whose principal has left what is payable."""

Waiting = Literal["approval", "order", "bank", "right_account", "new_request", "nothing"]
"""What a payment waits for: finance's approval or order, the bank's word, the right account or the
money back, a new request for the same sums, or nothing."""

WAITS: dict[PaymentStatus, Waiting] = {
    "requested": "approval",
    "approved": "order",
    "ordered": "bank",
    "diverted": "right_account",
    "settled": "nothing",
    "returned": "new_request",
    "rejected": "new_request",
    "bounced": "new_request",
}
"""What a payment waits for, by how far it got."""


class Payment(NamedTuple):
    """A payment and how far it got. Days are local, counted since 1970-01-01.

    Attributes:
        payment: its id.
        contract: under which contract.
        claims: the claims it pays.
        principal_fen: how much of what is owed.
        payee: token of the account.
        status: how far it got.
        interest: fen of interest ordered, claim by claim; empty before the order.
        creditor: commitment to the account that was ordered, where the order has it.
        lines: fund lines it was ordered from, in the contract's order then.
        parts: fen of principal ordered from each of them.
        since: day of the order, of its diversion, or of the value that settled it: the bank's next
            word can be of no earlier one.

    """

    payment: str
    contract: str
    claims: tuple[str, ...]
    principal_fen: int
    payee: str
    status: PaymentStatus
    interest: tuple[int, ...] = ()
    creditor: str | None = None
    lines: tuple[str, ...] = ()
    parts: tuple[int, ...] = ()
    since: int = 0

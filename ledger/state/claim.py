"""Claims, as the law remembers them."""

from typing import Literal, NamedTuple


class Claim(NamedTuple):
    """A claim and what became of it. Days are local, counted since 1970-01-01.

    Attributes:
        claim: its id; of a bonus, the id of the event that granted it.
        contract: under which contract.
        status: submitted, answered.
        claim_fen: asked for.
        payable_fen: accepted less retained, once answered.
        disputed_fen: waiting, once answered.
        answered_by: token of the holder who answered, or None.
        payment: the live or settled payment it is in, or None.
        answer_by: last day on which it can be answered (C12).
        owed_since: day from which its payment is due within the contract's pay_days (C13), or
            None while nothing is owed.

    """

    claim: str
    contract: str
    status: Literal["submitted", "answered"]
    claim_fen: int
    payable_fen: int
    disputed_fen: int
    answered_by: tuple[str, ...]
    payment: str | None
    answer_by: int
    owed_since: int | None

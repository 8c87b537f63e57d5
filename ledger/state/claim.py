"""Claims and other sums owed, as the law remembers them."""

from typing import Literal, NamedTuple


class Claim(NamedTuple):
    """A claim and what became of it, or a sum owed beyond claims (docs/decisions/0028).

    Days are local, counted since 1970-01-01.

    Attributes:
        claim: its id; of a sum owed beyond claims the id of the event that made it so.
        contract: under which contract.
        status: submitted, answered or accepted (C12 ran out); a sum owed beyond claims is
            awarded (of a cut or dispute), released (of what was held back) or granted (a bonus).
        claim_fen: asked for; of a sum owed beyond claims, all of it.
        payable_fen: accepted, less the advance recovered and what is held back.
        disputed_fen: waiting.
        answered_by: tokens of the holders who signed for it to be paid.
        payment: the live or settled payment it is in, or None.
        answer_by: last day on which it can be answered (C12).
        contest_by: last day on which its cuts can be contested (C19a), once answered.
        owed_since: day from which its payment is due within the contract's pay_days (C13), or
            None while nothing is owed.

    """

    claim: str
    contract: str
    status: Literal["submitted", "answered", "accepted", "awarded", "released", "granted"]
    claim_fen: int
    payable_fen: int
    disputed_fen: int
    answered_by: tuple[str, ...]
    payment: str | None
    answer_by: int
    contest_by: int
    owed_since: int | None

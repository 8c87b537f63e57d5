"""The scope `claim`: claims, and other sums owed, with the legal clocks that run on them.

The key of a group is the sum's id. A clock that runs goes on with the ledger's last day, so sums
that wait for an answer, and those that are overdue, are judged again at every step.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from projections.flags.acts import selected
from projections.flags.rule import Facts, Scope
from projections.payments import PAYMENTS
from projections.payments.tables import CLAIM, DAY, STEP

UNANSWERED = "submitted"
DEEMED = "accepted"


class Sum(NamedTuple):
    """A claim, or another sum owed.

    Attributes:
        key: its id.
        contract: under which contract.
        buyer: who owes it.
        status: submitted, answered, accepted without an answer, or owed beyond claims.
        owed_position: of the event that made it so.
        accepted_position: of the answer, or of the acceptance without one; None before.
        answer_by: last day on which it could be answered (C12), of a claim.
        due_on: last day on which it can be paid in time (C13), once accepted.
        late_from: first day on which it is overdue; None where nothing of it is payable.
        cleared_on: day from which nothing of it is owed; None while anything is.
        payable_fen: what is to be paid of it.
        claim_fen: what was asked for.
        today: the ledger's last day.

    """

    key: str
    contract: str
    buyer: str
    status: str
    owed_position: int
    accepted_position: int | None
    answer_by: str | None
    due_on: str | None
    late_from: str | None
    cleared_on: str | None
    payable_fen: int
    claim_fen: int
    today: str


def _today(facts: Facts) -> str:
    day = facts.sources.table(PAYMENTS, DAY).c.day
    return facts.sources.connection.scalar(select(day)) or ""


def _changed(facts: Facts, since: int) -> list[str]:
    """Return the sums about which anything happened, and those whose clock has run out."""
    claim, today = facts.sources.table(PAYMENTS, CLAIM), _today(facts)
    waits = and_(claim.c.status == UNANSWERED, claim.c.answer_by < today)
    overdue = and_(claim.c.cleared_on.is_(None), claim.c.late_from <= today)
    query = select(claim.c.claim).where(or_(claim.c.last_position >= since, waits, overdue))
    return list(facts.sources.connection.scalars(query.order_by(claim.c.claim)))


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Sum]:
    claim, step = (facts.sources.table(PAYMENTS, shape) for shape in (CLAIM, STEP))
    today = _today(facts)
    accepted = and_(step.c.claim == claim.c.claim, step.c.kind.in_(("answered", "deemed")))
    query = (
        select(claim, step.c.position.label("accepted_position"))
        .join(step, accepted, isouter=True)
        .order_by(claim.c.claim)
    )
    for row in selected(facts, query, claim.c.claim, keys):
        yield Sum(
            key=row.claim,
            contract=row.contract,
            buyer=row.buyer,
            status=row.status,
            owed_position=row.first_position,
            accepted_position=row.accepted_position,
            answer_by=row.answer_by,
            due_on=row.due_on,
            late_from=row.late_from,
            cleared_on=row.cleared_on,
            payable_fen=row.payable_fen,
            claim_fen=row.claim_fen,
            today=today,
        )


CLAIMS = Scope("claim", (PAYMENTS,), _changed, _groups)

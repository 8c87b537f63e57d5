"""Payments, claims and other sums owed, and what is overdue."""

from typing import Annotated

from fastapi import Path, Query
from msgspec import Struct
from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool

from api.http.parameters import After, AsOf, Limit, missing, point_asked
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Routes
from ledger.errors import Malformed
from ledger.replay.database import DatabaseSource
from ledger.replay.explaining import explain
from ledger.replay.explanation import Explanation
from ledger.replay.steps import Billed
from ledger.state.payment import PaymentStatus
from ledger.times import parse_date
from projections.paging import DEFAULT_LIMIT, Page
from projections.payments import (
    Claim,
    ClaimShown,
    OverdueList,
    Payment,
    PaymentFile,
    claim_shown,
    list_claims,
    list_overdue,
    list_payments,
    payment,
)
from projections.payments.past import payment_as_of
from projections.payments.records import SumStatus

routes = Routes(tags=["payments"])

MAX_EVENTS_EXPLAINED = 200_000
"""Events that are replayed for a request: some 20 seconds of a core."""


class ExplanationFile(Struct, frozen=True):
    """An explanation of a payment, and how many events of the ledger it was recomputed from."""

    position: int
    explanation: Explanation


PaymentId = Annotated[str, Path(description="The payment's id.", examples=["c-2025-01-p00001"])]
ClaimId = Annotated[
    str,
    Path(
        description="The sum's id: a claim's, or the id of the event that made it so.",
        examples=["c-2025-01-2025-01"],
    ),
]
OfContract = Annotated[
    str | None, Query(description="Only under this contract.", examples=["c-2025-01"])
]
OfProvider = Annotated[
    str | None, Query(description="Only of this provider.", examples=["yangguang-care"])
]


@routes.get("/payments", summary="List payments")
def payments(
    question: Asked,
    contract: OfContract = None,
    status: Annotated[
        PaymentStatus | None, Query(description="Only those that got so far.", examples=["settled"])
    ] = None,
    provider: OfProvider = None,
    overdue: Annotated[
        bool, Query(description="Only those not paid yet whose last day to pay is over.")
    ] = False,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Payment]]:
    """List payments, in the order in which they were asked for.

    Each with what it waits for, its last day to pay in time, and the interest so far.
    """
    page = list_payments(
        question.projections,
        contract=contract,
        status=status,
        provider=provider,
        overdue=overdue,
        after=after,
        limit=limit,
    )
    return question.answer(page, page.position)


@routes.get("/payments/{payment_id}", summary="Show a payment")
def payment_file(question: Asked, payment_id: PaymentId, as_of: AsOf = None) -> Answer[PaymentFile]:
    """Show one payment: what it pays, each step its sums went through, what it waits for."""
    if as_of is None:
        found = payment(question.projections, payment_id)
    else:
        found = payment_as_of(question.projections, payment_id, point_asked(question, as_of))
    if found is None:
        raise missing("payment", payment_id, as_of)
    return question.answer(found, found.position)


@routes.get("/payments/{payment_id}/explain", summary="Explain a payment")
async def explain_payment(question: Asked, payment_id: PaymentId) -> Answer[ExplanationFile]:
    """Recompute a payment from the log alone: every step from visits to the bank's word.

    The whole history is replayed, one payment at a time; who waits too long comes again. Tokens
    of the people served are left empty for whoever is no side of the contract. What the read
    models keep of each step is answered at once by `/v1/payments/{payment_id}`.
    """
    service = question.service
    found = await run_in_threadpool(payment, question.projections, payment_id)
    if found is None:
        raise missing("payment", payment_id)
    position = service.store.head().positions
    if position > MAX_EVENTS_EXPLAINED:
        raise Problem(
            "too_long_to_replay",
            f"the ledger holds {position} events, and {MAX_EVENTS_EXPLAINED} at most are replayed "
            f"here: `sunledger explain payment {payment_id}` does it beside the database",
        )

    def work() -> ExplanationFile:
        reflected = service.store.head().positions
        return ExplanationFile(reflected, explain(DatabaseSource(service.store), payment_id))

    changed = max(each.claim.last_position for each in found.claims)
    key = ("explain", payment_id, found.as_of, max(changed, found.payment.last_position))
    explained = await service.slowly.done(key, work)
    sides = (found.payment.buyer.id, found.payment.provider.id)
    if not (question.reader.reads_all or question.reader.party in sides):
        explained = replace(explained, explanation=_without_people(explained.explanation))
    return question.answer(explained, explained.position)


def _without_people(explanation: Explanation) -> Explanation:
    steps = tuple(
        replace(step, capped=tuple(replace(each, beneficiary="") for each in step.capped))
        if isinstance(step, Billed)
        else step
        for step in explanation.steps
    )
    return replace(explanation, steps=steps)


@routes.get("/claims", summary="List claims and other sums owed")
def claims(
    question: Asked,
    contract: OfContract = None,
    status: Annotated[
        SumStatus | None, Query(description="Only of this status.", examples=["accepted"])
    ] = None,
    provider: OfProvider = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Claim]]:
    """List claims, awards, released retentions and bonuses, in the order in which they came."""
    page = list_claims(
        question.projections,
        contract=contract,
        status=status,
        provider=provider,
        after=after,
        limit=limit,
    )
    return question.answer(page, page.position)


@routes.get("/claims/{claim_id}", summary="Show a claim")
def claim_file(question: Asked, claim_id: ClaimId) -> Answer[ClaimShown]:
    """Show a sum with every event that changed it, and the payments that asked for it."""
    found = claim_shown(question.projections, claim_id)
    if found is None:
        raise missing("claim", claim_id)
    return question.answer(found, found.position)


@routes.get("/overdue", summary="List what is overdue")
def overdue(
    question: Asked,
    day: Annotated[
        str | None,
        Query(
            description="Overdue at the end of this local date; the ledger's last where none is "
            "named.",
            examples=["2025-06-30"],
        ),
    ] = None,
    buyer: Annotated[
        str | None, Query(description="Only owed by this party.", examples=["lushan-civil-affairs"])
    ] = None,
    provider: OfProvider = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[OverdueList]:
    """List sums whose time to pay was over and that were not paid (SME Payment Regulation 18)."""
    if day is not None:
        try:
            parse_date(day)
        except Malformed as error:
            raise Problem("invalid_request", f"query.day: {error}") from None
    found = list_overdue(
        question.projections, day=day, buyer=buyer, provider=provider, after=after, limit=limit
    )
    return question.answer(found, found.position)

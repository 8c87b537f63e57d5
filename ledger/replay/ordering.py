"""The reckoning from what is owed to the bank's word: interest, lenders, requests and orders.

Functions and figures are as in `ledger.replay.reckoning`.
"""

from collections.abc import Sequence

from msgspec import UNSET

from ledger.events import Event
from ledger.events.interest import InterestAccrued, InterestWaived
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentDiverted,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentReturned,
    PaymentSettled,
)
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.money import PPM, round_half_up
from ledger.replay.explanation import (
    Asked,
    Borne,
    Ended,
    Ordered,
    Pledged,
    Reviewed,
    Share,
    Waived,
)
from ledger.replay.steps import Part, Where
from ledger.replay.tally import Flow, Note, Noting, Request, Sum, Tally
from ledger.rules.deadline import last_pay_day
from ledger.rules.interest import DAYS_A_YEAR, accrual_of
from ledger.rules.receivable import payee_party
from ledger.rules.shares import lines_of, split_among
from ledger.state import State
from ledger.times import format_date, parse_date


def due_on(state: State, contract: str, owed: Sum) -> str:
    """Return the last day on which a sum can be paid in time (C13)."""
    since = owed.answer_by if owed.since is None else owed.since
    return format_date(last_pay_day(since, state.contracts[contract].pay_days))


def shares_of(tally: Tally, state: State, request: Request) -> tuple[Share, ...]:
    """Return what each sum of a payment brings to it now; as it was ordered, where it was."""
    if request.shares:
        return request.shares
    return tuple(
        Share(
            of=name,
            principal_fen=0 if request.only_interest else tally.sums[name].payable_fen,
            interest_fen=tally.sums[name].owed_fen,
            due_on=due_on(state, tally.contract, tally.sums[name]),
        )
        for name in request.sums
    )


# -- interest ----------------------------------------------------------------------------------


def _borne(tally: Tally, state: State, event: InterestAccrued, where: Where) -> Note:
    owed = tally.sums[event.claim]
    accrual = accrual_of(state, event.claim, where.date)
    interest = owed.payable_fen * accrual.rate_ppm * accrual.days
    total_fen = round_half_up(interest, DAYS_A_YEAR * PPM)
    before_fen = owed.accrued_fen
    amount_fen = total_fen - before_fen
    owed.accrued_fen += amount_fen
    owed.owed_fen += amount_fen
    step = Borne(
        where=where,
        claim=event.claim,
        principal_fen=owed.payable_fen,
        due_on=due_on(state, tally.contract, owed),
        days=accrual.days,
        rate_ppm=accrual.rate_ppm,
        total_fen=total_fen,
        before_fen=before_fen,
        amount_fen=amount_fen,
    )
    figures = [
        ("days", accrual.days, event.days),
        ("amount_fen", amount_fen, event.amount_fen),
    ]
    flows = {("interest_expense", "interest_payable", ""): amount_fen}
    return Note(step, {f"sum/{event.claim}"}, flows, figures)


def _waived(tally: Tally, _state: State, event: InterestWaived, where: Where) -> Note:
    owed = tally.sums[event.claim]
    before_fen = owed.owed_fen
    owed.owed_fen -= event.amount_fen
    step = Waived(where=where, claim=event.claim, owed_fen=before_fen, amount_fen=event.amount_fen)
    flows = {("interest_payable", "interest_expense", ""): event.amount_fen}
    return Note(step, {f"sum/{event.claim}"}, flows)


# -- receivables -------------------------------------------------------------------------------


def _pledged(
    tally: Tally,
    _state: State,
    event: ReceivableRequested | ReceivableConfirmed | ReceivableAssigned,
    where: Where,
) -> Note:
    payable_fen = tally.sums[event.claim].payable_fen
    step = Pledged(
        where=where,
        claim=event.claim,
        amount_fen=payable_fen,
        lender=event.lender if isinstance(event, ReceivableAssigned) else None,
        account=event.account if isinstance(event, ReceivableAssigned) else None,
    )
    figures = [("amount_fen", payable_fen, event.amount_fen)]
    return Note(step, {f"sum/{event.claim}"}, {}, figures)


def _given_back(tally: Tally, state: State, event: ReceivableReleased, where: Where) -> Note:
    payable_fen = tally.sums[event.claim].payable_fen
    step = Pledged(
        where=where,
        claim=event.claim,
        amount_fen=payable_fen,
        lender=state.receivables[event.claim].lender,
    )
    return Note(step, {f"sum/{event.claim}"})


# -- payments ----------------------------------------------------------------------------------


def _topics(request: Request) -> set[str]:
    return {f"payment/{request.payment}", *(f"sum/{name}" for name in request.sums)}


def _asked(tally: Tally, state: State, event: PaymentRequested, where: Where) -> Note:
    request = Request(event.payment, tuple(event.claims), event.principal_fen == 0)
    tally.requests[event.payment] = request
    shares = shares_of(tally, state, request)
    principal_fen = sum(share.principal_fen for share in shares)
    step = Asked(
        where=where,
        payment=event.payment,
        shares=shares,
        principal_fen=principal_fen,
        payee=event.payee,
        party=payee_party(state, event.claims[0]),
    )
    figures = [("principal_fen", principal_fen, event.principal_fen)]
    return Note(step, _topics(request), {}, figures)


def _approved(tally: Tally, _state: State, event: PaymentApproved, where: Where) -> Note:
    request = tally.requests[event.payment]
    request.status = "approved"
    return Note(Reviewed(where=where, payment=event.payment), _topics(request))


def _returned(tally: Tally, _state: State, event: PaymentReturned, where: Where) -> Note:
    request = tally.requests[event.payment]
    request.status = "returned"
    explanation = None if event.explanation is UNSET else event.explanation
    step = Reviewed(
        where=where, payment=event.payment, reason=event.reason, explanation=explanation
    )
    return Note(step, _topics(request))


def _ordered(tally: Tally, state: State, event: PaymentOrdered, where: Where) -> Note:
    request = tally.requests[event.payment]
    with_interest = event.interest_fen is not UNSET
    shares = tuple(
        Share(
            of=share.of,
            principal_fen=share.principal_fen,
            interest_fen=share.interest_fen if with_interest else 0,
            due_on=share.due_on,
        )
        for share in shares_of(tally, state, request)
    )
    principal_fen = sum(share.principal_fen for share in shares)
    interest_fen = sum(share.interest_fen for share in shares)
    for share in shares:
        tally.sums[share.of].owed_fen -= share.interest_fen
    request.status, request.shares = "ordered", shares
    request.principal_fen, request.interest_fen = principal_fen, interest_fen
    lines = lines_of(state, tally.contract)
    held_fen = sum(state.balance("accrued", line, tally.contract) for line in lines)
    parts = split_among(state, tally.contract, lines, "accrued", min(principal_fen, held_fen))
    flows: dict[Flow, int] = {
        ("accrued", "ordered", line): part_fen for line, part_fen in zip(lines, parts, strict=True)
    }
    flows["allotted", "interest_ordered", ""] = interest_fen
    step = Ordered(
        where=where,
        payment=event.payment,
        shares=shares,
        principal_fen=principal_fen,
        interest_fen=interest_fen,
        lines=tuple(
            Part(line, part_fen) for line, part_fen in zip(lines, parts, strict=True) if part_fen
        ),
        message_id=event.message_id,
    )
    stated_fen = 0 if event.interest_fen is UNSET else event.interest_fen
    request.ordered_fen = event.principal_fen + stated_fen
    figures = [
        ("principal_fen", principal_fen, event.principal_fen),
        ("interest_fen", interest_fen, stated_fen),
    ]
    return Note(step, _topics(request), flows, figures)


def _settled(tally: Tally, _state: State, event: PaymentSettled, where: Where) -> Note:
    request = tally.requests[event.payment]
    request.status, request.last_day = "settled", parse_date(event.value_date)
    step = Ended(
        where=where,
        payment=event.payment,
        amount_fen=request.principal_fen + request.interest_fen,
        value_date=event.value_date,
    )
    flows = _moved(request, ("ordered", "paid"), ("interest_ordered", "interest_paid"))
    return Note(step, _topics(request), flows)


def _diverted(tally: Tally, _state: State, event: PaymentDiverted, where: Where) -> Note:
    request = tally.requests[event.payment]
    request.status = "diverted"
    step = Ended(
        where=where,
        payment=event.payment,
        amount_fen=request.principal_fen + request.interest_fen,
        value_date=event.value_date,
    )
    return Note(step, _topics(request))


def _undone(
    tally: Tally, _state: State, event: PaymentRejected | PaymentBounced, where: Where
) -> Note:
    """Let what came back be owed again, the interest too."""
    request = tally.requests[event.payment]
    bounced_on = event.value_date if isinstance(event, PaymentBounced) else None
    request.status, request.last_day = ("bounced" if bounced_on else "rejected"), None
    for share in request.shares:
        tally.sums[share.of].owed_fen += share.interest_fen
    step = Ended(
        where=where,
        payment=event.payment,
        amount_fen=request.principal_fen + request.interest_fen,
        value_date=bounced_on,
        reason=event.reason,
        explanation=event.explanation,
    )
    if bounced_on:
        flows = _moved(request, ("paid", "accrued"), ("interest_paid", "allotted"))
    else:
        flows = _moved(request, ("ordered", "accrued"), ("interest_ordered", "allotted"))
    return Note(step, _topics(request), flows)


def _moved(request: Request, principal: Sequence[str], interest: Sequence[str]) -> dict[Flow, int]:
    return {
        (principal[0], principal[1], ""): request.principal_fen,
        (interest[0], interest[1], ""): request.interest_fen,
    }


NOTES: dict[type[Event], Noting] = {
    InterestAccrued: _borne,
    InterestWaived: _waived,
    ReceivableRequested: _pledged,
    ReceivableConfirmed: _pledged,
    ReceivableAssigned: _pledged,
    ReceivableReleased: _given_back,
    PaymentRequested: _asked,
    PaymentApproved: _approved,
    PaymentReturned: _returned,
    PaymentOrdered: _ordered,
    PaymentSettled: _settled,
    PaymentRejected: _undone,
    PaymentBounced: _undone,
    PaymentDiverted: _diverted,
}

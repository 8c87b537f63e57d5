"""Law of payment orders: what is owed is asked for whole, approved, and ordered once.

A claim is in at most one live payment (I8). Nothing here asks for the contract's state: what is
owed can be paid under a contract that was closed, when the bank took a payment back.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.payment import (
    PaymentApproved,
    PaymentOrdered,
    PaymentRequested,
    PaymentReturned,
)
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.accounts import check_payee
from ledger.rules.act import Act, Rule, authorise, check_free, limit_of, look_up, take
from ledger.rules.cashplan import check_cash_plan, ordered_parts, use_cash_plan
from ledger.rules.doubt import check_claims, check_request
from ledger.rules.interest import change_owed, owed_on
from ledger.rules.lists import check_distinct
from ledger.rules.receivable import check_payee_of, payee_party
from ledger.rules.shares import flows, lines_of, split_among
from ledger.state import State
from ledger.state.interest import Interest
from ledger.state.payment import Payment, PaymentStatus
from ledger.times import parse_date

# -- payment.requested -------------------------------------------------------------------------


def _authorise_request(state: State, event: PaymentRequested, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.principal_fen)
    buyer = (Seat("purchaser", contract.buyer),)
    authorise(state, event, act, case, contract.provider_seats, buyer)


def _admit_request(state: State, event: PaymentRequested, act: Act) -> None:
    check_free(state, "payment", event.payment)
    check_distinct("claims", event.claims)
    computed_fen = 0
    for claim_id in event.claims:
        claim = look_up(state.claims, "claim", claim_id)
        if claim.contract != event.contract:
            raise Refused("claim_of_other_contract", claim=claim_id, contract=claim.contract)
        _check_payable(state, claim_id, only_interest=event.principal_fen == 0)
        check_payee_of(state, claim_id, event.payee)
        computed_fen += claim.payable_fen
    if event.principal_fen not in (0, computed_fen):
        raise Refused(
            "principal_differs", stated_fen=event.principal_fen, computed_fen=computed_fen
        )
    check_claims(state, event.claims)
    _check_account(state, act, event.claims, event.payee)


def _check_account(state: State, act: Act, claims: Sequence[str], payee: str) -> None:
    """Check that whoever each claim is to be paid to has declared the account, in force now."""
    for claim_id in claims:
        check_payee(state, act, payee_party(state, claim_id), payee)


def _check_payable(state: State, claim_id: str, *, only_interest: bool) -> None:
    """Check that a claim has something to pay, and is in no live payment.

    A claim whose principal was paid can still be owed interest.
    """
    claim = state.claims[claim_id]
    fen = owed_on(state, claim_id) if only_interest else claim.payable_fen
    if fen == 0:
        raise Refused("claim_not_payable", claim=claim_id, status=claim.status)
    for payment in (claim.payment, state.interest.get(claim_id, Interest()).payment):
        if payment is None or (only_interest and state.payments[payment].status == "settled"):
            continue
        raise Refused("claim_in_live_payment", claim=claim_id, payment=payment)


def _apply_request(state: State, event: PaymentRequested, _act: Act) -> None:
    take(state, "payment", event.payment)
    payment = Payment(
        event.payment,
        event.contract,
        tuple(event.claims),
        event.principal_fen,
        event.payee,
        "requested",
    )
    state.put(state.payments, event.payment, payment)
    assign_claims(state, payment)


# -- payment.approved and .returned ------------------------------------------------------------


def _authorise_review(state: State, event: PaymentApproved | PaymentReturned, act: Act) -> None:
    """Call for one finance signature, or for two of one party above the limit of its role."""
    payment = look_up(state.payments, "payment", event.payment)
    case = state.contracts[payment.contract].case
    interest_fen = sum(owed_on(state, claim_id) for claim_id in payment.claims)
    party = act.signers[0].party
    limit_fen = limit_of(state, act, case, party, "finance")
    if limit_fen is not None and payment.principal_fen + interest_fen > limit_fen:
        authorise(state, event, act, case, (Seat("finance", party), Seat("finance", party)))
    else:
        authorise(state, event, act, case, (Seat("finance"),))


def _admit_approval(state: State, event: PaymentApproved, _act: Act) -> None:
    check_request(state, in_state(state, event.payment, "requested"))


def _apply_approval(state: State, event: PaymentApproved, _act: Act) -> None:
    payment = state.payments[event.payment]
    state.put(state.payments, event.payment, payment._replace(status="approved"))


def _admit_return(state: State, event: PaymentReturned, _act: Act) -> None:
    in_state(state, event.payment, "requested", "approved")


def _apply_return(state: State, event: PaymentReturned, _act: Act) -> None:
    payment = state.payments[event.payment]
    state.put(state.payments, event.payment, payment._replace(status="returned"))
    free_claims(state, payment)


# -- payment.ordered ---------------------------------------------------------------------------


def _authorise_order(state: State, event: PaymentOrdered, act: Act) -> None:
    """Call for finance; the amount was asked at the approval (docs/decisions/0031).

    Whoever answered a claim of it, in whichever role, acts in no other on the contract.
    """
    payment = look_up(state.payments, "payment", event.payment)
    authorise(state, event, act, state.contracts[payment.contract].case, (Seat("finance"),))


def _admit_order(state: State, event: PaymentOrdered, act: Act) -> None:
    payment = in_state(state, event.payment, "approved")
    # A deduction, or an assignment, may have come since it was asked for.
    computed_fen = 0
    if payment.principal_fen:
        computed_fen = sum(state.claims[claim_id].payable_fen for claim_id in payment.claims)
    for stated_fen in (payment.principal_fen, event.principal_fen):
        if stated_fen != computed_fen:
            raise Refused("principal_differs", stated_fen=stated_fen, computed_fen=computed_fen)
    if event.payee != payment.payee:
        raise Refused("payee_differs", stated=event.payee, expected=payment.payee)
    for claim_id in payment.claims:
        check_payee_of(state, claim_id, event.payee)
    check_request(state, payment)
    _check_account(state, act, payment.claims, event.payee)
    _check_interest(state, payment, event)
    lines = lines_of(state, payment.contract)
    parts = split_among(state, payment.contract, lines, "accrued", event.principal_fen)
    planned = ordered_parts(_post_order(state, event))
    check_cash_plan(state, planned, act)
    act.found = (parts, planned)


def _check_interest(state: State, payment: Payment, event: PaymentOrdered) -> None:
    """Check that all interest that is owed is ordered; beside a principal, or none of it."""
    owed_fen = sum(owed_on(state, claim_id) for claim_id in payment.claims)
    stated_fen = 0 if event.interest_fen is UNSET else event.interest_fen
    claims = " and ".join(payment.claims)
    if event.principal_fen == owed_fen == 0:
        raise Refused("claim_not_payable", claim=claims, status="paid or without interest")
    if stated_fen != owed_fen and (stated_fen or not event.principal_fen):
        raise Refused(
            "interest_differs",
            field="interest_fen",
            claim=claims,
            stated=stated_fen,
            computed=owed_fen,
        )


def _post_order(state: State, event: PaymentOrdered) -> list[Posting]:
    contract = state.payments[event.payment].contract
    lines = lines_of(state, contract)
    principal = split_among(state, contract, lines, "accrued", event.principal_fen)
    interest_fen = 0 if event.interest_fen is UNSET else event.interest_fen
    interest = split_among(state, contract, lines, "interest_payable", interest_fen)
    return [
        *flows(contract, lines, "accrued", "ordered", principal),
        *flows(contract, lines, "payable", "in_transit", principal),
        *flows(contract, lines, "allotted", "interest_ordered", interest),
        *flows(contract, lines, "interest_payable", "in_transit", interest),
    ]


def _apply_order(state: State, event: PaymentOrdered, act: Act) -> None:
    payment = state.payments[event.payment]
    parts, planned = act.found
    use_cash_plan(state, planned, act)
    interest: tuple[int, ...] = ()
    if event.interest_fen is not UNSET:
        interest = tuple(owed_on(state, claim_id) for claim_id in payment.claims)
        for claim_id, fen in zip(payment.claims, interest, strict=True):
            change_owed(state, claim_id, -fen)
    state.put(
        state.payments,
        event.payment,
        payment._replace(
            status="ordered",
            interest=interest,
            creditor=event.creditor or None,
            lines=lines_of(state, payment.contract),
            parts=tuple(parts),
            since=parse_date(act.today),
        ),
    )


# -- shared ------------------------------------------------------------------------------------


def in_state(state: State, payment_id: str, *expected: PaymentStatus) -> Payment:
    """Return a payment that got exactly so far.

    Raises:
        Refused: `payment_wrong_state`.

    """
    payment = state.payments[payment_id]
    if payment.status not in expected:
        raise Refused(
            "payment_wrong_state",
            payment=payment_id,
            status=payment.status,
            expected=" or ".join(expected),
        )
    return payment


def assign_claims(state: State, payment: Payment) -> None:
    """Put the claims of a payment into it."""
    for claim_id in payment.claims:
        if payment.principal_fen:
            claim = state.claims[claim_id]
            state.put(state.claims, claim_id, claim._replace(payment=payment.payment))
        else:
            interest = state.interest[claim_id]
            state.put(state.interest, claim_id, interest._replace(payment=payment.payment))


def free_claims(state: State, payment: Payment) -> None:
    """Set the claims of a payment free, those that no later one asks for already."""
    for claim_id in payment.claims:
        claim, interest = state.claims[claim_id], state.interest.get(claim_id)
        if claim.payment == payment.payment:
            state.put(state.claims, claim_id, claim._replace(payment=None))
        if interest is not None and interest.payment == payment.payment:
            state.put(state.interest, claim_id, interest._replace(payment=None))


def _home(
    state: State, event: PaymentRequested | PaymentApproved | PaymentReturned | PaymentOrdered
) -> tuple[str, ...]:
    if isinstance(event, PaymentRequested):
        return (f"contract/{event.contract}",)
    return (f"contract/{state.payments[event.payment].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    PaymentRequested: Rule(_authorise_request, _admit_request, _apply_request, _home),
    PaymentApproved: Rule(_authorise_review, _admit_approval, _apply_approval, _home),
    PaymentReturned: Rule(_authorise_review, _admit_return, _apply_return, _home),
    PaymentOrdered: Rule(_authorise_order, _admit_order, _apply_order, _home, _post_order),
}

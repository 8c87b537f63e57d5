"""Law of payments: one live payment a claim, and the bank's word ends each order once."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.payment import (
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.money import split
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_date,
    check_distinct,
    check_free,
    look_up,
    take,
)
from ledger.rules.contract import moves, unclosed
from ledger.state import State
from ledger.state.payment import Payment

# -- payment.requested -------------------------------------------------------------------------


def _authorise_request(state: State, event: PaymentRequested, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.principal_fen)
    buyer = (Seat("purchaser", contract.buyer),)
    authorise(state, event, act, case, contract.provider_seats, buyer)


def _admit_request(state: State, event: PaymentRequested, _act: Act) -> None:
    check_free(state, "payment", event.payment)
    unclosed(state, event.contract)
    check_distinct("claims", event.claims)
    computed_fen = 0
    for claim_id in event.claims:
        claim = look_up(state.claims, "claim", claim_id)
        if claim.contract != event.contract:
            raise Refused("claim_of_other_contract", claim=claim_id, contract=claim.contract)
        if claim.payable_fen == 0:
            raise Refused("claim_not_payable", claim=claim_id, status=claim.status)
        if claim.payment is not None:
            raise Refused("claim_in_live_payment", claim=claim_id, payment=claim.payment)
        computed_fen += claim.payable_fen
    if event.principal_fen != computed_fen:
        raise Refused(
            "principal_differs", stated_fen=event.principal_fen, computed_fen=computed_fen
        )


def _apply_request(state: State, event: PaymentRequested, _act: Act) -> None:
    take(state, "payment", event.payment)
    _assign_claims(state, tuple(event.claims), event.payment)
    state.put(
        state.payments,
        event.payment,
        Payment(
            event.payment,
            event.contract,
            tuple(event.claims),
            event.principal_fen,
            event.payee,
            "requested",
        ),
    )


# -- payment.ordered ---------------------------------------------------------------------------


def _authorise_order(state: State, event: PaymentOrdered, act: Act) -> None:
    payment = look_up(state.payments, "payment", event.payment)
    contract = state.contracts[payment.contract]
    case = contract.case._replace(amount_fen=event.principal_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _admit_order(state: State, event: PaymentOrdered, _act: Act) -> None:
    payment = _in_state(state, event.payment, "requested")
    if event.principal_fen != payment.principal_fen:
        raise Refused(
            "principal_differs",
            stated_fen=event.principal_fen,
            computed_fen=payment.principal_fen,
        )
    if event.payee != payment.payee:
        raise Refused("payee_differs", stated=event.payee, expected=payment.payee)


def _post_order(state: State, event: PaymentOrdered) -> list[Posting]:
    return _along(
        state, event.payment, "accrued", ("accrued", "ordered"), ("payable", "in_transit")
    )


# -- payment.settled and .rejected -------------------------------------------------------------


def _authorise_treasury(state: State, event: PaymentSettled | PaymentRejected, act: Act) -> None:
    payment = look_up(state.payments, "payment", event.payment)
    contract = state.contracts[payment.contract]
    case: Case = contract.case._replace(amount_fen=payment.principal_fen)
    authorise(state, event, act, case, (Seat("treasury"),))


def _admit_settlement(state: State, event: PaymentSettled, _act: Act) -> None:
    _in_state(state, event.payment, "ordered")
    check_date("value_date", event.value_date)


def _post_settlement(state: State, event: PaymentSettled) -> list[Posting]:
    return _along(state, event.payment, "ordered", ("ordered", "paid"), ("in_transit", "cash"))


def _admit_rejection(state: State, event: PaymentRejected, _act: Act) -> None:
    _in_state(state, event.payment, "ordered")


def _post_rejection(state: State, event: PaymentRejected) -> list[Posting]:
    return _along(
        state, event.payment, "ordered", ("ordered", "accrued"), ("in_transit", "payable")
    )


def _apply_order(state: State, event: PaymentOrdered, _act: Act) -> None:
    payment = state.payments[event.payment]
    state.put(state.payments, event.payment, payment._replace(status="ordered"))


def _apply_settlement(state: State, event: PaymentSettled, _act: Act) -> None:
    payment = state.payments[event.payment]
    state.put(state.payments, event.payment, payment._replace(status="settled"))


def _apply_rejection(state: State, event: PaymentRejected, _act: Act) -> None:
    payment = state.payments[event.payment]
    state.put(state.payments, event.payment, payment._replace(status="rejected"))
    _assign_claims(state, payment.claims, None)


# -- shared ------------------------------------------------------------------------------------


def _along(
    state: State,
    payment_id: str,
    held_in: str,
    authority: tuple[str, str],
    proprietary: tuple[str, str],
) -> list[Posting]:
    """Move a payment's principal a stage on, or back, in both books alike."""
    payment = state.payments[payment_id]
    contract = state.contracts[payment.contract]
    parts = split(payment.principal_fen, state.holdings(held_in, contract))
    return [*moves(contract, *authority, parts), *moves(contract, *proprietary, parts)]


def _in_state(state: State, payment_id: str, expected: str) -> Payment:
    payment = state.payments[payment_id]
    if payment.status != expected:
        raise Refused(
            "payment_wrong_state", payment=payment_id, status=payment.status, expected=expected
        )
    return payment


def _assign_claims(state: State, claims: tuple[str, ...], payment: str | None) -> None:
    for claim_id in claims:
        claim = state.claims[claim_id]
        state.put(state.claims, claim_id, claim._replace(payment=payment))


def _home(
    state: State, event: PaymentRequested | PaymentOrdered | PaymentSettled | PaymentRejected
) -> tuple[str, ...]:
    if isinstance(event, PaymentRequested):
        return (f"contract/{event.contract}",)
    return (f"contract/{state.payments[event.payment].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    PaymentRequested: Rule(_authorise_request, _admit_request, _apply_request, _home),
    PaymentOrdered: Rule(_authorise_order, _admit_order, _apply_order, _home, _post_order),
    PaymentSettled: Rule(
        _authorise_treasury, _admit_settlement, _apply_settlement, _home, _post_settlement
    ),
    PaymentRejected: Rule(
        _authorise_treasury, _admit_rejection, _apply_rejection, _home, _post_rejection
    ),
}

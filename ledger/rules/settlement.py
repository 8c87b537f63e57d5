"""Law of the bank's word on an order: it ends once, whole; only a settled one bounces (I8).

What the treasury reports about an order it was given is never refused for the contract's state: a
bounce after the contract was closed reopens the payment, and nothing else.
"""

from collections.abc import Sequence
from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.payment import (
    PaymentBounced,
    PaymentDiverted,
    PaymentRejected,
    PaymentSettled,
)
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, check_date, look_up
from ledger.rules.cashplan import restore_cash_plan, returned_parts
from ledger.rules.interest import change_owed
from ledger.rules.payment import free_claims, in_state
from ledger.rules.shares import flows, split_among
from ledger.state import State
from ledger.state.payment import Payment
from ledger.times import format_date, parse_date

Report = PaymentSettled | PaymentRejected | PaymentBounced | PaymentDiverted


def _authorise_report(state: State, event: Report, act: Act) -> None:
    payment = look_up(state.payments, "payment", event.payment)
    case = state.contracts[payment.contract].case
    amount_fen = payment.principal_fen + sum(payment.interest)
    authorise(state, event, act, case._replace(amount_fen=amount_fen), (Seat("treasury"),))


# -- payment.settled ---------------------------------------------------------------------------


def _admit_settlement(state: State, event: PaymentSettled, act: Act) -> None:
    payment = in_state(state, event.payment, "ordered", "diverted")
    _check_value_date(payment, event.value_date, act)
    if payment.creditor not in (None, event.creditor):
        raise Refused("creditor_differs", payment=event.payment)


def _post_settlement(state: State, event: PaymentSettled) -> list[Posting]:
    return _post_end(state, event.payment, ("paid", "interest_paid"), ("cash", "cash"))


def _apply_settlement(state: State, event: PaymentSettled, _act: Act) -> None:
    payment = state.payments[event.payment]
    since = parse_date(event.value_date)
    state.put(state.payments, event.payment, payment._replace(status="settled", since=since))
    if payment.principal_fen == 0:
        free_claims(state, payment)  # more interest may follow


# -- payment.rejected --------------------------------------------------------------------------


def _admit_rejection(state: State, event: PaymentRejected, act: Act) -> None:
    in_state(state, event.payment, "ordered", "diverted")
    act.found = returned_parts(_post_rejection(state, event))


def _post_rejection(state: State, event: PaymentRejected) -> list[Posting]:
    accounts = ("accrued", "allotted"), ("payable", "interest_payable")
    return _post_end(state, event.payment, *accounts)


def _apply_rejection(state: State, event: PaymentRejected, act: Act) -> None:
    restore_cash_plan(state, act.found, act)
    _end(state, state.payments[event.payment]._replace(status="rejected"))


# -- payment.bounced ---------------------------------------------------------------------------


def _admit_bounce(state: State, event: PaymentBounced, act: Act) -> None:
    payment = in_state(state, event.payment, "settled")
    _check_value_date(payment, event.value_date, act)
    act.found = returned_parts(_post_bounce(state, event))


def _post_bounce(state: State, event: PaymentBounced) -> list[Posting]:
    """Undo the settlement on the lines it was paid from, whichever the contract has now."""
    payment = state.payments[event.payment]
    contract, lines = payment.contract, payment.lines
    principal = split_among(state, contract, lines, "paid", payment.principal_fen)
    interest = split_among(state, contract, lines, "interest_paid", sum(payment.interest))
    return [
        *flows(contract, lines, "paid", "accrued", principal),
        *flows(contract, lines, "cash", "payable", principal),
        *flows(contract, lines, "interest_paid", "allotted", interest),
        *flows(contract, lines, "cash", "interest_payable", interest),
    ]


def _apply_bounce(state: State, event: PaymentBounced, act: Act) -> None:
    restore_cash_plan(state, act.found, act)
    _end(state, state.payments[event.payment]._replace(status="bounced"))


# -- payment.diverted --------------------------------------------------------------------------


def _admit_diversion(state: State, event: PaymentDiverted, act: Act) -> None:
    payment = in_state(state, event.payment, "ordered")
    _check_value_date(payment, event.value_date, act)
    if payment.creditor == event.creditor:
        raise Refused("creditor_as_ordered", payment=event.payment)


def _apply_diversion(state: State, event: PaymentDiverted, act: Act) -> None:
    payment = state.payments[event.payment]
    since = parse_date(act.today)  # whatever reaches the right account does so after this
    state.put(state.payments, event.payment, payment._replace(status="diverted", since=since))


# -- shared ------------------------------------------------------------------------------------


def _check_value_date(payment: Payment, value_date: str, act: Act) -> None:
    check_date("value_date", value_date)
    if not payment.since <= parse_date(value_date) <= parse_date(act.today):
        raise Refused(
            "value_date_outside",
            date=value_date,
            from_date=format_date(payment.since),
            to_date=act.today,
        )


def _post_end(
    state: State, payment_id: str, authority: Sequence[str], proprietary: Sequence[str]
) -> list[Posting]:
    """Move principal and interest out of the order, in both books alike."""
    payment = state.payments[payment_id]
    contract, lines = payment.contract, payment.lines
    postings: list[Posting] = []
    for held_in, amount_fen, to, paid_to in zip(
        ("ordered", "interest_ordered"),
        (payment.principal_fen, sum(payment.interest)),
        authority,
        proprietary,
        strict=True,
    ):
        parts = split_among(state, contract, lines, held_in, amount_fen)
        postings += flows(contract, lines, held_in, to, parts)
        postings += flows(contract, lines, "in_transit", paid_to, parts)
    return postings


def _end(state: State, payment: Payment) -> None:
    """End a payment whose money came back: what it was for is owed again."""
    state.put(state.payments, payment.payment, payment)
    free_claims(state, payment)
    for claim_id, fen in zip(payment.claims, payment.interest, strict=False):
        change_owed(state, claim_id, fen)


def _home(state: State, event: Report) -> tuple[str, ...]:
    return (f"contract/{state.payments[event.payment].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    PaymentSettled: Rule(
        _authorise_report, _admit_settlement, _apply_settlement, _home, _post_settlement
    ),
    PaymentRejected: Rule(
        _authorise_report, _admit_rejection, _apply_rejection, _home, _post_rejection
    ),
    PaymentBounced: Rule(_authorise_report, _admit_bounce, _apply_bounce, _home, _post_bounce),
    PaymentDiverted: Rule(_authorise_report, _admit_diversion, _apply_diversion, _home),
}

"""Law of receivables: confirmed by both sides, assigned once, paid to whoever holds them.

A receivable is the whole of what one claim has to be paid. From its confirmation no deduction,
penalty or set-off lowers that sum (`free_claims`); from its assignment it is paid to
the lender's account, with the interest on it (Civil Code 545, 547, 761 to 763).
"""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.parties import Case, Seat
from ledger.rules.accounts import check_payee
from ledger.rules.act import Act, Rule, authorise, look_up
from ledger.rules.doubt import end_doubt
from ledger.rules.force import check_undoubted
from ledger.state import State
from ledger.state.claim import Claim
from ledger.state.contract import Contract
from ledger.state.payment import WITH_THE_BANK
from ledger.state.receivable import Receivable


def is_bound(state: State, claim_id: str) -> bool:
    """Return whether a claim's receivable was confirmed: nothing may be set off against it."""
    receivable = state.receivables.get(claim_id)
    return receivable is not None and receivable.status != "requested"


def free_claims(state: State, contract: str) -> list[Claim]:
    """Return a contract's claims with something payable that may be set off, the oldest first.

    Neither a payment asks for them, nor is their receivable confirmed (C15).
    """
    return [
        claim
        for claim in state.claims.values()
        if claim.contract == contract
        and claim.payable_fen
        and claim.payment is None
        and not is_bound(state, claim.claim)
    ]


def payee_party(state: State, claim_id: str) -> str:
    """Return the party that a claim is to be paid to: its provider, or its lender."""
    receivable = state.receivables.get(claim_id)
    if receivable is not None and receivable.lender is not None:
        return receivable.lender
    return state.contracts[state.claims[claim_id].contract].provider


def check_payee_of(state: State, claim_id: str, payee: str) -> None:
    """Check that an assigned claim is paid to its lender's account.

    Raises:
        Refused: `payee_not_lender`.

    """
    receivable = state.receivables.get(claim_id)
    if receivable is not None and receivable.account not in (None, payee):
        raise Refused(
            "payee_not_lender",
            claim=claim_id,
            lender=receivable.lender,
            stated=payee,
            expected=receivable.account,
        )


# -- receivable.requested ----------------------------------------------------------------------


def _contract_of(state: State, claim_id: str) -> Contract:
    return state.contracts[look_up(state.claims, "claim", claim_id).contract]


def _case(contract: Contract, amount_fen: int) -> Case:
    return contract.case._replace(amount_fen=amount_fen)


def _authorise_request(state: State, event: ReceivableRequested, act: Act) -> None:
    contract = _contract_of(state, event.claim)
    authorise(state, event, act, _case(contract, event.amount_fen), contract.provider_seats)


def _admit_request(state: State, event: ReceivableRequested, _act: Act) -> None:
    receivable = state.receivables.get(event.claim)
    if receivable is not None:
        _in_state(receivable, event.claim, "requested")
    _check_amount(state, event)


def _apply_request(state: State, event: ReceivableRequested, _act: Act) -> None:
    contract = state.claims[event.claim].contract
    receivable = Receivable(event.claim, contract, event.amount_fen, "requested")
    state.put(state.receivables, event.claim, receivable)


# -- receivable.confirmed ----------------------------------------------------------------------


def _authorise_confirmation(state: State, event: ReceivableConfirmed, act: Act) -> None:
    contract = _contract_of(state, event.claim)
    seats = (Seat("purchaser", contract.buyer), Seat("provider", contract.provider))
    authorise(state, event, act, _case(contract, event.amount_fen), seats)


def _admit_confirmation(state: State, event: ReceivableConfirmed, _act: Act) -> None:
    _in_state(state.receivables.get(event.claim), event.claim, "requested")
    _check_amount(state, event)


def _apply_confirmation(state: State, event: ReceivableConfirmed, _act: Act) -> None:
    receivable = state.receivables[event.claim]
    confirmed = receivable._replace(status="confirmed", amount_fen=event.amount_fen)
    state.put(state.receivables, event.claim, confirmed)


# -- receivable.assigned -----------------------------------------------------------------------


def _authorise_assignment(state: State, event: ReceivableAssigned, act: Act) -> None:
    contract = _contract_of(state, event.claim)
    seats = (Seat("provider", contract.provider), Seat("lender", event.lender))
    authorise(state, event, act, _case(contract, event.amount_fen), seats)


def _admit_assignment(state: State, event: ReceivableAssigned, act: Act) -> None:
    _in_state(state.receivables.get(event.claim), event.claim, "confirmed")
    check_undoubted(state, "confirmation", event.claim)
    _check_amount(state, event)
    check_payee(state, act, event.lender, event.account)


def _apply_assignment(state: State, event: ReceivableAssigned, _act: Act) -> None:
    receivable = state.receivables[event.claim]
    assigned = receivable._replace(status="assigned", lender=event.lender, account=event.account)
    state.put(state.receivables, event.claim, assigned)


# -- receivable.released -----------------------------------------------------------------------


def _authorise_release(state: State, event: ReceivableReleased, act: Act) -> None:
    contract = _contract_of(state, event.claim)
    receivable = state.receivables.get(event.claim)
    lender = None if receivable is None else receivable.lender
    authorise(state, event, act, contract.case, (Seat("lender", lender),))


def _admit_release(state: State, event: ReceivableReleased, _act: Act) -> None:
    _in_state(state.receivables.get(event.claim), event.claim, "assigned")
    _check_not_with_the_bank(state, event.claim)


def _apply_release(state: State, event: ReceivableReleased, _act: Act) -> None:
    state.drop(state.receivables, event.claim)
    end_doubt(state, event.claim)


# -- shared ------------------------------------------------------------------------------------


def _in_state(receivable: Receivable | None, claim_id: str, expected: str) -> None:
    status = "not requested" if receivable is None else receivable.status
    if status != expected:
        raise Refused("receivable_wrong_state", claim=claim_id, status=status, expected=expected)


def _check_amount(
    state: State, event: ReceivableRequested | ReceivableConfirmed | ReceivableAssigned
) -> None:
    """Check that exactly what a claim has to be paid is stated, and not ordered yet."""
    _check_not_with_the_bank(state, event.claim)
    computed_fen = state.claims[event.claim].payable_fen
    if event.amount_fen != computed_fen:
        raise Refused(
            "receivable_differs",
            claim=event.claim,
            stated_fen=event.amount_fen,
            computed_fen=computed_fen,
        )


def _check_not_with_the_bank(state: State, claim_id: str) -> None:
    if _with_the_bank(state, claim_id):
        raise Refused(
            "claim_in_live_payment", claim=claim_id, payment=state.claims[claim_id].payment
        )


def _with_the_bank(state: State, claim_id: str) -> bool:
    payment = state.claims[claim_id].payment
    return payment is not None and state.payments[payment].status in WITH_THE_BANK


def _home(
    state: State,
    event: ReceivableRequested | ReceivableConfirmed | ReceivableAssigned | ReceivableReleased,
) -> tuple[str, ...]:
    return (f"contract/{state.claims[event.claim].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ReceivableRequested: Rule(_authorise_request, _admit_request, _apply_request, _home),
    ReceivableConfirmed: Rule(
        _authorise_confirmation, _admit_confirmation, _apply_confirmation, _home
    ),
    ReceivableAssigned: Rule(_authorise_assignment, _admit_assignment, _apply_assignment, _home),
    ReceivableReleased: Rule(_authorise_release, _admit_release, _apply_release, _home),
}

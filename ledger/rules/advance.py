"""Law of advances: within the contract's limit, never at the expense of what is promised.

An advance is authority committed to the contract that is paid before anything is delivered. It
is recovered from every acceptance (`ledger.rules.acceptance`), or comes back as a refund.
"""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.money import PPM, round_half_up
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, check_date, check_free, look_up, take
from ledger.rules.contract import active, check_promises, draw, moves
from ledger.state import State
from ledger.state.advance import Advance
from ledger.state.contract import Contract

# -- advance.ordered ---------------------------------------------------------------------------


def _authorise_order(state: State, event: AdvanceOrdered, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _admit_order(state: State, event: AdvanceOrdered, _act: Act) -> None:
    check_free(state, "advance", event.advance)
    contract = active(state, event.contract)
    advanced_fen = contract.advanced_fen + event.amount_fen
    limit_fen = round_half_up(contract.advance_ppm * contract.value_fen, PPM)
    if advanced_fen > limit_fen:
        raise Refused(
            "value_exceeds",
            what=f"The sum of all advances under contract {event.contract}",
            value_fen=advanced_fen,
            limit_fen=limit_fen,
        )
    # Until the bank has paid, the sum is neither committed nor prepaid.
    check_promises(state, contract, contract.promised_fen, -event.amount_fen)


def _post_order(state: State, event: AdvanceOrdered) -> list[Posting]:
    contract = state.contracts[event.contract]
    parts = draw(state, contract, "committed", event.amount_fen)
    return [
        *moves(contract, "committed", "advance_ordered", parts),
        *moves(contract, "advances", "in_transit", parts),
    ]


def _apply_order(state: State, event: AdvanceOrdered, _act: Act) -> None:
    take(state, "advance", event.advance)
    state.put(
        state.advances,
        event.advance,
        Advance(
            advance=event.advance,
            contract=event.contract,
            amount_fen=event.amount_fen,
            refunded_fen=0,
            payee=event.payee,
            status="ordered",
        ),
    )
    _advanced(state, event.contract, event.amount_fen)


# -- advance.settled and .rejected -------------------------------------------------------------


def _authorise_treasury(
    state: State, event: AdvanceSettled | AdvanceRejected | AdvanceRefunded, act: Act
) -> None:
    advance = look_up(state.advances, "advance", event.advance)
    amount_fen = event.amount_fen if isinstance(event, AdvanceRefunded) else advance.amount_fen
    case = state.contracts[advance.contract].case._replace(amount_fen=amount_fen)
    authorise(state, event, act, case, (Seat("treasury"),))


def _admit_settlement(state: State, event: AdvanceSettled, _act: Act) -> None:
    _in_state(state, event.advance, "ordered")
    check_date("value_date", event.value_date)


def _post_settlement(state: State, event: AdvanceSettled) -> list[Posting]:
    advance, contract = _with_contract(state, event.advance)
    parts = draw(state, contract, "advance_ordered", advance.amount_fen)
    return [
        *moves(contract, "advance_ordered", "prepaid", parts),
        *moves(contract, "in_transit", "cash", parts),
    ]


def _apply_settlement(state: State, event: AdvanceSettled, _act: Act) -> None:
    advance = state.advances[event.advance]
    state.put(state.advances, event.advance, advance._replace(status="settled"))


def _admit_rejection(state: State, event: AdvanceRejected, _act: Act) -> None:
    _in_state(state, event.advance, "ordered")


def _post_rejection(state: State, event: AdvanceRejected) -> list[Posting]:
    advance, contract = _with_contract(state, event.advance)
    parts = draw(state, contract, "advance_ordered", advance.amount_fen)
    return [
        *moves(contract, "advance_ordered", "committed", parts),
        *moves(contract, "in_transit", "advances", parts),
    ]


def _apply_rejection(state: State, event: AdvanceRejected, _act: Act) -> None:
    advance = state.advances[event.advance]
    state.put(state.advances, event.advance, advance._replace(status="rejected"))
    _advanced(state, advance.contract, -advance.amount_fen)


# -- advance.refunded --------------------------------------------------------------------------


def _admit_refund(state: State, event: AdvanceRefunded, _act: Act) -> None:
    advance = _in_state(state, event.advance, "settled")
    check_date("value_date", event.value_date)
    _, contract = _with_contract(state, event.advance)
    limit_fen = min(
        advance.amount_fen - advance.refunded_fen, sum(state.holdings("prepaid", contract))
    )
    if event.amount_fen > limit_fen:
        raise Refused(
            "value_exceeds",
            what=f"The refund of advance {event.advance}",
            value_fen=event.amount_fen,
            limit_fen=limit_fen,
        )


def _post_refund(state: State, event: AdvanceRefunded) -> list[Posting]:
    _, contract = _with_contract(state, event.advance)
    parts = draw(state, contract, "prepaid", event.amount_fen)
    return [
        *moves(contract, "prepaid", "committed", parts),
        *moves(contract, "cash", "advances", parts),
    ]


def _apply_refund(state: State, event: AdvanceRefunded, _act: Act) -> None:
    advance = state.advances[event.advance]
    refunded_fen = advance.refunded_fen + event.amount_fen
    state.put(state.advances, event.advance, advance._replace(refunded_fen=refunded_fen))
    _advanced(state, advance.contract, -event.amount_fen)


# -- shared ------------------------------------------------------------------------------------


def _in_state(state: State, advance_id: str, expected: str) -> Advance:
    advance = state.advances[advance_id]
    if advance.status != expected:
        raise Refused(
            "advance_wrong_state", advance=advance_id, status=advance.status, expected=expected
        )
    return advance


def _with_contract(state: State, advance_id: str) -> tuple[Advance, Contract]:
    advance = state.advances[advance_id]
    return advance, state.contracts[advance.contract]


def _advanced(state: State, contract_id: str, delta_fen: int) -> None:
    contract = state.contracts[contract_id]
    advanced_fen = contract.advanced_fen + delta_fen
    state.put(state.contracts, contract_id, contract._replace(advanced_fen=advanced_fen))


def _home(
    state: State,
    event: AdvanceOrdered | AdvanceSettled | AdvanceRejected | AdvanceRefunded,
) -> tuple[str, ...]:
    if isinstance(event, AdvanceOrdered):
        return (f"contract/{event.contract}",)
    return (f"contract/{state.advances[event.advance].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    AdvanceOrdered: Rule(_authorise_order, _admit_order, _apply_order, _home, _post_order),
    AdvanceSettled: Rule(
        _authorise_treasury, _admit_settlement, _apply_settlement, _home, _post_settlement
    ),
    AdvanceRejected: Rule(
        _authorise_treasury, _admit_rejection, _apply_rejection, _home, _post_rejection
    ),
    AdvanceRefunded: Rule(_authorise_treasury, _admit_refund, _apply_refund, _home, _post_refund),
}

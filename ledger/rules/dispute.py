"""Law of disputes: the provider contests, both sides settle or a reviewer rules, nothing waits.

A dispute holds up only what it is about (C14). Its sum stays promised until it is decided; what
is awarded is accepted like any other sum, and bears interest from the day of the answer (C13,
C19b).
"""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.acceptance import acceptance_of, award, book_acceptance, post_acceptance, promise
from ledger.rules.act import Act, Rule, authorise, check_free, look_up
from ledger.rules.contested import add_lines, check_cuts, check_disputed, sum_of, take_lines
from ledger.rules.contract import check_promises
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.contract import Contract

# -- dispute.opened ----------------------------------------------------------------------------


def _authorise_opening(state: State, event: DisputeOpened, act: Act) -> None:
    contract = _contract_of(state, event)
    case = contract.case._replace(amount_fen=sum_of(event.lines))
    authorise(state, event, act, case, contract.provider_seats)


def _admit_opening(state: State, event: DisputeOpened, act: Act) -> None:
    contract = check_cuts(state, event.claim, event.lines, act)
    check_promises(state, contract, contract.promised_fen + sum_of(event.lines))


def _apply_opening(state: State, event: DisputeOpened, _act: Act) -> None:
    take_lines(state, state.cuts, event.claim, event.lines)
    add_lines(state, state.disputes, event.claim, event.lines)
    _dispute(state, event.claim, sum_of(event.lines))


# -- dispute.settled and .ruled ----------------------------------------------------------------


def _authorise_settlement(state: State, event: DisputeSettled, act: Act) -> None:
    contract = _contract_of(state, event)
    case = contract.case._replace(amount_fen=event.awarded_fen)
    seats = (Seat("purchaser", contract.buyer), Seat("provider", contract.provider))
    authorise(state, event, act, case, seats)


def _authorise_ruling(state: State, event: DisputeRuled, act: Act) -> None:
    case = _contract_of(state, event).case._replace(amount_fen=event.awarded_fen)
    authorise(state, event, act, case, (Seat("reviewer"),))


def _admit_ruling(state: State, event: DisputeRuled, act: Act) -> None:
    contract = _contract_of(state, event)
    (reviewer,) = act.filled
    check_independent(state, reviewer.party, (contract.buyer, contract.provider))
    _admit_decision(state, event, act)


def _admit_decision(state: State, event: DisputeSettled | DisputeRuled, act: Act) -> None:
    check_free(state, "claim", event.id)
    contract = check_disputed(state, event.claim, event.lines)
    disputed_fen = sum_of(event.lines)
    if event.awarded_fen > disputed_fen:
        raise Refused(
            "value_exceeds",
            what=f"The award on claim {event.claim}",
            value_fen=event.awarded_fen,
            limit_fen=disputed_fen,
        )
    act.found = acceptance_of(state, contract, event.awarded_fen)


def _post_decision(state: State, event: DisputeSettled | DisputeRuled) -> list[Posting]:
    return post_acceptance(state, _contract_of(state, event), event.awarded_fen)


def _apply_decision(state: State, event: DisputeSettled | DisputeRuled, act: Act) -> None:
    take_lines(state, state.disputes, event.claim, event.lines)
    _dispute(state, event.claim, -sum_of(event.lines))
    book_acceptance(state, event.claim, act.found)
    award(state, event.claim, event.id, act.found.payable_fen, act.holders())


# -- shared ------------------------------------------------------------------------------------


def _contract_of(state: State, event: DisputeOpened | DisputeSettled | DisputeRuled) -> Contract:
    return state.contracts[look_up(state.claims, "claim", event.claim).contract]


def _dispute(state: State, claim_id: str, delta_fen: int) -> None:
    """Change what of a claim is in dispute, and so what its contract must keep for it."""
    claim = state.claims[claim_id]
    state.put(state.claims, claim_id, claim._replace(disputed_fen=claim.disputed_fen + delta_fen))
    promise(state, claim.contract, delta_fen)


def _home(state: State, event: DisputeOpened | DisputeSettled | DisputeRuled) -> tuple[str, ...]:
    return (f"contract/{state.claims[event.claim].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    DisputeOpened: Rule(_authorise_opening, _admit_opening, _apply_opening, _home),
    DisputeSettled: Rule(
        _authorise_settlement, _admit_decision, _apply_decision, _home, _post_decision
    ),
    DisputeRuled: Rule(_authorise_ruling, _admit_ruling, _apply_decision, _home, _post_decision),
}

"""Law of suspending and ending service: no side alone suspends, resumes or terminates it.

Government Procurement Law 50: the parties shall not change, suspend or terminate a contract by
themselves. So both sign, or a reviewer that belongs to neither rules.

    contract.suspended   visits that begin after it are refused; what was done goes on to be paid
    contract.resumed     visits that begin after it are admitted again
    contract.terminated  committed, less what open claims, disputes, cuts that can still be
                         contested and unclaimed visits need → allotted; memos of later years
                         end, and so does the part that only bonuses may use
"""

from typing import Any, TypeAlias

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.contract import ContractResumed, ContractSuspended, ContractTerminated
from ledger.money import split
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, look_up
from ledger.rules.contract import active, both_sides, changeable, moves
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.contract import Contract

_Change: TypeAlias = ContractSuspended | ContractResumed | ContractTerminated


def _authorise(state: State, event: _Change, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    agreed = event.basis == "agreed"
    seats = both_sides(contract) if agreed else (Seat("reviewer"),)
    authorise(state, event, act, contract.case, seats)


def _check_reviewer(state: State, contract: Contract, event: _Change, act: Act) -> None:
    if event.basis == "ruling":
        check_independent(state, act.signers[0].party, (contract.buyer, contract.provider))


# -- contract.suspended and .resumed -----------------------------------------------------------


def _admit_suspension(state: State, event: ContractSuspended, act: Act) -> None:
    _check_reviewer(state, active(state, event.contract), event, act)


def _apply_suspension(state: State, event: ContractSuspended, act: Act) -> None:
    contract = state.contracts[event.contract]
    stops = (*contract.stops, (act.recorded, None))
    state.put(state.contracts, event.contract, contract._replace(status="suspended", stops=stops))


def _admit_resumption(state: State, event: ContractResumed, act: Act) -> None:
    contract = state.contracts[event.contract]
    if contract.status != "suspended":
        raise Refused("contract_not_suspended", contract=event.contract, status=contract.status)
    _check_reviewer(state, contract, event, act)


def _apply_resumption(state: State, event: ContractResumed, act: Act) -> None:
    contract = state.contracts[event.contract]
    *earlier, (start, _) = contract.stops
    stops = (*earlier, (start, act.recorded))
    state.put(state.contracts, event.contract, contract._replace(status="active", stops=stops))


# -- contract.terminated -----------------------------------------------------------------------


def _admit_termination(state: State, event: ContractTerminated, act: Act) -> None:
    contract = changeable(state, event.contract)
    _check_reviewer(state, contract, event, act)
    act.found = _free_fen(state, contract)


def _post_termination(state: State, event: ContractTerminated) -> list[Posting]:
    contract = state.contracts[event.contract]
    parts = split(_free_fen(state, contract), state.holdings("committed", contract))
    return moves(contract, "committed", "allotted", parts)


def _apply_termination(state: State, event: ContractTerminated, act: Act) -> None:
    contract = state.contracts[event.contract]
    released_fen = act.found + sum(contract.later_fen.values())
    terminated = contract._replace(
        status="terminated",
        stops=(*contract.stops, (act.recorded, None)),
        later_fen={},
        released_fen=released_fen,
        bonus_max_fen=contract.bonus_granted_fen,
    )
    state.put(state.contracts, event.contract, terminated)


def _free_fen(state: State, contract: Contract) -> int:
    """Return what a contract has committed beyond what it may still have to accept.

    Unclaimed visits are counted at their full worth: what the people pay themselves is known
    only when they are claimed. Cuts are counted that can still be contested: those that stand are
    forgotten (`contested.FORGETS`). Prepaid advances serve claims first.
    """
    cut_fen = sum(
        sum(cuts.values())
        for claim, cuts in state.cuts.items()
        if state.claims[claim].contract == contract.contract
    )
    unclaimed_fen = sum(
        visit.worth_fen for visit in state.visits[contract.contract].values() if not visit.denied
    )
    prepaid_fen = sum(state.holdings("prepaid", contract))
    needed_fen = max(contract.promised_fen + cut_fen + unclaimed_fen - prepaid_fen, 0)
    return max(sum(state.holdings("committed", contract)) - needed_fen, 0)


def _home(_state: State, event: _Change) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ContractSuspended: Rule(_authorise, _admit_suspension, _apply_suspension, _home),
    ContractResumed: Rule(_authorise, _admit_resumption, _apply_resumption, _home),
    ContractTerminated: Rule(
        _authorise, _admit_termination, _apply_termination, _home, _post_termination, commits=True
    ),
}

"""Law of closing a contract: by both sides, or after notice, when nothing is open.

Both sides sign; or the side that gave notice and was not contested; or the reviewer that upheld
a contested one (vocabulary: contract.closed).
"""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.contract import ContractClosed
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, look_up
from ledger.rules.contract import both_sides, moves, unclosed
from ledger.rules.interest import accrual_of
from ledger.rules.lists import check_distinct
from ledger.rules.notice import spend_notice, use_notice
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.notice import Notice
from ledger.times import parse_date

MUST_BE_ZERO_TO_CLOSE = (
    "prepaid",
    "advance_ordered",
    "accrued",
    "retained",
    "ordered",
    "interest_ordered",
    "interest_payable",
)
"""Accounts in which money still waits for somebody (vocabulary: contract.closed)."""


def _authorise_closing(state: State, event: ContractClosed, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    purchaser, provider = both_sides(contract)
    if event.notice is UNSET:
        authorise(state, event, act, contract.case, (purchaser, provider))
    else:
        ways = ((purchaser,), (provider,), (Seat("reviewer"),))
        authorise(state, event, act, contract.case, *ways)


def _admit_closing(state: State, event: ContractClosed, act: Act) -> None:
    contract = unclosed(state, event.contract)
    if event.notice is not UNSET:
        use_notice(state, event.notice, "contract.closed", event.contract, 0, act)
    for account in MUST_BE_ZERO_TO_CLOSE:
        held_fen = sum(state.holdings(account, contract))
        if held_fen:
            raise Refused(
                "contract_not_settled",
                contract=event.contract,
                amount_fen=held_fen,
                account=account,
            )
    _check_nothing_open(state, event.contract, act)
    if event.notice is not UNSET:
        _check_nothing_unheard(state, event.contract, state.notices[event.notice], act)
    _check_final_account(state, contract, event)


def _check_nothing_open(state: State, contract_id: str, act: Act) -> None:
    # Every claim is looked at, also where nothing is promised: an open claim may ask for nothing.
    for claim in state.claims.values():
        if claim.contract != contract_id:
            continue
        is_open = claim.status == "submitted"
        if is_open or claim.disputed_fen:
            raise Refused(
                "contract_has_open_claim",
                contract=contract_id,
                what="claim" if is_open else "dispute of claim",
                claim=claim.claim,
            )
        accrual = accrual_of(state, claim.claim, act.today)
        if accrual.amount_fen:
            raise Refused(
                "interest_not_booked",
                contract=contract_id,
                claim=claim.claim,
                amount_fen=accrual.amount_fen,
            )
    for refund in state.refunds.values():
        if refund.contract == contract_id and refund.status == "demanded":
            raise Refused(
                "contract_has_open_claim",
                contract=contract_id,
                what="demand for refund",
                claim=refund.refund,
            )


def _check_nothing_unheard(state: State, contract_id: str, notice: Notice, act: Act) -> None:
    """Check that one side alone takes nothing that the other had no time to ask for.

    A cut can be contested for its days (C19a); and who was heard before a visit was served was not
    heard about it.
    """
    today = parse_date(act.today)
    for claim_id in state.cuts:
        claim = state.claims[claim_id]
        if claim.contract == contract_id and today <= claim.contest_by:
            raise Refused(
                "contract_has_open_claim", contract=contract_id, what="cut of claim", claim=claim_id
            )
    for visit_id, visit in state.visits[contract_id].items():
        if visit.date > notice.reply_by and not visit.denied:
            raise Refused(
                "contract_has_open_claim", contract=contract_id, what="visit", claim=visit_id
            )


def _check_final_account(state: State, contract: Contract, event: ContractClosed) -> None:
    stated = {final.line: final.paid_fen for final in event.final}
    check_distinct("final", [final.line for final in event.final])
    for line, paid_fen in zip(
        (line for line, _ in contract.lines), state.holdings("paid", contract), strict=True
    ):
        if stated.pop(line, None) != paid_fen:
            raise Refused(
                "final_account_differs",
                line=line,
                stated_fen=next((f.paid_fen for f in event.final if f.line == line), 0),
                paid_fen=paid_fen,
            )
    for line, stated_fen in stated.items():
        raise Refused("final_account_differs", line=line, stated_fen=stated_fen, paid_fen=0)


def _post_closing(state: State, event: ContractClosed) -> list[Posting]:
    contract = state.contracts[event.contract]
    return moves(contract, "committed", "allotted", state.holdings("committed", contract))


def _apply_closing(state: State, event: ContractClosed, act: Act) -> None:
    contract = state.contracts[event.contract]
    stops = (*contract.stops, (act.recorded, None))
    state.put(state.contracts, event.contract, contract._replace(status="closed", stops=stops))
    # Both sides agreed, or one was heard, that nothing is left to bill: unclaimed visits need not
    # be remembered.
    state.put(state.visits, event.contract, {})
    state.put(state.delivered, event.contract, {})
    if event.notice is not UNSET:
        spend_notice(state, event.notice)


def _home(_state: State, event: ContractClosed) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ContractClosed: Rule(
        _authorise_closing, _admit_closing, _apply_closing, _home, _post_closing, commits=True
    ),
}

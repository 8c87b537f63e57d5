"""Law of penalties and refunds: after notice, up to what it says, and never more than there is.

A penalty is set off against accepted claims that no payment asks for and no lender was promised,
the oldest first; each claim is owed so much less. What a payment asks for already is left alone,
so that its order settles what was requested.
"""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.penalty import PenaltyImposed, RefundDemanded, RevenueRemitted
from ledger.money import set_off, split
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, check_date, check_free, look_up, nothing, take
from ledger.rules.contract import moves
from ledger.rules.notice import spend_notice, use_notice
from ledger.rules.receivable import free_claims
from ledger.state import State
from ledger.state.penalty import Refund

# -- penalty.imposed ---------------------------------------------------------------------------


def _authorise_penalty(state: State, event: PenaltyImposed, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("purchaser", contract.buyer),))


def _admit_penalty(state: State, event: PenaltyImposed, act: Act) -> None:
    contract = state.contracts[event.contract]
    if contract.status == "closed":
        raise Refused("contract_not_active", contract=event.contract, status=contract.status)
    use_notice(
        state,
        event.notice,
        "penalty.imposed",
        event.contract,
        event.amount_fen,
        act,
        ground=event.ground,
    )
    payable_fen = sum(claim.payable_fen for claim in free_claims(state, event.contract))
    if event.amount_fen > payable_fen:
        raise Refused(
            "set_off_exceeds_payable",
            contract=event.contract,
            payable_fen=payable_fen,
            amount_fen=event.amount_fen,
        )


def _post_penalty(state: State, event: PenaltyImposed) -> list[Posting]:
    contract = state.contracts[event.contract]
    parts = split(event.amount_fen, state.holdings("accrued", contract))
    return [
        *moves(contract, "accrued", "paid", parts),
        *moves(contract, "payable", "penalty_revenue", parts),
    ]


def _apply_penalty(state: State, event: PenaltyImposed, _act: Act) -> None:
    free = [(claim.claim, claim.payable_fen) for claim in free_claims(state, event.contract)]
    for name, part_fen in set_off(event.amount_fen, free):
        claim = state.claims[name]
        less = claim._replace(payable_fen=claim.payable_fen - part_fen)
        state.put(state.claims, name, less)
    spend_notice(state, event.notice)


# -- revenue.remitted --------------------------------------------------------------------------


def _authorise_remittance(state: State, event: RevenueRemitted, act: Act) -> None:
    look_up(state.lines, "line", event.line)
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("treasury"),))


def _admit_remittance(_state: State, event: RevenueRemitted, _act: Act) -> None:
    check_date("value_date", event.value_date)


def _post_remittance(_state: State, event: RevenueRemitted) -> list[Posting]:
    return [Posting("penalty_revenue", "cash", event.line, event.amount_fen)]


# -- refund.demanded ---------------------------------------------------------------------------


def _authorise_demand(state: State, event: RefundDemanded, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.amount_fen)
    buyer = (Seat("purchaser", contract.buyer),)
    authorise(state, event, act, case, buyer, (Seat("auditor"),))


def _admit_demand(state: State, event: RefundDemanded, act: Act) -> None:
    check_free(state, "refund", event.refund)
    use_notice(
        state,
        event.notice,
        "refund.demanded",
        event.contract,
        event.amount_fen,
        act,
        ground=event.cause,
    )
    paid_fen = _paid(state, event.contract) - sum(
        refund.amount_fen
        for refund in state.refunds.values()
        if refund.contract == event.contract and refund.status == "demanded"
    )
    if event.amount_fen > paid_fen:
        raise Refused(
            "refund_exceeds_paid",
            contract=event.contract,
            paid_fen=paid_fen,
            amount_fen=event.amount_fen,
        )


def _paid(state: State, contract: str) -> int:
    """Return what a contract was paid on every line it ever had, those of earlier years too."""
    return sum(
        held_fen
        for (account, _, about), held_fen in state.balances.items()
        if account == "paid" and about == contract
    )


def _apply_demand(state: State, event: RefundDemanded, _act: Act) -> None:
    take(state, "refund", event.refund)
    refund = Refund(event.refund, event.contract, event.amount_fen, "demanded")
    state.put(state.refunds, event.refund, refund)
    spend_notice(state, event.notice)


def _contract(_state: State, event: PenaltyImposed | RefundDemanded) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


def _line(_state: State, event: RevenueRemitted) -> tuple[str, ...]:
    return (f"line/{event.line}",)


RULES: dict[type[Event], Rule[Any]] = {
    PenaltyImposed: Rule(
        _authorise_penalty, _admit_penalty, _apply_penalty, _contract, _post_penalty
    ),
    RevenueRemitted: Rule(
        _authorise_remittance, _admit_remittance, nothing, _line, _post_remittance
    ),
    RefundDemanded: Rule(_authorise_demand, _admit_demand, _apply_demand, _contract),
}

"""Law of deductions and bonuses: a final score changes the pay by what its rule gives, once.

A deduction takes from what is not yet ordered, in the order of funds.md: its share of the retained
sum, then what is accrued, then more of the retained sum, then the recovery of advances is undone.
What still remains is a memo on the contract, and the next acceptance pays it. Whatever is taken of
what is accrued is taken from claims that are in no live payment, those of the scored period
first: a payment that was asked for, or ordered, stands, and so does a confirmed receivable.

A bonus draws on the part of the value that only bonuses may use. It is payable like a claim, under
the id of the event that granted it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.score import BonusGranted, DeductionApplied
from ledger.money import PPM, round_half_up, set_off, split
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rulebook import bonus_fen, deduction_fen
from ledger.rules.acceptance import Owed, owe
from ledger.rules.accepted import base_fen, is_of_period
from ledger.rules.act import Act, Rule, authorise, check_free, look_up
from ledger.rules.contract import draw, moves, unclosed
from ledger.rules.receivable import free_claims
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.score import Score
from ledger.times import parse_date


class Parts(NamedTuple):
    """Where a deduction is taken from, fen of each; together the whole of it.

    Attributes:
        retained: held back until a date.
        accrued: payable, in no live payment.
        recovered: advances that acceptances recovered: owed again in services.
        memo: found nowhere; the next acceptance pays it.

    """

    retained: int
    accrued: int
    recovered: int
    memo: int


def parts_of(state: State, contract: Contract, amount_fen: int) -> Parts:
    """Return where a deduction of `amount_fen` is taken from (funds.md: Deduction)."""
    retained_fen = sum(state.holdings("retained", contract))
    first_fen = min(round_half_up(contract.retention_ppm * amount_fen, PPM), retained_fen)
    rest_fen = amount_fen - first_fen
    accrued_fen = min(rest_fen, sum(fen for _, fen in _free(state, contract, None)))
    rest_fen -= accrued_fen
    more_fen = min(rest_fen, retained_fen - first_fen)
    rest_fen -= more_fen
    undone_fen = min(rest_fen, recovered_fen(state, contract))
    return Parts(first_fen + more_fen, accrued_fen, undone_fen, rest_fen - undone_fen)


def recovered_fen(state: State, contract: Contract) -> int:
    """Return what acceptances recovered of a contract's advances, and no deduction gave back."""
    waiting = (*state.holdings("advance_ordered", contract), *state.holdings("prepaid", contract))
    return contract.advanced_fen - sum(waiting)


def _free(state: State, contract: Contract, score: Score | None) -> Iterator[tuple[str, int]]:
    """Yield each claim in no live payment with what it has payable, those of the score first."""
    free = free_claims(state, contract.contract)
    if score is not None:  # sorting is stable: within both sorts the oldest comes first
        free.sort(key=lambda claim: not is_of_period(state, claim.claim, score))
    for claim in free:
        yield claim.claim, claim.payable_fen


# -- deduction.applied -------------------------------------------------------------------------


def _authorise(state: State, event: DeductionApplied | BonusGranted, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("purchaser", contract.buyer),))


def _final_score(state: State, event: DeductionApplied | BonusGranted) -> Score:
    unclosed(state, event.contract)
    score = look_up(state.scores, "score", event.score)
    if score.contract != event.contract:
        raise Refused("reference_unknown", kind=f"score of {event.contract}", id=event.score)
    if score.status != "finalised":
        raise Refused("score_wrong_state", score=event.score, status=score.status)
    if score.used:
        raise Refused("score_used", score=event.score)
    return score


def _admit_deduction(state: State, event: DeductionApplied, act: Act) -> None:
    score = _final_score(state, event)
    accepted_fen = base_fen(state, score)
    for field, stated, computed in (
        ("base_fen", event.base_fen, accepted_fen),
        ("factor_ppm", event.factor_ppm, score.factor_ppm),
        ("amount_fen", event.amount_fen, deduction_fen(accepted_fen, score.factor_ppm)),
    ):
        check_figure(field, stated, computed)
    act.found = parts_of(state, state.contracts[event.contract], event.amount_fen)


def _post_deduction(state: State, event: DeductionApplied) -> list[Posting]:
    contract = state.contracts[event.contract]
    parts = parts_of(state, contract, event.amount_fen)
    retained = split(parts.retained, state.holdings("retained", contract))
    accrued = split(parts.accrued, state.holdings("accrued", contract))
    recovered = split(parts.recovered, state.holdings("paid", contract))
    return [
        *moves(contract, "retained", "committed", retained),
        *moves(contract, "accrued", "committed", accrued),
        *moves(contract, "paid", "prepaid", recovered),
        *moves(contract, "retention_payable", "service_expense", retained),
        *moves(contract, "payable", "service_expense", accrued),
        *moves(contract, "advances", "service_expense", recovered),
    ]


def _apply_deduction(state: State, event: DeductionApplied, act: Act) -> None:
    parts: Parts = act.found
    contract = state.contracts[event.contract]
    score = state.scores[event.score]
    for claim_id, taken_fen in set_off(parts.accrued, list(_free(state, contract, score))):
        claim = state.claims[claim_id]
        less = claim._replace(payable_fen=claim.payable_fen - taken_fen)
        state.put(state.claims, claim_id, less)
    memo_fen = contract.deduction_memo_fen + parts.memo
    state.put(state.contracts, event.contract, contract._replace(deduction_memo_fen=memo_fen))
    state.put(state.scores, event.score, score._replace(used=True))


# -- bonus.granted -----------------------------------------------------------------------------


def _admit_bonus(state: State, event: BonusGranted, _act: Act) -> None:
    score = _final_score(state, event)
    check_free(state, "claim", event.id)
    contract = state.contracts[event.contract]
    left_fen = contract.bonus_max_fen - contract.bonus_granted_fen
    if event.amount_fen > left_fen:
        raise Refused(
            "value_exceeds",
            what=f"The bonus under contract {event.contract}",
            value_fen=event.amount_fen,
            limit_fen=left_fen,
        )
    given_fen = min(bonus_fen(base_fen(state, score), score.factor_ppm), left_fen)
    check_figure("amount_fen", event.amount_fen, given_fen)


def _post_bonus(state: State, event: BonusGranted) -> list[Posting]:
    contract = state.contracts[event.contract]
    parts = draw(state, contract, "committed", event.amount_fen)
    return [
        *moves(contract, "committed", "accrued", parts),
        *moves(contract, "bonus_expense", "payable", parts),
    ]


def _apply_bonus(state: State, event: BonusGranted, act: Act) -> None:
    score = state.scores[event.score]
    owed = Owed(event.contract, "granted", event.amount_fen, parse_date(act.today), act.holders())
    owe(state, event.id, owed)
    contract = state.contracts[event.contract]
    granted_fen = contract.bonus_granted_fen + event.amount_fen
    state.put(state.contracts, event.contract, contract._replace(bonus_granted_fen=granted_fen))
    state.put(state.scores, event.score, score._replace(used=True))


# -- shared ------------------------------------------------------------------------------------


def check_figure(field: str, stated: int, computed: int) -> None:
    """Check that a figure is what its rule gives.

    Raises:
        Refused: `score_figures_differ`.

    """
    if stated != computed:
        raise Refused("score_figures_differ", field=field, stated=stated, computed=computed)


def _home(_state: State, event: DeductionApplied | BonusGranted) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    DeductionApplied: Rule(_authorise, _admit_deduction, _apply_deduction, _home, _post_deduction),
    BonusGranted: Rule(_authorise, _admit_bonus, _apply_bonus, _home, _post_bonus),
}

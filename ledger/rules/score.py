"""Law of scores: an evaluator proposes, the provider may contest, nobody is judged unheard.

A score is final when both agree, or when the provider let the time to contest it pass, or when a
reviewer decided what was contested (vocabulary: equality rule).
"""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.score import (
    IndicatorScore,
    ScoreContested,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.parties import Seat
from ledger.rulebook import (
    pay_factor_ppm,
    pay_rule,
    score_rule,
    score_total_ppm,
)
from ledger.rules.act import Act, Rule, authorise, check_free, check_period, look_up, take
from ledger.rules.contract import unclosed
from ledger.rules.deadline import after_working_days
from ledger.rules.deduction import check_figure
from ledger.rules.lists import check_distinct
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.score import Score
from ledger.times import format_instant

# -- score.proposed ----------------------------------------------------------------------------


def _authorise_proposal(state: State, event: ScoreProposed, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    authorise(state, event, act, contract.case, (Seat("evaluator"),))


def _admit_proposal(state: State, event: ScoreProposed, _act: Act) -> None:
    check_free(state, "score", event.score)
    contract = unclosed(state, event.contract)
    check_period("period", event.period.from_date, event.period.to_date)
    expected = _named(contract, "score")
    if event.rule != expected:
        raise Refused(
            "score_rule_differs",
            stated=event.rule,
            contract=event.contract,
            expected=expected,
        )
    for score in state.scores.values():
        apart = score.to_date < event.period.from_date or event.period.to_date < score.from_date
        if score.contract == event.contract and not apart:
            raise Refused(
                "score_period_overlaps",
                score=score.score,
                contract=event.contract,
                from_date=score.from_date,
                to_date=score.to_date,
            )
    total_ppm = _check_total(state, contract, event)
    check_figure("factor_ppm", event.factor_ppm, _factor_ppm(state, contract, total_ppm))


def _apply_proposal(state: State, event: ScoreProposed, act: Act) -> None:
    take(state, "score", event.score)
    score = Score(
        score=event.score,
        contract=event.contract,
        from_date=event.period.from_date,
        to_date=event.period.to_date,
        evaluator=act.filled[0].party,
        status="proposed",
        proposed_ms=act.recorded_ms,
        found=_found(event.indicators),
        total_ppm=event.total_ppm,
        factor_ppm=event.factor_ppm,
        used=False,
    )
    state.put(state.scores, event.score, score)


# -- score.contested ---------------------------------------------------------------------------


def _authorise_contest(state: State, event: ScoreContested, act: Act) -> None:
    score = look_up(state.scores, "score", event.score)
    contract = state.contracts[score.contract]
    authorise(state, event, act, contract.case, contract.provider_seats)


def _admit_contest(state: State, event: ScoreContested, act: Act) -> None:
    score = _open(state, event.score)
    if score.status != "proposed":
        raise Refused("score_wrong_state", score=event.score, status=score.status)
    check_distinct("indicators", event.indicators)
    weights = _weights(state, state.contracts[score.contract])
    for indicator in event.indicators:
        look_up(weights, "indicator", indicator)
    deadline_ms = contest_ends_ms(state, score)
    if act.recorded_ms >= deadline_ms:
        raise Refused("score_contest_over", score=event.score, deadline=format_instant(deadline_ms))


def _apply_contest(state: State, event: ScoreContested, _act: Act) -> None:
    score = state.scores[event.score]._replace(status="contested")
    state.put(state.scores, event.score, score)


# -- score.finalised ---------------------------------------------------------------------------


def _authorise_final(state: State, event: ScoreFinalised, act: Act) -> None:
    score = look_up(state.scores, "score", event.score)
    contract = state.contracts[score.contract]
    evaluator = Seat("evaluator", score.evaluator)
    both = (evaluator, Seat("provider", contract.provider))
    alone = Seat("reviewer") if score.status == "contested" else evaluator
    authorise(state, event, act, contract.case, both, (alone,))


def _admit_final(state: State, event: ScoreFinalised, act: Act) -> None:
    score = _open(state, event.score)
    contract = state.contracts[score.contract]
    alone = len(act.signers) == 1
    if alone and score.status == "contested":
        sides = (contract.buyer, contract.provider, score.evaluator)
        check_independent(state, act.filled[0].party, sides)
    elif alone:
        _check_stands(state, score, event, act)
    total_ppm = _check_total(state, contract, event)
    factor_ppm = _factor_ppm(state, contract, total_ppm)
    reviewed = alone and score.status == "contested"
    lowest_ppm = pay_rule(state, _named(contract, "pay")).bands[-1].factor_ppm
    # "Lower only by a reviewer's decision" (rules: pay/standard): below the last step, from it.
    if not (reviewed and factor_ppm == lowest_ppm and event.factor_ppm <= lowest_ppm):
        check_figure("factor_ppm", event.factor_ppm, factor_ppm)


def _check_stands(state: State, score: Score, event: ScoreFinalised, act: Act) -> None:
    """Check that an uncontested score is finalised as proposed, after the time to contest it."""
    deadline_ms = contest_ends_ms(state, score)
    if act.recorded_ms < deadline_ms:
        raise Refused("score_contest_open", score=event.score, deadline=format_instant(deadline_ms))
    if _found(event.indicators) != score.found:
        raise Refused("score_not_as_proposed", score=event.score)


def _apply_final(state: State, event: ScoreFinalised, _act: Act) -> None:
    score = state.scores[event.score]._replace(
        status="finalised",
        found=_found(event.indicators),
        total_ppm=event.total_ppm,
        factor_ppm=event.factor_ppm,
    )
    state.put(state.scores, event.score, score)


# -- shared ------------------------------------------------------------------------------------


def contest_ends_ms(state: State, score: Score) -> int:
    """Return the instant before which a proposed score may be contested (ms since the epoch)."""
    days = score_rule(state, _named(state.contracts[score.contract], "score")).contest_working_days
    return after_working_days(state, score.proposed_ms, days)


def _named(contract: Contract, kind: str) -> str:
    version = contract.score if kind == "score" else contract.pay
    if version is None:
        raise Refused("rule_not_named", contract=contract.contract, kind=kind)
    return version


def _open(state: State, score_id: str) -> Score:
    score = state.scores[score_id]
    if score.status == "finalised":
        raise Refused("score_wrong_state", score=score_id, status=score.status)
    return score


def _weights(state: State, contract: Contract) -> dict[str, int]:
    return state.programmes[contract.programme].weights


def _found(indicators: list[IndicatorScore]) -> tuple[tuple[str, int, int], ...]:
    return tuple((each.id, each.actual, each.score_ppm) for each in indicators)


def _check_total(state: State, contract: Contract, event: ScoreProposed | ScoreFinalised) -> int:
    """Check indicators and total by the score rule, and return the total."""
    weights = _weights(state, contract)
    stated = [each.id for each in event.indicators]
    if stated != list(weights):
        raise Refused(
            "score_indicators_differ",
            stated=", ".join(stated),
            expected=", ".join(weights) or "nothing",
        )
    scores = {each.id: each.score_ppm for each in event.indicators}
    total_ppm = score_total_ppm(weights, scores)
    check_figure("total_ppm", event.total_ppm, total_ppm)
    return total_ppm


def _factor_ppm(state: State, contract: Contract, total_ppm: int) -> int:
    return pay_factor_ppm(pay_rule(state, _named(contract, "pay")).bands, total_ppm)


def _proposed(_state: State, event: ScoreProposed) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


def _home(state: State, event: ScoreContested | ScoreFinalised) -> tuple[str, ...]:
    return (f"contract/{state.scores[event.score].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ScoreProposed: Rule(_authorise_proposal, _admit_proposal, _apply_proposal, _proposed),
    ScoreContested: Rule(_authorise_contest, _admit_contest, _apply_contest, _home),
    ScoreFinalised: Rule(_authorise_final, _admit_final, _apply_final, _home),
}

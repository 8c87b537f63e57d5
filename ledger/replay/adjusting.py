"""The reckoning of what scores and penalties change of what is owed.

The formulas are those of `ledger.rulebook`; functions and figures are as in
`ledger.replay.reckoning`.
"""

from ledger.events import Event
from ledger.events.penalty import PenaltyImposed
from ledger.events.score import BonusGranted, DeductionApplied, ScoreFinalised, ScoreProposed
from ledger.replay.steps import Deducted, Found, Granted, Part, Scored, SetOff, Where
from ledger.replay.tally import Note, Noting, Sum, Tally
from ledger.rulebook import bonus_fen, deduction_fen, pay_factor_ppm, pay_rule, score_total_ppm
from ledger.rules.accepted import is_of_period
from ledger.rules.deduction import parts_of
from ledger.rules.receivable import free_claims
from ledger.state import State
from ledger.state.score import Score
from ledger.times import parse_date


def _proposed(tally: Tally, _state: State, event: ScoreProposed, _where: Where) -> None:
    tally.scores.add(event.score)


def _scored(tally: Tally, state: State, event: ScoreFinalised, where: Where) -> Note:
    score, contract = state.scores[event.score], state.contracts[tally.contract]
    weights = state.programmes[contract.programme].weights
    found = {each.id: each.score_ppm for each in event.indicators}
    total_ppm = score_total_ppm(weights, found)
    bands = pay_rule(state, contract.pay or "").bands
    band = next(each for each in bands if each.from_score_ppm <= total_ppm)
    step = Scored(
        where=where,
        score=event.score,
        from_date=score.from_date,
        to_date=score.to_date,
        found=tuple(
            Found(indicator=name, weight_ppm=weight_ppm, score_ppm=found[name])
            for name, weight_ppm in weights.items()
        ),
        total_ppm=total_ppm,
        rule=contract.pay or "",
        band_ppm=band.from_score_ppm,
        band_factor_ppm=pay_factor_ppm(bands, total_ppm),
        factor_ppm=event.factor_ppm,
    )
    figures = [("total_ppm", total_ppm, event.total_ppm)]
    if score.status != "contested":  # a reviewer may go below the last step
        figures.append(("factor_ppm", step.band_factor_ppm, event.factor_ppm))
    return Note(step, {f"score/{event.score}"}, {}, figures)


def _base(tally: Tally, score: Score) -> tuple[Part, ...]:
    """Return what was accepted so far of each claim of a scored period."""
    return tuple(
        Part(each.name, each.accepted_fen)
        for each in tally.sums.values()
        if each.name == each.origin and score.from_date <= each.until <= score.to_date
    )


def _deducted(tally: Tally, state: State, event: DeductionApplied, where: Where) -> Note:
    score, contract = state.scores[event.score], state.contracts[event.contract]
    base = _base(tally, score)
    base_fen = sum(part.fen for part in base)
    amount_fen = deduction_fen(base_fen, score.factor_ppm)
    parts = parts_of(state, contract, amount_fen)
    free = sorted(
        (claim.claim for claim in free_claims(state, event.contract)),
        key=lambda name: not is_of_period(state, name, score),
    )
    taken = tally.set_off(parts.accrued, free)
    if parts.retained:
        tally.taken.append(Part(where.event, parts.retained))
    if parts.memo:
        tally.memos[where.event] = parts.memo
    step = Deducted(
        where=where,
        score=event.score,
        base=base,
        base_fen=base_fen,
        factor_ppm=score.factor_ppm,
        amount_fen=amount_fen,
        retained_fen=parts.retained,
        accrued_fen=parts.accrued,
        recovered_fen=parts.recovered,
        memo_fen=parts.memo,
        taken=taken,
    )
    flows = {
        ("retained", "committed", ""): parts.retained,
        ("accrued", "committed", ""): sum(part.fen for part in taken),
        ("paid", "prepaid", ""): parts.recovered,
    }
    figures = [
        ("base_fen", base_fen, event.base_fen),
        ("factor_ppm", score.factor_ppm, event.factor_ppm),
        ("amount_fen", amount_fen, event.amount_fen),
    ]
    return Note(step, {f"sum/{part.of}" for part in taken}, flows, figures)


def _granted(tally: Tally, state: State, event: BonusGranted, where: Where) -> Note:
    score, contract = state.scores[event.score], state.contracts[event.contract]
    base = _base(tally, score)
    base_fen = sum(part.fen for part in base)
    left_fen = contract.bonus_max_fen - contract.bonus_granted_fen
    amount_fen = min(bonus_fen(base_fen, score.factor_ppm), left_fen)
    tally.sums[where.event] = Sum(
        where.event, "", payable_fen=amount_fen, since=parse_date(where.date)
    )
    step = Granted(
        where=where,
        score=event.score,
        base=base,
        base_fen=base_fen,
        factor_ppm=score.factor_ppm,
        left_fen=left_fen,
        amount_fen=amount_fen,
    )
    flows = {("committed", "accrued", ""): amount_fen}
    figures = [("amount_fen", amount_fen, event.amount_fen)]
    return Note(step, {f"sum/{where.event}"}, flows, figures)


def _set_off(tally: Tally, state: State, event: PenaltyImposed, where: Where) -> Note:
    free = [claim.claim for claim in free_claims(state, event.contract)]
    taken = tally.set_off(event.amount_fen, free)
    step = SetOff(
        where=where,
        notice=event.notice,
        ground=event.ground,
        amount_fen=event.amount_fen,
        taken=taken,
    )
    flows = {("accrued", "paid", ""): sum(part.fen for part in taken)}
    return Note(step, {f"sum/{part.of}" for part in taken}, flows)


NOTES: dict[type[Event], Noting] = {
    ScoreProposed: _proposed,
    ScoreFinalised: _scored,
    DeductionApplied: _deducted,
    BonusGranted: _granted,
    PenaltyImposed: _set_off,
}

"""Evaluation in a simulated city: checks on the spot every month, a score every quarter.

A provider contests a low score now and then; a reviewer decides. A final score below the first step
of the pay rule lowers the pay.
"""

from typing import Any, Literal

from ledger.events.base import Period
from ledger.events.delivery import CheckedVisit, SpotcheckDone, SpotcheckDrawn
from ledger.events.score import (
    DeductionApplied,
    IndicatorScore,
    ScoreContested,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.money import PPM
from ledger.rulebook import deduction_fen, pay_factor_ppm, pay_rule, score_total_ppm
from ledger.rules.accepted import base_fen
from ledger.rules.confirming import draw as draw_visits
from ledger.rules.confirming import open_visits
from ledger.rules.score import contest_ends_ms
from ledger.simulate.agenda import Act
from ledger.simulate.cast import EVALUATOR, REVIEWER
from ledger.simulate.chance import beta_ppm
from ledger.simulate.doubts import Doubts
from ledger.simulate.founding import INDICATORS, PURCHASER_KEY
from ledger.simulate.planning import Plan
from ledger.simulate.world import World
from ledger.times import MS_PER_HOUR

_KEY = f"{EVALUATOR}/office-2025"
_QUARTERS = (
    ("2025-01-01", "2025-03-31", "2025-04-15"),
    ("2025-04-01", "2025-06-30", "2025-07-15"),
    ("2025-07-01", "2025-09-30", "2025-10-15"),
)
"""First and last day that are scored, and the day of the proposal."""
_CONTESTED_BELOW_PPM = 840_000
_DIFFERS_OF_100 = 3
_ACTUAL = 100  # what an indicator reached, of a hundred


class Evaluating:
    """Scores and checks every contract."""

    def __init__(self, world: World, plans: list[Plan], doubts: Doubts) -> None:
        """Put the year's checks and scores on the agenda."""
        self._world = world
        self._plans = plans
        self._doubts = doubts
        self._weights = dict(INDICATORS)
        for month in range(1, 13):
            world.agenda.on(f"2025-{month:02}-26", "15:00", self._check_of(f"2025-{month:02}"))
        for number, (first, last, day) in enumerate(_QUARTERS):
            world.agenda.on(day, "11:00", self._score_of(number, first, last))

    # -- checks on the spot --------------------------------------------------------------------

    def _check_of(self, month: str) -> Act:
        def check() -> None:
            world, state = self._world, self._world.state
            for plan in self._plans:
                known = open_visits(state, plan.contract) if plan.contract in state.visits else ()
                if not known:
                    continue
                spotcheck = f"check-{plan.contract}-{month}"
                seed = world.chance(32).hex()
                count = max(1, len(known) * world.scale.spot_checked_ppm // PPM)
                drawn = world.event(
                    SpotcheckDrawn,
                    spotcheck=spotcheck,
                    contract=plan.contract,
                    seed=seed,
                    visits=draw_visits(known, seed, count),
                )
                world.sign([drawn], _KEY)
                world.later(4, self._result_of(plan, drawn))

        return check

    def _result_of(self, plan: Plan, drawn: SpotcheckDrawn) -> Act:
        def report() -> None:
            world = self._world
            ghosts = self._doubts.ghosts[plan.contract]
            results = []
            for visit in drawn.visits:
                result: Literal["AS_RECORDED", "DIFFERS", "NOT_FOUND"] = "AS_RECORDED"
                if visit in ghosts:
                    result = "NOT_FOUND"
                elif world.chance.below(100) < _DIFFERS_OF_100:
                    result = "DIFFERS"
                results.append(CheckedVisit(visit=visit, result=result))
            done = world.event(
                SpotcheckDone,
                spotcheck=drawn.spotcheck,
                results=results,
                evidence=world.file_hash(),
            )
            world.sign([done], _KEY)

        return report

    # -- scores --------------------------------------------------------------------------------

    def _score_of(self, number: int, first: str, last: str) -> Act:
        def propose() -> None:
            state = self._world.state
            for plan in self._plans:
                contract = state.contracts.get(plan.contract)
                if contract is not None and contract.status == "active":
                    served = contract.from_date <= last and contract.to_date >= first
                    if served:
                        self._propose(plan, f"s-{plan.contract}-q{number + 1}", first, last)

        return propose

    def _propose(self, plan: Plan, score: str, first: str, last: str) -> None:
        world, state = self._world, self._world.state
        found = []
        for name in self._weights:
            score_ppm = beta_ppm(world.chance, *world.scale.score)
            actual = score_ppm * _ACTUAL // PPM
            found.append(IndicatorScore(id=name, actual=actual, score_ppm=score_ppm))
        scores = {each.id: each.score_ppm for each in found}
        total_ppm = score_total_ppm(self._weights, scores)
        factor_ppm = pay_factor_ppm(pay_rule(state, "pay/standard@1").bands, total_ppm)
        figures: dict[str, Any] = {
            "indicators": found,
            "total_ppm": total_ppm,
            "factor_ppm": factor_ppm,
        }
        proposed = world.event(
            ScoreProposed,
            score=score,
            contract=plan.contract,
            period=Period(from_date=first, to_date=last),
            rule="score/standard@1",
            **figures,
        )
        world.sign([proposed], _KEY)
        contested = total_ppm < _CONTESTED_BELOW_PPM
        if contested:
            world.later(2, lambda: self._contest(plan, score))

        def finalise() -> None:
            final = world.event(ScoreFinalised, score=score, **figures)
            world.sign([final], f"{REVIEWER}/office-2025" if contested else _KEY)
            if factor_ppm < PPM:
                world.later(1, lambda: self._deduct(plan, score))

        world.agenda.at(world.agenda.now_ms + 1, lambda: self._wait(score, finalise))

    def _wait(self, score: str, finalise: Act) -> None:
        """Put the final score on the day after it can be contested no more."""
        state = self._world.state
        ends_ms = contest_ends_ms(state, state.scores[score])
        self._world.agenda.at(ends_ms + 10 * MS_PER_HOUR, finalise)

    def _contest(self, plan: Plan, score: str) -> None:
        world = self._world
        contested = world.event(
            ScoreContested,
            score=score,
            indicators=[INDICATORS[0][0]],
            document=world.file_hash(),
        )
        world.sign([contested], f"{plan.provider}/office-2025")

    def _deduct(self, plan: Plan, score_id: str) -> None:
        world, state = self._world, self._world.state
        score = state.scores[score_id]
        accepted_fen = base_fen(state, score)
        amount_fen = deduction_fen(accepted_fen, score.factor_ppm)
        if not amount_fen or state.contracts[plan.contract].status == "closed":
            return
        applied = world.event(
            DeductionApplied,
            contract=plan.contract,
            score=score_id,
            base_fen=accepted_fen,
            factor_ppm=score.factor_ppm,
            amount_fen=amount_fen,
        )
        world.sign([applied], PURCHASER_KEY)

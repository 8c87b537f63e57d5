"""Scores: how well a contract was performed, and what that changes in its pay."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import (
    Count,
    Event,
    Fen,
    Id,
    Period,
    PositiveFen,
    Ppm,
    Record,
    Ref,
    RuleVersion,
    Sha256,
)
from ledger.events.rulebook import Factor


class IndicatorScore(Record, frozen=True, kw_only=True):
    """What was found of one indicator of the programme.

    Attributes:
        id: the indicator.
        actual: what was reached, in the indicator's own unit.
        score_ppm: how good that is.
        evidence: hash of the file that shows it.

    """

    id: Ref
    actual: Count
    score_ppm: Ppm
    evidence: Sha256 | UnsetType = UNSET


IndicatorScores = Annotated[list[IndicatorScore], Meta(min_length=1, max_length=100)]
"""Each indicator of the programme, once."""


class ScoreProposed(Event, frozen=True, kw_only=True, tag="score.proposed"):
    """An evaluator proposed a score for a period of a contract. Signed by the evaluator.

    The provider has the score rule's working days to contest it (Budget Law 57: performance
    evaluation).

    Attributes:
        score: its id.
        contract: of which contract.
        period: the days that are scored; no two scores of a contract share a day.
        rule: score rule, the contract's own.
        indicators: what was found.
        total_ppm: the sum of weight × indicator score.
        factor_ppm: what the contract's pay rule makes of the total.

    """

    score: Id
    contract: Ref
    period: Period
    rule: RuleVersion
    indicators: IndicatorScores
    total_ppm: Ppm
    factor_ppm: Factor


class ScoreContested(Event, frozen=True, kw_only=True, tag="score.contested"):
    """The provider contested a proposed score. Signed by the provider.

    From here on no evaluator finalises it alone.

    Attributes:
        score: which.
        indicators: what it holds to be wrong.
        document: hash of its reply.

    """

    score: Ref
    indicators: Annotated[list[Ref], Meta(min_length=1, max_length=100)]
    document: Sha256 | UnsetType = UNSET


class ScoreFinalised(Event, frozen=True, kw_only=True, tag="score.finalised"):
    """A score is final.

    Signed by evaluator and provider; by the evaluator alone, as it was proposed, once the time
    to contest it is over; or by a reviewer, when it was contested. Only a reviewer may go below
    the lowest factor of the pay rule.

    Attributes:
        score: which.
        indicators: what was found.
        total_ppm: the sum of weight × indicator score.
        factor_ppm: what the contract's pay rule makes of the total.

    """

    score: Ref
    indicators: IndicatorScores
    total_ppm: Ppm
    factor_ppm: Factor


class DeductionApplied(Event, frozen=True, kw_only=True, tag="deduction.applied"):
    """A finalised score lowered the pay. Signed by the purchaser.

    Attributes:
        contract: which.
        score: the score, used once.
        base_fen: accepted of the claims whose last day lies in the scored period.
        factor_ppm: the score's.
        amount_fen: base × (1 − factor), half up.

    """

    contract: Ref
    score: Ref
    base_fen: Fen
    factor_ppm: Factor
    amount_fen: PositiveFen


class BonusGranted(Event, frozen=True, kw_only=True, tag="bonus.granted"):
    """A finalised score raised the pay. Signed by the purchaser.

    It is paid as a claim is: a payment names it by this event's id.

    Attributes:
        contract: which.
        score: the score, used once; its factor is above one.
        amount_fen: base × (factor − 1), half up, as far as the contract's `bonus_max_fen` goes.

    """

    contract: Ref
    score: Ref
    amount_fen: PositiveFen


EVENTS = (ScoreProposed, ScoreContested, ScoreFinalised, DeductionApplied, BonusGranted)

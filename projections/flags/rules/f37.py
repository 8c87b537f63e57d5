"""F37: the final score differs from the proposed one.

A case is a final score whose total differs from the total that the evaluator had proposed by more
than the threshold (`share_ppm`, 20 %) of the larger of the two, in either direction.

The evaluator measured, the provider was heard, and the result was changed by a fifth: either the
first measurement was careless or the second was talked round. Performance evaluation is to be
objective and to rest on evidence (Budget Law 57; Zhongfa 2018 No. 34, on budget performance
management), and comparing a self-assessment with its review is the ordinary check of a finance
bureau that re-evaluates.

Innocent where the provider showed documents that the evaluator had not seen. Look at the evidence
of the indicators that changed, at who signed the final score (evaluator and provider together, or
a reviewer), and at the deduction that it saved.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.acts import SCORES, Score
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(score: Score, thresholds: Thresholds) -> Iterator[Flagged]:
    larger = max(score.proposed_ppm, score.final_ppm)
    difference = abs(score.final_ppm - score.proposed_ppm)
    if difference * PPM > thresholds["share_ppm"] * larger:
        yield Flagged(
            f"contract/{score.contract}",
            (score.proposed_position, score.final_position),
            {
                "score": score.key,
                "proposed_ppm": score.proposed_ppm,
                "final_ppm": score.final_ppm,
            },
            contract=score.contract,
            party=score.provider,
        )


F37 = Rule(
    "f37",
    "final score far from the proposed one",
    "Score {score} was proposed as {proposed_ppm} and became final as {final_ppm}.",
    "Budget Law 57; guidance on budget performance management (Zhongfa 2018 No. 34)",
    SCORES,
    _judge,
)

"""Scores, deductions and bonuses."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "rule_not_named": Refusal(
        "Contract {contract} names no {kind} rule.",
        "It is paid by its rates alone; rules are agreed on at signing.",
    ),
    "score_rule_differs": Refusal(
        "The score is by {stated}; contract {contract} names {expected}.",
        "Score by the contract's own rule.",
    ),
    "score_period_overlaps": Refusal(
        "Score {score} of contract {contract} covers {from_date} to {to_date} already.",
        "Score other days.",
    ),
    "score_indicators_differ": Refusal(
        "The indicators are {stated}; those of the programme are {expected}.",
        "Score each indicator of the programme, in its order.",
    ),
    "score_figures_differ": Refusal(
        "{field} is {stated}; the rule gives {computed}.",
        "Take the rule's figure; docs/rules.md shows how it is computed.",
    ),
    "score_wrong_state": Refusal(
        "Score {score} is {status}.",
        "A proposed score is contested or finalised; only a final one is used.",
    ),
    "score_contest_over": Refusal(
        "Score {score} could be contested until {deadline}.",
        "It stands as it was proposed; the evaluator may change it together with the provider.",
    ),
    "score_contest_open": Refusal(
        "Score {score} can be contested until {deadline}.",
        "Wait until then, or let the provider sign as well.",
    ),
    "score_not_as_proposed": Refusal(
        "The evaluator alone finalises score {score} only as it was proposed.",
        "Take the proposed figures, or let the provider sign as well.",
    ),
    "score_used": Refusal(
        "Score {score} was used for a deduction or a bonus before.",
        "A score counts once.",
    ),
}

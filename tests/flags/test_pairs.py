"""Every red flag on a pair of groups: one that it flags, and one as near to it that it does not.

A pair stands in `tests/flags/pairs/<rule>.py` as `FLAGGED` and `CLEAR`.
"""

from importlib import import_module
from typing import Any

import pytest

from api.text import translate
from ledger.events.rulebook import FlagRule
from ledger.rulebook import SHIPPED
from projections.flags.catalogue import RULES
from projections.flags.rule import Rule, Thresholds

RULE = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def shipped(rule: Rule[Any]) -> Thresholds:
    """Return the thresholds that ship."""
    parameters = SHIPPED[rule.published]
    assert isinstance(parameters, FlagRule)
    return {str(name): value for name, value in parameters.thresholds.items()}


@RULE
def test_a_flagged_group_and_one_beside_it(rule: Rule[Any]) -> None:
    """The one gives a case with evidence and a subject, the other nothing."""
    pair = import_module(f"flags.pairs.{rule.id}")
    cases = list(rule.judge(pair.FLAGGED, shipped(rule)))
    assert cases
    for case in cases:
        assert case.evidence
        assert "/" in case.subject
    assert list(rule.judge(pair.CLEAR, shipped(rule))) == []


@RULE
def test_a_case_is_told_in_words(rule: Rule[Any]) -> None:
    """Names in a sentence are facts of its cases, and words among them are the rule's own."""
    pair = import_module(f"flags.pairs.{rule.id}")
    for case in rule.judge(pair.FLAGGED, shipped(rule)):
        told = rule.sentence.format(**case.facts)
        words = {fact for name, fact in case.facts.items() if name.endswith("_word")}
        assert words <= set(rule.words)
        assert translate(rule.title, "zh") != rule.title
        assert translate(rule.sentence, "zh", **case.facts) != told


def test_rules_stand_once_and_in_order() -> None:
    """The catalogue lists each rule once, by its number."""
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))

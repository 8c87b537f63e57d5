"""The formulas that the rules' parameters go into: pure functions of integers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger.events.rulebook import Band, IncentiveRule
from ledger.money import PPM, round_half_up


class Year(NamedTuple):
    """What a calendar year brought a provider: its final scores, and whether it was sanctioned."""

    scores_ppm: tuple[int, ...]
    sanctioned: bool


class Incentive(NamedTuple):
    """What lasting good work is worth: points added in bid scoring, and the advance limit."""

    points_ppm: int
    advance_ppm: int


def score_total_ppm(weights: Mapping[str, int], scores: Mapping[str, int]) -> int:
    """Return the sum of weight × score (both parts per million, by indicator), half up.

    Raises:
        KeyError: an indicator has no score.

    """
    return round_half_up(sum(weight * scores[each] for each, weight in weights.items()), PPM)


def pay_factor_ppm(bands: Sequence[Band], total_ppm: int) -> int:
    """Return the factor of the highest step that a total reaches.

    Raises:
        ValueError: it reaches none: the last step does not begin at zero.

    """
    for band in bands:
        if total_ppm >= band.from_score_ppm:
            return band.factor_ppm
    raise ValueError(f"no band begins at or below {total_ppm}")


def deduction_fen(base_fen: int, factor_ppm: int) -> int:
    """Return what a factor below one takes of a base: D of funds.md, half up; else nothing."""
    return round_half_up(base_fen * max(PPM - factor_ppm, 0), PPM)


def bonus_fen(base_fen: int, factor_ppm: int) -> int:
    """Return what a factor above one adds to a base, half up; else nothing."""
    return round_half_up(base_fen * max(factor_ppm - PPM, 0), PPM)


def incentive(rule: IncentiveRule, years: Sequence[Year]) -> Incentive:
    """Return what a provider's last calendar years, the newest at the end, are worth.

    A year counts when it has a score, every score of it reaches the rule's, and no sanction
    falls in it; as many years in a row must count as the rule says.
    """
    last = years[-rule.years :]
    good = len(last) == rule.years and all(
        year.scores_ppm and min(year.scores_ppm) >= rule.score_ppm and not year.sanctioned
        for year in last
    )
    if good:
        return Incentive(rule.points_ppm, rule.advance_good_ppm)
    return Incentive(0, rule.advance_ppm)

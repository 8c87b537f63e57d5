"""Means, shares and medians: each is made of figures that are traced further.

mean_of(gathering, "party/P", "days_mean")      of `days` and `settled`, the mean rounded down

figure                         made of
cut_ppm                        cut and claimed
score_ppm, factor_ppm          score_sum or factor_sum, and scores
days_mean                      days and settled
days_median                    the days of each payment
indicator/I/score_ppm          indicator/I/score_sum and indicator/I/scores
indicator/I/actual_mean        indicator/I/actual_sum and indicator/I/scores
"""

from ledger.money import PPM
from ledger.tracing.gathering import Gathering
from ledger.tracing.made import Ground, Made, Rule

_SCORES: dict[str, tuple[Rule, str, str]] = {
    "score_ppm": ("mean", "score_sum", "scores"),
    "factor_ppm": ("mean", "factor_sum", "scores"),
}
MEANS: dict[str, dict[str, tuple[Rule, str, str]]] = {
    "party": {
        "cut_ppm": ("share", "cut", "claimed"),
        **_SCORES,
        "days_mean": ("mean", "days", "settled"),
    },
    "programme": _SCORES,
}
"""How a figure follows from which two, by the kind of its subject."""

MEDIANS = {"party": {"days_median": "days"}}
"""The middle of which figure of its parts a figure is."""

_OF_INDICATORS: dict[str, tuple[Rule, str, str]] = {
    "score_ppm": ("mean", "score_sum", "scores"),
    "actual_mean": ("mean", "actual_sum", "scores"),
}


def mean_of(gathering: Gathering, key: str, figure: str) -> Made | None:
    """Return a mean, share or median of a subject; None where it is none, or of nothing."""
    kind = key.partition("/")[0]
    if figure in MEDIANS.get(kind, {}):
        return _median_of(gathering, key, MEDIANS[kind][figure])
    prefix, found = "", MEANS.get(kind, {}).get(figure)
    if kind == "programme" and figure.startswith("indicator/"):
        prefix, _, last = figure.rpartition("/")
        found, prefix = _OF_INDICATORS.get(last), f"{prefix}/"
    if found is None:
        return None
    rule, *names = found
    first, second = (f"{prefix}{name}" for name in names)
    totals = gathering.totals(key, {first, second})
    count = totals.get(second, 0)
    if not count:
        return None
    value = totals.get(first, 0) * (PPM if rule == "share" else 1) // count
    return Made(value, rule, (Ground(key, first, totals[first]), Ground(key, second, count)))


def _median_of(gathering: Gathering, key: str, figure: str) -> Made | None:
    """Return the lower median of the parts of a figure, those that are nothing with them."""
    values = gathering.dated_values(key, figure)
    if not values:
        return None
    values.sort(key=lambda part: part.sum)
    of = tuple(Ground(part.key, part.figure, part.sum) for part in values)
    return Made(values[(len(values) - 1) // 2].sum, "median", of)

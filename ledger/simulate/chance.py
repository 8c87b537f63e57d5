"""Chance by integers: tables of quantiles that are the same on every machine.

A distribution is a tuple of 4,096 values, each as likely as the other; to draw from it is to pick
one. The tables are made of whole numbers alone, from binomial coefficients and factorials, so no
processor and no release of Python rounds them otherwise.

    log_normal(4_800, 1_051)      a walk of 400 steps up or down: median 4,800, sigma 0.5
    poisson(8)                    visits of a month
    weighted((82, "app"), ...)    four ways, 82 of 100 the first

A `Quota` takes so many of a million evenly, not by chance: then a small city has every kind of
case as well, as soon as it has enough of what the case is made of.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

from ledger.identity import Stream
from ledger.money import PPM

T = TypeVar("T")

QUANTILES = 4_096
"""Values of a distribution's table: a power of two, so that 12 random bits pick one."""

_STEPS = 400  # of the walk; its standard deviation is 10 steps
_MOST_EVENTS = 60  # of a Poisson table: beyond what 1 in 4,096 reaches for any mean used here
_THOUSAND = 1_000


def log_normal(median: int, step: int) -> tuple[int, ...]:
    """Return a log-normal distribution; each step of the walk multiplies by `step` thousandths.

    Its sigma is ten times the logarithm of a step: 1.051 gives 0.5, 1.078 gives 0.75.
    """
    table: list[int] = []
    weight, so_far, whole = 1, 0, 1 << _STEPS
    for ups in range(_STEPS + 1):
        so_far += weight
        away = ups - _STEPS // 2
        grown, shrunk = (step, _THOUSAND) if away >= 0 else (_THOUSAND, step)
        value = median * grown ** abs(away) // shrunk ** abs(away)
        table += [value] * (_quantiles(so_far, whole) - len(table))
        weight = weight * (_STEPS - ups) // (ups + 1)
    return tuple(table)


def poisson(mean: int) -> tuple[int, ...]:
    """Return the Poisson distribution of a whole mean."""
    most = math.factorial(_MOST_EVENTS)
    weights = [mean**count * (most // math.factorial(count)) for count in range(_MOST_EVENTS + 1)]
    return weighted(*[(weight, count) for count, weight in enumerate(weights)])


def weighted(*values: tuple[int, T]) -> tuple[T, ...]:
    """Return a distribution of (weight, value); weights are of any unit."""
    whole = sum(weight for weight, _ in values)
    table: list[T] = []
    so_far = 0
    for weight, value in values:
        so_far += weight
        table += [value] * (_quantiles(so_far, whole) - len(table))
    return tuple(table)


def _quantiles(so_far: int, whole: int) -> int:
    """Return how many quantiles lie within a part of the whole, half a one rounded up."""
    return (so_far * QUANTILES + whole // 2) // whole


def draw(chance: Stream, table: Sequence[T]) -> T:
    """Return one value of a distribution."""
    return table[int.from_bytes(chance(2)) % QUANTILES]


def beta_ppm(chance: Stream, good: int, bad: int) -> int:
    """Return a value of Beta(good, bad) in parts per million: the `good`th of so many draws."""
    draws = sorted(chance.below(PPM) for _ in range(good + bad - 1))
    return draws[good - 1]


class Quota:
    """Takes a share of what comes by, evenly; the first after half an interval."""

    def __init__(self, share_ppm: int) -> None:
        """Begin with nothing taken; `share_ppm` of a million will be."""
        self._share_ppm = share_ppm
        self._sum = PPM // 2

    def takes(self) -> bool:
        """Return whether the next one is taken."""
        self._sum += self._share_ppm
        if self._sum < PPM:
            return False
        self._sum -= PPM
        return True

"""Outliers by quartiles: beyond the fence of so many interquartile ranges (Tukey).

Quartiles are those of Cardinal (Hyndman and Fan's type 8): of n ordered values the quantile q lies
at h = (n + 1/3) q + 1/3, counted from 1, between two values in proportion. All numbers are exact.

    fences([0, 0, 100, 100, 100, 100, 100, 100, 100], 3/2).lower    ->  50/3

A value at a quartile is no outlier, whatever the fence: where most values are alike, the quartiles
and the fences meet, and the common value would be flagged by its own fence.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from ledger.money import PPM

_THIRD = Fraction(1, 3)
_FIRST, _THIRD_QUARTER = Fraction(1, 4), Fraction(3, 4)


class Fences(NamedTuple):
    """The quartiles and fences of values."""

    q1: Fraction
    q3: Fraction
    lower: Fraction
    upper: Fraction

    def is_low(self, value: Fraction) -> bool:
        """Return whether a value is a low outlier."""
        return value <= self.lower and value < self.q1

    def is_high(self, value: Fraction) -> bool:
        """Return whether a value is a high outlier."""
        return value >= self.upper and value > self.q3


def fences(values: Iterable[Fraction], fence_ppm: int) -> Fences | None:
    """Return the fences of values at `fence_ppm` millionths of the interquartile range."""
    ordered = sorted(values)
    if not ordered:
        return None
    q1, q3 = quantile(ordered, _FIRST), quantile(ordered, _THIRD_QUARTER)
    reach = (q3 - q1) * Fraction(fence_ppm, PPM)
    return Fences(q1, q3, q1 - reach, q3 + reach)


def third_quartile(values: Iterable[Fraction]) -> Fraction:
    """Return the third quartile of values, of which there is at least one."""
    return quantile(sorted(values), _THIRD_QUARTER)


def quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """Return a quantile of ordered values, of which there is at least one."""
    place = (len(ordered) + _THIRD) * share + _THIRD
    below = int(place)
    if below < 1:
        return ordered[0]
    if below >= len(ordered):
        return ordered[-1]
    low, high = ordered[below - 1], ordered[below]
    return low + (place - below) * (high - low)

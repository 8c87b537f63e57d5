"""Chance by integers: the tables have the shapes they are named after."""

from collections import Counter
from statistics import mean, median

from ledger.identity import Stream
from ledger.simulate.chance import (
    QUANTILES,
    Quota,
    beta_ppm,
    draw,
    log_normal,
    poisson,
    weighted,
)


def test_a_log_normal_has_its_median_and_its_spread() -> None:
    """Of 0.5 sigma: 16 of 100 lie below the median ÷ 1.65, 16 above it × 1.65."""
    table = log_normal(4_800, 1_051)
    assert len(table) == QUANTILES
    assert list(table) == sorted(table)
    assert median(table) == 4_800
    assert 0.14 < sum(value < 4_800 / 1.65 for value in table) / QUANTILES < 0.18
    assert 0.14 < sum(value > 4_800 * 1.65 for value in table) / QUANTILES < 0.18
    assert max(table) < 40_000


def test_a_poisson_has_its_mean_as_its_variance() -> None:
    """Of mean 8: the mean is 8, and so is the variance, but for what 4,096 values cannot hold."""
    table = poisson(8)
    assert abs(mean(table) - 8) < 0.01
    assert abs(mean((value - 8) ** 2 for value in table) - 8) < 0.1


def test_weights_are_kept() -> None:
    """82 of 100 are 82 of 100."""
    counts = Counter(weighted((82, "app"), (6, "qr"), (4, "phone"), (8, "manual")))
    assert sum(counts.values()) == QUANTILES
    assert abs(counts["app"] - QUANTILES * 82 // 100) <= 1
    assert abs(counts["phone"] - QUANTILES * 4 // 100) <= 1


def test_a_beta_has_its_mean() -> None:
    """Beta(22, 3) has the mean 0.88."""
    chance = Stream(b"beta")
    assert abs(mean(beta_ppm(chance, 22, 3) for _ in range(2_000)) - 880_000) < 5_000


def test_draws_follow_from_the_seed() -> None:
    """The same seed gives the same draws; these are fixed for every machine and release."""
    table = poisson(8)
    chance = Stream(b"fixed")
    assert [draw(chance, table) for _ in range(12)] == [8, 13, 8, 7, 8, 12, 5, 7, 7, 7, 8, 4]


def test_a_quota_takes_its_share_evenly() -> None:
    """Of a thousand a hundredth is ten; the first comes after half an interval, none in a row."""
    quota = Quota(10_000)
    taken = [number for number in range(1, 1_001) if quota.takes()]
    assert taken == list(range(50, 1_001, 100))

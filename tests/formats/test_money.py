"""Rounding and splitting neither make nor lose a fen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import MAX_AMOUNT_FEN, PPM, round_half_up, split

amounts = st.integers(0, MAX_AMOUNT_FEN)
weights = st.lists(amounts, min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (0, 7, 0),
        (1, 2, 1),
        (3, 2, 2),
        (5, 2, 3),
        (-1, 2, -1),
        (-3, 2, -2),
        (1, 3, 0),
        (2, 3, 1),
        (-1, 3, 0),
        (-2, 3, -1),
        (9_700_000 * 200_000, PPM, 1_940_000),
        (6_814_250 * 182_500 * 12, 365 * PPM, 40_886),
    ],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    """Half up, mirrored below zero, on the figures of the worked contract of the design."""
    assert round_half_up(numerator, denominator) == rounded


@given(st.integers(), st.integers(min_value=1))
def test_rounding_is_exact_for_any_size(numerator: int, denominator: int) -> None:
    """The result is within half a unit of the exact quotient, and a half is never rounded in."""
    exact = Fraction(numerator, denominator)
    error = abs(round_half_up(numerator, denominator)) - abs(exact)
    assert -Fraction(1, 2) < error <= Fraction(1, 2)


@given(st.integers(), st.integers(min_value=1))
def test_a_correction_rounds_to_the_opposite(numerator: int, denominator: int) -> None:
    """Rounding minus x is minus rounding x."""
    assert round_half_up(-numerator, denominator) == -round_half_up(numerator, denominator)


@pytest.mark.parametrize(
    ("amount_fen", "by", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (2, [1, 1, 1], [1, 1, 0]),
        (30, [10, 0, 20], [10, 0, 20]),
        (10, [600_000, 300_000, 100_000], [6, 3, 1]),
        (11, [600_000, 300_000, 100_000], [7, 3, 1]),
        (5, [1, 2], [2, 3]),
        (0, [3, 4], [0, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (7, [9], [7]),
    ],
)
def test_splits_worked_by_hand(amount_fen: int, by: list[int], parts: list[int]) -> None:
    """Largest remainders first, ties in the order of the weights."""
    assert split(amount_fen, by) == parts


@given(amounts, weights)
def test_a_split_adds_up_and_stays_within_one_fen(amount_fen: int, by: list[int]) -> None:
    """The parts sum to the amount and each is its exact share rounded down or up."""
    if sum(by) == 0:
        by = [*by, 1]
    parts = split(amount_fen, by)
    assert sum(parts) == amount_fen
    for part, weight in zip(parts, by, strict=True):
        exact = Fraction(amount_fen * weight, sum(by))
        assert exact - 1 < part < exact + 1


@given(weights, st.data())
def test_no_part_exceeds_what_its_line_holds(by: list[int], data: st.DataObject) -> None:
    """An amount within the sum of the weights never overdraws a line."""
    parts = split(data.draw(st.integers(0, sum(by))), by)
    assert all(part <= weight for part, weight in zip(parts, by, strict=True))


@given(weights)
def test_the_last_posting_empties_every_line(by: list[int]) -> None:
    """Splitting all that is held gives back what each line holds."""
    assert split(sum(by), by) == by


@given(amounts, weights)
def test_larger_remainders_are_served_first(amount_fen: int, by: list[int]) -> None:
    """Whoever was rounded up had a remainder no smaller than whoever was rounded down."""
    if sum(by) == 0:
        by = [*by, 1]
    total = sum(by)
    parts = split(amount_fen, by)
    raised = [
        (-(amount_fen * weight % total), place)
        for place, weight in enumerate(by)
        if parts[place] > amount_fen * weight // total
    ]
    kept = [
        (-(amount_fen * weight % total), place)
        for place, weight in enumerate(by)
        if parts[place] == amount_fen * weight // total
    ]
    assert not raised or not kept or max(raised) < min(kept)


def test_meaningless_splits_are_misuse() -> None:
    """Negative amounts or weights, nothing to split by, and a denominator below one are errors."""
    for amount_fen, by in ((-1, [1]), (1, [-1, 2]), (1, []), (1, [0, 0])):
        with pytest.raises(ValueError, match=r"negative|no weight"):
            split(amount_fen, by)
    with pytest.raises(ValueError, match="denominator"):
        round_half_up(1, 0)

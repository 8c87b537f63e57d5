"""Integer arithmetic of money: rounding and splitting, without a fen made or lost.

Amounts are integers of the currency's minor unit (fen). Rates and factors are integers in parts
per million, so a product is rounded once, by `round_half_up`:

    round_half_up(9_700_000 * 200_000, 1_000_000)  ->  1_940_000    20 % of 97,000.00
    split(100, [1, 1, 1])                          ->  [34, 33, 33]
    split(30, [10, 0, 20])                         ->  [10, 0, 20]

`split` is the method of the largest remainder (Hamilton): each share gets the whole fen of its
exact part, and the fen left over go to the largest fractions. When the weights are what is held
on each line and the amount is no more than their sum, no part exceeds its weight, and splitting
the whole sum gives back the weights: the last posting empties every line.
"""

from collections.abc import Iterable, Iterator, Sequence

MAX_AMOUNT_FEN = 2**53 - 1  # the largest integer that every JSON reader keeps exact (RFC 8259, 6)
PPM = 1_000_000  # a rate of one, in parts per million


def round_half_up(numerator: int, denominator: int) -> int:
    """Return `numerator / denominator` to the nearest integer; a half goes away from zero.

    Away from zero, so that a correction of minus x rounds to exactly minus what x was rounded to.

    Raises:
        ValueError: the denominator is not positive.

    """
    if denominator <= 0:
        raise ValueError(f"a denominator must be positive, not {denominator}")
    if numerator < 0:
        return -((2 * -numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def split(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to `weights` (of any unit), largest remainders first.

    Returns as many parts as there are weights, in their order, adding up to exactly `amount_fen`.
    Each part is the exact one rounded down or up; among equal remainders the earlier weight is
    served first; a weight of zero gets nothing. So when `amount_fen` is at most the sum of the
    weights, no part exceeds its weight.

    Raises:
        ValueError: the amount or a weight is negative, or there is an amount and no weight.

    """
    if amount_fen < 0:
        raise ValueError(f"an amount to split must not be negative: {amount_fen} fen")
    if any(weight < 0 for weight in weights):
        raise ValueError(f"a weight must not be negative: {min(weights)}")
    total = sum(weights)
    if total == 0:
        if amount_fen:
            raise ValueError(f"there is no weight to split {amount_fen} fen by")
        return [0] * len(weights)
    parts = [amount_fen * weight // total for weight in weights]
    left = amount_fen - sum(parts)
    if left:
        # `sorted` is stable: equal remainders keep the order of the weights. Fewer fen are left
        # than there are remainders above zero, so no part is raised beyond its exact value + 1.
        by_remainder = sorted(
            range(len(weights)), key=lambda place: -(amount_fen * weights[place] % total)
        )
        for place in by_remainder[:left]:
            parts[place] += 1
    return parts


def set_off(amount_fen: int, payables: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield what an amount takes of sums, in their order, each as far as it goes.

    `payables` are claims with the fen to be paid of each; a claim of which nothing is taken is
    left out.
    """
    left_fen = amount_fen
    for name, payable_fen in payables:
        part_fen = min(left_fen, payable_fen)
        if part_fen:
            left_fen -= part_fen
            yield name, part_fen

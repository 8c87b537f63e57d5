"""F41: amounts paid do not look like amounts that came about by themselves.

Judged are the orders to banks under a buyer's contracts in a calendar year, if there are more
than `count` (300); of fewer, statistics say nothing. Three cases, each by itself:

- **First digits.** The first digits of amounts that grew by themselves follow Benford's law: d
  leads with probability log10(1 + 1/d). The case is Pearson's chi-square over the nine digits
  above 26.125, its critical value of 8 degrees of freedom at 0.1 % (NIST/SEMATECH e-Handbook of
  Statistical Methods, 1.3.6.7.4). The probabilities are whole parts per million, and all is
  multiplied out, so nothing is rounded. Evidence: the orders of the digit most in excess.
- **Round sums.** More than a tenth of the amounts are multiples of 1,000.00; units × rate, less
  self-pay, seldom are. Evidence: those orders.
- **December rush.** In the year's last two weeks (from 18 December) more than three times their
  even share of the year's money, 14 days of 365, was ordered: budgets that lapse are spent in a
  hurry (Liebman and Mahoney, Do Expiring Budgets Lead to Wasteful Year-End Spending?, American
  Economic Review 107, 2017). Evidence: those orders.

Digit tests are audit practice since Nigrini (Benford's Law, 2012). Innocent where claims are
monthly and of about one size, as in home care: their first digits follow the size, not Benford; or
where December's claims are paid in December by law. Look at the amounts that repeat, at who
approved them, and at what was delivered for what December paid.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.money import PPM
from projections.flags.orders import YEARS, Order, OrderYear
from projections.flags.rule import Flagged, Rule, Thresholds

BENFORD_PPM = (301_030, 176_091, 124_939, 96_910, 79_181, 66_947, 57_992, 51_153, 45_757)
"""How often 1 to 9 lead, in parts per million: log10(1 + 1/d). Together one million."""

CRITICAL_THOUSANDTHS = 26_125
"""Chi-square of 8 degrees of freedom that chance exceeds once in a thousand samples."""

ROUND_FEN = 100_000
"""A round sum is a multiple of 1,000.00."""

ROUND_PPM = 100_000
"""So many of all sums being round is a reason to look."""

RUSH_FROM = "12-18"
"""First day of a year's last two weeks."""

RUSH_DAYS, YEAR_DAYS, RUSH_TIMES = 14, 365, 3


class ChiSquare(NamedTuple):
    """A chi-square as a fraction, `numerator / denominator`: compared, never divided."""

    numerator: int
    denominator: int

    def exceeds(self, thousandths: int) -> bool:
        """Tell whether it is above a value in thousandths."""
        return self.numerator * 1_000 > thousandths * self.denominator


def chi_square(observed: Sequence[int], expected_ppm: Sequence[int]) -> ChiSquare:
    """Return Pearson's chi-square: the sum of (o − n·p)² / (n·p), with p in parts per million.

    With p = e / M that is the sum of (M·o − n·e)² / e, over n·M; the sum is brought to the
    product of all e.
    """
    total = sum(observed)
    product = 1
    for each in expected_ppm:
        product *= each
    numerator = sum(
        (PPM * found - total * each) ** 2 * (product // each)
        for found, each in zip(observed, expected_ppm, strict=True)
    )
    return ChiSquare(numerator, total * PPM * product)


def _judge(year: OrderYear, thresholds: Thresholds) -> Iterator[Flagged]:
    if len(year.orders) <= thresholds["count"]:
        return
    for what, orders in (
        ("first digits", _first_digits(year.orders)),
        ("round sums", _round_sums(year.orders)),
        ("December rush", _rush(year.orders)),
    ):
        if orders:
            yield Flagged(
                f"party/{year.buyer}",
                tuple(order.position for order in orders),
                {
                    "test_word": what,
                    "year": year.year,
                    "orders": len(orders),
                    "all": len(year.orders),
                    "sum_fen": sum(order.amount_fen for order in orders),
                },
                party=year.buyer,
            )


def _first_digits(orders: Sequence[Order]) -> list[Order]:
    """Return the orders whose first digit is most in excess, if the digits follow no Benford."""
    by_digit: list[list[Order]] = [[] for _ in BENFORD_PPM]
    for order in orders:
        if order.amount_fen:
            by_digit[int(str(order.amount_fen)[0]) - 1].append(order)
    counts = [len(found) for found in by_digit]
    if not sum(counts) or not chi_square(counts, BENFORD_PPM).exceeds(CRITICAL_THOUSANDTHS):
        return []
    total = sum(counts)
    excess = [PPM * n - total * e for n, e in zip(counts, BENFORD_PPM, strict=True)]
    return by_digit[excess.index(max(excess))]


def _round_sums(orders: Sequence[Order]) -> list[Order]:
    found = [each for each in orders if each.amount_fen and each.amount_fen % ROUND_FEN == 0]
    return found if len(found) * PPM > ROUND_PPM * len(orders) else []


def _rush(orders: Sequence[Order]) -> list[Order]:
    found = [order for order in orders if order.day[-len(RUSH_FROM) :] >= RUSH_FROM]
    late_fen = sum(order.amount_fen for order in found)
    all_fen = sum(order.amount_fen for order in orders)
    return found if late_fen * YEAR_DAYS > RUSH_TIMES * RUSH_DAYS * all_fen else []


F41 = Rule(
    "f41",
    "first digits, round sums or a December rush",
    "Of {all} orders of {year}, {orders} over {sum_fen} stand out: {test_word}.",
    "Nigrini, Benford's Law (2012); NIST/SEMATECH e-Handbook 1.3.6.7.4; Liebman and Mahoney, "
    "American Economic Review 107 (2017)",
    YEARS,
    _judge,
    ("first digits", "round sums", "December rush"),
)

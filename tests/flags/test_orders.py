"""F41: what each of its three tests finds among a thousand orders, and what it leaves alone."""

from collections.abc import Callable, Iterator

import pytest

from projections.flags.orders import Order, OrderYear
from projections.flags.rules.f41 import BENFORD_PPM, F41

COUNT = 1_000
Change = Callable[[int, Order], Order]


def natural() -> Iterator[Order]:
    """Yield orders whose first digits follow Benford's law, of one sum a day all year."""
    digits = [
        digit for digit, ppm in enumerate(BENFORD_PPM, 1) for _ in range(ppm * COUNT // 1_000_000)
    ]
    for number, digit in enumerate(digits):
        month, day = number % 11 + 1, number % 28 + 1
        yield Order(number, digit * 10_000 + number % 9_999 + 1, f"2025-{month:02}-{day:02}")


@pytest.mark.parametrize(
    ("told", "change"),
    [
        ([], lambda _n, order: order),
        (["first digits"], lambda n, order: order._replace(amount_fen=70_001) if n % 3 else order),
        (["round sums"], lambda n, order: order._replace(amount_fen=_rounded(n, order))),
        (["December rush"], lambda n, order: order._replace(day=order.day if n % 8 else LATE)),
    ],
)
def test_each_test_finds_its_own(told: list[str], change: Change) -> None:
    """Natural orders are no case; digits, round sums and late orders each are one."""
    orders = tuple(change(number, order) for number, order in enumerate(natural()))
    cases = list(F41.judge(OrderYear("PUR/2025", "PUR", "2025", orders), {"count": 300}))
    assert [case.facts["test_word"] for case in cases] == told


LATE = "2025-12-18"


def _rounded(number: int, order: Order) -> int:
    """Return every ninth sum with its first digit kept and all others zero."""
    digit = int(str(order.amount_fen)[0])
    return order.amount_fen if number % 9 else digit * 100_000

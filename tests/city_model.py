"""A contract as plain integers: what each act must do, told from the design's words alone.

The model shares no code with the postings that it is compared with (tests/law/test_machine.py).
"""

import datetime as dt
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from hypothesis import strategies as st

STAGES = (
    "committed",
    "prepaid",
    "advance_ordered",
    "accrued",
    "retained",
    "ordered",
    "paid",
)
CAPS = {"b-1": 10**9, "b-low": 7_777, "b-none": 0}
AMOUNTS = st.integers(1, 60_000)
PICK = st.integers(0, 11)
SHARE = st.integers(0, 4)  # quarters
CUT = st.sampled_from([0, 1, 700, 3_000])
PAID = st.sampled_from([True, True, False])
DAYS = st.dates(dt.date(2026, 2, 1), dt.date(2026, 3, 31))
Made: TypeAlias = list[tuple[dt.date, str, int]]
VISITS = st.lists(
    st.tuples(DAYS, st.sampled_from(sorted(CAPS)), st.integers(1, 9)), min_size=1, max_size=4
)


def shared(amount: int, weights: list[int]) -> list[int]:
    """Split an amount by weights, exactly, the largest fractions rounded up, earlier ones first."""
    exact = [Fraction(amount * weight, sum(weights) or 1) for weight in weights]
    parts = [part.numerator // part.denominator for part in exact]
    rest = amount - sum(parts)
    for place in sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])[:rest]:
        parts[place] += 1
    return parts


def rounded(millionths: int) -> int:
    """Return a number of millionths as a whole number, halves upwards."""
    return (2 * millionths + 1_000_000) // 2_000_000


class Terms(NamedTuple):
    """What a random contract is like: weights by line, worth, how it pays, how badly it fits."""

    weights: dict[str, int]
    value: int
    less: int
    skew: int
    rate: int
    retention: int
    advance: int
    recovery: int


PARTS = st.dictionaries(st.sampled_from("abc"), AMOUNTS, min_size=1)
TERMS = st.builds(
    Terms,
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1),
    st.integers(1_000, 90_000),
    st.integers(0, 500),
    st.sampled_from([0, 0, 0, 0, 1]),
    st.integers(1, 900),
    st.sampled_from([0, 0, 33_333, 50_000]),
    st.sampled_from([0, 200_000, 299_999]),
    st.sampled_from([0, 1, 200_000, 1_000_000]),
)


class Contract:
    """What the model knows of a contract: fen by stage and line, and what is open."""

    def __init__(self, shares: dict[str, int], value: int, terms: Terms) -> None:
        """Commit a value over lines in shares (parts per million)."""
        self.shares, self.value, self.original, self.rate = shares, value, value, terms.rate
        self.terms, self.supplements, self.promised, self.advanced = terms, 0, 0, 0
        self.held = {stage: dict.fromkeys(shares, 0) for stage in STAGES}
        self.held["committed"] = dict(zip(shares, shared(value, [*shares.values()]), strict=True))
        self.unclaimed: list[tuple[str, str, int]] = []  # (day, person, units), position order
        self.status, self.released = "active", 0

    @property
    def closed(self) -> bool:
        """Whether both sides have settled for good."""
        return self.status == "closed"

    def total(self, stage: str) -> int:
        """Return what stands in a stage, over all lines."""
        return sum(self.held[stage].values())

    def move(self, source: str, target: str, amount: int) -> dict[str, int]:
        """Move an amount a stage on, in proportion to what the source holds on each line."""
        parts = self.take(source, amount)
        for line, part in parts.items():
            self.held[target][line] += part
        return parts

    def take(self, source: str, amount: int) -> dict[str, int]:
        """Take an amount out of a stage; return it by line."""
        shares = shared(amount, [*self.held[source].values()])
        parts = dict(zip(self.shares, shares, strict=True))
        for line, part in parts.items():
            self.held[source][line] -= part
        return parts

    @property
    def free(self) -> int:
        """What is neither delivered nor promised: committed and prepaid, less what is open."""
        return self.total("committed") + self.total("prepaid") - self.promised

    def accept(self, amount: int) -> int:
        """Accept a sum: recover the advance, hold back a part, return what is to be paid."""
        recovered = rounded(self.terms.recovery * amount)
        recovered = max(recovered, amount - self.total("committed"))
        recovered = min(recovered, amount, self.total("prepaid"))
        held_back = min(rounded(self.terms.retention * amount), amount - recovered)
        self.move("committed", "accrued", amount - recovered)
        self.move("prepaid", "paid", recovered)
        self.move("accrued", "retained", held_back)
        return amount - recovered - held_back


def in_both_books(granted: int, held: dict[str, int], revenue: int) -> dict[str, int]:
    """Return what a line's contracts hold by stage, and what the other book says to it.

    `revenue` was set off as penalties: it counts as paid, and the cash is there until remitted.
    """
    undelivered = held["committed"] + held["prepaid"] + held["advance_ordered"]
    return {
        **held,
        "payable": held["accrued"],
        "retention_payable": held["retained"],
        "in_transit": held["ordered"] + held["advance_ordered"],
        "advances": held["prepaid"] + held["advance_ordered"],
        "cash": granted - held["paid"] - held["prepaid"] + revenue,
        "penalty_revenue": revenue,
        "equity": granted,
        "service_expense": sum(held.values()) - undelivered,
    }


class Month(NamedTuple):
    """What happens to a month's visits on their way to the bank."""

    made: Made
    cut: int
    dispute: int
    share: int
    agreed: bool
    paid: bool


MONTHS = st.builds(Month, VISITS, CUT, CUT, SHARE, st.booleans(), PAID)

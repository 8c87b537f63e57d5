"""Figures that are no sum: means, shares and medians, and what counts days by the law.

    made = Made(1, "days", "late_days", (Ground("claim/k-1", "since", None, "2026-04-30", row), …))

Each says by which rule it follows from what: from other figures, each of which is traced further,
or from what an event states, or from the day on which it was recorded.
"""

from typing import Literal, NamedTuple

from ledger.store.rows import EventRow

Rule = Literal[
    "share",
    "mean",
    "median",
    "days",
    "late_days",
    "is_late",
    "took",
    "days_late",
    "overdue",
    "as_ordered",
    "as_of_now",
    "planned",
    "left",
]
"""How a figure follows from what it is made of:

- `share`: the first divided by the second, in parts per million, rounded down;
- `mean`: the first divided by the second, rounded down;
- `median`: the lower one in the middle of those listed;
- `days`: from the day the time to pay started to the value date (C13);
- `late_days`: from the last day to pay to the value date, where that is later;
- `is_late`: one where there are such days;
- `took`: one where it took as many days;
- `days_late`: from the last day to pay to the value date, or to the day asked about;
- `overdue`: what is payable by that day, where the last day to pay is over and nothing paid it;
- `as_ordered`, `as_of_now`: what a sum brings to a payment, by its order or before it;
- `planned`: the largest number of each contract's care plans that count in the month;
- `left`: the first less the second.
"""


class Ground(NamedTuple):
    """Something that a figure is made of.

    Attributes:
        key: the subject.
        name: which of its figures; or what the event says, or which of its days counts.
        value: how much; None where it is a day.
        day: local date; None where it is a number.
        row: the event that states it, or whose recording is the day; None of another figure.

    """

    key: str
    name: str
    value: int | None = None
    day: str | None = None
    row: EventRow | None = None


class Made(NamedTuple):
    """A figure that is no sum.

    Attributes:
        value: how much.
        rule: how it follows.
        of: from what.

    """

    value: int
    rule: Rule
    of: tuple[Ground, ...]

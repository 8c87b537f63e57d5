"""What a sum adds to what is overdue, day by day: the law's time to pay runs over (C13, C16).

A total of what is overdue depends on the day it is asked for, also where nothing happens. So the
read model keeps changes: on which day how much becomes overdue, and on which it is overdue no
more. What is overdue at the end of a day is the sum of the changes up to it, for a day gone by, for
today and, as far as nothing is paid until then, for one to come.

    10,000.00 due on 30 April, of which 100.00 are set off on 12 May, paid on 20 May:

    2026-05-01   +10,000.00   +1 sum
    2026-05-12      −100.00
    2026-05-20    −9,900.00   −1 sum
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.times import format_date, parse_date
from projections.payments.tables import ClaimRow, StepRow


class Change(NamedTuple):
    """How much more is overdue from a day on: fen of principal, sums, fen of interest booked."""

    fen: int = 0
    sums: int = 0
    interest_fen: int = 0

    def plus(self, other: "Change", sign: int = 1) -> "Change":
        """Return both changes together, or with the sign −1 this one without the other."""
        return Change(
            self.fen + sign * other.fen,
            self.sums + sign * other.sums,
            self.interest_fen + sign * other.interest_fen,
        )


NONE = Change()


def late_from(due_on: str, owed_on: str) -> str:
    """Return the first day on which a sum is overdue: what is awarded later is so at once."""
    return max(format_date(parse_date(due_on) + 1), owed_on)


def changes_by_day(row: ClaimRow, steps: Sequence[StepRow]) -> dict[str, Change]:
    """Return what a sum adds to what is overdue, by the day from which it does."""
    begins, ends = row.late_from, row.cleared_on
    if begins is None or (ends is not None and ends <= begins):
        return {}
    changes = {begins: Change(sums=1)}
    for step in steps:
        day = max(step.day, begins)
        interest_fen = step.amount_fen if step.kind == "interest" else 0
        if (step.change_fen or interest_fen) and (ends is None or day < ends):
            change = Change(step.change_fen, 0, interest_fen)
            changes[day] = changes.get(day, NONE).plus(change)
    if ends is not None:
        gone = NONE
        for change in changes.values():
            gone = gone.plus(change)
        changes[ends] = changes.get(ends, NONE).plus(gone, -1)
    return changes

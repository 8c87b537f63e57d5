"""Visits to two people that overlap by six minutes, the first from the day before, and by five."""

from flags.visiting import YESTERDAY, day, visit

FLAGGED = day(
    visit(8, 0, 30, beneficiary="p-2"),
    before=(visit(7, 23 * 60 + 30, 36, day=YESTERDAY),),
)
CLEAR = day(visit(7, 540, 35), visit(8, 570, 30, beneficiary="p-2"))

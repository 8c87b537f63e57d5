"""A visit on the day on which the person is gone, and on the day before."""

from flags.visiting import day, entitled, visit

FLAGGED = day(visit(7, 540, 30), person=entitled("p-1", exited_on="2026-03-02"))
CLEAR = day(visit(7, 540, 30), person=entitled("p-1", exited_on="2026-03-03"))

"""Two workers at once for six minutes where the plan has one, and where it has two."""

from flags.visiting import day, visit

FLAGGED = day(visit(7, 540, 36), visit(8, 570, 30, worker="w-2"))
CLEAR = day(visit(7, 540, 36), visit(8, 570, 30, worker="w-2"), at_once=2)

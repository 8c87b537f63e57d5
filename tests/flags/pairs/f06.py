"""One device for two workers, and one each."""

from flags.visiting import day, visit

FLAGGED = day(visit(7, 540, 30), visit(8, 600, 30, worker="w-2"))
CLEAR = day(visit(7, 540, 30), visit(8, 600, 30, worker="w-2", device="d-2"))

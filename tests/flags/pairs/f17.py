"""One beginning recorded twice, and the second denied."""

from flags.visiting import day, visit

FLAGGED = day(visit(7, 540, 30), visit(80, 540, 30))
CLEAR = day(visit(7, 540, 30), visit(80, 540, 30), denied=80)

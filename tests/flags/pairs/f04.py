"""From Changsha to Beijing in an hour, and to the cell beside in a minute."""

from flags.visiting import FAR_CELL, NEXT_CELL, day, visit

FLAGGED = day(visit(7, 540, 30), visit(8, 630, 30, cell=FAR_CELL))
CLEAR = day(visit(7, 540, 30), visit(8, 571, 30, cell=NEXT_CELL))

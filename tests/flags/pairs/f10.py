"""Eleven units where ten are agreed, and ten."""

from flags.visiting import persons_month, visit

FLAGGED = persons_month("p-1", visit(1, 540, 30, units=6), visit(2, 600, 30, units=5))
CLEAR = persons_month("p-1", visit(1, 540, 30, units=6), visit(2, 600, 30, units=4))

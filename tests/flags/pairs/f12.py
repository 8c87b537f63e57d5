"""Twenty-three minutes of thirty, and twenty-four."""

from flags.visiting import day, visit

FLAGGED = day(visit(7, 540, 23))
CLEAR = day(visit(7, 540, 24))

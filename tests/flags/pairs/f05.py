"""Nine short visits, and eight that come to ten hours."""

from flags.visiting import day, visit

FLAGGED = day(*(visit(n, n * 60, 10) for n in range(9)))
CLEAR = day(*(visit(n, n * 80, 75) for n in range(8)))

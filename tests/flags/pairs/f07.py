"""Two of ten visits 301 metres away or without a place, and one of ten."""

from flags.visiting import visit, workers_month

FLAGGED = workers_month(
    "w-1",
    visit(1, 540, 30, distance_m=301),
    visit(2, 540, 30, cell=None, distance_m=None),
    *(visit(n, 540, 30) for n in range(3, 11)),
)
CLEAR = workers_month(
    "w-1",
    visit(1, 540, 30, distance_m=301),
    *(visit(n, 540, 30, distance_m=300) for n in range(2, 11)),
)

"""Forty-five of fifty visits of one length, and forty-four."""

from flags.visiting import visit, workers_month

FLAGGED = workers_month(
    "w-1",
    *(visit(n, n * 7, 30) for n in range(45)),
    *(visit(n, n * 7, n) for n in range(45, 50)),
)
CLEAR = workers_month(
    "w-1",
    *(visit(n, n * 7, 30) for n in range(44)),
    *(visit(n, n * 7, n) for n in range(44, 50)),
)

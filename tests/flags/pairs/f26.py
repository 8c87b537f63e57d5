"""Nineteen days to bid, and twenty."""

from flags.buying import purchase

FLAGGED = purchase(days=19)
CLEAR = purchase(days=20)

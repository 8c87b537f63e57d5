"""F43: a recovery with a live key that nobody called lost, and one with none."""

from projections.flags.keys import Recovery

CLEAR = Recovery("30", 30, "PRO", (), None)
FLAGGED = CLEAR._replace(live=(10,))

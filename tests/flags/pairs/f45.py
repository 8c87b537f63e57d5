"""F45: interest that a provider let go, and interest that the law gave."""

from projections.flags.acts import Interest

CLEAR = Interest("7", 7, "k-1", "c-1", "PRO", "accrued", 1_234)
FLAGGED = CLEAR._replace(kind="waived")

"""F47: a payment into another account, and one into the account that was ordered."""

from projections.flags.acts import Credit

CLEAR = Credit("7", 7, "p-1", "c-1", "PRO", "settled")
FLAGGED = CLEAR._replace(kind="diverted")

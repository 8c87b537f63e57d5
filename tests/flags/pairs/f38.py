"""F38: a revoked key that signed an act while in doubt, and one that signed none."""

from projections.flags.keys import Revocation

CLEAR = Revocation("30", 30, "PRO/one", "PRO", (), None)
FLAGGED = CLEAR._replace(acts=(20,), contract="c-1")

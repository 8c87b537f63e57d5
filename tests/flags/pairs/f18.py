"""A hundred confirmations two seconds apart, and three."""

from projections.flags.approvals import Approvals


def _key(seconds: int) -> Approvals:
    gaps = ((seconds, 60), (3_600, 39))
    return Approvals("STR/1/confirmation", "STR/1", "STR", "confirmation", 100, 7, 9, gaps)


FLAGGED = _key(2)
CLEAR = _key(3)

"""A winning bid a millisecond after the close, and one at it."""

from flags.buying import award, bid, purchase

_CLOSES_MS = purchase().closes_ms or 0

FLAGGED = purchase(bid("A", 900, received_ms=_CLOSES_MS + 1), awards=[award("A")])
CLEAR = purchase(bid("A", 900, received_ms=_CLOSES_MS), awards=[award("A")])

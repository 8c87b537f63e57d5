"""A contract published at the end of the limit, and a millisecond before it."""

from flags.buying import OPENS_MS, dealing, signed

FLAGGED = dealing(contract=signed(published_ms=OPENS_MS))
CLEAR = dealing(contract=signed(published_ms=OPENS_MS - 1))

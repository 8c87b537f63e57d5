"""F46: an act stated to be 30 days and a millisecond old, and one of just 30 days."""

from ledger.times import MS_PER_DAY
from projections.flags.times import StatedTime

_NOW_MS = 1_772_352_000_000

CLEAR = StatedTime("7", 7, "contract/c-1", "spotcheck.done", _NOW_MS - 30 * MS_PER_DAY, _NOW_MS)
FLAGGED = CLEAR._replace(at_ms=_NOW_MS - 30 * MS_PER_DAY - 1)

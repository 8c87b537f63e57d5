"""F40: payment asked for seven days after an account was changed, and a millisecond later."""

from ledger.times import MS_PER_DAY
from projections.flags.keys import Account, Request

_DECLARED_MS = 1_772_352_000_000

FLAGGED = Account(
    key="10",
    position=10,
    party="PRO",
    account="acc-2",
    declared_ms=_DECLARED_MS,
    is_first=False,
    first=Request(20, "p-1", "c-1", _DECLARED_MS + 7 * MS_PER_DAY),
    others=(),
)
CLEAR = FLAGGED._replace(first=Request(20, "p-1", "c-1", _DECLARED_MS + 7 * MS_PER_DAY + 1))

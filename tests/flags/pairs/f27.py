"""A next bid at 0.1 % where all others are at about 10 %, and one at 9 %."""

from flags.buying import contested, market

_OTHERS = [contested(number, 1_095 + number) for number in range(1, 9)]

FLAGGED = market(*_OTHERS, contested(9, 1_001))
CLEAR = market(*_OTHERS, contested(9, 1_090))

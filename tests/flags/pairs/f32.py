"""A next bid at 11 % where all others are at about 10 % and the fence at 10.93 %, and at 10.9 %."""

from flags.buying import contested, market

_OTHERS = [contested(number, 1_095 + number) for number in range(1, 9)]

FLAGGED = market(*_OTHERS, contested(9, 1_110))
CLEAR = market(*_OTHERS, contested(9, 1_109))

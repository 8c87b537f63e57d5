"""F44: a line that got a fen from elsewhere, and one that got it from the programme's other."""

from flags.programming import LINE, PROGRAMME

from projections.flags.programmes import Addition

_FROM_OTHER = Addition(25, "line-2", 1)
_GOT = LINE._replace(adjusted_fen=1, additions=(_FROM_OTHER,))
_GAVE = LINE._replace(line="line-2", position=21, adjusted_fen=-1)

FLAGGED = PROGRAMME._replace(lines=(_GOT,))
CLEAR = PROGRAMME._replace(lines=(_GOT, _GAVE))

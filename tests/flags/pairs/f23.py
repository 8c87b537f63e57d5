"""F23: half the target with 70 % and a fen paid, and with 70 %, beside what came later."""

from flags.programming import PROGRAMME, REPORT

_HALF = PROGRAMME._replace(reports=(REPORT._replace(actual=50),))

FLAGGED = _HALF._replace(paid_fen={"2026-01": 40_000, "2026-03": 30_001})
CLEAR = _HALF._replace(paid_fen={"2026-01": 40_000, "2026-03": 30_000, "2026-04": 9_000})

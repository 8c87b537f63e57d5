"""F22: a target reached with a fen less than a twentieth paid, and with a twentieth."""

from flags.programming import PROGRAMME

FLAGGED = PROGRAMME._replace(paid_fen={"2026-02": 4_000, "2026-05": 999, "2025-12": 70_000})
CLEAR = PROGRAMME._replace(paid_fen={"2026-02": 4_000, "2026-05": 1_000})

"""F39: a fen outstanding where a fen more than 80 % is delivered, and where just 80 % is."""

from projections.flags.advances import Advanced

CLEAR = Advanced(
    key="c-1",
    provider="PRO",
    value_fen=1_000_000,
    delivered_fen=800_000,
    outstanding_fen=1,
    settled=(10, 20),
    accepted_position=30,
)
FLAGGED = CLEAR._replace(delivered_fen=800_001)

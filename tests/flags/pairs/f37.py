"""F37: a score raised from 60 to 75.000001 of 100, and one raised to 75: exactly a fifth."""

from projections.flags.acts import Score

CLEAR = Score(
    key="s-1",
    contract="c-1",
    provider="PRO",
    proposed_position=10,
    proposed_ppm=600_000,
    final_position=20,
    final_ppm=750_000,
)
FLAGGED = CLEAR._replace(final_ppm=750_001)

"""Two purchases that reach the limit together, and two that stay a fen below it."""

from flags.buying import buying, market

FLAGGED = market(buyings=[buying(1, 120_000_000), buying(2, 80_000_000)])
CLEAR = market(buyings=[buying(1, 120_000_000), buying(2, 79_999_999)])

"""A provider with a fen more than sixty in a hundred of two contracts, and with exactly that."""

from flags.buying import deal, market

FLAGGED = market(deals=[deal(1, "PRO", 601), deal(2, "PR2", 399)])
CLEAR = market(deals=[deal(1, "PRO", 600), deal(2, "PR2", 400)])

"""Two losers at one price, and a fen apart."""

from flags.buying import award, bid, purchase

FLAGGED = purchase(bid("A", 900), bid("B", 950), bid("C", 950), awards=[award("A")])
CLEAR = purchase(bid("A", 900), bid("B", 950), bid("C", 951), awards=[award("A")])

"""The lowest bid put out and one left, and one put out that was not the lowest of three."""

from flags.buying import award, bid, purchase

FLAGGED = purchase(bid("A", 900), bid("B", 800, "disqualified"), awards=[award("A")])
CLEAR = purchase(bid("A", 900), bid("B", 950), bid("C", 990, "disqualified"), awards=[award("A")])

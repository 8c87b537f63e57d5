"""A single valid bid that was awarded, and three of them."""

from flags.buying import award, bid, purchase

FLAGGED = purchase(bid("A", 900), bid("B", 950, "disqualified"), awards=[award("A")])
CLEAR = purchase(bid("A", 900), bid("B", 950), bid("C", 990), awards=[award("A")])

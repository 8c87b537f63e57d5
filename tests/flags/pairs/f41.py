"""F41: 301 orders that all begin with one digit, and 300 of them: too few to say anything."""

from projections.flags.orders import Order, OrderYear

_ORDERS = tuple(Order(position, 500_000_01 + position, "2026-06-01") for position in range(301))

FLAGGED = OrderYear("PUR/2026", "PUR", "2026", _ORDERS)
CLEAR = FLAGGED._replace(orders=_ORDERS[:300])

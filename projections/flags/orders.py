"""The scope `year`: all orders to banks under a buyer's contracts in a calendar year.

The budget year is the calendar year (Budget Law 18). The key of a group is buyer and year.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from ledger.times import year_of
from projections.acts import ACTS
from projections.acts.tables import ORDER
from projections.contracts import CONTRACTS
from projections.flags.rule import Facts, Scope
from projections.flags.sides import sides_of
from projections.streaming import BATCH_ROWS


class Order(NamedTuple):
    """An order to a bank: where it stands, how much, and on which local day."""

    position: int
    amount_fen: int
    day: str


class OrderYear(NamedTuple):
    """A buyer's orders of a year, in the order in which they were recorded."""

    key: str
    buyer: str
    year: str
    orders: tuple[Order, ...]


def _changed(facts: Facts, since: int) -> list[str]:
    return sorted({key for key, _ in _orders(facts, since)})


def _orders(facts: Facts, since: int) -> Iterator[tuple[str, Order]]:
    """Yield the orders from a position on, each with the key of its group."""
    table = facts.sources.table(ACTS, ORDER)
    buyers = {contract: sides.buyer for contract, sides in sides_of(facts).items()}
    query = select(table).where(table.c.position >= since).order_by(table.c.position)
    options = {"yield_per": BATCH_ROWS}
    for row in facts.sources.connection.execute(query, execution_options=options):
        yield (
            f"{buyers[row.contract]}/{year_of(row.ordered_on)}",
            Order(row.position, row.amount_fen, row.ordered_on),
        )


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[OrderYear]:
    found: dict[str, list[Order]] = {}
    for key, order in _orders(facts, 0) if keys is None or keys else ():
        if keys is None or key in keys:
            found.setdefault(key, []).append(order)
    for key in sorted(found):
        buyer, _, year = key.rpartition("/")
        yield OrderYear(key, buyer, year, tuple(found[key]))


YEARS = Scope("year", (ACTS, CONTRACTS), _changed, _groups)

"""Who buys under a contract, and who serves: for the scopes that begin with a contract's id."""

from typing import NamedTuple

from sqlalchemy import select

from projections.contracts import CONTRACTS
from projections.contracts.tables import CONTRACT, NATIVE, SUPPLIER
from projections.flags.rule import Facts


class Sides(NamedTuple):
    """The two parties of a contract of this ledger."""

    buyer: str
    provider: str


def sides_of(facts: Facts) -> dict[str, Sides]:
    """Return the parties of all contracts of this ledger, by contract."""
    contract = facts.sources.table(CONTRACTS, CONTRACT)
    supplier = facts.sources.table(CONTRACTS, SUPPLIER)
    query = (
        select(contract.c.contract, contract.c.buyer, supplier.c.party)
        .join(supplier, supplier.c.contract == contract.c.contract)
        .where(contract.c.origin == NATIVE, supplier.c.ordinal == 0)
    )
    rows = facts.sources.connection.execute(query)
    return {row.contract: Sides(row.buyer, row.party) for row in rows}

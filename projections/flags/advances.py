"""The scope `advance`: contracts under which an advance was paid.

The key of a group is the contract. What came back of an advance is told by the journal: what is
still prepaid on the contract's lines.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from projections.acts import ACTS
from projections.acts.tables import ACCEPTED, ADVANCE
from projections.contracts import CONTRACTS
from projections.contracts.tables import BALANCE, CONTRACT
from projections.flags.acts import selected
from projections.flags.rule import Facts, Scope
from projections.flags.sides import sides_of


class Advanced(NamedTuple):
    """A contract with what was advanced under it.

    Attributes:
        key: the contract.
        provider: the party that serves.
        value_fen: what it is worth, as amended.
        delivered_fen: accepted in all.
        outstanding_fen: paid in advance and neither recovered nor paid back.
        settled: positions of the advances paid, in order.
        accepted_position: of the last acceptance; None before the first.

    """

    key: str
    provider: str
    value_fen: int
    delivered_fen: int
    outstanding_fen: int
    settled: tuple[int, ...]
    accepted_position: int | None


def _changed(facts: Facts, since: int) -> list[str]:
    """Return the contracts with an advance about which anything happened since."""
    contract = facts.sources.table(CONTRACTS, CONTRACT)
    advanced = select(facts.sources.table(ACTS, ADVANCE).c.contract)
    query = (
        select(contract.c.contract)
        .where(contract.c.last_position >= since, contract.c.contract.in_(advanced))
        .order_by(contract.c.contract)
    )
    return list(facts.sources.connection.scalars(query))


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Advanced]:
    connection = facts.sources.connection
    advance = facts.sources.table(ACTS, ADVANCE)
    settled: dict[str, list[int]] = {}
    for row in connection.execute(select(advance).order_by(advance.c.settled_position)):
        settled.setdefault(row.contract, []).append(row.settled_position)
    accepted = facts.sources.table(ACTS, ACCEPTED)
    last = {row.contract: row.last_position for row in connection.execute(select(accepted))}
    prepaid = _prepaid(facts)
    sides = sides_of(facts)
    contract = facts.sources.table(CONTRACTS, CONTRACT)
    query = select(contract).order_by(contract.c.contract)
    for row in selected(facts, query, contract.c.contract, sorted(settled)):
        if keys is None or row.contract in keys:
            yield Advanced(
                key=row.contract,
                provider=sides[row.contract].provider,
                value_fen=row.value_minor,
                delivered_fen=row.accrued_minor,
                outstanding_fen=prepaid.get(row.contract, 0),
                settled=tuple(settled[row.contract]),
                accepted_position=last.get(row.contract),
            )


def _prepaid(facts: Facts) -> dict[str, int]:
    """Return what is prepaid, by contract."""
    balance = facts.sources.table(CONTRACTS, BALANCE)
    query = (
        select(balance.c.contract, func.sum(balance.c.balance_fen))
        .where(balance.c.account == "prepaid")
        .group_by(balance.c.contract)
    )
    return {contract: int(fen) for contract, fen in facts.sources.connection.execute(query)}


ADVANCES = Scope("advance", (ACTS, CONTRACTS), _changed, _groups)

"""The scope `market`: all purchases that can be compared with each other.

This ledger's are one market. What others published is one for each publisher (for the first by
name of several): prices, habits and what a bid's status means are one country's or city's own.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from ledger.money import split
from projections.flags.lots import (
    SOURCES,
    LotFile,
    catalogued,
    changed_contracts,
    changed_tenders,
    read_lots,
)
from projections.flags.processes import changed_processes, read_processes
from projections.flags.procurement import NATIVE, Purchase
from projections.flags.rule import Facts, Scope
from projections.processes import PROCESSES

_KEY_CHARS = 200
"""A publisher's name longer than this is known by its hash: a group's key goes into an index."""

_NOTHING_BOUGHT = frozenset(["failed", "cancelled"])


class Buying(NamedTuple):
    """What one tender buys from one fund line in one category of services.

    A lot counts with what it came to: its contract's value, before that its award's, before that
    what was set aside for it; a line with its share of what was set aside.

    Attributes:
        tender: the tender.
        buyer: whose it is.
        line: the fund line.
        category: the category.
        year: of its publication, local.
        method: how suppliers are found, as the tender names it.
        amount_fen: what it came to, the line's share of it.
        whole_fen: what it came to in the category, over all lines.
        evidence: position of its publication.

    """

    tender: str
    buyer: str
    line: str
    category: str
    year: str
    method: str
    amount_fen: int
    whole_fen: int
    evidence: tuple[int, ...]


class Deal(NamedTuple):
    """A contract, as far as it makes up a market.

    Attributes:
        contract: the contract.
        provider: who serves.
        area: where.
        category: of its service.
        value_fen: as signed, with what amendments changed.
        evidence: position of its signing.

    """

    contract: str
    provider: str
    area: str
    category: str
    value_fen: int
    evidence: tuple[int, ...]


class Market(NamedTuple):
    """A market.

    Attributes:
        key: `native`, or `reported/<publisher>`.
        purchases: its purchases.
        buyings: what they set aside by line and category; of this ledger's own only.
        deals: the contracts that came of them; likewise.

    """

    key: str
    purchases: list[Purchase]
    buyings: list[Buying]
    deals: list[Deal]


def _changed(facts: Facts, since: int) -> Sequence[str] | None:
    changed = (
        changed_tenders(facts, since)
        or changed_contracts(facts, since)
        or changed_processes(facts, since)
        or catalogued(facts, since)
    )
    # A process may have left one publisher's market for another's: judge them all.
    return None if changed else []


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Market]:
    if keys is not None and not keys:
        return
    yield _native(read_lots(facts))
    published: defaultdict[str, list[Purchase]] = defaultdict(list)
    for process in read_processes(facts):
        purchase = process.purchase()
        if purchase.bids or purchase.awards:
            published[process.publishers[0]].append(purchase)
    for publisher, purchases in sorted(published.items()):
        name = sha256(publisher.encode()).hexdigest() if len(publisher) > _KEY_CHARS else publisher
        yield Market(f"reported/{name}", purchases, [], [])


def _native(lots: Iterator[LotFile]) -> Market:
    market = Market(NATIVE, [], [], [])
    amounts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    wholes: defaultdict[tuple[str, str], int] = defaultdict(int)
    tenders = {}
    for lot in lots:
        market.purchases.append(lot.purchase())
        if lot.contract is not None:
            market.deals.append(_deal(lot))
        if lot.lot.status in _NOTHING_BOUGHT:
            continue
        tenders[lot.tender.tender] = lot.tender
        wholes[lot.tender.tender, lot.category] += lot.value_fen
        shares = [max(line.amount_fen, 0) for line in lot.lines]
        for line, part_fen in zip(lot.lines, split(lot.value_fen, shares), strict=True):
            amounts[lot.tender.tender, line.line, lot.category] += part_fen
    for (key, fund_line, category), amount_fen in sorted(amounts.items()):
        tender = tenders[key]
        market.buyings.append(
            Buying(
                tender=key,
                buyer=tender.buyer or "",
                line=fund_line,
                category=category,
                year=(tender.published_on or "")[:4],
                method=tender.method,
                amount_fen=amount_fen,
                whole_fen=wholes[key, category],
                evidence=(tender.first_position,),
            )
        )
    return market


def _deal(lot: LotFile) -> Deal:
    contract = lot.contract
    if contract is None:
        raise TypeError("a lot without contract is no deal")
    return Deal(
        contract=contract.contract,
        provider=contract.provider,
        area=contract.area or "",
        category=lot.category,
        value_fen=contract.value_fen + contract.supplements_fen - contract.reduced_fen,
        evidence=(contract.first_position,),
    )


MARKETS = Scope("market", (*SOURCES, PROCESSES), _changed, _groups)

"""Reading this ledger's lots for the rules: each with its tender, bids, awards and contract."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select

from projections.chunks import chunks
from projections.flags.procurement import NATIVE, Award, Bid, Purchase
from projections.flags.rule import Facts
from projections.rulebook import RULEBOOK, SERVICE
from projections.shape import Shape
from projections.tenders import TENDERS
from projections.tenders.tables import (
    AWARD,
    BID,
    CONTRACT,
    LOT,
    LOT_LINE,
    TENDER,
    AwardRow,
    BidRow,
    ContractRow,
    LotLineRow,
    LotRow,
    TenderRow,
)

R = TypeVar("R", bound=tuple[Any, ...])

SOURCES = (TENDERS, RULEBOOK)
"""The read models that lots are read from."""

_METHODS = {"open": "open", "invited": "selective", "single_source": "direct"}
_BIDS = {
    "sealed": "pending",
    "revealed": "valid",
    "withdrawn": "withdrawn",
    "forfeited": "withdrawn",
    "disqualified": "disqualified",
}
_AWARDS = {"standing": "active", "cancelled": "cancelled"}
_JUDGED = frozenset(["awarded", "contracted", "failed"])


class LotFile(NamedTuple):
    """A lot with all that hangs on it.

    Attributes:
        tender: its tender.
        lot: the lot.
        category: category of its service, as catalogued; else the service.
        lines: what fund lines set aside for it.
        bids: the bids for it.
        awards: its awards, those cancelled included.
        contract: the contract that came of it, or None.

    """

    tender: TenderRow
    lot: LotRow
    category: str
    lines: list[LotLineRow]
    bids: list[BidRow]
    awards: list[AwardRow]
    contract: ContractRow | None

    @property
    def key(self) -> str:
        """What it is known by, `t-1/lot-1`."""
        return f"{self.tender.tender}/{self.lot.lot}"

    @property
    def value_fen(self) -> int:
        """What it came to: the value of its contract, else of its award, else as tendered."""
        if self.contract is not None:
            return self.contract.value_fen
        standing = [award.value_fen for award in self.awards if award.status == "standing"]
        return standing[0] if standing else self.lot.value_fen

    def purchase(self) -> Purchase:
        """Return it as the procurement rules see it."""
        tender, lot = self.tender, self.lot
        ends = (lot.failed_position, tender.ended_position)
        return Purchase(
            key=self.key,
            subject=f"tender/{tender.tender}",
            origin=NATIVE,
            method=_METHODS.get(tender.method, "limited"),
            details=tender.method,
            cancelled=lot.status == "cancelled",
            failed=lot.status == "failed",
            judged=lot.status in _JUDGED,
            buyer=tender.buyer or "",
            tenderers=None,
            opens_ms=tender.opens_ms,
            closes_ms=tender.closes_ms,
            bids=tuple(_bid(row, tender.currency) for row in self.bids),
            awards=tuple(self._award(row) for row in self.awards),
            evidence=(tender.first_position, *{end for end in ends if end is not None}),
        )

    def _award(self, row: AwardRow) -> Award:
        return Award(_AWARDS[row.status], (row.winner,), (self.category,), (row.first_position,))


def _bid(row: BidRow, currency: str) -> Bid:
    shown = row.first_position if row.revealed_position is None else row.revealed_position
    out = () if row.disqualified_position is None else (row.disqualified_position,)
    return Bid(
        status=_BIDS[row.status],
        tenderers=(row.bidder,),
        amount_minor=row.value_fen,
        currency=currency,
        received_ms=row.sealed_ms,
        evidence=(shown, *out),
    )


def changed_tenders(facts: Facts, since: int) -> list[str]:
    """Return this ledger's tenders about which something was recorded since a position."""
    table = facts.sources.table(TENDERS, TENDER)
    query = select(table.c.tender).where(table.c.last_position >= since, table.c.origin == NATIVE)
    return list(facts.sources.connection.scalars(query))


def changed_contracts(facts: Facts, since: int) -> list[str]:
    """Return the contracts that were signed, amended or published since a position."""
    table = facts.sources.table(TENDERS, CONTRACT)
    query = select(table.c.contract).where(table.c.last_position >= since)
    return list(facts.sources.connection.scalars(query))


def catalogued(facts: Facts, since: int) -> bool:
    """Return whether a service was catalogued since a position."""
    table = facts.sources.table(RULEBOOK, SERVICE)
    query = select(table.c.code).where(table.c.position >= since).limit(1)
    return facts.sources.connection.scalar(query) is not None


def read_lots(facts: Facts, tenders: Collection[str] | None = None) -> Iterator[LotFile]:
    """Yield the lots of tenders, of all for None, in order of their keys."""
    service = facts.sources.table(RULEBOOK, SERVICE)
    categories = {
        row.code: row.category for row in facts.sources.connection.execute(select(service))
    }
    asked = sorted(_all(facts) if tenders is None else tenders)
    for chunk in chunks(asked):
        yield from _read(facts, chunk, categories)


def _all(facts: Facts) -> list[str]:
    return changed_tenders(facts, 0)


def _read(facts: Facts, tenders: Sequence[str], categories: dict[str, str]) -> Iterator[LotFile]:
    by_tender = {row.tender: row for row in _rows(facts, TENDER, tenders)}
    lines = _by_lot(_rows(facts, LOT_LINE, tenders))
    bids = _by_lot(_rows(facts, BID, tenders))
    awards = _by_lot(_rows(facts, AWARD, tenders))
    contracts = _by_lot(_rows(facts, CONTRACT, tenders))
    lots = sorted(_rows(facts, LOT, tenders), key=lambda lot: (lot.tender, lot.lot))
    for lot in lots:
        key = (lot.tender, lot.lot)
        signed = contracts[key]
        yield LotFile(
            tender=by_tender[lot.tender],
            lot=lot,
            category=categories.get(lot.service, lot.service),
            lines=sorted(lines[key], key=lambda row: row.line),
            bids=sorted(bids[key], key=lambda row: row.first_position),
            awards=sorted(awards[key], key=lambda row: row.first_position),
            contract=max(signed, key=lambda row: row.first_position, default=None),
        )


def _rows(facts: Facts, shape: Shape[R], tenders: Sequence[str]) -> list[R]:
    table = facts.sources.table(TENDERS, shape)
    query = select(table).where(table.c.tender.in_(tenders))
    found = facts.sources.connection.execute(query)
    return [tuple.__new__(shape.row, row) for row in found]


def _by_lot(rows: Collection[Any]) -> defaultdict[tuple[str, str], list[Any]]:
    found: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.tender, row.lot].append(row)
    return found

"""What tenders and contracts do to their programmes: counts, scores, and money by stage.

A contract serves the programme of its award's tender. Money that is set aside for a lot is the
tender's, all other the contract's.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET

from ledger.events.award import AwardCancelled, AwardDecided
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
)
from ledger.events.score import ScoreFinalised
from ledger.events.tender import TenderCancelled, TenderFailed, TenderPublished
from projections.balances import stages_of
from projections.feed import Batch, Fact, Flow
from projections.programmes.tables import (
    AWARD,
    CONTRACT,
    LOT,
    PART,
    SHARE,
    TENDER,
    AwardRow,
    ContractRow,
    LotRow,
    PartRow,
    ShareRow,
    TenderRow,
)
from projections.sheet import Sheet

CONTRACT_KIND = "contract/"
STAGE_FIGURES = ("reserved_fen", "committed_fen", "accrued_fen", "paid_fen")
STATUS: dict[type[Any], str] = {
    ContractSuspended: "suspended",
    ContractResumed: "active",
    ContractTerminated: "terminated",
    ContractClosed: "closed",
}
TENDER_EVENTS: tuple[type[Any], ...] = (
    TenderPublished,
    TenderFailed,
    TenderCancelled,
    AwardDecided,
    AwardCancelled,
)
CONTRACT_EVENTS: tuple[type[Any], ...] = (ContractSigned, ContractAmended, ScoreFinalised, *STATUS)

Add = Callable[..., None]
"""Adds to figures of a programme: its id, and by how much each changes."""


class Contracts:
    """The tenders and contracts that a batch is about."""

    def __init__(self, batch: Batch, sheet: Sheet, add: Add) -> None:
        """Load them; `add` adds to a programme's figures."""
        self._sheet = sheet
        self._add = add
        self._flows = batch.flows
        events: list[Any] = [fact.event for fact in batch.facts]
        about = {flow.contract for flow in batch.flows if flow.contract is not None}
        keys = {f.subject.removeprefix(CONTRACT_KIND) for f in batch.facts if _is_contracts(f)}
        self._contracts: dict[str, ContractRow] = {
            row.contract: row for row in sheet.load(CONTRACT, "contract", keys | about)
        }
        named = {e.award for e in events if isinstance(e, ContractSigned | AwardCancelled)}
        self._awards: dict[str, AwardRow] = {
            row.award: row for row in sheet.load(AWARD, "award", named)
        }
        tenders = {row.tender for row in self._awards.values()}
        tenders |= {_tender_of(each) for each in about}
        tenders |= {event.tender for event in events if hasattr(event, "tender")}
        self._tenders: dict[str, TenderRow] = {
            row.tender: row for row in sheet.load(TENDER, "tender", tenders)
        }
        self._lots: dict[str, LotRow] = {row.lot: row for row in sheet.load(LOT, "tender", tenders)}

    def see(self, fact: Fact) -> None:
        """Fold one event of a tender or contract."""
        event: Any = fact.event
        if isinstance(event, TENDER_EVENTS):
            self._see_tender(event)
        elif isinstance(event, ContractSigned):
            self._sign(event)
        elif isinstance(event, CONTRACT_EVENTS):
            self._see_contract(fact.subject.removeprefix(CONTRACT_KIND), event)

    def programme_of(self, contract: str) -> str:
        """Return which programme a contract of the batch serves."""
        return self._contracts[contract].programme

    def put(self) -> dict[str, dict[str, int]]:
        """Put the rows down; return what each programme's money moved, by stage."""
        sheet = self._sheet
        sheet.put(TENDER, self._tenders.values())
        sheet.put(LOT, self._lots.values())
        sheet.put(AWARD, self._awards.values())
        sheet.put(CONTRACT, self._contracts.values())
        parts: dict[tuple[str, str], list[Flow]] = {}
        shares: dict[tuple[str, str], list[Flow]] = {}
        programmes: dict[str, list[Flow]] = {}
        for flow in self._flows:
            programme = self._serves(flow.contract)
            if programme is None:
                continue
            shares.setdefault((programme, flow.line), []).append(flow)
            programmes.setdefault(programme, []).append(flow)
            if flow.contract in self._contracts:
                parts.setdefault((flow.line, flow.contract), []).append(flow)
        sheet.add(
            SHARE, [ShareRow(*key, *_came(flows)) for key, flows in shares.items()], STAGE_FIGURES
        )
        sheet.add(
            PART,
            [PartRow(*key, *_came(flows)[1:]) for key, flows in parts.items()],
            STAGE_FIGURES[1:],
        )
        return {
            programme: dict(zip(STAGE_FIGURES, _came(flows), strict=True))
            for programme, flows in programmes.items()
        }

    # -- tenders ---------------------------------------------------------------------------------

    def _see_tender(self, event: Any) -> None:
        if isinstance(event, TenderPublished):
            self._tenders[event.tender] = TenderRow(event.tender, event.programme)
            for lot in event.lots:
                key = f"{event.tender}/{lot.lot}"
                self._lots[key] = LotRow(key, event.tender, "open")
            self._add(event.programme, tenders=1, open_tenders=1)
        elif isinstance(event, AwardDecided):
            key = f"{event.tender}/{event.lot}"
            self._awards[event.award] = AwardRow(event.award, event.tender, key)
            self._turn(event.tender, [key], "awarded")
        elif isinstance(event, AwardCancelled):
            award = self._awards[event.award]
            self._turn(award.tender, [award.lot], "open")
        elif isinstance(event, TenderFailed) and event.lots is not UNSET:
            self._turn(event.tender, [f"{event.tender}/{lot}" for lot in event.lots], "failed")
        else:
            status = "failed" if isinstance(event, TenderFailed) else "cancelled"
            waiting = [lot.lot for lot in self._of(event.tender) if lot.status == "open"]
            self._turn(event.tender, waiting, status)

    def _turn(self, tender: str, lots: Iterable[str], status: str) -> None:
        """Move lots to a status; a tender is open while one of its lots is."""
        before = any(lot.status == "open" for lot in self._of(tender))
        for lot in lots:
            self._lots[lot] = self._lots[lot]._replace(status=status)
        after = any(lot.status == "open" for lot in self._of(tender))
        self._add(self._tenders[tender].programme, open_tenders=after - before)

    def _of(self, tender: str) -> list[LotRow]:
        return [lot for lot in self._lots.values() if lot.tender == tender]

    # -- contracts -------------------------------------------------------------------------------

    def _sign(self, event: ContractSigned) -> None:
        programme = self._tenders[self._awards[event.award].tender].programme
        row = ContractRow(event.contract, programme, event.provider, "active")
        self._contracts[event.contract] = row
        self._add(programme, active=1, value_fen=event.value_fen)

    def _see_contract(self, contract: str, event: Any) -> None:
        row = self._contracts[contract]
        if isinstance(event, ContractAmended):
            self._add(row.programme, value_fen=event.value_delta_fen)
        elif isinstance(event, ScoreFinalised):
            total_ppm, factor_ppm = event.total_ppm, event.factor_ppm
            self._add(row.programme, scores=1, score_sum_ppm=total_ppm, factor_sum_ppm=factor_ppm)
        else:
            status = STATUS[type(event)]
            self._add(row.programme, **{row.status: -1})
            self._add(row.programme, **{status: 1})
            self._contracts[contract] = row._replace(status=status)

    def _serves(self, about: str | None) -> str | None:
        """Return which programme the money of a contract, or of a lot, is for."""
        if about is None:
            return None
        if about in self._contracts:
            return self._contracts[about].programme
        return self._tenders[_tender_of(about)].programme


def _came(flows: Iterable[Flow]) -> tuple[int, ...]:
    came = stages_of(flows)
    return tuple(came[figure.removesuffix("_fen")] for figure in STAGE_FIGURES)


def _is_contracts(fact: Fact) -> bool:
    return fact.subject.startswith(CONTRACT_KIND)


def _tender_of(about: str) -> str:
    return about.partition("/")[0]

"""What a batch changes of tenders: rows are loaded by tender, and only changed ones written."""

from collections.abc import Collection, Sequence
from typing import Any

from ledger.events.contract import ContractSigned
from projections.feed import Batch, Fact
from projections.rows import Rows
from projections.sheet import Sheet
from projections.tenders.tables import (
    AWARD,
    BID,
    CHALLENGE,
    CONTRACT,
    LOT,
    LOT_LINE,
    QUESTION,
    TENDER,
)

TENDER_KIND = "tender/"
"""What the subject keys of tenders begin with."""


class Files:
    """The tenders that a batch is about, each with all that hangs on it."""

    def __init__(self, sheet: Sheet) -> None:
        """Hold none yet."""
        self.tenders = Rows(TENDER, lambda row: row.tender)
        self.lots = Rows(LOT, lambda row: (row.tender, row.lot))
        self.lines = Rows(LOT_LINE, lambda row: (row.tender, row.lot, row.line))
        self.questions = Rows(QUESTION, lambda row: row.question)
        self.bids = Rows(BID, lambda row: row.bid)
        self.awards = Rows(AWARD, lambda row: row.award)
        self.challenges = Rows(CHALLENGE, lambda row: row.challenge)
        self.contracts = Rows(CONTRACT, lambda row: row.contract)
        self._sheet = sheet
        self._all: tuple[Rows[Any, Any], ...] = (
            self.tenders,
            self.lots,
            self.lines,
            self.questions,
            self.bids,
            self.awards,
            self.challenges,
        )

    def load(self, batch: Batch, awards: Collection[str], contracts: Collection[str]) -> None:
        """Load what a batch may change: its tenders, those of `awards`, and `contracts`."""
        self.awards.load(self._sheet, "award", awards)
        concerned = {row.tender for row in self.awards.rows.values()}
        subjects = [fact.subject for fact in batch.facts]
        concerned |= {s.removeprefix(TENDER_KIND) for s in subjects if s.startswith(TENDER_KIND)}
        concerned |= {key.partition("/")[0] for key in lot_keys(batch)}
        for rows in self._all:
            rows.load(self._sheet, "tender", concerned)
        self.contracts.load(self._sheet, "contract", contracts)

    def touch(self, fact: Fact) -> None:
        """Note that an event was about a tender, a bid or both; settle how the tender stands."""
        event, position = fact.event, fact.position
        bid = getattr(event, "bid", None)
        if bid is not None:
            self.bids.change(bid, last_position=position)
        if fact.subject.startswith(TENDER_KIND):
            self._settle(fact.subject.removeprefix(TENDER_KIND), position)
        elif isinstance(event, ContractSigned):
            self._settle(self.contracts[event.contract].tender, position)

    def _settle(self, tender: str, position: int) -> None:
        """Tell how a tender stands by its lots, unless it was cancelled."""
        row = self.tenders[tender]
        status = row.status
        if status != "cancelled":
            lots = [lot.status for lot in self.lots.where(lambda lot: lot.tender == tender)]
            status = _status(lots)
        self.tenders.change(tender, status=status, last_position=position)

    def write(self) -> None:
        """Put down what was changed."""
        for rows in (*self._all, self.contracts):
            rows.write(self._sheet)


def _status(lots: Sequence[str]) -> str:
    if all(status == "failed" for status in lots):
        return "failed"
    return "published" if "open" in lots else "awarded"


def lot_keys(batch: Batch) -> set[str]:
    """Return the lots, `<tender>/<lot>`, whose reservations a batch moves."""
    return {
        flow.contract
        for flow in batch.flows
        if flow.contract is not None and RESERVED in (flow.debit, flow.credit)
    }


RESERVED = "reserved"
"""The account that holds what is set aside for a lot; its journal rows name the lot."""

"""Folding the ledger's own contracts. Their money is what the journal says, never computed again.

value      as signed, with the amendments that were signed, later years included
accrued    accepted in all, whether paid since or not: service and bonus expense of the books
paid       the account `paid`, over all of the contract's lines
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET

from ledger.events.award import AwardDecided
from ledger.events.budget import BudgetCarriedOver
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimSubmitted
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractFunded,
    ContractPublished,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
)
from ledger.events.delivery import VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.tender import TenderPublished
from ledger.state.contract import carried_lines
from projections.balances import balance_changes, last_changes
from projections.context import Context, encode_names, searchable
from projections.contracts.tables import (
    AWARD,
    BALANCE,
    CONTRACT,
    LINE,
    MONTH,
    NATIVE,
    SUPPLIER,
    TENDER,
    AwardRow,
    BalanceRow,
    ContractRow,
    LineRow,
    MonthRow,
    SupplierRow,
    TenderRow,
)
from projections.feed import Batch, Fact
from projections.model import types
from projections.sheet import Sheet

CONTRACT_KIND = "contract/"
_ACCRUED = frozenset(["service_expense", "bonus_expense"])
_PAID = "paid"
_VISITS = types(VisitRecorded)


class NativeFold:
    """The fold of one batch over the ledger's own contracts."""

    def __init__(self, batch: Batch, sheet: Sheet, context: Context) -> None:
        """Load the contracts that the batch is about."""
        self._batch = batch
        self._sheet = sheet
        self._context = context
        self._contracts: dict[str, ContractRow] = {
            row.contract: row for row in sheet.load(CONTRACT, "contract", self._concerned())
        }
        self._awards: dict[str, AwardRow] = {}
        self._tenders: dict[str, TenderRow] = {}
        self._suppliers: list[SupplierRow] = []
        self._months: dict[str, MonthRow] = {}
        changed = {
            fact.subject.removeprefix(CONTRACT_KIND)
            for fact in batch.facts
            if isinstance(fact.event, ContractAmended | ContractFunded)
        }
        self._lines: dict[tuple[str, str], LineRow] = {
            (row.contract, row.line): row for row in sheet.load(LINE, "contract", changed)
        }

    def see(self, fact: Fact) -> None:
        """Fold one event; those that are no contract's are passed over."""
        event = fact.event
        if isinstance(event, TenderPublished):
            titles = encode_names(event.titles)
            self._tenders[event.tender] = TenderRow(event.tender, event.programme, titles)
        elif isinstance(event, AwardDecided):
            self._awards[event.award] = AwardRow(event.award, event.tender)
        elif isinstance(event, ContractSigned):
            self._contracts[event.contract] = self._signed(fact, event)
        elif isinstance(event, BudgetCarriedOver) and event.contract is not UNSET:
            self._carry(event.contract, event.from_line, event.to_line)
        elif fact.subject.startswith(CONTRACT_KIND):
            key = fact.subject.removeprefix(CONTRACT_KIND)
            if isinstance(event, ContractAmended | ContractFunded):
                self._change_lines(event)
            row = self._contracts[key]
            change = _CHANGES.get(type(event))
            if change is not None:
                row = change(row, event, self._context.day(fact.recorded_ms))
            self._contracts[key] = row._replace(last_position=fact.position)

    def put(self) -> None:
        """Add what was counted and posted, and put the rows down."""
        for count in self._batch.counts:
            key = count.subject.removeprefix(CONTRACT_KIND)
            row = self._contracts[key]
            self._contracts[key] = row._replace(
                visits=row.visits + (count.number if count.type in _VISITS else 0),
                last_position=max(row.last_position, count.last_position),
            )
        balances = self._post()
        sheet = self._sheet
        sheet.put(TENDER, self._tenders.values())
        sheet.put(AWARD, self._awards.values())
        sheet.put(CONTRACT, self._contracts.values())
        sheet.put(SUPPLIER, self._suppliers)
        sheet.put(LINE, self._lines.values())
        sheet.add(BALANCE, balances, ("balance_fen",))
        sheet.add(MONTH, self._months.values(), ("accrued_fen", "paid_fen"))

    def _concerned(self) -> set[str]:
        subjects = {fact.subject for fact in self._batch.facts}
        subjects |= {count.subject for count in self._batch.counts}
        keys = {s.removeprefix(CONTRACT_KIND) for s in subjects if s.startswith(CONTRACT_KIND)}
        return keys | {flow.contract for flow in self._batch.flows if flow.contract is not None}

    def _signed(self, fact: Fact, event: ContractSigned) -> ContractRow:
        award = self._awards.get(event.award) or self._one(AWARD, "award", event.award)
        tender = self._tenders.get(award.tender) or self._one(TENDER, "tender", award.tender)
        self._suppliers.append(SupplierRow(event.contract, 0, event.provider, ""))
        self._share(event.contract, ((line.line, line.share_ppm) for line in event.lines))
        return ContractRow(
            contract=event.contract,
            origin=NATIVE,
            first_position=fact.position,
            last_position=fact.position,
            process=None,
            ocid=None,
            publishers="[]",
            number=event.number,
            titles=tender.titles,
            status="active",
            programme=tender.programme,
            tender=tender.tender,
            award=event.award,
            buyer=event.buyer,
            buyer_name="",
            currency=self._context.currency,
            value_minor=event.value_fen,
            accrued_minor=0,
            paid_minor=0,
            signed_on=self._context.day_of(fact),
            starts_on=event.term.from_date,
            ends_on=event.term.to_date,
            published_on=None,
            closed_on=None,
            visits=0,
            claims=0,
            claimed_minor=0,
            cut_minor=0,
            disputed_minor=0,
            defects=0,
            search=searchable(
                event.contract, event.number, event.award, tender.tender, tender.titles
            ),
        )

    def _change_lines(self, event: ContractAmended | ContractFunded) -> None:
        """Add a line that funds a later year, with no share; or take shares as amended."""
        own = {key: row for key, row in self._lines.items() if key[0] == event.contract}
        if isinstance(event, ContractFunded):
            key = (event.contract, event.line)
            own.setdefault(key, LineRow(event.contract, event.line, len(own), 0))
        elif event.lines is not UNSET:
            shares = {line.line: line.share_ppm for line in event.lines}
            own = {key: row._replace(share_ppm=shares.get(row.line, 0)) for key, row in own.items()}
        self._lines |= own

    def _share(self, contract: str, lines: Iterable[tuple[str, int]]) -> None:
        for ordinal, (line, share_ppm) in enumerate(lines):
            self._lines[contract, line] = LineRow(contract, line, ordinal, share_ppm)

    def _carry(self, contract: str, from_line: str, to_line: str) -> None:
        rows = {row.line: row for row in self._sheet.load(LINE, "contract", [contract])}
        rows |= {line: row for (key, line), row in self._lines.items() if key == contract}
        ordered = sorted(rows.values(), key=lambda row: row.ordinal)
        lines = tuple((row.line, row.share_ppm) for row in ordered)
        self._share(contract, carried_lines(lines, from_line, to_line))

    def _one(self, shape: Any, column: str, key: str) -> Any:
        (row,) = self._sheet.load(shape, column, [key])
        return row

    def _post(self) -> list[BalanceRow]:
        balances = []
        last = last_changes(self._batch.flows)
        for (account, line, key), change_fen in balance_changes(self._batch.flows).items():
            if key is None:
                continue
            balances.append(BalanceRow(key, line, account, last[account, line, key], change_fen))
            row = self._contracts[key]
            month = self._months.get(key) or MonthRow(key, self._batch.month, 0, 0, 0)
            if account in _ACCRUED:
                row = row._replace(accrued_minor=(row.accrued_minor or 0) + change_fen)
                month = month._replace(accrued_fen=month.accrued_fen + change_fen)
            elif account == _PAID:
                row = row._replace(paid_minor=(row.paid_minor or 0) + change_fen)
                month = month._replace(paid_fen=month.paid_fen + change_fen)
            self._contracts[key], self._months[key] = row, month
        for flow in self._batch.flows:
            if flow.contract in self._contracts:
                row = self._contracts[flow.contract]
                position = max(row.last_position, flow.last_position)
                self._contracts[flow.contract] = row._replace(last_position=position)
            if flow.contract in self._months:
                month = self._months[flow.contract]
                position = max(month.last_position, flow.last_position)
                self._months[flow.contract] = month._replace(last_position=position)
        return balances


def _amended(row: ContractRow, event: ContractAmended, _day: str) -> ContractRow:
    row = row._replace(value_minor=(row.value_minor or 0) + event.value_delta_fen)
    return row if event.term_to is UNSET else row._replace(ends_on=event.term_to)


def _published(row: ContractRow, _event: ContractPublished, day: str) -> ContractRow:
    return row._replace(published_on=day)


def _suspended(row: ContractRow, _event: ContractSuspended, _day: str) -> ContractRow:
    return row._replace(status="suspended")


def _resumed(row: ContractRow, _event: ContractResumed, _day: str) -> ContractRow:
    return row._replace(status="active")


def _terminated(row: ContractRow, _event: ContractTerminated, _day: str) -> ContractRow:
    return row._replace(status="terminated")


def _closed(row: ContractRow, _event: ContractClosed, day: str) -> ContractRow:
    return row._replace(status="closed", closed_on=day)


def _claimed(row: ContractRow, event: ClaimSubmitted, _day: str) -> ContractRow:
    claimed_minor = row.claimed_minor + event.claim_fen
    return row._replace(claims=row.claims + 1, claimed_minor=claimed_minor)


def _answered(row: ContractRow, event: ClaimAnswered, _day: str) -> ContractRow:
    return row._replace(
        cut_minor=row.cut_minor + sum(cut.amount_fen for cut in event.cuts),
        disputed_minor=row.disputed_minor + sum(each.amount_fen for each in event.disputed),
    )


def _agreed(row: ContractRow, event: ClaimAgreed, _day: str) -> ContractRow:
    back_minor = sum(line.amount_fen for line in event.returned)
    return row._replace(cut_minor=row.cut_minor - back_minor)


def _contested(row: ContractRow, event: DisputeOpened, _day: str) -> ContractRow:
    minor = sum(line.amount_fen for line in event.lines)
    return row._replace(cut_minor=row.cut_minor - minor, disputed_minor=row.disputed_minor + minor)


def _decided(row: ContractRow, event: DisputeSettled | DisputeRuled, _day: str) -> ContractRow:
    minor = sum(line.amount_fen for line in event.lines)
    return row._replace(
        cut_minor=row.cut_minor + minor - event.awarded_fen,
        disputed_minor=row.disputed_minor - minor,
    )


_CHANGES: dict[type[Any], Callable[[ContractRow, Any, str], ContractRow]] = {
    ContractAmended: _amended,
    ContractPublished: _published,
    ContractSuspended: _suspended,
    ContractResumed: _resumed,
    ContractTerminated: _terminated,
    ContractClosed: _closed,
    ClaimSubmitted: _claimed,
    ClaimAnswered: _answered,
    ClaimAgreed: _agreed,
    DisputeOpened: _contested,
    DisputeSettled: _decided,
    DisputeRuled: _decided,
}
"""What an event at home in a contract changes in its row, beside its last position."""

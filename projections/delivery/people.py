"""Folding who is entitled, what is planned for them, who serves, and under which contracts."""

from typing import Any

from msgspec import UNSET, json

from ledger.events import Event
from ledger.events.contract import ContractAmended, ContractSigned, ContractTerminated
from ledger.events.delivery import (
    BeneficiaryAbsent,
    BeneficiaryEnrolled,
    BeneficiaryExited,
    CareplanAgreed,
    WorkerEnrolled,
    WorkerLeft,
)
from projections.context import Context
from projections.delivery.tables import (
    ABSENCE,
    CONTRACT,
    PERSON,
    PLAN,
    WORKER,
    AbsenceRow,
    ContractRow,
    PersonRow,
    PlanRow,
    WorkerRow,
)
from projections.feed import Batch, Fact
from projections.sheet import Sheet

_CHANGES = (ContractAmended, ContractTerminated)


class PeopleFold:
    """The fold of one batch over people, plans and contracts."""

    def __init__(self, batch: Batch, sheet: Sheet, context: Context) -> None:
        """Load the rows that the batch changes."""
        self._sheet = sheet
        self._context = context
        events = [fact.event for fact in batch.facts]
        changed = {e.contract for e in events if isinstance(e, _CHANGES)}
        self._contracts = {r.contract: r for r in sheet.load(CONTRACT, "contract", changed)}
        exited = {e.beneficiary for e in events if isinstance(e, BeneficiaryExited)}
        self._persons = {r.beneficiary: r for r in sheet.load(PERSON, "beneficiary", exited)}
        left = {e.worker for e in events if isinstance(e, WorkerLeft)}
        rows = sorted(sheet.load(WORKER, "worker", left), key=lambda row: row.position)
        self._workers = {(row.worker, row.position): row for row in rows}
        self._working = {row.worker: row.position for row in rows}
        self._absences: list[AbsenceRow] = []
        self._plans: list[PlanRow] = []

    def see(self, fact: Fact) -> None:
        """Fold one event; others are passed over."""
        fold = _FOLDS.get(type(fact.event))
        if fold is not None:
            fold(self, fact, fact.event)

    def put(self) -> None:
        """Put the rows down."""
        sheet = self._sheet
        sheet.put(CONTRACT, self._contracts.values())
        sheet.put(PERSON, self._persons.values())
        sheet.put(ABSENCE, self._absences)
        sheet.put(PLAN, self._plans)
        sheet.put(WORKER, self._workers.values())

    def sign(self, _fact: Fact, event: ContractSigned) -> None:
        """Note whose contract it is."""
        self._contracts[event.contract] = ContractRow(
            event.contract,
            event.buyer,
            event.provider,
            event.term.from_date,
            event.term.to_date,
            None,
        )

    def amend(self, _fact: Fact, event: ContractAmended) -> None:
        """Note the new last day."""
        if event.term_to is not UNSET:
            row = self._contracts[event.contract]
            self._contracts[event.contract] = row._replace(to_date=event.term_to)

    def terminate(self, fact: Fact, event: ContractTerminated) -> None:
        """Note the day."""
        row = self._contracts[event.contract]
        day = self._context.day(fact.recorded_ms)
        self._contracts[event.contract] = row._replace(ended_on=day)

    def enrol(self, fact: Fact, event: BeneficiaryEnrolled) -> None:
        """Note to what a person is entitled."""
        self._persons[event.beneficiary] = PersonRow(
            event.beneficiary,
            fact.position,
            event.programme,
            event.tier,
            event.monthly_cap_fen,
            event.from_date,
            None,
            None,
            None,
        )

    def exit(self, fact: Fact, event: BeneficiaryExited) -> None:
        """Note why and from when it ended."""
        self._persons[event.beneficiary] = self._persons[event.beneficiary]._replace(
            exit_reason=event.reason, exited_on=event.effective, exit_position=fact.position
        )

    def away(self, fact: Fact, event: BeneficiaryAbsent) -> None:
        """Note the days away."""
        self._absences.append(
            AbsenceRow(fact.position, event.beneficiary, event.kind, event.from_date, event.to_date)
        )

    def plan(self, fact: Fact, event: CareplanAgreed) -> None:
        """Note what is planned."""
        planned: dict[str, int] = {}
        for each in event.services:
            planned[each.service] = planned.get(each.service, 0) + each.units_a_month
        self._plans.append(
            PlanRow(
                fact.position,
                event.beneficiary,
                event.contract,
                json.encode(planned).decode(),
                event.workers_at_once,
                event.from_date,
            )
        )

    def hire(self, fact: Fact, event: WorkerEnrolled) -> None:
        """Note for whom a person works."""
        held = [(c.kind, None if c.expires is UNSET else c.expires) for c in event.credentials]
        credentials = json.encode(held).decode()
        row = WorkerRow(event.worker, fact.position, event.provider, credentials, None)
        self._workers[row.worker, row.position] = row
        self._working[row.worker] = row.position

    def leave(self, _fact: Fact, event: WorkerLeft) -> None:
        """Note the last day of work."""
        key = (event.worker, self._working[event.worker])
        self._workers[key] = self._workers[key]._replace(until=event.until)


_FOLDS: dict[type[Event], Any] = {
    ContractSigned: PeopleFold.sign,
    ContractAmended: PeopleFold.amend,
    ContractTerminated: PeopleFold.terminate,
    BeneficiaryEnrolled: PeopleFold.enrol,
    BeneficiaryExited: PeopleFold.exit,
    BeneficiaryAbsent: PeopleFold.away,
    CareplanAgreed: PeopleFold.plan,
    WorkerEnrolled: PeopleFold.hire,
    WorkerLeft: PeopleFold.leave,
}
PEOPLE_EVENTS = tuple(_FOLDS)
"""The events that `PeopleFold` reads."""

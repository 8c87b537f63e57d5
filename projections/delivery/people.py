"""Folding who is entitled, what is planned for them, who serves, and under which contracts."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, json

from ledger.events.contract import ContractAmended, ContractSigned, ContractTerminated
from ledger.events.delivery import (
    BeneficiaryAbsent,
    BeneficiaryEnrolled,
    BeneficiaryExited,
    CareplanAgreed,
    WorkerEnrolled,
    WorkerLeft,
)
from ledger.statement import split_key_name
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
from projections.delivery.visits import Grouped
from projections.feed import Fact, Feed
from projections.sheet import Sheet

PEOPLE_EVENTS = (
    ContractSigned,
    ContractAmended,
    ContractTerminated,
    BeneficiaryEnrolled,
    BeneficiaryExited,
    BeneficiaryAbsent,
    CareplanAgreed,
    WorkerEnrolled,
    WorkerLeft,
)
"""The events that `PeopleFold` reads."""


class PeopleFold:
    """The fold of one batch over people, plans and contracts."""

    def __init__(self, grouped: Grouped, sheet: Sheet, feed: Feed, context: Context) -> None:
        """Load the rows that a batch changes."""
        self._sheet = sheet
        self._feed = feed
        self._context = context
        changed = [
            fact.event.contract
            for kind in (ContractAmended, ContractTerminated)
            for fact in grouped.get(kind, ())
        ]
        self._contracts = {row.contract: row for row in sheet.load(CONTRACT, "contract", changed)}
        exited = [fact.event.beneficiary for fact in grouped.get(BeneficiaryExited, ())]
        self._persons = {row.beneficiary: row for row in sheet.load(PERSON, "beneficiary", exited)}
        left = [fact.event.worker for fact in grouped.get(WorkerLeft, ())]
        rows = sorted(sheet.load(WORKER, "worker", left), key=lambda row: row.position)
        self._workers = {(row.worker, row.position): row for row in rows}
        self._working = {row.worker: row.position for row in rows}
        self._absences: list[AbsenceRow] = []
        self._plans: list[PlanRow] = []

    def folds(self) -> dict[type[Any], Callable[[Fact, Any], None]]:
        """Return what folds each of `PEOPLE_EVENTS`.

        Not kept in the fold: it refers to it, and a batch would wait for the collector.
        """
        return {
            ContractSigned: self._sign,
            ContractAmended: self._amend,
            ContractTerminated: self._terminate,
            BeneficiaryEnrolled: self._enrol,
            BeneficiaryExited: self._exit,
            BeneficiaryAbsent: self._away,
            CareplanAgreed: self._plan,
            WorkerEnrolled: self._hire,
            WorkerLeft: self._leave,
        }

    def put(self) -> None:
        """Put the rows down."""
        sheet = self._sheet
        sheet.put(CONTRACT, self._contracts.values())
        sheet.put(PERSON, self._persons.values())
        sheet.append(ABSENCE, self._absences)
        sheet.append(PLAN, self._plans)
        sheet.put(WORKER, self._workers.values())

    def _sign(self, _fact: Fact, event: ContractSigned) -> None:
        self._contracts[event.contract] = ContractRow(
            event.contract,
            event.buyer,
            event.provider,
            event.term.from_date,
            event.term.to_date,
            None,
        )

    def _amend(self, _fact: Fact, event: ContractAmended) -> None:
        if event.term_to is not UNSET:
            row = self._contracts[event.contract]
            self._contracts[event.contract] = row._replace(to_date=event.term_to)

    def _terminate(self, fact: Fact, event: ContractTerminated) -> None:
        row = self._contracts[event.contract]
        day = self._context.day(fact.recorded_ms)
        self._contracts[event.contract] = row._replace(ended_on=day)

    def _enrol(self, fact: Fact, event: BeneficiaryEnrolled) -> None:
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
            enrolled_by=split_key_name(self._feed.signatures(fact.statement_index)[0])[0],
        )

    def _exit(self, fact: Fact, event: BeneficiaryExited) -> None:
        self._persons[event.beneficiary] = self._persons[event.beneficiary]._replace(
            exit_reason=event.reason, exited_on=event.effective, exit_position=fact.position
        )

    def _away(self, fact: Fact, event: BeneficiaryAbsent) -> None:
        self._absences.append(
            AbsenceRow(fact.position, event.beneficiary, event.kind, event.from_date, event.to_date)
        )

    def _plan(self, fact: Fact, event: CareplanAgreed) -> None:
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

    def _hire(self, fact: Fact, event: WorkerEnrolled) -> None:
        held = [(c.kind, None if c.expires is UNSET else c.expires) for c in event.credentials]
        credentials = json.encode(held).decode()
        row = WorkerRow(event.worker, fact.position, event.provider, credentials, None)
        self._workers[row.worker, row.position] = row
        self._working[row.worker] = row.position

    def _leave(self, _fact: Fact, event: WorkerLeft) -> None:
        key = (event.worker, self._working[event.worker])
        self._workers[key] = self._workers[key]._replace(until=event.until)

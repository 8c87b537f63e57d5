"""What the rules about visits know of people: entitlement, plans, absences, qualifications.

Loaded whole, once a run: a city's people and workers are a hundredth of its visits.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, NamedTuple, TypeVar

from msgspec import json
from sqlalchemy import select

from ledger.times import month_of
from projections.delivery import DELIVERY
from projections.delivery.planned import units_of
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
from projections.flags.rule import Facts
from projections.flags.visits import DayVisit
from projections.rulebook import RULEBOOK, SERVICE, ServiceRow
from projections.shape import Shape
from projections.streaming import stream

R = TypeVar("R", bound=tuple[Any, ...])

_credentials = json.Decoder(list[tuple[str, str | None]])


class People(NamedTuple):
    """People and what they are entitled to.

    Attributes:
        persons: those served, by token.
        absences: days away, by person.
        plans: care plans in order of their agreement, by person.
        contracts: contracts, by id.
        workers: enrolments in order, by worker.
        services: the catalogue, by code.
        identities: who a token stands for, where the vault's keeper told.

    """

    persons: Mapping[str, PersonRow]
    absences: Mapping[str, list[AbsenceRow]]
    plans: Mapping[str, list[PlanRow]]
    contracts: Mapping[str, ContractRow]
    workers: Mapping[str, list[WorkerRow]]
    services: Mapping[str, ServiceRow]
    identities: Mapping[str, str]

    def workers_at_once(self, visit: DayVisit) -> int:
        """Return how many workers may serve the visit's person at one time: one without a plan."""
        agreed = 1
        for plan in self.plans.get(visit.beneficiary, ()):
            if plan.contract == visit.contract and plan.from_date <= visit.day:
                agreed = plan.workers_at_once
        return agreed

    def units_agreed(self, person: str, contract: str, month: str) -> dict[str, int] | None:
        """Return units by service that care plans give a person in a month; None without any.

        A plan counts until the next one does. That the person or the contract ended in between
        takes nothing from what was agreed for the month.
        """
        plans = [plan for plan in self.plans.get(person, ()) if plan.contract == contract]
        agreed: dict[str, int] = {}
        for plan, later in zip_longest(plans, plans[1:]):
            begun = month_of(plan.from_date) <= month
            if begun and (later is None or later.from_date > f"{month}-01"):
                for service, units in units_of(plan).items():
                    agreed[service] = max(agreed.get(service, 0), units)
        return agreed if plans else None

    def qualification_until(self, visit: DayVisit, kind: str) -> tuple[bool, str | None]:
        """Tell whether a visit's worker holds a credential by then, and its last day if any."""
        provider = self.contracts[visit.contract].provider
        held, until = False, None
        for work in self.workers.get(visit.worker, ()):
            if work.provider == provider and work.position < visit.position:
                credentials = dict(_credentials.decode(work.credentials))
                held, until = kind in credentials, credentials.get(kind)
        return held, until


def people_of(facts: Facts) -> People:
    """Load the people of a ledger."""
    absences: defaultdict[str, list[AbsenceRow]] = defaultdict(list)
    for absence in _rows(facts, ABSENCE):
        absences[absence.beneficiary].append(absence)
    plans: defaultdict[str, list[PlanRow]] = defaultdict(list)
    for plan in _rows(facts, PLAN):
        plans[plan.beneficiary].append(plan)
    workers: defaultdict[str, list[WorkerRow]] = defaultdict(list)
    for work in _rows(facts, WORKER):
        workers[work.worker].append(work)
    services = facts.sources.table(RULEBOOK, SERVICE)
    found = facts.sources.connection.execute(select(services))
    return People(
        persons={row.beneficiary: row for row in _rows(facts, PERSON)},
        absences=absences,
        plans=plans,
        contracts={row.contract: row for row in _rows(facts, CONTRACT)},
        workers=workers,
        services={row.code: ServiceRow(*row) for row in found},
        identities=facts.persons,
    )


def _rows(facts: Facts, shape: Shape[R]) -> list[R]:
    table = facts.sources.table(DELIVERY, shape)
    key = list(table.primary_key.columns)
    found = stream(facts.sources.connection, select(table).order_by(*key))
    return [tuple.__new__(shape.row, row) for row in found]

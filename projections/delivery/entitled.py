"""What is asked to trace a person's units: the plans, the contracts, and how long each counts."""

from typing import NamedTuple

from sqlalchemy import select

from ledger.intake.reading import storable
from ledger.times import month_of
from projections.delivery.model import DELIVERY
from projections.delivery.planned import counting_plans, planned_units, units_of
from projections.delivery.queries import contracts_named, latest_month, rows_of_person
from projections.delivery.tables import PERSON, PLAN, VISIT, ContractRow, PersonRow, PlanRow
from projections.engine import Projections, Reading


class PlannedUnits(NamedTuple):
    """A care plan that counts in a month: its event's position, contract and units of a service."""

    position: int
    contract: str
    units: int


class Entitled(NamedTuple):
    """What a person was entitled to, and under which contracts the person was served.

    Attributes:
        person: the person.
        plans: the care plans, in the order in which they were agreed.
        contracts: the contracts of the plans, by id.
        served: every contract with a plan for the person or a visit to the person.
        last_month: the local month of the ledger's newest event.

    """

    person: PersonRow
    plans: tuple[PlanRow, ...]
    contracts: dict[str, ContractRow]
    served: tuple[str, ...]
    last_month: str

    @property
    def first_month(self) -> str:
        """The local month of the first day of a plan; the last month where there is no plan."""
        return min((month_of(plan.from_date) for plan in self.plans), default=self.last_month)

    def units(self, month: str) -> dict[str, int]:
        """Return the units planned for a month, by service."""
        return planned_units(self.person, self.plans, self.contracts, (month, month))

    def planned(self, month: str, service: str) -> list[PlannedUnits]:
        """Return the plans that give units of a service in a month."""
        found = counting_plans(self.person, self.plans, self.contracts, (month, month))
        return [
            PlannedUnits(plan.position, plan.contract, units_of(plan)[service])
            for plan, _ in found
            if service in units_of(plan)
        ]


def entitled(projections: Projections, beneficiary: str) -> Entitled | None:
    """Return what a person by token was entitled to, or None of nobody."""

    def query(reading: Reading) -> Entitled | None:
        token = storable(beneficiary)
        rows = rows_of_person(reading, PERSON, token)
        if not rows:
            return None
        plans = tuple(PlanRow(*row) for row in rows_of_person(reading, PLAN, token))
        visit = reading.tables[VISIT]
        visited = select(visit.c.contract).where(visit.c.beneficiary == token).distinct()
        planned = {plan.contract for plan in plans}
        return Entitled(
            PersonRow(*rows[0]),
            plans,
            contracts_named(reading, planned),
            tuple(sorted(planned.union(reading.connection.scalars(visited)))),
            latest_month(projections, reading),
        )

    return projections.read(DELIVERY, query)

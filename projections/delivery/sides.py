"""Whom deliveries concern: the sides of a contract, and those that care for a person."""

from sqlalchemy import ColumnElement, Table, or_, select

from ledger.intake.reading import storable
from projections.delivery.model import DELIVERY
from projections.delivery.tables import CONTRACT, PERSON, PLAN
from projections.engine import Projections, Reading
from projections.shape import Tables


def sides_of_contract(projections: Projections, contract: str) -> tuple[str, ...]:
    """Return buyer and provider of a contract; nobody where there is none."""

    def query(reading: Reading) -> tuple[str, ...]:
        table = reading.tables[CONTRACT]
        sides = select(table.c.buyer, table.c.provider)
        found = reading.connection.execute(sides.where(table.c.contract == storable(contract)))
        return tuple(found.first() or ())

    return projections.read(DELIVERY, query)


def sides_of_person(projections: Projections, beneficiary: str) -> tuple[str, ...]:
    """Return who enrolled a person, and the sides of the contracts with a care plan for it."""

    def query(reading: Reading) -> tuple[str, ...]:
        person, contract = reading.tables[PERSON], reading.tables[CONTRACT]
        plan, asked = reading.tables[PLAN], storable(beneficiary)
        enrolled_by = select(person.c.enrolled_by).where(person.c.beneficiary == asked)
        planned = select(plan.c.contract).where(plan.c.beneficiary == asked)
        sides = select(contract.c.buyer, contract.c.provider)
        rows = reading.connection.execute(sides.where(contract.c.contract.in_(planned)))
        found = {side for row in rows for side in row}
        found.update(reading.connection.scalars(enrolled_by))
        return tuple(sorted(found))

    return projections.read(DELIVERY, query)


def is_side(table: Table, party: str) -> ColumnElement[bool]:
    """Return the condition that a party is a side of the contract of a row of `CONTRACT`."""
    asked = storable(party)
    return or_(table.c.buyer == asked, table.c.provider == asked)


def concerns(tables: Tables, party: str) -> ColumnElement[bool]:
    """Return the condition that a person of `PERSON` concerns a party (see `sides_of_person`)."""
    person, plan, contract = tables[PERSON], tables[PLAN], tables[CONTRACT]
    own = select(contract.c.contract).where(is_side(contract, party))
    planned = select(plan.c.beneficiary).where(plan.c.contract.in_(own))
    return or_(person.c.enrolled_by == storable(party), person.c.beneficiary.in_(planned))


def is_concern(reading: Reading, beneficiary: str, party: str) -> bool:
    """Tell whether a person concerns a party, inside a query."""
    person = reading.tables[PERSON].c.beneficiary
    query = select(person).where(person == beneficiary, concerns(reading.tables, party))
    return reading.connection.scalar(query) is not None

"""What is asked about delivery: people by token, what was planned for them and what they got."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import RowMapping, select

from ledger.intake.reading import storable
from ledger.times import local_date, month_of
from projections.context import LEDGER, matching
from projections.delivery.model import DELIVERY
from projections.delivery.planned import planned_units, units_of
from projections.delivery.sides import concerns, is_concern
from projections.delivery.tables import (
    ABSENCE,
    CHECK,
    CONTRACT,
    PERSON,
    PLAN,
    VISIT,
    WORD,
    ContractRow,
    PersonRow,
    PlanRow,
    VisitRow,
)
from projections.delivery.visits import DENIED
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.shape import Shape

_BEFORE_ALL = "0001-01"
"""A month before every plan and visit: no calendar of ours begins earlier."""


class Person(Struct, frozen=True):
    """A person entitled to a programme's services.

    Attributes:
        beneficiary: the person's token.
        first_position: position of the enrolment.
        programme: which programme.
        tier: degree of need: `mild`, `moderate` or `severe`.
        monthly_cap_fen: the most the programme pays for the person in a calendar month.
        currency: ISO 4217 of the amount.
        from_date: first day of entitlement.
        exit_reason: why it ended, or None while it lasts.
        exited_on: first day without it.
        exit_position: position of the exit.
        enrolled_by: the purchaser that enrolled the person.

    """

    beneficiary: str
    first_position: int
    programme: str
    tier: str
    monthly_cap_fen: int
    currency: str
    from_date: str
    exit_reason: str | None
    exited_on: str | None
    exit_position: int | None
    enrolled_by: str


class ServiceUnits(Struct, frozen=True):
    """Units of one service.

    Attributes:
        service: its code.
        planned: units that care plans give (see `projections.delivery.planned`).
        delivered: units of the visits, those apart that the person denied.
        denied: units of visits of which the last word is a denial.
        left: planned and not delivered; below zero where more was given than planned.

    """

    service: str
    planned: int
    delivered: int
    denied: int
    left: int


class CarePlan(Struct, frozen=True):
    """A care plan.

    Attributes:
        position: position of its event.
        contract: under which contract.
        units: units of each service for a calendar month.
        workers_at_once: workers who may serve the person at one time.
        from_date: its first day.

    """

    position: int
    contract: str
    units: dict[str, int]
    workers_at_once: int
    from_date: str


class Absence(Struct, frozen=True):
    """Days on which the person was away from home.

    Attributes:
        position: position of its event.
        kind: `HOSPITAL`, `INSTITUTION`, `TRAVEL` or `OTHER`.
        from_date: first day away.
        to_date: last day away.

    """

    position: int
    kind: str
    from_date: str
    to_date: str


class Word(Struct, frozen=True):
    """What the person said of a visit; the last word counts.

    Attributes:
        position: position of its event.
        kind: `confirmed` or `denied`.
        channel: how it came in: `app`, `sms`, `call` or `paper`.
        key: name of the key that signed for it.
        at_ms: when it was said, as the signer says; milliseconds since the epoch.

    """

    position: int
    kind: str
    channel: str
    key: str
    at_ms: int


class Visit(Struct, frozen=True):
    """A visit, as corrected.

    Attributes:
        position: position of its recording.
        visit: its id.
        last_position: position of its last correction, or its own.
        contract: under which contract.
        service: code of the service given.
        worker: token of the person who served.
        device: token of the recording device, or None.
        day: local date on which it began.
        starts_ms: when it began, milliseconds since the epoch.
        ends_ms: when it ended.
        units: units given.
        capture: how it was recorded.
        words: what the person said of it, in order.
        checks: what spot checks found, in order: `AS_RECORDED`, `DIFFERS`, `NOT_FOUND`, `UNKNOWN`.

    """

    position: int
    visit: str
    last_position: int
    contract: str
    service: str
    worker: str
    device: str | None
    day: str
    starts_ms: int
    ends_ms: int
    units: int
    capture: str
    words: tuple[Word, ...]
    checks: tuple[str, ...]


class PersonFile(Struct, frozen=True):
    """What was planned for a person, delivered, and said of it.

    Attributes:
        position: how many events of the ledger this reflects.
        person: the person.
        month: the local calendar month looked at, `2026-03`.
        services: units of that month, by service.
        in_all: units from the first plan to that month, by service.
        plans: the care plans, in the order in which they were agreed.
        absences: days away from home, in the order in which they were told.
        visits: the visits of the month, in the order in which they began.

    """

    position: int
    person: Person
    month: str
    services: tuple[ServiceUnits, ...]
    in_all: tuple[ServiceUnits, ...]
    plans: tuple[CarePlan, ...]
    absences: tuple[Absence, ...]
    visits: tuple[Visit, ...]


def list_people(
    projections: Projections,
    *,
    programme: str | None = None,
    contract: str | None = None,
    text: str | None = None,
    of_concern_to: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Person]:
    """Return a page of people by token, in the order in which they were enrolled.

    `contract` is one under which a care plan was agreed; `text` stands in the token, in any case.
    `of_concern_to` names a party that enrolled them or cares for them under a contract.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Person]:
        table, plan = reading.tables[PERSON], reading.tables[PLAN]
        where = []
        if programme is not None:
            where.append(table.c.programme == storable(programme))
        if contract is not None:
            served = select(plan.c.beneficiary).where(plan.c.contract == storable(contract))
            where.append(table.c.beneficiary.in_(served))
        if text is not None:
            where.append(table.c.beneficiary.ilike(matching(text), escape="!"))
        if of_concern_to is not None:
            where.append(concerns(reading.tables, of_concern_to))
        rows, following = page_of(reading.connection, table, where, after, limit)
        currency = _ledger(reading)["currency"]
        people = tuple(Person(**row, currency=currency) for row in rows)
        return Page(reading.position, people, following)

    return projections.read(DELIVERY, query)


def person_file(
    projections: Projections,
    beneficiary: str,
    month: str | None = None,
    *,
    of_concern_to: str | None = None,
) -> PersonFile | None:
    """Return what is known of a person by token, or None; at first the ledger's latest month.

    `of_concern_to` names a party: then it is None unless the person concerns it, and tells only of
    plans and visits under contracts of which that party is a side. Cost: by the person's visits.
    """

    def query(reading: Reading) -> PersonFile | None:
        rows = rows_of_person(reading, PERSON, storable(beneficiary))
        if not rows or (of_concern_to and not is_concern(reading, rows[0][0], of_concern_to)):
            return None
        wanted = month or latest_month(projections, reading)
        return _file(projections, reading, PersonRow(*rows[0]), wanted, of_concern_to)

    return projections.read(DELIVERY, query)


def _file(
    projections: Projections, reading: Reading, person: PersonRow, month: str, party: str | None
) -> PersonFile:
    token = person.beneficiary
    plans = [PlanRow(*row) for row in rows_of_person(reading, PLAN, token)]
    visits = [VisitRow(*row) for row in rows_of_person(reading, VISIT, token)]
    named = {plan.contract for plan in plans} | {visit.contract for visit in visits}
    contracts = contracts_named(reading, named)
    if party is not None:
        sides = {row.contract for row in contracts.values() if party in {row.buyer, row.provider}}
        contracts = {contract: row for contract, row in contracts.items() if contract in sides}
        plans = [plan for plan in plans if plan.contract in sides]
        visits = [visit for visit in visits if visit.contract in sides]
    visits.sort(key=lambda visit: (visit.starts_ms, visit.position))
    words = _words(reading, visits)

    def units(months: tuple[str, str]) -> tuple[ServiceUnits, ...]:
        planned = planned_units(person, plans, contracts, months)
        within = [v for v in visits if months[0] <= month_of(v.day) <= months[1]]
        return _units(planned, within, words)

    shown = [visit for visit in visits if month_of(visit.day) == month]
    absences = (Absence(row[0], *row[2:]) for row in rows_of_person(reading, ABSENCE, token))
    return PersonFile(
        position=reading.position,
        person=Person(**person._asdict(), currency=_ledger(reading)["currency"]),
        month=month,
        services=units((month, month)),
        in_all=units((_BEFORE_ALL, month)),
        plans=tuple(
            CarePlan(p.position, p.contract, units_of(p), p.workers_at_once, p.from_date)
            for p in plans
        ),
        absences=tuple(absences),
        visits=_visits(projections, reading, shown, words),
    )


def _units(
    planned: dict[str, int], visits: Sequence[VisitRow], words: dict[int, list[Word]]
) -> tuple[ServiceUnits, ...]:
    delivered: defaultdict[str, int] = defaultdict(int)
    denied: defaultdict[str, int] = defaultdict(int)
    for visit in visits:
        said = words.get(visit.position)
        side = denied if said and said[-1].kind == DENIED else delivered
        side[visit.service] += visit.units
    return tuple(
        ServiceUnits(
            service,
            planned.get(service, 0),
            delivered[service],
            denied[service],
            planned.get(service, 0) - delivered[service],
        )
        for service in sorted({*planned, *delivered, *denied})
    )


def _visits(
    projections: Projections,
    reading: Reading,
    rows: Sequence[VisitRow],
    words: dict[int, list[Word]],
) -> tuple[Visit, ...]:
    ids = projections.feed.event_ids([row.position for row in rows])
    checks: defaultdict[int, list[str]] = defaultdict(list)
    for visit, _, _, result in _about(reading, CHECK, rows):
        checks[visit].append(result)
    return tuple(
        Visit(
            position=row.position,
            visit=ids[row.position],
            last_position=row.last_position,
            contract=row.contract,
            service=row.service,
            worker=row.worker,
            device=row.device,
            day=row.day,
            starts_ms=row.starts_ms,
            ends_ms=row.ends_ms,
            units=row.units,
            capture=row.capture,
            words=tuple(words.get(row.position, ())),
            checks=tuple(checks[row.position]),
        )
        for row in rows
    )


def _words(reading: Reading, visits: Sequence[VisitRow]) -> dict[int, list[Word]]:
    words: defaultdict[int, list[Word]] = defaultdict(list)
    for row in _about(reading, WORD, visits):
        words[row.visit].append(Word(row.position, row.kind, row.channel, row.key, row.at_ms))
    return words


def _about(reading: Reading, shape: Shape[Any], visits: Sequence[VisitRow]) -> Sequence[Any]:
    """Return the rows of a table that are about some visits, in order."""
    table = reading.tables[shape]
    about = [visit.position for visit in visits]
    query = select(table).where(table.c.visit.in_(about)).order_by(table.c.visit, table.c.position)
    return reading.connection.execute(query).all()


def rows_of_person(reading: Reading, shape: Shape[Any], beneficiary: str) -> Sequence[Any]:
    """Return the rows of a table that are one person's, in the order of their events."""
    table = reading.tables[shape]
    order = table.c.first_position if shape is PERSON else table.c.position
    query = select(table).where(table.c.beneficiary == beneficiary).order_by(order)
    return reading.connection.execute(query).all()


def contracts_named(reading: Reading, ids: set[str]) -> dict[str, ContractRow]:
    """Return the rows of contracts by id."""
    table = reading.tables[CONTRACT]
    query = select(table).where(table.c.contract.in_(sorted(ids)))
    return {row.contract: ContractRow(*row) for row in reading.connection.execute(query)}


def _ledger(reading: Reading) -> RowMapping | dict[str, Any]:
    """Return the ledger's own terms; of an empty one, none."""
    found = reading.connection.execute(select(reading.tables[LEDGER])).mappings().first()
    return {"currency": "", "offset_minutes": 0} if found is None else found


def latest_month(projections: Projections, reading: Reading) -> str:
    """Return the local month in which the last event was recorded that is reflected."""
    recorded_ms = projections.feed.recorded_ms(reading.position - 1)
    return month_of(local_date(recorded_ms, _ledger(reading)["offset_minutes"]))

"""Groups of visits for the pairs: an ordinary visit, and days and months made of a few."""

from typing import Any, TypeVar

from ledger.times import MS_PER_DAY, MS_PER_MINUTE, parse_date
from projections.delivery.tables import (
    AbsenceRow,
    ContractRow,
    PersonRow,
    PlanRow,
    VisitRow,
    WorkerRow,
)
from projections.flags.days import Day
from projections.flags.months import Month
from projections.flags.people import People
from projections.flags.visits import DayVisit, PersonVisit, WorkerVisit
from projections.rulebook import ServiceRow

R = TypeVar("R", DayVisit, PersonVisit, WorkerVisit)

TODAY, YESTERDAY = "2026-03-02", "2026-03-01"
HOME, NEXT_CELL, FAR_CELL = "wsbmq", "wsbmr", "wx4g0"
"""Changsha, the cell beside it, Beijing."""


def visit(position: int, start: int, minutes: int, **fields: Any) -> VisitRow:
    """Return a visit from minute `start` of a day in UTC on, of w-1 to p-1 unless said."""
    day = fields.pop("day", TODAY)
    starts_ms = parse_date(day) * MS_PER_DAY + start * MS_PER_MINUTE
    row = VisitRow(
        position=position,
        last_position=position,
        contract="c-1",
        service="care",
        beneficiary="p-1",
        worker="w-1",
        device="d-1",
        day=day,
        starts_ms=starts_ms,
        ends_ms=starts_ms + minutes * MS_PER_MINUTE,
        units=1,
        capture="app",
        place="home",
        cell=HOME,
        distance_m=20,
        at_ms=starts_ms,
        recorded_ms=starts_ms,
    )
    return row._replace(**fields)


def people(
    person: PersonRow | None = None,
    *,
    others: tuple[PersonRow, ...] = (),
    absences: tuple[AbsenceRow, ...] = (),
    at_once: int = 1,
    units: int = 10,
    credentials: str = "[]",
    qualification: str | None = None,
    identities: dict[str, str] | None = None,
) -> People:
    """Return p-1, served by w-1 of PRO under c-1: what differs from that is named."""
    served = person or entitled("p-1")
    plan = PlanRow(3, "p-1", "c-1", f'{{"care":{units}}}', at_once, "2026-01-01")
    work = WorkerRow("w-1", 2, "PRO", credentials, None)
    service = ServiceRow("care", 1, None, "{}", "visit", "home-care", qualification, 30)
    return People(
        persons={each.beneficiary: each for each in (served, *others)},
        absences={"p-1": list(absences)},
        plans={"p-1": [plan]},
        contracts={"c-1": ContractRow("c-1", "BUY", "PRO", "2026-01-01", "2026-12-31", None)},
        workers={"w-1": [work]},
        services={"care": service},
        identities=identities or {},
    )


def entitled(token: str, programme: str = "home", exited_on: str | None = None) -> PersonRow:
    """Return somebody entitled to a programme, who may have gone."""
    gone = None if exited_on is None else 90
    return PersonRow(
        token,
        first_position=1,
        programme=programme,
        tier="mild",
        monthly_cap_fen=100_000,
        from_date="2026-01-01",
        exit_reason=None if gone is None else "DECEASED",
        exited_on=exited_on,
        exit_position=gone,
        enrolled_by="bureau",
    )


def day(
    *visits: VisitRow, before: tuple[VisitRow, ...] = (), denied: int | None = None, **known: Any
) -> Day:
    """Return the day of visits; `known` is what `people` takes."""
    denials = frozenset() if denied is None else frozenset([denied])
    ordered = sorted(visits, key=lambda each: (each.starts_ms, each.position))
    lean, lean_before = ([_as(DayVisit, each) for each in part] for part in (ordered, before))
    return Day(TODAY, lean, lean_before, people(**known), denials)


def persons_month(token: str, *visits: VisitRow, **known: Any) -> Month[PersonVisit]:
    """Return the month of the visits to somebody; `known` is what `people` takes."""
    lean = [_as(PersonVisit, each) for each in visits]
    return Month(f"{token}/2026-03", token, "2026-03", lean, people(**known))


def workers_month(token: str, *visits: VisitRow, **known: Any) -> Month[WorkerVisit]:
    """Return the month of somebody's work; `known` is what `people` takes."""
    lean = [_as(WorkerVisit, each) for each in visits]
    return Month(f"{token}/2026-03", token, "2026-03", lean, people(**known))


def _as(record: type[R], visit: VisitRow) -> R:
    return record(*(getattr(visit, name) for name in record._fields))

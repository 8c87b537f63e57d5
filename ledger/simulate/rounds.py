"""The rounds of a simulated city: every visit of the year, signed by its provider in the evening.

On the first of a month its visits are planned: for each person a Poisson number, on as many
different days. In the evening a provider signs one statement for each contract and day, and the
offices sign what people said of yesterday's; all of it reaches the ledger together.
"""

from collections import defaultdict
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict

from ledger.events.delivery import Place, VisitRecorded
from ledger.simulate.agenda import Act, day_ms, month_days
from ledger.simulate.chance import draw
from ledger.simulate.doubts import Doubts
from ledger.simulate.offices import Offices
from ledger.simulate.people import Elder, People, Team
from ledger.simulate.planning import OTHER_PROGRAMME, days_of
from ledger.simulate.shifts import AGAIN_DAYS, FAR_AWAY, Shifts, Slot
from ledger.simulate.world import World
from ledger.times import MS_PER_SECOND, format_date, parse_date

EVENING = 23 * 60 + 30
"""Minute of the day at which providers sign their visits: the longest day is over."""

_NEAR_M = 300  # from the registered place, up to which a visit counts as there
_AHEAD_MINUTES = 8 * 60  # of UTC: a visit of the local day is one of the same day there
_CLOCK = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02}.000Z" for second in range(60))


class Rounds:
    """Plans the visits of every contract, and records them day by day."""

    def __init__(self, world: World, people: People, offices: Offices, doubts: Doubts) -> None:
        """Put the evenings of the year on the agenda."""
        self._world = world
        self._offices = offices
        self._doubts = doubts
        self._chance = world.stream("visits")
        teams = list(people.teams.values())
        (self._other,) = (team for team in teams if team.plan.programme == OTHER_PROGRAMME)
        self._teams = [team for team in teams if team is not self._other]
        self._shifts = Shifts(world.scale, self._chance, self._other)
        self._planned: dict[str, defaultdict[int, list[Elder]]] = {}
        self._twice: list[tuple[Slot, str]] = []  # slot of a twin, and the visit it repeats
        self._again: defaultdict[int, list[tuple[Team, VisitRecorded]]] = defaultdict(list)
        for day in range(parse_date("2025-01-01"), parse_date("2026-01-01")):
            world.agenda.at(day_ms(day, EVENING), self._evening_of(day))

    def _plan_month(self, month: str) -> None:
        """Draw each person's visits of a month, on different days."""
        scale, chance = self._world.scale, self._chance
        festival = range(parse_date(scale.festival[0]), parse_date(scale.festival[1]) + 1)
        for team in (*self._teams, self._other):
            planned: defaultdict[int, list[Elder]] = defaultdict(list)
            term = days_of(team.plan)
            days = [day for day in month_days(month) if day in term]
            for elder in team.elders if days else ():
                left = list(days)
                for _ in range(min(draw(chance, elder.tier.visits), len(left))):
                    day = left.pop(chance.below(len(left)))
                    if day not in festival or chance.below(100) >= scale.festival_drop_of_100:
                        planned[day].append(elder)
            self._planned[team.plan.contract] = planned

    def _evening_of(self, day: int) -> Act:
        def evening() -> None:
            date = format_date(day)
            if date.endswith("-01"):
                self._plan_month(date[:7])
            self._offices.sign_all()
            self._shifts.begin_day()
            for team in self._teams:
                visits = self._visits(team, day, date)
                self._sign(team, visits)
            # Behind all others, whose services it bills as well.
            visits = self._visits(self._other, day, date)
            self._sign(self._other, [*visits, *self._funded_twice(day, date)])

        return evening

    def _sign(self, team: Team, visits: list[VisitRecorded]) -> None:
        if visits:
            self._world.sign(visits, f"{team.plan.provider}/field-2025")

    def _visits(self, team: Team, day: int, date: str) -> list[VisitRecorded]:
        """Return a contract's visits of a day, with what is recorded once more."""
        elders = self._planned[team.plan.contract].pop(day, [])
        visits = []
        for slot in self._shifts.slots(team, elders, day):
            visit = self._visit(team, slot, day, date)
            visits.append(visit)
            self._after(team, slot, visit, day)
        return visits + self._once_more(team, day)

    def _after(self, team: Team, slot: Slot, visit: VisitRecorded, day: int) -> None:
        """Label what is planted, let the purchaser doubt it, and the office ask about it."""
        wrong = label = slot.label
        if label == "billed_twice":
            self._again[day + AGAIN_DAYS].append((team, visit))
            wrong = ""
        elif label == "double_funding" and slot.elder.twin is not None:
            self._twice.append((slot._replace(elder=slot.elder.twin, label=""), visit.id))
        elif label:
            self._world.truth.label(label, visit.id, contract=visit.contract)
        if not wrong:
            if visit.capture == "manual":
                wrong = "manual"
            elif visit.place is UNSET:
                wrong = "missing"
            elif visit.place.distance_m > _NEAR_M:
                wrong = "far"
        self._doubts.consider(visit.contract, visit.id, wrong)
        self._offices.ask(slot.elder, visit.contract, visit.id, ghost=label == "ghost")

    def _visit(self, team: Team, slot: Slot, day: int, date: str) -> VisitRecorded:
        """Return the record of a visit; it is made for every other event of the ledger."""
        chance, scale, ids = self._chance, self._world.scale, self._world.ids
        bits = int.from_bytes(chance(8))
        start, end = slot.start - _AHEAD_MINUTES, slot.start + slot.minutes - _AHEAD_MINUTES
        capture = scale.capture[bits & 4_095]
        label = slot.label
        flaw = (bits >> 12) % 1_000
        place: Any = UNSET
        if label == "ghost":
            capture = "manual"
        elif flaw >= scale.missing_of_1000:
            far = flaw < scale.missing_of_1000 + scale.far_of_1000
            place = Place(
                kind="home",
                cell=FAR_AWAY if label == "impossible_travel" else slot.elder.cell,
                distance_m=_NEAR_M + 1 + (bits >> 24) % 600 if far else (bits >> 24) % 120,
            )
        elif label == "impossible_travel":
            place = Place(kind="home", cell=FAR_AWAY, distance_m=(bits >> 24) % 120)
        by_hand = capture == "manual"
        ended_at = date + _CLOCK[end] + _SECONDS[(bits >> 40) % 60]
        return VisitRecorded(
            v=1,
            id=ids.event_id(
                day_ms(day, slot.start + slot.minutes) + (bits >> 40) % 60 * MS_PER_SECOND
            ),
            salt=ids.salt(),
            at=ended_at,
            contract=team.plan.contract,
            service=slot.service,
            beneficiary=slot.elder.token,
            worker=slot.worker.token,
            started_at=date + _CLOCK[start] + _SECONDS[(bits >> 46) % 60],
            ended_at=ended_at,
            units=slot.units,
            capture=capture,
            place=place,
            device=UNSET if by_hand and label != "borrowed_name" else slot.device,
            evidence=UNSET if by_hand else chance(32).hex(),
        )

    # -- recorded elsewhere, or again ----------------------------------------------------------

    def _funded_twice(self, day: int, date: str) -> list[VisitRecorded]:
        """Return what the other programme is billed for as well, each by a worker of its own."""
        visits = []
        for (slot, first), helper in zip(self._twice, self._other.helpers, strict=False):
            served = slot._replace(worker=helper, device=helper.device)
            visit = self._visit(self._other, served, day, date)
            self._world.truth.label("double_funding", first, other=visit.id)
            self._doubts.consider(visit.contract, visit.id, "double_funding")
            visits.append(visit)
        self._twice.clear()
        return visits

    def _once_more(self, team: Team, day: int) -> list[VisitRecorded]:
        """Return visits of five weeks ago that are recorded, and so billed, once more."""
        copies = []
        ids, now_ms = self._world.ids, self._world.agenda.now_ms
        for of_team, visit in self._again.get(day, ()):
            if of_team is team:
                fields = asdict(visit) | {"id": ids.event_id(now_ms), "salt": ids.salt()}
                copy = VisitRecorded(**fields)
                self._world.truth.label("billed_twice", copy.id, other=visit.id)
                self._doubts.consider(copy.contract, copy.id, "billed_twice")
                copies.append(copy)
        return copies

"""A day's shifts: who goes to whom, when, and which of the visits are planted cases.

Workers go from person to person, so nobody is in two places or with two people, but for planted
cases. A case is due after so many visits (`Planted`), and takes the next visit that it can be made
of: an overlap, say, needs a worker who has been somewhere else that day.
"""

import heapq
from collections import deque
from typing import NamedTuple

from ledger.identity import Stream
from ledger.money import PPM
from ledger.simulate.chance import QUANTILES, weighted
from ledger.simulate.people import Elder, Team, Worker
from ledger.simulate.planning import days_of
from ledger.simulate.scale import SERVICES, TIERS, UNIT_MINUTES, Scale
from ledger.times import parse_date

FAR_AWAY = "wx4g0"
"""A geohash cell of another city."""

AGAIN_DAYS = 38
"""Days after which a visit is recorded once more: its month is billed by then."""

_FIRST = 8 * 60  # minute of the day; earlier it would be yesterday in UTC
_LAST_START = 19 * 60
_LONGEST_DAY = 9 * 60  # minutes of work on a day that is not over-long
_MOST_VISITS = 8  # likewise
_OVERLONG_MINUTES, _OVERLONG_START = 10 * 60 + 15, 12 * 60 + 30
_AGAIN_FROM, _AGAIN_TO = parse_date("2025-02-01"), parse_date("2025-11-10")
_OVERLAP_MINUTES = 30  # a visit that another can overlap by more than a few minutes
_SERVICE = weighted(*[(kind.share, number) for number, kind in enumerate(SERVICES)])
_CODES = tuple(kind.code for kind in SERVICES)


class Slot(NamedTuple):
    """A visit as it is to be recorded; minutes are of the local day.

    Attributes:
        elder: who is served.
        worker: who serves.
        device: on whose device it is recorded.
        start: when it begins.
        minutes: how long it takes.
        service: code of the service.
        units: how many units.
        label: what is planted in it, or nothing.

    """

    elder: Elder
    worker: Worker
    device: str
    start: int
    minutes: int
    service: str
    units: int
    label: str


class Shifts:
    """Gives workers their visits."""

    def __init__(self, scale: Scale, chance: Stream, other: Team) -> None:
        """Begin with no case due; `other` is the team of the other programme."""
        self._scale = scale
        self._chance = chance
        self._other_days = days_of(other.plan)
        self._helpers = len(other.helpers)
        self._twice = 0  # visits of today that are billed to the other programme too
        self._due = _Due(scale)

    def begin_day(self) -> None:
        """Begin a day for all contracts."""
        self._twice = 0

    def slots(self, team: Team, elders: list[Elder], day: int) -> list[Slot]:
        """Return the visits of a contract's day, those that can be done."""
        chance, workers = self._chance, team.workers
        least_fen, most_fen = self._scale.fees_fen
        for worker in workers:
            worker.free = _FIRST + chance.below(50)
            worker.started = worker.visits = worker.worked = 0
        turn = chance.below(len(workers))
        slots: list[Slot] = []
        for elder in elders:
            label = ""
            if elder.exit_day is not None and day >= elder.exit_day:
                if not self._goes_on(elder, day):
                    continue
                label = "after_death"
            bits = int.from_bytes(chance(6))
            service = _CODES[_SERVICE[bits & 4_095]]
            fee_fen = self._scale.fee_fen[(bits >> 12) & 4_095]
            rate_fen = team.plan.rates[service]
            units = min(
                max((fee_fen + rate_fen // 2) // rate_fen, -(-least_fen // rate_fen)),
                most_fen // rate_fen,
            )
            minutes = units * UNIT_MINUTES * (90 + ((bits >> 24) & 31)) // 100
            found = self._free_worker(workers, turn, minutes)
            if found is None:
                continue  # nobody has time today
            turn = found + 1
            worker = workers[found]
            gap = 10 + ((bits >> 29) & 15) if worker.visits else 0
            start = worker.free + gap
            slot = Slot(elder, worker, worker.device, start, minutes, service, units, label)
            self._due.count()
            if self._due.waiting and not label:
                slot = self._plant(team, slot, slots, day)
            _book(slot)
            slots.append(slot)
        return slots

    def _goes_on(self, elder: Elder, day: int) -> bool:
        """Return whether visits to somebody who has gone are recorded until it is reported."""
        if day >= elder.report_day:
            return False
        share_ppm = self._scale.planted.after_death
        return elder.always or (elder.died and self._chance.below(PPM) < share_ppm)

    def _free_worker(self, workers: list[Worker], turn: int, minutes: int) -> int | None:
        """Return the place of the next worker in turn who has time."""
        for step in range(len(workers)):
            place = (turn + step) % len(workers)
            worker = workers[place]
            if (
                worker.free <= _LAST_START
                and worker.visits < _MOST_VISITS
                and worker.worked + minutes <= _LONGEST_DAY
            ):
                return place
        return None

    # -- planted cases -------------------------------------------------------------------------

    def _plant(self, team: Team, slot: Slot, slots: list[Slot], day: int) -> Slot:
        """Make of a visit the first case that is due and can be made of it."""
        for kind in self._due.kinds():
            changed = self._made(kind, team, slot, slots, day)
            if changed is not None:
                self._due.met(kind)
                return changed
        return slot

    def _made(self, kind: str, team: Team, slot: Slot, slots: list[Slot], day: int) -> Slot | None:
        worker = slot.worker
        changed: Slot | None = None
        match kind:
            case "ghost":
                changed = slot
            case "overlap" if worker.visits and worker.free - worker.started >= _OVERLAP_MINUTES:
                changed = slot._replace(start=worker.started + 10)
            case "borrowed_name":
                lender = next((w for w in team.workers if w is not worker and w.visits), None)
                changed = None if lender is None else slot._replace(device=lender.device)
            case "overlong_day" if worker.free <= _OVERLONG_START:
                changed = slot._replace(minutes=_OVERLONG_MINUTES)
            case "double_funding" if self._may_be_twice(slot.elder, day):
                self._twice += 1
                changed = slot
            case "two_workers":
                changed = _second_worker(team, slot, slots)
            case "impossible_travel" if worker.visits:
                changed = slot
            case "billed_twice" if _may_come_again(team, day):
                changed = slot
        return None if changed is None else changed._replace(label=kind)

    def _may_be_twice(self, elder: Elder, day: int) -> bool:
        return elder.twin is not None and day in self._other_days and self._twice < self._helpers


def _may_come_again(team: Team, day: int) -> bool:
    return _AGAIN_FROM <= day <= _AGAIN_TO and day + AGAIN_DAYS in days_of(team.plan)


def _second_worker(team: Team, slot: Slot, slots: list[Slot]) -> Slot | None:
    """Send a second worker to the same person at the same time; it is the second that is wrong."""
    for second in team.workers:
        is_free = second is not slot.worker and second.free <= slot.start
        has_time = second.worked + slot.minutes <= _LONGEST_DAY and second.visits < _MOST_VISITS
        if is_free and has_time:
            _book(slot)
            slots.append(slot)
            return slot._replace(worker=second, device=second.device, start=slot.start + 5)
    return None


def _book(slot: Slot) -> None:
    """Fill a worker's day by a visit; one day and one journey are over with it."""
    worker = slot.worker
    worker.started = slot.start
    worker.free = max(worker.free, slot.start + slot.minutes)
    worker.worked += slot.minutes
    worker.visits += 1
    if slot.label in {"overlong_day", "impossible_travel"}:
        worker.visits = _MOST_VISITS


class _Due:
    """Tells which planted cases are due, by how many visits there were.

    Attributes:
        waiting: by kind, since which visit each of its cases waits for one it can be made of.

    """

    def __init__(self, scale: Scale) -> None:
        planted = scale.planted
        self.waiting: dict[str, deque[int]] = {}
        self._visits = 0
        self._next: list[tuple[int, str, int]] = []
        a_month = sum(tier.share * sum(tier.visits) for tier in TIERS) // QUANTILES
        expected = scale.elders * a_month * 12 // 100  # visits of the year
        intervals = {
            "ghost": PPM // planted.ghost,
            "overlap": PPM // planted.overlap,
            "borrowed_name": PPM // planted.borrowed_name,
            "overlong_day": PPM // planted.overlong_day,
            "double_funding": PPM // planted.double_funding,
            "two_workers": PPM // planted.two_workers,
            "impossible_travel": PPM // planted.impossible_travel,
            "billed_twice": expected // (planted.billed_twice + 1),
        }
        for kind, interval in intervals.items():
            heapq.heappush(self._next, (interval // 2, kind, interval))

    def count(self) -> None:
        """Count a visit."""
        self._visits += 1
        while self._next[0][0] <= self._visits:
            due, kind, interval = heapq.heappop(self._next)
            self.waiting.setdefault(kind, deque()).append(due)
            heapq.heappush(self._next, (due + interval, kind, interval))

    def kinds(self) -> list[str]:
        """Return the kinds that wait, who has waited longest first.

        Not every case: a kind that hardly ever can be made has hundreds of them.
        """
        return sorted(self.waiting, key=lambda kind: (self.waiting[kind][0], kind))

    def met(self, kind: str) -> None:
        """Let the case that has waited longest be over."""
        waiting = self.waiting[kind]
        waiting.popleft()
        if not waiting:
            del self.waiting[kind]

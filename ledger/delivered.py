"""What was delivered, by the day of the visit: its month is that of the day on which it began.

A correction states the whole visit as it should have been, so it takes the visit out of where it
was counted and puts it where it belongs; a word on a visit takes back the word before it. The
figures that come of it, of a contract and of each person served under it:

    delivered/2025-03/home-care/visits        visits of the month, those denied included
    delivered/2025-03/home-care/units         their units of service
    delivered/2025-03/home-care/confirmed     visits of which the last word is a confirmation
    delivered/2025-03/home-care/denied        visits of which it is a denial
    person/p-1/2025-03/home-care/delivered    units of a person's visits, but for those denied
    person/p-1/2025-03/home-care/denied       units of those denied

Cost: some 5 µs a visit. Memory: each visit's place, until the end.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from ledger.events import Event
from ledger.events.delivery import VisitConfirmed, VisitCorrected, VisitDenied, VisitRecorded
from ledger.times import local_month, parse_instant

DELIVERY_EVENTS: tuple[type[Event], ...] = (
    VisitRecorded,
    VisitCorrected,
    VisitConfirmed,
    VisitDenied,
)
"""The events that say what was delivered."""

_CONFIRMED, _DENIED = "confirmed", "denied"
_MINUTE = len("2026-03-01T08:00")


class _Where(NamedTuple):
    """Where visits are counted: one object for all of a person, service and month."""

    month: str
    service: str
    beneficiary: str


_Visit = tuple[_Where, int, str | None]
"""Where a visit is counted, its units, and the last word on it."""


class Delivered:
    """What was delivered under a contract, event by event."""

    def __init__(self, offset_minutes: int, people: Collection[str] | None = None) -> None:
        """Begin with nothing; local days are `offset_minutes` ahead of UTC.

        Figures of `people` by token are told; by default those of everybody.
        """
        self._offset_minutes = offset_minutes
        self._people = people
        self._visits: dict[str, _Visit] = {}
        self._places: dict[_Where, _Where] = {}
        self._changes: dict[str, int] = {}

    def add(self, event: Event) -> dict[str, int]:
        """Add an event; return what that changes, figure by figure."""
        self._changes = {}
        if isinstance(event, VisitRecorded):
            self._put(event.id, (self._where(event), event.units, None))
        elif isinstance(event, VisitCorrected):
            before = self._visits[event.visit]
            self._count(before, -1)
            self._put(event.visit, (self._where(event), event.units, before[2]))
        elif isinstance(event, VisitConfirmed | VisitDenied):
            word = _CONFIRMED if isinstance(event, VisitConfirmed) else _DENIED
            for name in event.visits:
                where, units, said = self._visits[name]
                if said != word:
                    self._count((where, units, said), -1)
                    self._put(name, (where, units, word))
        return {name: change for name, change in self._changes.items() if change}

    def _where(self, event: VisitRecorded | VisitCorrected) -> _Where:
        month = _month(event.started_at[:_MINUTE], self._offset_minutes)
        where = _Where(month, event.service, event.beneficiary)
        return self._places.setdefault(where, where)

    def _put(self, name: str, visit: _Visit) -> None:
        self._visits[name] = visit
        self._count(visit, 1)

    def _count(self, visit: _Visit, sign: int) -> None:
        (month, service, beneficiary), units, word = visit
        where = f"{month}/{service}"
        self._add(f"delivered/{where}/visits", sign)
        self._add(f"delivered/{where}/units", sign * units)
        if word is not None:
            self._add(f"delivered/{where}/{word}", sign)
        if self._people is None or beneficiary in self._people:
            side = _DENIED if word == _DENIED else "delivered"
            self._add(f"person/{beneficiary}/{where}/{side}", sign * units)

    def _add(self, name: str, change: int) -> None:
        self._changes[name] = self._changes.get(name, 0) + change


@lru_cache(maxsize=1 << 14)  # the visits of a few days share their minutes
def _month(minute: str, offset_minutes: int) -> str:
    return local_month(parse_instant(f"{minute}:00.000Z"), offset_minutes)

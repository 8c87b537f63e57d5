"""The scope `day`: the visits that began on one local day, and those of the day before.

Rules about two visits at a time look at pairs whose later one began on the day; the day before is
there for those that went on past midnight.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, select, true

from ledger.times import format_date, parse_date
from projections.delivery import DELIVERY
from projections.delivery.tables import (
    ABSENCE,
    CORRECTION,
    PERSON,
    PLAN,
    VISIT,
    WORD,
)
from projections.flags.people import People, people_of
from projections.flags.rule import Facts, Scope
from projections.flags.visits import DayVisit, maker
from projections.rulebook import RULEBOOK
from projections.streaming import stream


class Day:
    """A day's visits.

    Attributes:
        key: the local date.
        visits: the visits that began on it, in order of time.
        before: those that began on the day before and went on after the first of the day began.
        people: whom they are about.
        denied: visits, by position, that people deny: theirs is the last word.

    """

    def __init__(
        self,
        key: str,
        visits: Sequence[DayVisit],
        before: Sequence[DayVisit],
        people: People,
        denied: frozenset[int],
    ) -> None:
        """Hold the visits of a day."""
        self.key = key
        self.visits = visits
        first_ms = visits[0].starts_ms if visits else 0
        self.before = [visit for visit in before if visits and visit.ends_ms > first_ms]
        self.people = people
        self.denied = denied

    @cached_property
    def of_workers(self) -> Mapping[str, Sequence[DayVisit]]:
        """The visits of each worker on the day, in order of time."""
        return _by("worker", self.visits)

    @cached_property
    def of_persons(self) -> Mapping[str, Sequence[DayVisit]]:
        """The visits to each person on the day, in order of time."""
        return _by("beneficiary", self.visits)

    @cached_property
    def of_devices(self) -> Mapping[str, Sequence[DayVisit]]:
        """The visits that each device recorded on the day, in order of time."""
        return _by("device", [visit for visit in self.visits if visit.device is not None])

    @cached_property
    def workers_before(self) -> Mapping[str, Sequence[DayVisit]]:
        """The visits of each worker that went on from the day before."""
        return _by("worker", self.before)

    @cached_property
    def persons_before(self) -> Mapping[str, Sequence[DayVisit]]:
        """The visits to each person that went on from the day before."""
        return _by("beneficiary", self.before)


class Pair(NamedTuple):
    """Two visits, the later one of the day at hand."""

    earlier: DayVisit
    later: DayVisit

    @property
    def overlap_ms(self) -> int:
        """How long both lasted at once."""
        return min(self.earlier.ends_ms, self.later.ends_ms) - self.later.starts_ms


def overlaps(before: Sequence[DayVisit], visits: Sequence[DayVisit]) -> Iterator[Pair]:
    """Yield the pairs that lasted at once, given visits in order of time.

    `before` are visits of the day before that went on into this one.
    """
    running = list(before)
    for visit in visits:
        running = [each for each in running if each.ends_ms > visit.starts_ms]
        yield from (Pair(each, visit) for each in running)
        running.append(visit)


def _by(field: str, visits: Sequence[DayVisit]) -> dict[str, list[DayVisit]]:
    found: defaultdict[str, list[DayVisit]] = defaultdict(list)
    key = attrgetter(field)
    for visit in visits:
        found[key(visit)].append(visit)
    return found


# -- reading them ------------------------------------------------------------------------------


def _changed(facts: Facts, since: int) -> list[str]:
    """Return the days whose visits, or whose people, are not as they were.

    A visit that was corrected counts for the day it had before, too, and every visit for the day
    after, which looks back on it.
    """
    visit, word, correction = (
        facts.sources.table(DELIVERY, shape) for shape in (VISIT, WORD, CORRECTION)
    )
    corrected = select(correction.c.visit).where(correction.c.position >= since)
    heard = select(word.c.visit).where(word.c.position >= since)
    days: set[str] = set()
    for query in (
        select(visit.c.day).where(visit.c.position >= since),
        select(visit.c.day).where(visit.c.position.in_(corrected)),
        select(visit.c.day).where(visit.c.position.in_(heard)),
        select(correction.c.day).where(correction.c.position >= since),
    ):
        days.update(facts.sources.connection.scalars(query.distinct()))
    days |= _days_of_people(facts, since)
    return sorted(days | {_next(day) for day in days})


def _days_of_people(facts: Facts, since: int) -> set[str]:
    """Return the days of visits to people of whom something was said since a position."""
    person, absence, plan = (
        facts.sources.table(DELIVERY, shape) for shape in (PERSON, ABSENCE, PLAN)
    )
    visit = facts.sources.table(DELIVERY, VISIT)
    days: set[str] = set()
    for concerned in (
        select(person.c.beneficiary).where(person.c.exit_position >= since),
        select(absence.c.beneficiary).where(absence.c.position >= since),
        select(plan.c.beneficiary).where(plan.c.position >= since),
    ):
        query = select(visit.c.day).where(visit.c.beneficiary.in_(concerned)).distinct()
        days.update(facts.sources.connection.scalars(query))
    return days


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Day]:
    people = facts.once(people_of)
    if keys is None:
        denied = _denied(facts, true())
        for key, visits, before in _all(facts):
            yield Day(key, visits, before, people, denied)
        return
    spoken_of = facts.sources.table(DELIVERY, WORD).c.visit
    for key, visits, before in _some(facts, keys):
        if visits:  # their positions are near one another
            positions = [visit.position for visit in visits]
            denied = _denied(facts, spoken_of.between(min(positions), max(positions)))
            yield Day(key, visits, before, people, denied)


def _denied(facts: Facts, among: ColumnElement[bool]) -> frozenset[int]:
    """Return the visits that people denied, by position, and did not confirm later."""
    word = facts.sources.table(DELIVERY, WORD)
    later = word.alias()
    query = select(word.c.visit).where(
        among,
        word.c.kind == "denied",
        ~select(later.c.visit)
        .where(later.c.visit == word.c.visit, later.c.position > word.c.position)
        .exists(),
    )
    return frozenset(facts.sources.connection.scalars(query))


def _some(
    facts: Facts, keys: Sequence[str]
) -> Iterator[tuple[str, Sequence[DayVisit], Sequence[DayVisit]]]:
    visit = facts.sources.table(DELIVERY, VISIT)
    for key in keys:
        before = _previous(key)
        found: dict[str, list[DayVisit]] = {key: [], before: []}
        of_days = visit.c.day.in_(found)
        for row in _rows(facts, _selected(visit).where(of_days).order_by(visit.c.position)):
            found[row.day].append(row)
        yield key, _in_order(found[key]), _in_order(found[before])


def _all(facts: Facts) -> Iterator[tuple[str, Sequence[DayVisit], Sequence[DayVisit]]]:
    """Yield every day with visits, in order."""
    visit = facts.sources.table(DELIVERY, VISIT)
    before: Sequence[DayVisit] = ()
    last = ""
    query = _selected(visit).order_by(visit.c.day, visit.c.position)
    for day, rows in groupby(_rows(facts, query), attrgetter("day")):
        visits = _in_order(rows)
        yield day, visits, before if _previous(day) == last else ()
        before, last = visits, day


def _rows(facts: Facts, query: Any) -> Iterator[DayVisit]:
    return map(maker(DayVisit), stream(facts.sources.connection, query))


def _selected(visit: Table) -> Select[Any]:
    return select(*(visit.c[name] for name in DayVisit._fields))


def _in_order(rows: Iterable[DayVisit]) -> list[DayVisit]:
    """Return visits, given by position, in order of time."""
    return sorted(rows, key=attrgetter("starts_ms"))


def _next(day: str) -> str:
    return format_date(parse_date(day) + 1)


def _previous(day: str) -> str:
    return format_date(parse_date(day) - 1)


DAYS = Scope("day", (DELIVERY, RULEBOOK), _changed, _groups)

"""The scopes `person_month` and `worker_month`: one person's, or one worker's, visits of a month.

A visit belongs to the local month of its day. Of a visit only what these rules need is read: all
months of a year are gone through in one pass, by day, and only one month is held at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import and_, select

from ledger.times import month_of
from projections.delivery import DELIVERY
from projections.delivery.tables import CORRECTION, PLAN, VISIT
from projections.flags.people import People, people_of
from projections.flags.rule import Facts, Scope
from projections.rulebook import RULEBOOK
from projections.streaming import stream


class MonthVisit(NamedTuple):
    """A visit as far as a month's rules need it; fields as in `VisitRow`."""

    position: int
    contract: str
    service: str
    day: str
    starts_ms: int
    ends_ms: int
    units: int
    cell: str | None
    distance_m: int | None


class Month(NamedTuple):
    """The visits of a month to a person, or by a worker.

    Attributes:
        key: token and month.
        token: whose.
        month: the local month.
        visits: the visits, by day.
        people: whom they are about.

    """

    key: str
    token: str
    month: str
    visits: Sequence[MonthVisit]
    people: People


_COLUMNS = MonthVisit._fields
_DAY = _COLUMNS.index("day")
_visit = partial(tuple.__new__, MonthVisit)
_LAST_DAY = "31"  # of any month: dates are compared as text


def _persons_changed(facts: Facts, since: int) -> list[str]:
    """Return the months in which a person's visits or care plans are not as they were."""
    visit, plan = (facts.sources.table(DELIVERY, shape) for shape in (VISIT, PLAN))
    planned = select(plan.c.beneficiary).where(plan.c.position >= since)
    return _changed("beneficiary", facts, since, visit.c.beneficiary.in_(planned))


def _workers_changed(facts: Facts, since: int) -> list[str]:
    return _changed("worker", facts, since)


def _changed(whose: str, facts: Facts, since: int, *others: Any) -> list[str]:
    visit, correction = (facts.sources.table(DELIVERY, shape) for shape in (VISIT, CORRECTION))
    corrected = select(correction.c.visit).where(correction.c.position >= since)
    keys: set[str] = set()
    of_visits = [visit.c.position >= since, visit.c.position.in_(corrected), *others]
    queries = [select(visit.c[whose], visit.c.day).where(where) for where in of_visits]
    queries.append(
        select(correction.c[whose], correction.c.day).where(correction.c.position >= since)
    )
    for query in queries:
        for token, day in facts.sources.connection.execute(query.distinct()):
            keys.add(f"{token}/{month_of(day)}")
    return sorted(keys)


def _groups(whose: str, facts: Facts, keys: Sequence[str] | None) -> Iterator[Month]:
    people = people_of(facts)
    found = _all(whose, facts) if keys is None else _some(whose, facts, keys)
    for token, month, visits in found:
        yield Month(f"{token}/{month}", token, month, visits, people)


def _some(
    whose: str, facts: Facts, keys: Sequence[str]
) -> Iterator[tuple[str, str, Sequence[MonthVisit]]]:
    visit = facts.sources.table(DELIVERY, VISIT)
    for key in keys:
        token, _, month = key.rpartition("/")
        days = and_(visit.c.day >= f"{month}-01", visit.c.day <= f"{month}-{_LAST_DAY}")
        query = select(*(visit.c[name] for name in _COLUMNS)).where(visit.c[whose] == token, days)
        rows = facts.sources.connection.execute(query.order_by(visit.c.day, visit.c.position))
        visits = [MonthVisit(*row) for row in rows]
        if visits:
            yield token, month, visits


def _all(whose: str, facts: Facts) -> Iterator[tuple[str, str, Sequence[MonthVisit]]]:
    visit = facts.sources.table(DELIVERY, VISIT)
    columns = [visit.c[name] for name in _COLUMNS]
    query = select(*columns, visit.c[whose]).order_by(visit.c.day, visit.c.position)
    of_tokens: defaultdict[str, list[MonthVisit]] = defaultdict(list)
    month = ""
    for day, rows in groupby(stream(facts.sources.connection, query), itemgetter(_DAY)):
        if month != month_of(day):
            yield from ((token, month, visits) for token, visits in of_tokens.items())
            of_tokens.clear()
            month = month_of(day)
        for *fields, token in rows:
            of_tokens[token].append(_visit(fields))
    yield from ((token, month, visits) for token, visits in of_tokens.items())


def _scope(name: str, whose: str, changed: Callable[[Facts, int], list[str]]) -> Scope[Month]:
    return Scope(name, (DELIVERY, RULEBOOK), changed, partial(_groups, whose))


PERSON_MONTHS = _scope("person_month", "beneficiary", _persons_changed)
WORKER_MONTHS = _scope("worker_month", "worker", _workers_changed)

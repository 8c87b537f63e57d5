"""The scopes `person_month` and `worker_month`: one person's, or one worker's, visits of a month.

A visit belongs to the local month of its day. All months of a year are gone through in one pass, by
day, and only one month is held at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Column, ColumnElement, Select, Table, and_, select

from ledger.times import MS_PER_DAY, month_of, parse_date
from projections.chunks import chunks
from projections.delivery import DELIVERY
from projections.delivery.tables import CORRECTION, PLAN, VISIT
from projections.flags.people import People, people_of
from projections.flags.rule import Facts, Scope
from projections.flags.visits import PersonVisit, WorkerVisit, maker
from projections.rulebook import RULEBOOK
from projections.streaming import stream

V = TypeVar("V", PersonVisit, WorkerVisit)


class Month(NamedTuple, Generic[V]):
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
    visits: Sequence[V]
    people: People


_LAST_DAY = 31  # of any month: dates are compared as text


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


def _groups(
    whose: str, record: type[V], facts: Facts, keys: Sequence[str] | None
) -> Iterator[Month[V]]:
    people = facts.once(people_of)
    of_months = _all(whose, record, facts) if keys is None else _some(whose, record, facts, keys)
    for token, month, visits in of_months:
        yield Month(f"{token}/{month}", token, month, visits, people)


def _some(
    whose: str, record: type[V], facts: Facts, keys: Sequence[str]
) -> Iterator[tuple[str, str, Sequence[V]]]:
    visit = facts.sources.table(DELIVERY, VISIT)
    tokens_of: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        token, _, month = key.rpartition("/")
        tokens_of[month].append(token)
    for month, tokens in tokens_of.items():
        about = _selected(visit, record, visit.c[whose]).where(_of_month(visit, month))
        for some in chunks(tokens):
            query = about.where(visit.c[whose].in_(some))
            query = query.order_by(visit.c[whose], visit.c.day, visit.c.position)
            rows = stream(facts.sources.connection, query)
            for token, of_token in groupby(rows, itemgetter(-1)):
                yield token, month, [record(*fields) for *fields, _ in of_token]


def _of_month(visit: Table, month: str) -> ColumnElement[bool]:
    """Return the condition for a local month; the index has the time, so it is named as well."""
    first = parse_date(f"{month}-01")
    begins_ms, ends_ms = (first - 1) * MS_PER_DAY, (first + _LAST_DAY + 1) * MS_PER_DAY
    return and_(
        visit.c.day.between(f"{month}-01", f"{month}-{_LAST_DAY}"),
        visit.c.starts_ms.between(begins_ms, ends_ms),
    )


def _all(whose: str, record: type[V], facts: Facts) -> Iterator[tuple[str, str, Sequence[V]]]:
    visit = facts.sources.table(DELIVERY, VISIT)
    query = _selected(visit, record, visit.c[whose]).order_by(visit.c.day, visit.c.position)
    rows = stream(facts.sources.connection, query)
    make = maker(record)
    of_tokens: defaultdict[str, list[V]] = defaultdict(list)
    month = ""
    for day, of_day in groupby(rows, itemgetter(record._fields.index("day"))):
        if month != month_of(day):
            yield from ((token, month, visits) for token, visits in of_tokens.items())
            of_tokens.clear()
            month = month_of(day)
        for *fields, token in of_day:
            of_tokens[token].append(make(fields))
    yield from ((token, month, visits) for token, visits in of_tokens.items())


def _selected(visit: Table, record: type[V], *others: Column[Any]) -> Select[Any]:
    return select(*(visit.c[name] for name in record._fields), *others)


def _scope(
    name: str, whose: str, record: type[V], changed: Callable[[Facts, int], list[str]]
) -> Scope[Month[V]]:
    return Scope(name, (DELIVERY, RULEBOOK), changed, partial(_groups, whose, record))


PERSON_MONTHS = _scope("person_month", "beneficiary", PersonVisit, _persons_changed)
WORKER_MONTHS = _scope("worker_month", "worker", WorkerVisit, _workers_changed)

"""How many units care plans give a person in calendar months.

A plan counts from its first day until a plan of the person under the same contract counts that
was agreed later; and no longer than the contract's term and the person's entitlement. Its units
are those of every calendar month in which it counts on some day. Where plans follow one another
within a month, the month has the larger number of units of each service: a plan that was
shortened late in the month takes back nothing of what was agreed at its beginning.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import json

from ledger.times import format_date, month_of, parse_date
from projections.delivery.tables import ContractRow, PersonRow, PlanRow

MONTHS = 12
"""Months of a year."""

_services = json.Decoder(dict[str, int])


def units_of(plan: PlanRow) -> dict[str, int]:
    """Return the units a plan gives in a calendar month, by service."""
    return _services.decode(plan.services)


def planned_units(
    person: PersonRow,
    plans: Iterable[PlanRow],
    contracts: Mapping[str, ContractRow],
    months: tuple[str, str],
) -> dict[str, int]:
    """Return the units of each service that a person's plans give in months, first and last."""
    most: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for plan, month in counting_plans(person, plans, contracts, months):
        for service, units in units_of(plan).items():
            where = (plan.contract, month, service)
            most[where] = max(most[where], units)
    planned: defaultdict[str, int] = defaultdict(int)
    for (_, _, service), units in most.items():
        planned[service] += units
    return dict(planned)


def counting_plans(
    person: PersonRow,
    plans: Iterable[PlanRow],
    contracts: Mapping[str, ContractRow],
    months: tuple[str, str],
) -> Iterator[tuple[PlanRow, str]]:
    """Yield each plan of a person with each of the months, first and last, in which it counts."""
    by_contract: defaultdict[str, list[PlanRow]] = defaultdict(list)
    for plan in sorted(plans, key=lambda plan: plan.position):
        by_contract[plan.contract].append(plan)
    for contract, agreed in by_contract.items():
        for number, plan in enumerate(agreed):
            first = parse_date(plan.from_date)
            last = _last_day(person, contracts[contract], agreed[number + 1 :])
            if first <= last:
                for month in _months(format_date(first), format_date(last), months):
                    yield plan, month


def _last_day(person: PersonRow, contract: ContractRow, later: Iterable[PlanRow]) -> int:
    """Return the last day on which a plan counts that `later` ones may replace."""
    ends = [parse_date(contract.to_date)]
    ends += [parse_date(plan.from_date) - 1 for plan in later]
    if contract.ended_on is not None:
        ends.append(parse_date(contract.ended_on))
    if person.exited_on is not None:
        ends.append(parse_date(person.exited_on) - 1)
    return min(ends)


def _months(first_day: str, last_day: str, within: tuple[str, str]) -> Iterator[str]:
    """Yield the months of days, first and last, as far as they lie within months."""
    year, month = map(int, max(month_of(first_day), within[0]).split("-"))
    last = min(month_of(last_day), within[1])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year, month + 1) if month < MONTHS else (year + 1, 1)

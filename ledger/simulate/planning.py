"""What a simulated city means to buy: its contracts, and the calls for tenders that lead to them.

The largest contracts are bought by open tender in the winter before, for the whole year. Then, as
far as the city is large enough for them: two whose open tender fails for want of bidders and is
followed by another method, one from a single source, and pairs that are one purchase split in two.
"""

from typing import Literal, NamedTuple

from ledger.identity import Stream
from ledger.money import split
from ledger.simulate.agenda import month_days
from ledger.simulate.cast import provider_of
from ledger.simulate.scale import SERVICES, TIERS, Scale, Tier

CENTRAL_LINE, PROVINCE_LINE, CITY_LINE = (
    "2025-2081006-central",
    "2025-2081006-prov",
    "2025-2081006-city",
)
PROGRAMME, OTHER_PROGRAMME = "home-care-2025", "disability-care-2025"

Method = Literal["open", "negotiation", "consultation", "single_source"]

_LINES = (
    ((CENTRAL_LINE, 200_000), (PROVINCE_LINE, 300_000), (CITY_LINE, 500_000)),
    ((CITY_LINE, 1_000_000),),
    ((PROVINCE_LINE, 400_000), (CITY_LINE, 600_000)),
)
_PATTERN = (0, 1, 0, 2, 1, 0, 1, 2, 0, 1, 0, 2, 1, 0, 1, 2, 0, 1, 0, 2)
"""Tiers of twenty people: eight mild, seven moderate, five severe (`TIERS`)."""

_LARGE = 12  # contracts from which on a city has every way of buying
_LOTS = (2, 2, 1)  # lots of the open tenders, in turn
_WINTER = "2024-11-21"
_RETENTION_PPM, _ADVANCE_PPM = 50_000, 200_000


class Plan(NamedTuple):
    """A contract as it is meant to be.

    Attributes:
        number: its place by size, from 0.
        contract: its id.
        provider: who will serve.
        district: where.
        programme: for which programme.
        lines: fund lines and their shares, parts per million.
        rates: fen for a unit of each service.
        value_fen: the most it may cost.
        elders: people served at any time.
        workers: workers who serve.
        term: first and last day.
        retention_ppm: share of each acceptance held back.
        advance_ppm: share of the value paid in advance.

    """

    number: int
    contract: str
    provider: str
    district: int
    programme: str
    lines: tuple[tuple[str, int], ...]
    rates: dict[str, int]
    value_fen: int
    elders: int
    workers: int
    term: tuple[str, str]
    retention_ppm: int
    advance_ppm: int

    @property
    def months(self) -> list[str]:
        """The months of its term."""
        first, last = int(self.term[0][5:7]), int(self.term[1][5:7])
        return [f"2025-{month:02}" for month in range(first, last + 1)]


class Call(NamedTuple):
    """A call for tenders.

    Attributes:
        tender: its id.
        method: how suppliers are found.
        plans: the contracts it is to lead to, a lot each; where it fails, what was hoped for.
        published: on which day.
        window_days: days from there to its close.
        service: the service that its lots name.
        fails: whether too few bid.
        ring: whether its bidders have settled the price among themselves.
        split: whether it is one half of a purchase split in two.

    """

    tender: str
    method: Method
    plans: tuple[Plan, ...]
    published: str
    window_days: int
    service: str
    fails: bool = False
    ring: bool = False
    split: bool = False


def tier_of(number: int) -> Tier:
    """Return the tier of a contract's person number so and so."""
    return TIERS[_PATTERN[number % len(_PATTERN)]]


def plan_contracts(scale: Scale, chance: Stream) -> list[Plan]:
    """Return the contracts of a city, the largest first; the five largest have 45 %."""
    count, splits = scale.contracts, scale.planted.splits
    weights = [1_000_000 // (10 * number + 18) for number in range(count)]
    elders = split(scale.elders, weights)
    workers = split(scale.workers, weights)
    winners = min(scale.providers, max(3, count * 9 // 10))
    plans = []
    for number in range(count):
        of_pair = number - (count - 2 * splits)  # 0, 1 first and second half; below 0 no half
        lines = _LINES[1] if of_pair >= 0 else _LINES[number % len(_LINES)]
        plans.append(
            Plan(
                number=number,
                contract=f"c-2025-{number + 1:02}",
                provider=provider_of(number % winners),
                district=number % scale.districts,
                programme=OTHER_PROGRAMME if number == count - 2 else PROGRAMME,
                lines=lines,
                rates={
                    kind.code: kind.rate_fen * chance.between(970, 1_030) // 1_000
                    for kind in SERVICES
                },
                value_fen=0,
                elders=max(elders[number], 1),
                workers=max(workers[number], 3),
                term=_term(number, count, splits),
                retention_ppm=_RETENTION_PPM if number % 2 == 0 else 0,
                advance_ppm=_ADVANCE_PPM if number % 4 == 1 and of_pair < 0 else 0,
            )
        )
    return [plan._replace(value_fen=_value_fen(plan)) for plan in plans]


def plan_calls(plans: list[Plan], scale: Scale) -> list[Call]:
    """Return the calls that lead to the contracts, those of the winter first."""
    count, splits = len(plans), scale.planted.splits
    pairs = plans[count - 2 * splits :]
    special = 3 if count >= _LARGE else 0
    others = plans[: count - 2 * splits - special]
    special_plans = plans[len(others) : len(others) + special]
    calls: list[Call] = []

    def call(method: Method, what: list[Plan], published: str, days: int, service: int) -> Call:
        made = Call(
            f"t-2025-{len(calls) + 1:02}",
            method,
            tuple(what),
            published,
            days,
            SERVICES[service].code,
        )
        calls.append(made)
        return made

    start = 0
    while start < len(others):
        lots = _LOTS[len(calls) % len(_LOTS)]
        call("open", others[start : start + lots], _WINTER, 20, 0)
        start += lots
    calls[0] = calls[0]._replace(ring=True)
    small = plans[0]._replace(value_fen=plans[0].value_fen // 20)
    for which, plan in enumerate(special_plans[:2] or [small]):
        call("open", [plan], _WINTER, 20, 1 + which)
        calls[-1] = calls[-1]._replace(fails=True)
        if special_plans:
            call("negotiation" if which else "consultation", [plan], "2024-12-17", 14, 1 + which)
    if special_plans:
        call("single_source", special_plans[2:], "2024-11-25", 8, 3)
    for number, plan in enumerate(pairs):
        published = "2025-03-17" if number % 2 else "2025-02-17"
        call("consultation", [plan], published, 7, 4 + number // 2)
        calls[-1] = calls[-1]._replace(split=True)
    return calls


def _term(number: int, count: int, splits: int) -> tuple[str, str]:
    of_pair = number - (count - 2 * splits)
    if of_pair >= 0:
        return ("2025-05-01", "2025-08-31") if of_pair % 2 else ("2025-04-01", "2025-12-31")
    is_special = count >= _LARGE and of_pair in {-3, -2}
    return ("2025-02-01" if is_special else "2025-01-01", "2025-12-31")


def _value_fen(plan: Plan) -> int:
    """Return what a contract may cost: a tenth above what is expected, in hundreds of yuan."""
    a_month_fen = sum(tier_of(number).expected_fen for number in range(plan.elders))
    expected_fen = a_month_fen * len(plan.months)
    reserve_fen = 4 * max(tier.monthly_cap_fen for tier in TIERS)
    return (expected_fen * 11 // 10 + reserve_fen) // 10_000 * 10_000


def days_of(plan: Plan) -> range:
    """Return the days of a contract's term, days since 1970-01-01."""
    months = plan.months
    return range(month_days(months[0])[0], month_days(months[-1])[-1] + 1)

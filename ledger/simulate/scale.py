"""How large a simulated city is, and how it behaves: every parameter in one frozen record.

The defaults are those of a city in the size of Changsha, which had 1,540,300 people aged 60 and
over in 2020, of whom some 15,000 are served here under contract. A smaller city keeps its habits
(shares, lags, tiers) and has fewer of everything; never so few that a kind of case is missing.

    scale_of("city")   9 districts, 43 contracts, 15,000 people, 1.4 million visits
    scale_of("0.02")   a fiftieth of that
    scale_of("demo")   2 districts, 3 contracts, about 2,000 visits: seconds
"""

from fractions import Fraction
from typing import Literal, NamedTuple

from ledger.simulate.chance import log_normal, poisson, weighted

LEAST, MOST = Fraction(1, 1_000), Fraction(10)
"""Factors that a city may have: below, nothing is left to scale; above, one ledger is too few."""


class Tier(NamedTuple):
    """A degree of need.

    Attributes:
        name: as the vocabulary has it.
        share: of 100 people.
        visits: distribution of the visits of a month.
        monthly_cap_fen: the most the programme pays for a person and month.
        expected_fen: about what a person is billed for in a month, the cap considered.
        planned_units: units of each service that a care plan allows in a month.

    """

    name: Literal["mild", "moderate", "severe"]
    share: int
    visits: tuple[int, ...]
    monthly_cap_fen: int
    expected_fen: int
    planned_units: int


class Kind(NamedTuple):
    """A service of the catalogue.

    Attributes:
        code: its code; each is a category of its own.
        en: its English name.
        zh: its Chinese name.
        rate_fen: about what a unit costs.
        share: of 100 visits.

    """

    code: str
    en: str
    zh: str
    rate_fen: int
    share: int


TIERS = (
    Tier("mild", 40, poisson(5), 30_000, 24_000, 60),
    Tier("moderate", 35, poisson(8), 60_000, 42_500, 90),
    Tier("severe", 25, poisson(13), 80_000, 64_000, 140),
)

SERVICES = (
    Kind("daily-care", "Daily care", "日常照料", 1_600, 35),
    Kind("basic-nursing", "Basic nursing", "基础护理", 2_400, 15),
    Kind("visiting", "Visiting", "探访关爱", 1_200, 15),
    Kind("health", "Health", "健康管理", 2_000, 10),
    Kind("errands", "Errands", "代办服务", 1_400, 15),
    Kind("comfort", "Comfort", "精神慰藉", 1_200, 10),
)
"""Six categories; a unit is one item of a visit, planned to take a quarter of an hour."""

UNIT_MINUTES = 15


class Planted(NamedTuple):
    """How many labelled cases a city has: parts per million of visits, or a number.

    Attributes:
        ghost: visits that never took place.
        overlap: a worker in two places at once.
        borrowed_name: recorded on a colleague's device.
        overlong_day: a worker's day of more than ten hours.
        double_funding: the same service also billed to another programme.
        two_workers: two workers at one person at one time.
        impossible_travel: the next visit is too far away to be reached.
        after_death: share of the visits planned between a death and its report that are recorded.
        proxy: confirmations, of a million, that come from one device for many people.
        billed_twice: visits recorded and billed once more, in all.
        above_cap: contracts above a price cap published after them, in all.
        splits: purchases split in two, in all.

    """

    ghost: int = 3_000
    overlap: int = 4_000
    borrowed_name: int = 2_000
    overlong_day: int = 3_000
    double_funding: int = 2_000
    two_workers: int = 1_000
    impossible_travel: int = 1_000
    after_death: int = 350_000
    proxy: int = 5_000
    billed_twice: int = 20
    above_cap: int = 2
    splits: int = 2


class Scale(NamedTuple):
    """A city.

    Attributes:
        name: what it is called by: demo, city or its factor.
        districts: districts.
        streets: street offices; each confirms visits on the people's word.
        communities: communities; each lies in one geohash cell.
        elders: people served at any time.
        providers: organisations that bid.
        contracts: contracts that serve people.
        workers: workers of all providers.
        close_daily: whether books are closed every day; else at each month's end.
        exits_ppm: people who die or leave in a year.
        deaths_of_100: how many of those who exit have died.
        exit_lag_days: distribution of the days until an exit is reported.
        most_exit_lag_days: the longest of them.
        fee_fen: distribution of what a visit costs.
        fees_fen: the least and the most of it.
        capture: distribution of how a visit is recorded.
        far_of_1000: visits recorded more than 300 m from the registered place.
        missing_of_1000: visits recorded without a place.
        confirmed_of_1000: visits that people confirm.
        denied_of_1000: visits that people deny, ghosts left aside.
        disputed_of_1000: lines of a claim that wait until they are cleared up.
        unanswered_ppm: claims that nobody answers, so that the clock accepts them.
        won_of_100: lines in dispute settled for the provider.
        spot_checked_ppm: visits drawn for a check on the spot.
        pay_lag_days: distribution of the days from answer to value date.
        slow_lag_days: the same in the slow districts.
        slow_districts: how many districts pay slowly.
        rejected_ppm: orders that the bank rejects.
        bounced_ppm: settled payments that come back.
        score: the two shapes of the Beta distribution of an indicator's score.
        festival: first and last day of Spring Festival.
        festival_drop_of_100: visits that fall away then.
        planted: the labelled cases.

    """

    name: str = "city"
    districts: int = 9
    streets: int = 170
    communities: int = 1_600
    elders: int = 15_000
    providers: int = 60
    contracts: int = 43
    workers: int = 1_100
    close_daily: bool = True
    exits_ppm: int = 60_000
    deaths_of_100: int = 70
    exit_lag_days: tuple[int, ...] = log_normal(9, 1_078)
    most_exit_lag_days: int = 60
    fee_fen: tuple[int, ...] = log_normal(4_800, 1_051)
    fees_fen: tuple[int, int] = (2_000, 33_000)
    capture: tuple[Literal["app", "qr", "phone", "manual"], ...] = weighted(
        (82, "app"), (6, "qr"), (4, "phone"), (8, "manual")
    )
    far_of_1000: int = 30
    missing_of_1000: int = 20
    confirmed_of_1000: int = 680
    denied_of_1000: int = 5
    disputed_of_1000: int = 8
    unanswered_ppm: int = 30_000
    won_of_100: int = 55
    spot_checked_ppm: int = 10_000
    pay_lag_days: tuple[int, ...] = log_normal(38, 1_041)
    slow_lag_days: tuple[int, ...] = log_normal(38, 1_108)
    slow_districts: int = 2
    rejected_ppm: int = 10_000
    bounced_ppm: int = 2_000
    score: tuple[int, int] = (22, 3)
    festival: tuple[str, str] = ("2025-01-28", "2025-02-04")
    festival_drop_of_100: int = 40
    planted: Planted = Planted()


CITY = Scale()

DEMO = CITY._replace(
    name="demo",
    districts=2,
    streets=4,
    communities=8,
    elders=28,
    providers=5,
    contracts=3,
    workers=9,
    close_daily=False,
    slow_districts=1,
    rejected_ppm=100_000,
    bounced_ppm=30_000,
    planted=Planted(billed_twice=1, splits=1),
)


def scale_of(text: str) -> Scale:
    """Return the city that `demo`, `city` or a factor such as `0.02` names.

    Raises:
        ValueError: it is none of these, or a factor below 0.001 or above 10.

    """
    if text == "demo":
        return DEMO
    if text == "city":
        return CITY
    factor = Fraction(text)
    if not LEAST <= factor <= MOST:
        raise ValueError(f"a factor of {text} is not between {LEAST} and {MOST}")

    def part(number: int, least: int) -> int:
        return max(least, round(number * factor))

    planted = CITY.planted._replace(
        billed_twice=part(CITY.planted.billed_twice, 1),
        splits=CITY.planted.splits if factor >= Fraction(1, 4) else 1,
    )
    contracts = part(CITY.contracts, 3)
    return CITY._replace(
        name=text,
        districts=part(CITY.districts, 2),
        streets=part(CITY.streets, 4),
        communities=part(CITY.communities, 8),
        elders=part(CITY.elders, DEMO.elders),
        providers=part(CITY.providers, 5),
        contracts=contracts,
        workers=part(CITY.workers, 3 * contracts),
        slow_districts=CITY.slow_districts if factor >= Fraction(1, 4) else 1,
        planted=planted,
    )

"""The rulebook: which version of a rule holds, and what it gives.

A rule with parameters is data; its formula is code, one a rule id (`formulas`). Version 1 of every
rule ships (`shipped`) and is in force from `ledger.opened`; `rule.published` brings the next one.

    rule_in_force(state, "clock/c06-challenge")    clocks, calendars, flags, rates, lists, the law:
                                                   the version in force at this position
    rule_version(state, "pay/standard@1")          pay, score, incentive: the version that a
                                                   contract names, for its whole life

The formulas themselves know nothing of the state:

    pay_factor_ppm(pay_rule(state, "pay/standard@1").bands, 850_000)  ->  950_000
    deduction_fen(9_700_000, 950_000)                                 ->  485_000
"""

from typing import TypeVar

from ledger.calendar import Calendar
from ledger.errors import Refused
from ledger.events.rulebook import (
    CalendarRule,
    ClockRule,
    IncentiveRule,
    ListRule,
    Parameters,
    PayRule,
    RateRule,
    ScoreRule,
)
from ledger.rulebook.formulas import (
    Incentive,
    Year,
    bonus_fen,
    deduction_fen,
    incentive,
    pay_factor_ppm,
    score_total_ppm,
)
from ledger.rulebook.shipped import SHIPPED
from ledger.state import State
from ledger.times import year_of

__all__ = [
    "CALENDAR",
    "LAW",
    "SHIPPED",
    "Incentive",
    "Year",
    "bonus_fen",
    "calendar_in_force",
    "clock_limit",
    "current_version",
    "deduction_fen",
    "incentive",
    "incentive_of",
    "incentive_rule",
    "negative_list",
    "pay_factor_ppm",
    "pay_rule",
    "put_in_force",
    "rate_in_force",
    "rule_in_force",
    "rule_version",
    "score_rule",
    "score_total_ppm",
]

LAW = 1
"""The admission law that this code carries (docs/decisions/0001)."""

CALENDAR = "calendar/cn"
"""The calendar that working days are counted by."""


P = TypeVar("P", bound=Parameters)


def put_in_force(state: State, rule: str, version: int, parameters: Parameters) -> None:
    """Remember a version of a rule, and let it be the one in force."""
    state.put(state.rules, f"{rule}@{version}", parameters)
    state.put(state.rule_versions, rule, version)
    if isinstance(parameters, CalendarRule):
        off, worked = frozenset(parameters.off), frozenset(parameters.worked)
        calendar = Calendar(parameters.first, parameters.last, off, worked)
        state.put(state.calendars, rule, calendar)


def current_version(state: State, rule: str) -> str:
    """Return the version of a rule in force, `pay/standard@1`.

    Raises:
        Refused: `reference_unknown`.

    """
    number = state.rule_versions.get(rule)
    if number is None:
        raise Refused("reference_unknown", kind="rule", id=rule)
    return f"{rule}@{number}"


def rule_in_force(state: State, rule: str) -> Parameters:
    """Return the parameters of a rule's version in force.

    Raises:
        Refused: `reference_unknown`.

    """
    return rule_version(state, current_version(state, rule))


def rule_version(state: State, version: str) -> Parameters:
    """Return the parameters of a version, `pay/standard@1`, in force or not any more.

    Raises:
        Refused: `reference_unknown`.

    """
    found = state.rules.get(version)
    if found is None:
        raise Refused("reference_unknown", kind="rule", id=version)
    return found


def pay_rule(state: State, version: str) -> PayRule:
    """Return a pay rule's version; `Refused` as `rule_version`, also for one of another kind."""
    return _of_kind(rule_version(state, version), PayRule, version)


def score_rule(state: State, version: str) -> ScoreRule:
    """Return a score rule's version; `Refused` as `pay_rule`."""
    return _of_kind(rule_version(state, version), ScoreRule, version)


def incentive_rule(state: State, version: str) -> IncentiveRule:
    """Return an incentive rule's version; `Refused` as `pay_rule`."""
    return _of_kind(rule_version(state, version), IncentiveRule, version)


def clock_limit(state: State, clock: str) -> int:
    """Return the limit in force of `clock/<clock>`, in that clock's unit."""
    return _of_kind(rule_in_force(state, f"clock/{clock}"), ClockRule, clock).limit


def rate_in_force(state: State, rate: str) -> int:
    """Return the rate in force of `rate/<rate>`, parts per million a year."""
    return _of_kind(rule_in_force(state, f"rate/{rate}"), RateRule, rate).ppm_per_year


def negative_list(state: State) -> frozenset[str]:
    """Return the codes and categories, in lower case, that must not be bought."""
    rule = _of_kind(rule_in_force(state, "list/negative"), ListRule, "list/negative")
    return frozenset(code.lower() for code in rule.codes)


def calendar_in_force(state: State) -> Calendar:
    """Return the calendar that working days are counted by."""
    return state.calendars[CALENDAR]


def incentive_of(state: State, version: str, provider: str, today: str) -> Incentive:
    """Return what a provider's last years are worth on the local date `today`.

    The years are the calendar years before today's, as many as the rule looks at; a score belongs
    to the year in which its period ends, a sanction on the provider to each year in which it was
    in force for a day, wherever it barred. Cost: one look at every score.

    Raises:
        Refused: `reference_unknown`.

    """
    rule = incentive_rule(state, version)
    this_year = year_of(today)
    scores: dict[int, list[int]] = {}
    for score in state.scores.values():
        if score.status == "finalised" and state.contracts[score.contract].provider == provider:
            scores.setdefault(year_of(score.to_date), []).append(score.total_ppm)
    sanctions = [state.sanctions[key] for key in state.sanctioned.get(provider, ())]
    years = [
        Year(tuple(scores.get(year, ())), any(each.falls_in(year) for each in sanctions))
        for year in range(this_year - rule.years, this_year)
    ]
    return incentive(rule, years)


def _of_kind(found: Parameters, kind: type[P], name: str) -> P:
    if not isinstance(found, kind):
        raise Refused("reference_unknown", kind="rule of that kind", id=name)
    return found

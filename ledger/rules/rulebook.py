"""Law of the rulebook: rules, services and prices for everybody, by purchaser and finance.

Contracts meet it once, at signing (`check_signing`); what they were signed by binds them. So does
a service or a rate that an amendment makes new (`check_catalogued`).
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from ledger.calendar import is_weekend
from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.contract import MAX_PAY_DAYS, ContractSigned, Item
from ledger.events.rulebook import (
    CalendarRule,
    ClockRule,
    ClockUnit,
    FlagRule,
    LawRule,
    PayRule,
    PriceCapped,
    RulePublished,
    ServiceCatalogued,
    ServiceWithdrawn,
)
from ledger.money import PPM
from ledger.parties import Case, Seat
from ledger.rulebook import (
    LAW,
    SHIPPED,
    clock_limit,
    current_version,
    incentive_of,
    incentive_rule,
    negative_list,
    pay_rule,
    put_in_force,
    rate_in_force,
    score_rule,
)
from ledger.rules.act import Act, Rule, authorise, check_date, check_free, look_up, take
from ledger.state import State
from ledger.state.rulebook import Service
from ledger.state.tender import Lot
from ledger.times import parse_date

_MOST: dict[ClockUnit, int] = {
    "days": 366,
    "working_days": 366,
    "hours": 366 * 24,
    "ppm": PPM,
}
"""The most that a clock's limit may be: a year, so that a date can be told for it, or the whole."""


def _authorise(
    state: State,
    event: RulePublished | ServiceCatalogued | ServiceWithdrawn | PriceCapped,
    act: Act,
) -> None:
    # No programme, buyer or line: only a grant over the whole ledger covers the case.
    authorise(state, event, act, Case(), (Seat("purchaser"), Seat("finance")))


# -- rule.published ----------------------------------------------------------------------------


def _admit_rule(state: State, event: RulePublished, _act: Act) -> None:
    shipped = SHIPPED.get(event.rule)
    if shipped is None or type(shipped) is not type(event.parameters):
        raise Refused("rule_unknown", rule=event.rule)
    current = state.rule_versions[event.rule]
    if event.version != current + 1:
        raise Refused(
            "rule_version_not_next", rule=event.rule, current=current, version=event.version
        )
    why = _fault(state, event)
    if why is not None:
        raise Refused("rule_parameters_invalid", rule=event.rule, why=why)


def _fault(state: State, event: RulePublished) -> str | None:
    """Return why parameters make no rule, or nothing."""
    parameters, shipped = event.parameters, SHIPPED[event.rule]
    match parameters:
        case PayRule():
            return _fault_of_bands(parameters)
        case CalendarRule():
            return _fault_of_calendar(parameters)
        case ClockRule() if isinstance(shipped, ClockRule):
            return _fault_of_clock(event.rule, parameters, shipped)
        case FlagRule() if isinstance(shipped, FlagRule):
            names = sorted(shipped.thresholds)
            if sorted(parameters.thresholds) != names:
                return f"its thresholds are {', '.join(names) or 'none'}"
        case LawRule(law=law) if not state.ledger["law"] < law <= LAW:
            raise Refused("law_not_carried", law=law, current=state.ledger["law"], carried=LAW)
    return None


def _fault_of_clock(rule: str, clock: ClockRule, shipped: ClockRule) -> str | None:
    most = MAX_PAY_DAYS if rule == "clock/c13-payment" else _MOST[clock.unit]
    if clock.unit != shipped.unit:
        return f"the clock counts {shipped.unit}"
    return f"its limit is at most {most}" if clock.limit > most else None


def _fault_of_bands(rule: PayRule) -> str | None:
    scores = [band.from_score_ppm for band in rule.bands]
    factors = [band.factor_ppm for band in rule.bands]
    if scores != sorted(set(scores), reverse=True) or scores[-1] != 0:
        return "its steps do not go down to a score of zero"
    if factors != sorted(factors, reverse=True):
        return "a lower score is paid better"
    return None


def _fault_of_calendar(rule: CalendarRule) -> str | None:
    try:
        days = [(parse_date(date), date in rule.worked) for date in (*rule.off, *rule.worked)]
        first, last = parse_date(rule.first), parse_date(rule.last)
    except Malformed as error:
        return str(error)
    if not first <= last:
        return "it ends before it begins"
    if len({day for day, _ in days}) != len(days):
        return "it names a day twice"
    for day, worked in days:
        if not first <= day <= last:
            return "it names a day outside its span"
        if worked != is_weekend(day):
            return "off are weekdays only, worked are Saturdays and Sundays only"
    return None


def _apply_rule(state: State, event: RulePublished, _act: Act) -> None:
    put_in_force(state, event.rule, event.version, event.parameters)
    if isinstance(event.parameters, LawRule):
        state.put(state.ledger, "law", event.parameters.law)


# -- services and prices -----------------------------------------------------------------------


def _admit_service(state: State, event: ServiceCatalogued, _act: Act) -> None:
    check_free(state, "service", event.code)
    forbidden = negative_list(state)
    if event.code.lower() in forbidden or event.category.lower() in forbidden:
        raise Refused("service_on_negative_list", service=event.code, category=event.category)


def _apply_service(state: State, event: ServiceCatalogued, _act: Act) -> None:
    take(state, "service", event.code)
    service = Service(
        event.code,
        event.unit,
        event.category,
        event.qualification or None,
        event.planned_minutes,
        withdrawn=False,
    )
    state.put(state.services, event.code.lower(), service)


def _admit_offered(state: State, event: ServiceWithdrawn | PriceCapped, _act: Act) -> None:
    _check_offered(look_up(state.services, "service", event.code.lower()))


def _apply_withdrawal(state: State, event: ServiceWithdrawn, _act: Act) -> None:
    service = state.services[event.code.lower()]._replace(withdrawn=True)
    state.put(state.services, event.code.lower(), service)


def _admit_cap(state: State, event: PriceCapped, act: Act) -> None:
    _admit_offered(state, event, act)
    check_date("from", event.from_date)


def _apply_cap(state: State, event: PriceCapped, _act: Act) -> None:
    key = (event.code.lower(), event.area)
    caps = (*state.price_caps.get(key, ()), (event.from_date, event.cap_fen))
    state.put(state.price_caps, key, caps)


def price_cap_fen(state: State, code: str, area: str | None, today: str) -> int | None:
    """Return the most that one unit of a service may cost, or None.

    A cap binds from its first day until another of a later first day does; of two with one first
    day the newer. A lot that names no area may be served anywhere: the lowest cap binds it.
    """
    binding = []
    for (service, where), caps in state.price_caps.items():
        begun = [cap for cap in caps if cap[0] <= today]
        if service == code.lower() and area in {None, where} and begun:
            latest = max(first for first, _ in begun)
            binding.append([fen for first, fen in begun if first == latest][-1])
    return min(binding, default=None)


def _check_offered(service: Service) -> None:
    if service.withdrawn:
        raise Refused("service_withdrawn", service=service.code)


# -- contract.signed ---------------------------------------------------------------------------


def check_signing(state: State, event: ContractSigned, lot: Lot, today: str) -> None:
    """Check a contract by the rulebook on the local date of its signing.

    The rule versions that it names exist; its services are not withdrawn and are counted as the
    catalogue counts them; no rate is over the cap in the lot's area; late payment bears the
    published loan prime rate at least (SME Payment Regulation 17); it is paid within the published
    days (C13); the advance is within the incentive rule's limit.

    Raises:
        Refused: `reference_unknown`, `service_withdrawn`, `service_unit_differs`,
            `value_exceeds`, `rate_too_low`, `pay_days_exceed`, `advance_exceeds`.

    """
    if event.pay is not UNSET:
        pay_rule(state, event.pay)
    if event.score is not UNSET:
        score_rule(state, event.score)
    if event.incentive is not UNSET:
        incentive_rule(state, event.incentive)
    check_catalogued(state, event.items, lot, today)
    late_ppm = event.late_rate_ppm_per_year
    least_ppm = rate_in_force(state, "lpr")
    if late_ppm is not UNSET and late_ppm < least_ppm:
        raise Refused("rate_too_low", rate_ppm=late_ppm, least_ppm=least_ppm)
    most_days = clock_limit(state, "c13-payment")
    if event.pay_days > most_days:
        raise Refused("pay_days_exceed", days=event.pay_days, most=most_days)
    _check_advance(state, event, today)


def check_catalogued(state: State, items: Sequence[Item], lot: Lot, today: str) -> None:
    """Check services that a contract agrees by the catalogue and the price caps of a local date.

    Raises:
        Refused: `service_withdrawn`, `service_unit_differs`, `value_exceeds`.

    """
    for item in items:
        service = state.services.get(item.service.lower())
        if service is None:
            continue
        _check_offered(service)
        if item.unit != service.unit:
            raise Refused(
                "service_unit_differs",
                service=item.service,
                catalogued=service.unit,
                stated=item.unit,
            )
        cap_fen = price_cap_fen(state, item.service, lot.area, today)
        if cap_fen is not None and item.rate_fen > cap_fen:
            raise Refused(
                "value_exceeds",
                what=f"The rate of {item.service} under the published price cap",
                value_fen=item.rate_fen,
                limit_fen=cap_fen,
            )


def _check_advance(state: State, event: ContractSigned, today: str) -> None:
    advance_ppm = event.advance_ppm or 0
    version = event.incentive or current_version(state, "incentive/standard")
    limit_ppm = incentive_of(state, version, event.provider, today).advance_ppm
    if advance_ppm > limit_ppm:
        raise Refused(
            "advance_exceeds",
            advance_ppm=advance_ppm,
            rule=version,
            provider=event.provider,
            limit_ppm=limit_ppm,
        )


def _main(
    _state: State, _event: RulePublished | ServiceCatalogued | ServiceWithdrawn | PriceCapped
) -> tuple[str, ...]:
    return ("ledger/main",)


RULES: dict[type[Event], Rule[Any]] = {
    RulePublished: Rule(_authorise, _admit_rule, _apply_rule, _main),
    ServiceCatalogued: Rule(_authorise, _admit_service, _apply_service, _main),
    ServiceWithdrawn: Rule(_authorise, _admit_offered, _apply_withdrawal, _main),
    PriceCapped: Rule(_authorise, _admit_cap, _apply_cap, _main),
}

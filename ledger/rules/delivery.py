"""Law of visits: who may be served by whom, when, and how much of it.

`visit.recorded` is by far the most frequent event; its rule looks things up and compares text.
Instants have one width, so the earlier one is the lesser text.
"""

import functools
import re
from typing import Any, NoReturn

from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.delivery import VisitCorrected, VisitRecorded
from ledger.rules.act import Act, Rule, authorise_seats
from ledger.rules.contract import unclosed
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.delivery import Beneficiary, Visit
from ledger.times import local_date, parse_instant

_TWO_INSTANTS = re.compile(
    r"(?:\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z){2}", re.ASCII
)
_TO_THE_MINUTE = 16
_TO_THE_DAY = 10


def open_claims(state: State, contract: str) -> list[tuple[str, dict[str, int]]]:
    """Return the contract's claims that are not answered yet, each with its visits."""
    return [
        (claim, visits)
        for claim, visits in state.claimed.items()
        if state.claims[claim].contract == contract
    ]


# -- visit.recorded ----------------------------------------------------------------------------


def _authorise_visit(state: State, event: VisitRecorded | VisitCorrected, act: Act) -> None:
    contract = state.contracts.get(event.contract)
    if contract is None:
        raise Refused("reference_unknown", kind="contract", id=event.contract)
    authorise_seats(state, event, act, contract.case, contract.provider_seats)


def _admit_visit(state: State, event: VisitRecorded, act: Act) -> None:
    contract = state.contracts[event.contract]
    if contract.status != "active" or contract.stops:
        _check_in_force(contract, event)
    date, person = _judge(state, contract, event, act)
    units = state.delivered[event.contract].get(event.service, 0) + event.units
    if units > contract.units_max[event.service]:
        _refuse_units(contract, event.service, units)
    act.found = (date, person, units)


def _judge(
    state: State, contract: Contract, event: VisitRecorded | VisitCorrected, act: Act
) -> tuple[str, Beneficiary]:
    """Return the local day of a visit and the person served, all but its units found lawful."""
    if event.service not in contract.rates:
        raise Refused("service_not_in_contract", contract=event.contract, service=event.service)
    date = _day_of(event, act, state.ledger["offset_minutes"])
    if not contract.from_date <= date <= contract.to_date:
        raise Refused(
            "outside_term",
            date=date,
            contract=event.contract,
            from_date=contract.from_date,
            to_date=contract.to_date,
        )
    if state.workers.get(event.worker) != contract.provider:
        _check_former_worker(state, contract, event.worker, date)
    person = state.beneficiaries.get(event.beneficiary)
    if person is None:
        raise Refused("reference_unknown", kind="beneficiary", id=event.beneficiary)
    if (
        person.programme != contract.programme
        or date < person.from_date
        or (person.exited is not None and _after_exit(person.exited, date, event.started_at))
    ):
        raise Refused(
            "not_entitled",
            beneficiary=event.beneficiary,
            programme=contract.programme,
            date=date,
        )
    return date, person


def _day_of(event: VisitRecorded | VisitCorrected, act: Act, offset_minutes: int) -> str:
    """Return the local day on which a visit began; its two times are checked."""
    started_at, ended_at = event.started_at, event.ended_at
    if not _TWO_INSTANTS.fullmatch(started_at + ended_at):
        raise Refused(
            "date_invalid", field="started_at or ended_at", value=f"{started_at}, {ended_at}"
        )
    date = _local_day(started_at[:_TO_THE_MINUTE], offset_minutes)
    if ended_at[:_TO_THE_DAY] != started_at[:_TO_THE_DAY]:
        _local_day(ended_at[:_TO_THE_MINUTE], offset_minutes)  # refuses a day that never comes
    if ended_at < started_at:
        raise Refused("period_reversed", field="visit", start=started_at, end=ended_at)
    if ended_at > act.recorded:
        raise Refused("visit_not_over", ended_at=ended_at, recorded=act.recorded)
    return date


@functools.lru_cache(maxsize=1 << 16)  # visits of a month share their minutes
def _local_day(minute: str, offset_minutes: int) -> str:
    """Return the local date of an instant given to the minute, `2026-03-01T08:00`."""
    try:
        return local_date(parse_instant(f"{minute}:00.000Z"), offset_minutes)
    except (Malformed, ValueError):  # ValueError: the local date falls out of the calendar
        raise Refused("date_invalid", field="started_at or ended_at", value=minute) from None


def _check_in_force(contract: Contract, event: VisitRecorded | VisitCorrected) -> None:
    """Check that a contract that is not simply active was in force when a visit began."""
    status = contract.status
    if status == "closed" or (status == "terminated" and isinstance(event, VisitRecorded)):
        raise Refused("contract_not_active", contract=contract.contract, status=status)
    for start, end in contract.stops:
        if event.started_at > start and (end is None or event.started_at < end):
            raise Refused("contract_not_active", contract=contract.contract, status="suspended")


def _check_former_worker(state: State, contract: Contract, worker: str, date: str) -> None:
    """Check a worker whom the contract's provider does not employ now: did it on that day?"""
    until = state.left.get((worker, contract.provider))
    if until is not None:
        if date <= until:
            return
        raise Refused("worker_left", worker=worker, provider=contract.provider, until=until)
    provider = state.workers.get(worker)
    if provider is None:
        raise Refused("reference_unknown", kind="worker", id=worker)
    raise Refused("worker_of_other_provider", worker=worker, provider=provider)


def _after_exit(exited: tuple[str, str], date: str, started_at: str) -> bool:
    """Return whether an exit binds a visit: the visit began when everybody could know of it."""
    effective, recorded = exited
    return date >= effective and started_at > recorded


def _refuse_units(contract: Contract, service: str, units: int) -> NoReturn:
    raise Refused(
        "units_exceed",
        contract=contract.contract,
        service=service,
        units=units,
        units_max=contract.units_max[service],
    )


def _apply_visit(state: State, event: VisitRecorded, act: Act) -> None:
    contract = state.contracts[event.contract]
    date, person, units = act.found
    visit = Visit(
        date,
        event.service,
        event.units,
        event.units * contract.rates[event.service],
        person.beneficiary,
        act.leaf,
        denied=False,
    )
    state.put(state.visits[event.contract], event.id, visit)
    state.put(state.delivered[event.contract], event.service, units)


# -- visit.corrected ---------------------------------------------------------------------------


def _admit_correction(state: State, event: VisitCorrected, act: Act) -> None:
    contract = unclosed(state, event.contract)
    visit = state.visits[event.contract].get(event.visit)
    if visit is None:
        for claim, visits in open_claims(state, event.contract):
            if event.visit in visits:
                raise Refused("visit_claimed", visit=event.visit, claim=claim)
        raise Refused("visit_settled", visit=event.visit)
    _check_in_force(contract, event)
    date, person = _judge(state, contract, event, act)
    delivered = dict(state.delivered[event.contract])
    if not visit.denied:
        delivered[visit.service] -= visit.units
        delivered[event.service] = delivered.get(event.service, 0) + event.units
        if delivered[event.service] > contract.units_max[event.service]:
            _refuse_units(contract, event.service, delivered[event.service])
    corrected = Visit(
        date,
        event.service,
        event.units,
        event.units * contract.rates[event.service],
        person.beneficiary,
        visit.leaf,
        denied=visit.denied,
    )
    act.found = (corrected, delivered)


def _apply_correction(state: State, event: VisitCorrected, act: Act) -> None:
    corrected, delivered = act.found
    state.put(state.visits[event.contract], event.visit, corrected)
    state.put(state.delivered, event.contract, delivered)


def _home(_state: State, event: VisitRecorded | VisitCorrected) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    VisitRecorded: Rule(_authorise_visit, _admit_visit, _apply_visit, _home),
    VisitCorrected: Rule(_authorise_visit, _admit_correction, _apply_correction, _home),
}

"""Law of visits: who may be served by whom, when, and how much of it.

`visit.recorded` is by far the most frequent event; its rule looks things up and compares text.
Instants have one width, so the earlier one is the lesser text.
"""

import functools
import re
from typing import Any, NoReturn

import msgspec

from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.delivery import VisitCorrected, VisitRecorded
from ledger.rules.act import Act, Rule, authorise_seats, look_up
from ledger.rules.contract import unclosed
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.delivery import Visit
from ledger.times import local_date, parse_instant

# Both times in one match, and their classes and repeats written out: it is faster so.
_INSTANT = r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
_are_two_instants = re.compile(_INSTANT * 2).fullmatch
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


def _admit_visit(
    state: State, event: VisitRecorded | VisitCorrected, act: Act, before: Visit | None = None
) -> None:
    """Judge a visit, or what it is corrected to; `before` is what a correction replaces."""
    contract = state.contracts[event.contract]
    if contract.stops:
        _check_in_force(contract, event)
    so_far = state.delivered[event.contract].get(event.service)
    if so_far is None:
        raise Refused("service_not_in_contract", contract=event.contract, service=event.service)
    started_at, ended_at = event.started_at, event.ended_at
    if not _are_two_instants(started_at + ended_at):
        _refuse_form(event)
    date = _local_day(started_at[:_TO_THE_MINUTE], state.ledger["offset_minutes"])
    if not ended_at.startswith(started_at[:_TO_THE_DAY]):
        # Refuses a day that never comes.
        _local_day(ended_at[:_TO_THE_MINUTE], state.ledger["offset_minutes"])
    if not started_at <= ended_at <= act.recorded:
        _refuse_order(event, act)
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
    if (
        person is None
        or person.programme != contract.programme
        or date < person.from_date
        or (person.exited is not None and _after_exit(person.exited, date, started_at))
    ):
        _refuse_person(state, contract, event, date)
    units = so_far + event.units
    rate_fen, units_max = contract.items[event.service]
    if units > units_max:
        _check_units(contract, event, units, before)
    act.found = Visit(
        date,
        event.service,
        event.units,
        event.units * rate_fen,
        person.beneficiary,
        act.leaf,
        False,
    )


def _refuse_form(event: VisitRecorded | VisitCorrected) -> NoReturn:
    value = f"{event.started_at}, {event.ended_at}"
    raise Refused("date_invalid", field="started_at or ended_at", value=value)


def _refuse_order(event: VisitRecorded | VisitCorrected, act: Act) -> NoReturn:
    started_at, ended_at = event.started_at, event.ended_at
    if ended_at < started_at:
        raise Refused("period_reversed", field="visit", start=started_at, end=ended_at)
    raise Refused("visit_not_over", ended_at=ended_at, recorded=act.recorded)


@functools.lru_cache(maxsize=1 << 16)  # visits of a month share their minutes
def _local_day(minute: str, offset_minutes: int) -> str:
    """Return the local date of an instant given to the minute, `2026-03-01T08:00`."""
    try:
        return local_date(parse_instant(f"{minute}:00.000Z"), offset_minutes)
    except (Malformed, ValueError):  # ValueError: the local date falls out of the calendar
        raise Refused("date_invalid", field="started_at or ended_at", value=minute) from None


def _check_in_force(contract: Contract, event: VisitRecorded | VisitCorrected) -> None:
    """Check that a contract that was ever stopped was in force when a visit began."""
    status = contract.status
    if status == "closed" or (status == "terminated" and isinstance(event, VisitRecorded)):
        raise Refused("contract_not_active", contract=contract.contract, status=status)
    for start, end in contract.stops:
        if event.started_at > start and (end is None or event.started_at < end):
            then = status if end is None else "suspended"
            raise Refused("contract_not_active", contract=contract.contract, status=then)


def _check_former_worker(state: State, contract: Contract, worker: str, date: str) -> None:
    """Check that a provider that does not employ a worker now did so on a day."""
    until = state.left.get((worker, contract.provider))
    if until is not None:
        if date <= until:
            return
        raise Refused("worker_left", worker=worker, provider=contract.provider, until=until)
    provider = state.workers.get(worker)
    if provider is None:
        raise Refused("reference_unknown", kind="worker", id=worker)
    raise Refused("worker_of_other_provider", worker=worker, provider=provider)


def _refuse_person(
    state: State, contract: Contract, event: VisitRecorded | VisitCorrected, date: str
) -> NoReturn:
    look_up(state.beneficiaries, "beneficiary", event.beneficiary)
    raise Refused(
        "not_entitled", beneficiary=event.beneficiary, programme=contract.programme, date=date
    )


def _after_exit(exited: tuple[str, str], date: str, started_at: str) -> bool:
    """Return whether an exit binds a visit: the visit began when everybody could know of it."""
    effective, recorded = exited
    return date >= effective and started_at > recorded


def _check_units(
    contract: Contract, event: VisitRecorded | VisitCorrected, units: int, before: Visit | None
) -> None:
    """Check units that look too many: what a correction replaces, or was denied, is not there."""
    if before is not None:
        if before.denied:
            return
        units -= before.units if before.service == event.service else 0
    _, units_max = contract.items[event.service]
    if units > units_max:
        raise Refused(
            "units_exceed",
            contract=contract.contract,
            service=event.service,
            units=units,
            units_max=units_max,
        )


def _apply_visit(state: State, event: VisitRecorded, act: Act) -> None:
    state.add_visit(event.contract, event.id, act.found)


# -- visit.corrected ---------------------------------------------------------------------------


def _admit_correction(state: State, event: VisitCorrected, act: Act) -> None:
    unclosed(state, event.contract)
    before = state.visits[event.contract].get(event.visit)
    if before is None:
        for claim, visits in open_claims(state, event.contract):
            if event.visit in visits:
                raise Refused("visit_claimed", visit=event.visit, claim=claim)
        raise Refused("visit_settled", visit=event.visit)
    _admit_visit(state, event, act, before)
    act.found = msgspec.structs.replace(act.found, leaf=before.leaf, denied=before.denied)


def _apply_correction(state: State, event: VisitCorrected, act: Act) -> None:
    before, after = state.visits[event.contract][event.visit], act.found
    delivered = dict(state.delivered[event.contract])
    if not before.denied:
        delivered[before.service] -= before.units
        delivered[after.service] += after.units
    state.put(state.visits[event.contract], event.visit, after)
    state.put(state.delivered, event.contract, delivered)


def _home(_state: State, event: VisitRecorded | VisitCorrected) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    VisitRecorded: Rule(_authorise_visit, _admit_visit, _apply_visit, _home),
    VisitCorrected: Rule(_authorise_visit, _admit_correction, _apply_correction, _home),
}

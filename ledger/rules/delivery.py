"""Law of service delivery: who may be served by whom, and when.

`visit.recorded` is by far the most frequent event; its rule looks things up and compares text.
"""

import functools
import re
from typing import Any

from msgspec import UNSET

from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.delivery import BeneficiaryEnrolled, VisitRecorded, WorkerEnrolled
from ledger.parties import Case, Seat
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    authorise_seats,
    check_date,
    check_free,
    look_up,
    take,
)
from ledger.rules.programme import check_running
from ledger.state import State
from ledger.state.delivery import Beneficiary, Visit
from ledger.times import local_date, parse_instant

_TWO_INSTANTS = re.compile(
    r"(?:\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z){2}", re.ASCII
)
_TO_THE_MINUTE = 16
_TO_THE_DAY = 10


# -- enrolment ---------------------------------------------------------------------------------


def _authorise_beneficiary(state: State, event: BeneficiaryEnrolled, act: Act) -> None:
    programme = look_up(state.programmes, "programme", event.programme)
    case = Case(programme=programme.programme, purchaser=programme.purchaser)
    authorise(state, event, act, case, (Seat("purchaser", programme.purchaser),))


def _admit_beneficiary(state: State, event: BeneficiaryEnrolled, _act: Act) -> None:
    check_free(state, "beneficiary", event.beneficiary)
    check_running(state, event.programme)
    check_date("from", event.from_date)


def _apply_beneficiary(state: State, event: BeneficiaryEnrolled, _act: Act) -> None:
    take(state, "beneficiary", event.beneficiary)
    state.put(
        state.beneficiaries,
        event.beneficiary,
        Beneficiary(event.beneficiary, event.programme, event.monthly_cap_fen, event.from_date),
    )


def _authorise_worker(state: State, event: WorkerEnrolled, act: Act) -> None:
    # Whom a provider employs is its own matter: its role in any scope will do.
    authorise(state, event, act, Case(anywhere=True), (Seat("provider", event.provider),))


def _admit_worker(state: State, event: WorkerEnrolled, _act: Act) -> None:
    check_free(state, "worker", event.worker)
    look_up(state.parties, "party", event.provider)
    for credential in event.credentials:
        if credential.expires is not UNSET:
            check_date("credentials", credential.expires)


def _apply_worker(state: State, event: WorkerEnrolled, _act: Act) -> None:
    take(state, "worker", event.worker)
    state.put(state.workers, event.worker, event.provider)


# -- visit.recorded ----------------------------------------------------------------------------


def _authorise_visit(state: State, event: VisitRecorded, act: Act) -> None:
    contract = state.contracts.get(event.contract)
    if contract is None:
        raise Refused("reference_unknown", kind="contract", id=event.contract)
    authorise_seats(state, event, act, contract.case, contract.provider_seats)


def _admit_visit(state: State, event: VisitRecorded, act: Act) -> None:
    contract = state.contracts[event.contract]
    if contract.status != "active":
        raise Refused("contract_not_active", contract=event.contract, status=contract.status)
    if event.service not in contract.rates:
        raise Refused("service_not_in_contract", contract=event.contract, service=event.service)
    date = _day_of(event, state.ledger["offset_minutes"])
    if not contract.from_date <= date <= contract.to_date:
        raise Refused(
            "outside_term",
            date=date,
            contract=event.contract,
            from_date=contract.from_date,
            to_date=contract.to_date,
        )
    provider = state.workers.get(event.worker)
    if provider != contract.provider:
        if provider is None:
            raise Refused("reference_unknown", kind="worker", id=event.worker)
        raise Refused("worker_of_other_provider", worker=event.worker, provider=provider)
    person = state.beneficiaries.get(event.beneficiary)
    if person is None:
        raise Refused("reference_unknown", kind="beneficiary", id=event.beneficiary)
    if person.programme != contract.programme or date < person.from_date:
        raise Refused(
            "not_entitled",
            beneficiary=event.beneficiary,
            programme=contract.programme,
            date=date,
        )
    act.found = (date, person)


def _day_of(event: VisitRecorded, offset_minutes: int) -> str:
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
    return date


def _apply_visit(state: State, event: VisitRecorded, act: Act) -> None:
    contract = state.contracts[event.contract]
    date, person = act.found
    visit = Visit(
        date,
        event.service,
        event.units,
        event.units * contract.rates[event.service],
        person.beneficiary,
        act.leaf,
    )
    state.put(state.visits[event.contract], event.id, visit)


@functools.lru_cache(maxsize=1 << 16)  # visits of a month share their minutes
def _local_day(minute: str, offset_minutes: int) -> str:
    """Return the local date of an instant given to the minute, `2026-03-01T08:00`."""
    try:
        return local_date(parse_instant(f"{minute}:00.000Z"), offset_minutes)
    except (Malformed, ValueError):  # ValueError: the local date falls out of the calendar
        raise Refused("date_invalid", field="started_at or ended_at", value=minute) from None


# -- subjects ----------------------------------------------------------------------------------


def _programme(_state: State, event: BeneficiaryEnrolled) -> tuple[str, ...]:
    return (f"programme/{event.programme}",)


def _party(_state: State, event: WorkerEnrolled) -> tuple[str, ...]:
    return (f"party/{event.provider}",)


def _contract(_state: State, event: VisitRecorded) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    BeneficiaryEnrolled: Rule(
        _authorise_beneficiary, _admit_beneficiary, _apply_beneficiary, _programme
    ),
    WorkerEnrolled: Rule(_authorise_worker, _admit_worker, _apply_worker, _party),
    VisitRecorded: Rule(_authorise_visit, _admit_visit, _apply_visit, _contract),
}

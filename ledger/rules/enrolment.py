"""Law of the people of a service: who is entitled, what is planned for them, who serves them."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.delivery import (
    BeneficiaryAbsent,
    BeneficiaryEnrolled,
    BeneficiaryExited,
    CareplanAgreed,
    WorkerEnrolled,
    WorkerLeft,
)
from ledger.parties import Case, Seat
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_date,
    check_free,
    check_period,
    look_up,
    nothing,
    take,
)
from ledger.rules.contract import active, both_sides
from ledger.rules.lists import check_distinct
from ledger.rules.programme import check_running
from ledger.state import State
from ledger.state.delivery import Beneficiary

# -- beneficiary.* -----------------------------------------------------------------------------


def _authorise_beneficiary(
    state: State, event: BeneficiaryEnrolled | BeneficiaryExited | BeneficiaryAbsent, act: Act
) -> None:
    if isinstance(event, BeneficiaryEnrolled):
        programme_id = event.programme
    else:
        programme_id = look_up(state.beneficiaries, "beneficiary", event.beneficiary).programme
    programme = look_up(state.programmes, "programme", programme_id)
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
        Beneficiary(
            event.beneficiary, event.programme, event.monthly_cap_fen, event.from_date, None
        ),
    )


def _admit_exit(state: State, event: BeneficiaryExited, _act: Act) -> None:
    person = state.beneficiaries[event.beneficiary]
    check_date("effective", event.effective)
    _check_entitled(person, person.programme, event.effective)


def _apply_exit(state: State, event: BeneficiaryExited, act: Act) -> None:
    person = state.beneficiaries[event.beneficiary]
    exited = (event.effective, act.recorded)
    state.put(state.beneficiaries, event.beneficiary, person._replace(exited=exited))


def _admit_absence(state: State, event: BeneficiaryAbsent, _act: Act) -> None:
    person = state.beneficiaries[event.beneficiary]
    check_period("absence", event.from_date, event.to_date)
    _check_entitled(person, person.programme, event.to_date)


def _check_entitled(person: Beneficiary, programme: str, date: str) -> None:
    """Check that a person is entitled in a programme on a day, as far as is recorded by now."""
    gone = person.exited is not None and date >= person.exited[0]
    if person.programme != programme or date < person.from_date or gone:
        raise Refused(
            "not_entitled", beneficiary=person.beneficiary, programme=programme, date=date
        )


# -- careplan.agreed ---------------------------------------------------------------------------


def _authorise_plan(state: State, event: CareplanAgreed, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    authorise(state, event, act, contract.case, both_sides(contract))


def _admit_plan(state: State, event: CareplanAgreed, _act: Act) -> None:
    contract = active(state, event.contract)
    check_date("from", event.from_date)
    if not contract.from_date <= event.from_date <= contract.to_date:
        raise Refused(
            "outside_term",
            date=event.from_date,
            contract=event.contract,
            from_date=contract.from_date,
            to_date=contract.to_date,
        )
    person = look_up(state.beneficiaries, "beneficiary", event.beneficiary)
    _check_entitled(person, contract.programme, event.from_date)
    check_distinct("services", [planned.service for planned in event.services])
    for planned in event.services:
        if planned.service not in contract.items:
            raise Refused(
                "service_not_in_contract", contract=event.contract, service=planned.service
            )


# -- worker.* ----------------------------------------------------------------------------------


def _authorise_worker(state: State, event: WorkerEnrolled | WorkerLeft, act: Act) -> None:
    # Whom a provider employs is its own matter: its role in any scope will do.
    if isinstance(event, WorkerEnrolled):
        provider = event.provider
    else:
        provider = look_up(state.workers, "worker", event.worker)
    authorise(state, event, act, Case(anywhere=True), (Seat("provider", provider),))


def _admit_worker(state: State, event: WorkerEnrolled, _act: Act) -> None:
    # One token a person: who left a provider is enrolled again, by any, under the same one.
    returns = state.taken.get(f"worker/{event.worker.lower()}") == event.worker
    if not returns or event.worker in state.workers:
        check_free(state, "worker", event.worker)
    look_up(state.parties, "party", event.provider)
    for credential in event.credentials:
        if credential.expires is not UNSET:
            check_date("credentials", credential.expires)


def _apply_worker(state: State, event: WorkerEnrolled, _act: Act) -> None:
    take(state, "worker", event.worker)
    state.put(state.workers, event.worker, event.provider)


def _admit_leaving(_state: State, event: WorkerLeft, _act: Act) -> None:
    check_date("until", event.until)


def _apply_leaving(state: State, event: WorkerLeft, _act: Act) -> None:
    state.put(state.left, (event.worker, state.workers[event.worker]), event.until)
    state.drop(state.workers, event.worker)


# -- subjects ----------------------------------------------------------------------------------


def _programme(
    state: State, event: BeneficiaryEnrolled | BeneficiaryExited | BeneficiaryAbsent
) -> tuple[str, ...]:
    if isinstance(event, BeneficiaryEnrolled):
        return (f"programme/{event.programme}",)
    return (f"programme/{state.beneficiaries[event.beneficiary].programme}",)


def _contract(_state: State, event: CareplanAgreed) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


def _party(state: State, event: WorkerEnrolled | WorkerLeft) -> tuple[str, ...]:
    if isinstance(event, WorkerEnrolled):
        return (f"party/{event.provider}",)
    return (f"party/{state.workers[event.worker]}",)


RULES: dict[type[Event], Rule[Any]] = {
    BeneficiaryEnrolled: Rule(
        _authorise_beneficiary, _admit_beneficiary, _apply_beneficiary, _programme
    ),
    BeneficiaryExited: Rule(_authorise_beneficiary, _admit_exit, _apply_exit, _programme),
    BeneficiaryAbsent: Rule(_authorise_beneficiary, _admit_absence, nothing, _programme),
    CareplanAgreed: Rule(_authorise_plan, _admit_plan, nothing, _contract),
    WorkerEnrolled: Rule(_authorise_worker, _admit_worker, _apply_worker, _party),
    WorkerLeft: Rule(_authorise_worker, _admit_leaving, _apply_leaving, _party),
}

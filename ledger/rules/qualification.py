"""Law of qualifications: granted by the registrar, suspended only after notice."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.standing import QualificationGranted, QualificationSuspended
from ledger.parties import Case, Grant, Seat
from ledger.rules.act import Act, Rule, authorise, check_date, check_free, look_up, take
from ledger.rules.notice import spend_notice, use_notice
from ledger.state import State
from ledger.state.standing import Qualification


def is_qualified(state: State, party: str, kind: str, today: str, case: Case) -> bool:
    """Return whether a party is qualified for `kind`, in whatever letters, in a case.

    It is so on the local date `today`.
    """
    granted = (state.qualifications[key] for key in state.qualified.get((party, kind.lower()), ()))
    return any(
        not each.suspended and each.grant.in_force(today) and each.grant.covers(case)
        for each in granted
    )


# -- qualification.granted ---------------------------------------------------------------------


def _authorise(
    state: State, event: QualificationGranted | QualificationSuspended, act: Act
) -> None:
    authorise(state, event, act, Case(), (Seat("registrar"),))


def _admit_granting(state: State, event: QualificationGranted, _act: Act) -> None:
    check_free(state, "qualification", event.qualification)
    look_up(state.parties, "party", event.party)
    if event.expires is not UNSET:
        check_date("expires", event.expires)


def _apply_granting(state: State, event: QualificationGranted, _act: Act) -> None:
    take(state, "qualification", event.qualification)
    grant = Grant.of(event.scope, expires=event.expires or None)
    state.put(
        state.qualifications,
        event.qualification,
        Qualification(event.qualification, event.party, event.kind, grant, suspended=False),
    )
    key = (event.party, event.kind.lower())
    state.put(state.qualified, key, (*state.qualified.get(key, ()), event.qualification))


# -- qualification.suspended -------------------------------------------------------------------


def _admit_suspension(state: State, event: QualificationSuspended, act: Act) -> None:
    found = look_up(state.qualifications, "qualification", event.qualification)
    if found.suspended:
        raise Refused("qualification_not_in_force", qualification=event.qualification)
    use_notice(
        state,
        event.notice,
        "qualification.suspended",
        event.qualification,
        0,
        act,
        ground=event.ground,
    )


def _apply_suspension(state: State, event: QualificationSuspended, _act: Act) -> None:
    found = state.qualifications[event.qualification]
    state.put(state.qualifications, event.qualification, found._replace(suspended=True))
    spend_notice(state, event.notice)


def _granted(_state: State, event: QualificationGranted) -> tuple[str, ...]:
    return (f"party/{event.party}",)


def _suspended(state: State, event: QualificationSuspended) -> tuple[str, ...]:
    return (f"party/{state.qualifications[event.qualification].party}",)


RULES: dict[type[Event], Rule[Any]] = {
    QualificationGranted: Rule(_authorise, _admit_granting, _apply_granting, _granted),
    QualificationSuspended: Rule(_authorise, _admit_suspension, _apply_suspension, _suspended),
}

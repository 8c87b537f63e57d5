"""Law of grievances: heard, answered by the party concerned, and put before the supervisor."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.supervision import GrievanceAnswered, GrievanceEscalated, GrievanceFiled
from ledger.parties import Seat
from ledger.rules.act import Act, Rule, authorise, authorise_party, check_free, look_up, take
from ledger.rules.concern import concern_of, side_of
from ledger.state import State
from ledger.state.supervision import Grievance

# -- grievance.filed ---------------------------------------------------------------------------


def _authorise_filing(state: State, event: GrievanceFiled, act: Act) -> None:
    concern = concern_of(state, event.about)
    provider = Seat("provider", None if concern.buyer is None else concern.provider)
    authorise(state, event, act, concern.case, (Seat("purchaser"),), (provider,))


def _admit_filing(state: State, event: GrievanceFiled, _act: Act) -> None:
    check_free(state, "grievance", event.grievance)
    if event.visit is not UNSET and event.about.contract is UNSET:
        raise Refused("about_unclear")


def _apply_filing(state: State, event: GrievanceFiled, act: Act) -> None:
    take(state, "grievance", event.grievance)
    concern = concern_of(state, event.about)
    filed_by = act.signers[0].party
    against_buyer = concern.buyer is not None and filed_by == concern.provider
    to = concern.buyer if against_buyer and concern.buyer is not None else concern.provider
    state.put(
        state.grievances,
        event.grievance,
        Grievance(event.grievance, concern, filed_by, to, answered=False, escalated=False),
    )


# -- grievance.answered ------------------------------------------------------------------------


def _authorise_answer(state: State, event: GrievanceAnswered, act: Act) -> None:
    grievance = look_up(state.grievances, "grievance", event.grievance)
    seat = side_of(grievance.concern, grievance.to)
    authorise_party(state, event, act, grievance.concern.case, seat)


def _admit_answer(state: State, event: GrievanceAnswered, _act: Act) -> None:
    if state.grievances[event.grievance].answered:
        raise Refused("grievance_wrong_state", grievance=event.grievance, done="answered")


def _apply_answer(state: State, event: GrievanceAnswered, _act: Act) -> None:
    grievance = state.grievances[event.grievance]
    state.put(state.grievances, event.grievance, grievance._replace(answered=True))


# -- grievance.escalated -----------------------------------------------------------------------


def _authorise_escalation(state: State, event: GrievanceEscalated, act: Act) -> None:
    grievance = look_up(state.grievances, "grievance", event.grievance)
    ways = [(Seat("purchaser", grievance.filed_by),), (Seat("provider", grievance.filed_by),)]
    authorise(state, event, act, grievance.concern.case, *ways)


def _admit_escalation(state: State, event: GrievanceEscalated, _act: Act) -> None:
    if state.grievances[event.grievance].escalated:
        raise Refused("grievance_wrong_state", grievance=event.grievance, done="escalated")


def _apply_escalation(state: State, event: GrievanceEscalated, _act: Act) -> None:
    grievance = state.grievances[event.grievance]
    state.put(state.grievances, event.grievance, grievance._replace(escalated=True))


def _filed(state: State, event: GrievanceFiled) -> tuple[str, ...]:
    return (concern_of(state, event.about).home,)


def _home(state: State, event: GrievanceAnswered | GrievanceEscalated) -> tuple[str, ...]:
    return (state.grievances[event.grievance].concern.home,)


RULES: dict[type[Event], Rule[Any]] = {
    GrievanceFiled: Rule(_authorise_filing, _admit_filing, _apply_filing, _filed),
    GrievanceAnswered: Rule(_authorise_answer, _admit_answer, _apply_answer, _home),
    GrievanceEscalated: Rule(_authorise_escalation, _admit_escalation, _apply_escalation, _home),
}

"""Law of persons: interests that bar from a purchase, and what was erased about somebody."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.persons import InterestDeclared, SubjectErased
from ledger.parties import Case, Seat
from ledger.rules.act import Act, Rule, authorise, check_period, look_up, nothing
from ledger.state import State
from ledger.state.persons import PersonalInterest

# -- interest.declared -------------------------------------------------------------------------


def _authorise_interest(state: State, event: InterestDeclared, act: Act) -> None:
    """Let a purchaser or an evaluator declare: whose people they are is their own matter."""
    ways = (Seat("purchaser"),), (Seat("evaluator"),)
    authorise(state, event, act, Case(anywhere=True), *ways)


def _admit_interest(state: State, event: InterestDeclared, act: Act) -> None:
    look_up(state.parties, "party", event.counterparty)
    # A declared interest bars; nobody may bar the people of another party.
    parties = [key.party for key in state.keys.values() if key.holder == event.person]
    if parties and act.signers[0].party not in parties:
        raise Refused("person_not_of_party", person=event.person, party=parties[0])
    check_period("period", event.period.from_date, event.period.to_date)


def _apply_interest(state: State, event: InterestDeclared, _act: Act) -> None:
    key = (event.person, event.counterparty)
    interest = PersonalInterest(event.relation, event.period.from_date, event.period.to_date)
    state.put(state.personal_interests, key, (*state.personal_interests.get(key, ()), interest))


def _counterparty(_state: State, event: InterestDeclared) -> tuple[str, ...]:
    return (f"party/{event.counterparty}",)


# -- subject.erased ----------------------------------------------------------------------------


def _authorise_erasure(state: State, event: SubjectErased, act: Act) -> None:
    kind, home = _home_of(state, event.token)
    case = Case(programme=home) if kind == "programme" else Case(anywhere=True)
    authorise(state, event, act, case, (Seat("purchaser"), Seat("registrar")))


def _erased(state: State, event: SubjectErased) -> tuple[str, ...]:
    """Return the programme of a beneficiary, or the party of a worker or holder of keys."""
    return ("/".join(_home_of(state, event.token)),)


def _home_of(state: State, token: str) -> tuple[str, str]:
    beneficiary = state.beneficiaries.get(token)
    if beneficiary is not None:
        return "programme", beneficiary.programme
    provider = state.workers.get(token)
    if provider is not None:
        return "party", provider
    for key in state.keys.values():
        if key.holder == token:
            return "party", key.party
    raise Refused("reference_unknown", kind="person", id=token)


RULES: dict[type[Event], Rule[Any]] = {
    InterestDeclared: Rule(_authorise_interest, _admit_interest, _apply_interest, _counterparty),
    SubjectErased: Rule(_authorise_erasure, nothing, nothing, _erased),
}

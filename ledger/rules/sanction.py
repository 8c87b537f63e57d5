"""Law of sanctions: who is barred from bidding, where and for how long (Procurement Law 77)."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.standing import SanctionImposed, SanctionLifted
from ledger.parties import Case, Grant, Seat
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_free,
    check_period,
    holds_role,
    look_up,
    take,
)
from ledger.rules.notice import spend_notice, use_notice
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.standing import Sanction


def is_sanctioned(state: State, party: str, today: str, case: Case | None = None) -> bool:
    """Return whether a party is barred on the local date `today`.

    With a case, where that case is; without one, anywhere at all.
    """
    imposed = (state.sanctions[key] for key in state.sanctioned.get(party, ()))
    return any(
        each.in_force(today) and (case is None or each.grant.covers(case)) for each in imposed
    )


# -- sanction.imposed --------------------------------------------------------------------------


def _authorise_imposing(state: State, event: SanctionImposed, act: Act) -> None:
    for case in Grant.of(event.scope).cases():
        authorise(state, event, act, case, (Seat("finance"),), (Seat("reviewer"),))


def _admit_imposing(state: State, event: SanctionImposed, act: Act) -> None:
    check_free(state, "sanction", event.sanction)
    look_up(state.parties, "party", event.party)
    check_period("sanction", event.from_date, event.until)
    use_notice(state, event.notice, "sanction.imposed", event.party, 0, act, ground=event.ground)
    imposer = act.signers[0].party
    if not holds_role(state, imposer, "finance", act.today):
        check_independent(state, imposer, (event.party,))


def _apply_imposing(state: State, event: SanctionImposed, act: Act) -> None:
    take(state, "sanction", event.sanction)
    state.put(
        state.sanctions,
        event.sanction,
        Sanction(
            sanction=event.sanction,
            party=event.party,
            imposed_by=act.signers[0].party,
            grant=Grant.of(event.scope, expires=event.until),
            from_date=event.from_date,
            lifted=None,
        ),
    )
    before = state.sanctioned.get(event.party, ())
    state.put(state.sanctioned, event.party, (*before, event.sanction))
    spend_notice(state, event.notice)


# -- sanction.lifted ---------------------------------------------------------------------------


def _authorise_lifting(state: State, event: SanctionLifted, act: Act) -> None:
    sanction = look_up(state.sanctions, "sanction", event.sanction)
    imposer = Seat("finance", sanction.imposed_by)
    authorise(state, event, act, Case(anywhere=True), (imposer,), (Seat("reviewer"),))


def _admit_lifting(state: State, event: SanctionLifted, act: Act) -> None:
    sanction = state.sanctions[event.sanction]
    if sanction.lifted is not None:
        raise Refused("sanction_not_in_force", sanction=event.sanction)
    if act.signers[0].party != sanction.imposed_by:
        check_independent(state, act.signers[0].party, (sanction.party,))


def _apply_lifting(state: State, event: SanctionLifted, act: Act) -> None:
    sanction = state.sanctions[event.sanction]
    state.put(state.sanctions, event.sanction, sanction._replace(lifted=act.today))


def _imposed(_state: State, event: SanctionImposed) -> tuple[str, ...]:
    return (f"party/{event.party}",)


def _lifted(state: State, event: SanctionLifted) -> tuple[str, ...]:
    return (f"party/{state.sanctions[event.sanction].party}",)


RULES: dict[type[Event], Rule[Any]] = {
    SanctionImposed: Rule(_authorise_imposing, _admit_imposing, _apply_imposing, _imposed),
    SanctionLifted: Rule(_authorise_lifting, _admit_lifting, _apply_lifting, _lifted),
}

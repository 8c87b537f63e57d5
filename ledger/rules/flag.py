"""Law of red flags: raised and resolved by auditors, made public by a reviewer alone."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.supervision import FlagRaised, FlagReleased, FlagResolved
from ledger.parties import Case, Seat
from ledger.rulebook import current_version, rule_version
from ledger.rules.act import Act, Rule, authorise, check_free, look_up, take
from ledger.rules.concern import concern_of
from ledger.rules.lists import check_distinct
from ledger.rules.reviewer import check_independent
from ledger.state import State
from ledger.state.supervision import Flag

# -- flag.raised -------------------------------------------------------------------------------


def _authorise_raising(state: State, event: FlagRaised, act: Act) -> None:
    case = concern_of(state, event.about).case
    authorise(state, event, act, case, (Seat("auditor"),))


def _admit_raising(state: State, event: FlagRaised, _act: Act) -> None:
    check_free(state, "flag", event.flag)
    rule_version(state, event.rule)
    current = current_version(state, event.rule.partition("@")[0])
    if event.rule != current:
        raise Refused("rule_not_in_force", rule=event.rule, current=current)
    check_distinct("evidence", event.evidence)


def _apply_raising(state: State, event: FlagRaised, act: Act) -> None:
    take(state, "flag", event.flag)
    concern = concern_of(state, event.about)
    state.put(state.flags, event.flag, Flag(event.flag, concern, act.signers[0].party, "raised"))


# -- flag.resolved -----------------------------------------------------------------------------


def _authorise_resolving(state: State, event: FlagResolved, act: Act) -> None:
    flag = look_up(state.flags, "flag", event.flag)
    authorise(state, event, act, flag.concern.case, (Seat("auditor"),))


def _admit_resolving(state: State, event: FlagResolved, _act: Act) -> None:
    _check_status(state, event.flag, "raised")


def _apply_resolving(state: State, event: FlagResolved, _act: Act) -> None:
    state.put(state.flags, event.flag, state.flags[event.flag]._replace(status="resolved"))


# -- flag.released -----------------------------------------------------------------------------


def _authorise_releasing(state: State, event: FlagReleased, act: Act) -> None:
    flag = look_up(state.flags, "flag", event.flag)
    # A party's standing is at stake: a reviewer of some other matter may not touch it.
    case = Case() if flag.concern.case.anywhere else flag.concern.case
    authorise(state, event, act, case, (Seat("reviewer"),))


def _admit_releasing(state: State, event: FlagReleased, act: Act) -> None:
    flag = state.flags[event.flag]
    _check_status(state, event.flag, "resolved")
    check_independent(state, act.signers[0].party, (*flag.concern.parties, flag.auditor))


def _apply_releasing(state: State, event: FlagReleased, _act: Act) -> None:
    state.put(state.flags, event.flag, state.flags[event.flag]._replace(status="released"))


def _check_status(state: State, flag_id: str, expected: str) -> None:
    status = state.flags[flag_id].status
    if status != expected:
        raise Refused("flag_wrong_state", flag=flag_id, status=status, expected=expected)


def _raised(state: State, event: FlagRaised) -> tuple[str, ...]:
    return (concern_of(state, event.about).home,)


def _home(state: State, event: FlagResolved | FlagReleased) -> tuple[str, ...]:
    return (state.flags[event.flag].concern.home,)


RULES: dict[type[Event], Rule[Any]] = {
    FlagRaised: Rule(_authorise_raising, _admit_raising, _apply_raising, _raised),
    FlagResolved: Rule(_authorise_resolving, _admit_resolving, _apply_resolving, _home),
    FlagReleased: Rule(_authorise_releasing, _admit_releasing, _apply_releasing, _home),
}

"""Law of audits: what they find is put to the audited party before it is closed."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.supervision import AuditOpened, FindingAnswered, FindingClosed, FindingIssued
from ledger.parties import Grant, Seat
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    authorise_party,
    check_free,
    check_period,
    look_up,
    take,
)
from ledger.rules.concern import concern_of, side_of
from ledger.rules.lists import check_distinct
from ledger.rules.notice import check_reply_by
from ledger.state import State
from ledger.state.supervision import Audit, Concern, Finding

# -- audit.opened ------------------------------------------------------------------------------


def _authorise_opening(state: State, event: AuditOpened, act: Act) -> None:
    for case in Grant.of(event.scope).cases():
        authorise(state, event, act, case, (Seat("auditor"),))


def _admit_opening(state: State, event: AuditOpened, _act: Act) -> None:
    check_free(state, "audit", event.audit)
    look_up(state.parties, "party", event.party)
    check_period("period", event.period.from_date, event.period.to_date)


def _apply_opening(state: State, event: AuditOpened, act: Act) -> None:
    take(state, "audit", event.audit)
    audit = Audit(event.audit, act.signers[0].party, event.party, Grant.of(event.scope))
    state.put(state.audits, event.audit, audit)


# -- finding.issued ----------------------------------------------------------------------------


def _authorise_finding(state: State, event: FindingIssued, act: Act) -> None:
    audit = look_up(state.audits, "audit", event.audit)
    case = concern_of(state, event.about).case
    authorise(state, event, act, case, (Seat("auditor", audit.auditor),))


def _admit_finding(state: State, event: FindingIssued, act: Act) -> None:
    check_free(state, "finding", event.finding)
    audit = state.audits[event.audit]
    concern = concern_of(state, event.about)
    if audit.party not in concern.parties or not _in_scope(state, audit, concern):
        raise Refused("outside_audit", audit=event.audit, party=audit.party, subject=concern.home)
    if event.flags is not UNSET:
        check_distinct("flags", event.flags)
        for flag in event.flags:
            look_up(state.flags, "flag", flag)
    act.found = check_reply_by(state, event.due, act)


def _in_scope(state: State, audit: Audit, concern: Concern) -> bool:
    """Return whether an audit's scope covers a contract, by one of its lines too."""
    if concern.case.contract is None:
        return True
    lines = [line for line, _ in state.contracts[concern.case.contract].lines]
    return any(audit.grant.covers(concern.case._replace(line=line)) for line in lines)


def _apply_finding(state: State, event: FindingIssued, act: Act) -> None:
    take(state, "finding", event.finding)
    concern = concern_of(state, event.about)
    finding = Finding(event.finding, event.audit, concern, event.due, act.found, "issued")
    state.put(state.findings, event.finding, finding)


# -- finding.answered --------------------------------------------------------------------------


def _authorise_reply(state: State, event: FindingAnswered, act: Act) -> None:
    finding = look_up(state.findings, "finding", event.finding)
    seat = side_of(finding.concern, state.audits[finding.audit].party)
    authorise_party(state, event, act, finding.concern.case, seat)


def _admit_reply(state: State, event: FindingAnswered, _act: Act) -> None:
    finding = state.findings[event.finding]
    if finding.status != "issued":
        raise Refused("finding_wrong_state", finding=event.finding, status=finding.status)


def _apply_reply(state: State, event: FindingAnswered, _act: Act) -> None:
    finding = state.findings[event.finding]
    state.put(state.findings, event.finding, finding._replace(status="answered"))


# -- finding.closed ----------------------------------------------------------------------------


def _authorise_closing(state: State, event: FindingClosed, act: Act) -> None:
    finding = look_up(state.findings, "finding", event.finding)
    auditor = Seat("auditor", state.audits[finding.audit].auditor)
    authorise(state, event, act, finding.concern.case, (auditor,))


def _admit_closing(state: State, event: FindingClosed, act: Act) -> None:
    finding = state.findings[event.finding]
    if finding.status == "closed":
        raise Refused("finding_wrong_state", finding=event.finding, status=finding.status)
    if finding.status == "issued" and act.recorded_ms < finding.due_end_ms:
        raise Refused("finding_not_due", finding=event.finding, due=finding.due)


def _apply_closing(state: State, event: FindingClosed, _act: Act) -> None:
    finding = state.findings[event.finding]
    state.put(state.findings, event.finding, finding._replace(status="closed"))


def _audited(_state: State, event: AuditOpened) -> tuple[str, ...]:
    return (f"party/{event.party}",)


def _issued(state: State, event: FindingIssued) -> tuple[str, ...]:
    return (concern_of(state, event.about).home,)


def _home(state: State, event: FindingAnswered | FindingClosed) -> tuple[str, ...]:
    return (state.findings[event.finding].concern.home,)


RULES: dict[type[Event], Rule[Any]] = {
    AuditOpened: Rule(_authorise_opening, _admit_opening, _apply_opening, _audited),
    FindingIssued: Rule(_authorise_finding, _admit_finding, _apply_finding, _issued),
    FindingAnswered: Rule(_authorise_reply, _admit_reply, _apply_reply, _home),
    FindingClosed: Rule(_authorise_closing, _admit_closing, _apply_closing, _home),
}

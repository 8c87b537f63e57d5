"""Supervision: grievances, audits and their findings, and red flags.

grievance.filed ─▶ answered             and, once, escalated, answered or not
finding.issued  ─▶ answered ─▶ closed   or closed when nobody answered by the day it was due
flag.raised     ─▶ resolved ─▶ released
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import (
    MAX_LIST,
    Date,
    Event,
    Id,
    Period,
    PositiveFen,
    Record,
    Ref,
    Sha256,
    Text,
)
from ledger.events.parties import Scope

EventId = Annotated[
    str,
    Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"),
]
"""The id of an event of this ledger, as evidence; the state keeps no list of them to look in."""

FlagRule = Annotated[str, Meta(pattern=r"\Aflag/[a-z][a-z0-9-]{0,62}@[1-9][0-9]{0,5}\Z")]
"""A version of a rule of kind flag, `flag/f20@1`."""


class About(Record, frozen=True, kw_only=True):
    """What an act of supervision is about: a contract or a party.

    Attributes:
        contract: the contract.
        party: the party, where it is about no contract.

    """

    contract: Ref | UnsetType = UNSET
    party: Ref | UnsetType = UNSET


class GrievanceFiled(Event, frozen=True, kw_only=True, tag="grievance.filed"):
    """Somebody complained. Signed by a purchaser on a citizen's word, or by the provider.

    Attributes:
        grievance: its id.
        about: the contract or party.
        visit: the visit under that contract, by its event id.
        category: what it is about.
        text: commitment to what was said, which stays in the vault.

    """

    grievance: Id
    about: About
    category: Literal["QUALITY", "CONDUCT", "ABSENCE", "SAFETY", "BILLING", "PAYMENT", "OTHER"]
    text: Sha256
    visit: EventId | UnsetType = UNSET


class GrievanceAnswered(Event, frozen=True, kw_only=True, tag="grievance.answered"):
    """The party concerned answered a grievance, once. Signed by that party, in whatever role.

    Of a contract that is the provider, or the buyer where the provider complained.

    Attributes:
        grievance: which.
        text: commitment to the answer.

    """

    grievance: Ref
    text: Sha256


class GrievanceEscalated(Event, frozen=True, kw_only=True, tag="grievance.escalated"):
    """A grievance was put before the supervisor. Signed by the party that filed it.

    Attributes:
        grievance: which; answered or not.
        text: commitment to the reasons.

    """

    grievance: Ref
    text: Sha256


class AuditOpened(Event, frozen=True, kw_only=True, tag="audit.opened"):
    """An audit of a party began. Signed by an auditor.

    Attributes:
        audit: its id.
        party: who is audited.
        scope: which of its contracts; the auditor holds its role there.
        period: the days looked at.

    """

    audit: Id
    party: Ref
    scope: Scope
    period: Period


class FindingIssued(Event, frozen=True, kw_only=True, tag="finding.issued"):
    """An audit found something. Signed by the auditor that opened it.

    It takes nothing from anybody: a refund is demanded, after notice.

    Attributes:
        finding: its id.
        audit: in which audit.
        about: the audited party, or a contract of it.
        rule: the rule that was broken, by statute and article or contract term.
        due: last local day to answer; at least 5 working days ahead, at most 90 days.
        flags: the flags that led to it.
        amount_fen: the money concerned.

    """

    finding: Id
    audit: Ref
    about: About
    rule: Text
    due: Date
    flags: Annotated[list[Ref], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    amount_fen: PositiveFen | UnsetType = UNSET


class FindingAnswered(Event, frozen=True, kw_only=True, tag="finding.answered"):
    """The audited party answered a finding, once. Signed by that party, in whatever role.

    Attributes:
        finding: which; late answers are heard until it is closed.
        text: commitment to the reply.

    """

    finding: Ref
    text: Sha256


class FindingClosed(Event, frozen=True, kw_only=True, tag="finding.closed"):
    """A finding was closed, after it was answered or was due. Signed by the auditor.

    Attributes:
        finding: which.
        outcome: whether it was remedied, stands, or was withdrawn.

    """

    finding: Ref
    outcome: Literal["REMEDIED", "STANDS", "WITHDRAWN"]


class FlagRaised(Event, frozen=True, kw_only=True, tag="flag.raised"):
    """A red flag: a reason to look, never a verdict. Signed by an auditor.

    Attributes:
        flag: its id.
        rule: version of the rule that it follows from; the one in force.
        about: the contract or party.
        evidence: ids of the events that it follows from.

    """

    flag: Id
    rule: FlagRule
    about: About
    evidence: Annotated[list[EventId], Meta(min_length=1, max_length=MAX_LIST)]


class FlagResolved(Event, frozen=True, kw_only=True, tag="flag.resolved"):
    """Somebody looked. Signed by an auditor.

    Attributes:
        flag: which.
        verdict: whether it was confirmed, explained, or a false alarm.

    """

    flag: Ref
    verdict: Literal["CONFIRMED", "EXPLAINED", "FALSE_ALARM"]


class FlagReleased(Event, frozen=True, kw_only=True, tag="flag.released"):
    """A resolved flag was made public. Signed by a reviewer that belongs to no party of it.

    Attributes:
        flag: which.

    """

    flag: Ref


EVENTS = (
    GrievanceFiled,
    GrievanceAnswered,
    GrievanceEscalated,
    AuditOpened,
    FindingIssued,
    FindingAnswered,
    FindingClosed,
    FlagRaised,
    FlagResolved,
    FlagReleased,
)

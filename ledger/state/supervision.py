"""Grievances, audits, findings and flags, as the law remembers them."""

from typing import Literal, NamedTuple

from ledger.parties import Case, Grant


class Concern(NamedTuple):
    """What an act of supervision is about.

    Attributes:
        home: key of the subject concerned.
        case: what scopes and separation of duties ask about it.
        buyer: the contract's buyer, or None where it is about a party.
        provider: the contract's provider, or the party.

    """

    home: str
    case: Case
    buyer: str | None
    provider: str

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties concerned."""
        return (self.provider,) if self.buyer is None else (self.buyer, self.provider)


class Grievance(NamedTuple):
    """A grievance: who filed it, who is to answer, and whether that was done."""

    grievance: str
    concern: Concern
    filed_by: str
    to: str
    answered: bool
    escalated: bool


class Audit(NamedTuple):
    """An audit: by whom, of whom, in which scope."""

    audit: str
    auditor: str
    party: str
    grant: Grant


class Finding(NamedTuple):
    """A finding.

    Attributes:
        finding: its id.
        audit: in which audit.
        concern: what it is about.
        due: last local day to answer.
        due_end_ms: the instant at which that day ends.
        status: issued, answered or closed.

    """

    finding: str
    audit: str
    concern: Concern
    due: str
    due_end_ms: int
    status: Literal["issued", "answered", "closed"]


class Flag(NamedTuple):
    """A red flag: what it is about, which auditor raised it, and how far it got."""

    flag: str
    concern: Concern
    auditor: str
    status: Literal["raised", "resolved", "released"]

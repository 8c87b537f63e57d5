"""Who reads what: for every type of event, whom it is for. Decided here and nowhere else.

    public    every event that moves money, decides who gets it, or says who may sign
    parties   people and deliveries: the parties of the contract, and whoever signed it
    case      accusations and their answers: the same, and the reviewers that decide them
    flag      red flags: those that supervise, until a reviewer releases one to everybody
    bid       opened bids: whoever made it, until every bid of the tender is in

Finance and auditors read all of it (what lies in the vault is no event). An operator reads no more
than the public, and so do all others of no concern. The log's entries, with who signed how many
events and when, are public for every statement: this is about the events' bodies.

The same table serves requests, pages, the feed and archives made for a role:

    may_read_event(reader, "visit.recorded", ("lushan-civil-affairs", "yangguang"))
"""

from collections.abc import Collection
from enum import Enum
from typing import NamedTuple

READS_ALL = frozenset({"finance", "auditor"})
"""Roles that read everything but what lies in the vault."""
READS_CASES = READS_ALL | {"reviewer"}
"""Roles that read accusations and flags whoever they concern: a reviewer decides them."""
READS_PEOPLE = READS_ALL | {"purchaser", "provider"}
"""Roles that have to do with people and deliveries at all."""

READS_ORDERS = frozenset({"finance", "treasury"})
"""Roles that read order files for the bank: with numbers of accounts, which lie in the vault."""

READS_APPROVERS = READS_ALL | {"purchaser"}
"""Roles that read what keys approved and how fast: the last of them of their own keys only."""


class Reader(NamedTuple):
    """Whoever asks: nobody in particular, a party by one of its keys, or a person of its staff.

    Attributes:
        party: the party it asks for, or None: the public.
        key: name of the key that signed its session, or None.
        roles: roles of the party that are in force.

    """

    party: str | None = None
    key: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """Whether it is anybody."""
        return self.party is None

    @property
    def reads_all(self) -> bool:
        """Whether it reads what concerns others."""
        return not READS_ALL.isdisjoint(self.roles)

    @property
    def reads_people(self) -> bool:
        """Whether people and deliveries are any matter of it."""
        return not READS_PEOPLE.isdisjoint(self.roles)


PUBLIC = Reader()
"""Anybody."""


class Audience(Enum):
    """Whom a type of event is for; the module tells what each means."""

    PUBLIC = "public"
    PARTIES = "parties"
    CASE = "case"
    FLAG = "flag"
    BID = "bid"


_TYPES = {
    Audience.PUBLIC: (
        # The ledger, and who may sign.
        *("ledger.opened", "ledger.closed", "party.registered", "party.updated"),
        *("key.enrolled", "key.recovered", "key.contested", "key.revoked", "act.reaffirmed"),
        *("role.granted", "role.revoked", "qualification.granted", "qualification.suspended"),
        *("interest.declared", "account.declared", "sanction.imposed", "sanction.lifted"),
        # Rules and prices.
        *("rule.published", "service.catalogued", "service.withdrawn", "price.capped"),
        # Programmes and budgets.
        *("programme.established", "programme.ended", "indicator.reported"),
        *("budget.appropriated", "budget.supplemented", "budget.reduced", "budget.allotted"),
        *("budget.transferred", "budget.lapsed", "budget.carried_over", "cashplan.approved"),
        # From tender to award; who bids is known once the bid is sealed, its price later.
        *("tender.published", "tender.amended", "tender.cancelled", "tender.failed"),
        *("question.asked", "question.answered"),
        *("bid.sealed", "bid.withdrawn", "bid.forfeited", "bid.disqualified", "bid.scored"),
        *("award.decided", "award.challenged", "challenge.answered", "award.cancelled"),
        *("complaint.lodged", "complaint.decided"),
        # Contracts, and what is owed under them.
        *("contract.signed", "contract.amended", "contract.funded", "contract.published"),
        *("contract.suspended", "contract.resumed", "contract.terminated", "contract.closed"),
        *("claim.submitted", "claim.answered", "claim.agreed", "claim.deemed_accepted"),
        *("dispute.opened", "dispute.settled", "dispute.ruled"),
        *("score.proposed", "score.contested", "score.finalised"),
        *("deduction.applied", "bonus.granted", "penalty.imposed", "revenue.remitted"),
        *("retention.released", "guarantee.lodged", "refund.demanded", "refund.received"),
        *("receivable.requested", "receivable.confirmed", "receivable.assigned"),
        "receivable.released",
        # Payments.
        *("payment.requested", "payment.approved", "payment.returned", "payment.ordered"),
        *("payment.settled", "payment.rejected", "payment.bounced", "payment.diverted"),
        *("advance.ordered", "advance.settled", "advance.rejected", "advance.refunded"),
        *("interest.accrued", "interest.waived"),
        # What was made public on purpose.
        *("flag.released", "release.reported"),
    ),
    Audience.PARTIES: (
        *("beneficiary.enrolled", "beneficiary.exited", "beneficiary.absent"),
        *("careplan.agreed", "worker.enrolled", "worker.left", "subject.erased"),
        *("visit.recorded", "visit.corrected", "visit.confirmed", "visit.denied"),
        *("spotcheck.drawn", "spotcheck.done"),
    ),
    Audience.CASE: (
        *("notice.given", "notice.answered", "notice.decided"),
        *("grievance.filed", "grievance.answered", "grievance.escalated"),
        *("audit.opened", "finding.issued", "finding.answered", "finding.closed"),
    ),
    Audience.FLAG: ("flag.raised", "flag.resolved"),
    Audience.BID: ("bid.revealed",),
}

AUDIENCES: dict[str, Audience] = {
    name: audience for audience, names in _TYPES.items() for name in names
}
"""Every type of the vocabulary, and whom it is for."""


def may_read_event(
    reader: Reader, type_name: str, parties: Collection[str], *, is_released: bool = False
) -> bool:
    """Tell whether a reader may read the body of an event.

    `parties` are those that it concerns: the sides of its contract, and its signers.
    `is_released` says of a flag or a bid that it is for everybody now.
    """
    audience = AUDIENCES[type_name]
    if audience is Audience.PUBLIC or reader.reads_all:
        return True
    if audience in {Audience.FLAG, Audience.BID} and is_released:
        return True
    if audience in {Audience.CASE, Audience.FLAG} and not READS_CASES.isdisjoint(reader.roles):
        return True
    return audience is not Audience.FLAG and reader.party is not None and reader.party in parties

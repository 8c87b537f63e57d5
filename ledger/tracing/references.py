"""References: which field of which event names an earlier event, and which one it rests on.

A reference is a field of the vocabulary that holds an id. Its *kind* says what it is an id of;
`to` says which event about that thing is rested on: the newest before it of the first type that
there is one of. So a bank entry rests on the order, the order on the approval, the approval on
the request, and that on the answers to its claims, though each of them names only the payment.

The first reference of a type is the one it hangs under in a tree; the others show upwards.

Ids of people and things (beneficiaries, workers, devices, accounts, services) are not walked:
they lead from the money to persons, and their events stand in the history of their programme or
party. A test holds every field of the vocabulary to be in one of the tables here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET, Struct

from ledger.events import (
    Event,
    delivery,
    interest,
    parties,
    penalty,
    refund,
    retention,
    standing,
    supervision,
)
from ledger.events import advance as advances
from ledger.events import award as awards
from ledger.events import bid as bids
from ledger.events import budget as budgets
from ledger.events import claim as claims
from ledger.events import contract as contracts
from ledger.events import dispute as disputes
from ledger.events import notice as notices
from ledger.events import payment as payments
from ledger.events import receivable as receivables
from ledger.events import score as scores
from ledger.events import tender as tenders
from ledger.events.accounts import AccountDeclared

EVENT = "event"
"""Kind of a reference that is an event's own id."""

SUM = "sum"
"""Kind of a reference to what is owed: a claim, or the event that made a sum beyond it owed."""

HOME = "home"
"""Kind of a reference to whatever the event's home subject is."""


class Reference(NamedTuple):
    """A field that names something earlier.

    Attributes:
        path: the field, with a dot into records and lists: `lines.line`.
        kind: what it is an id of.
        to: which event about that is rested on; empty for the one that introduced the id.

    """

    path: str
    kind: str
    to: tuple[type[Event], ...] = ()


INTRODUCES: Mapping[type[Event], tuple[str, str]] = {
    parties.PartyRegistered: ("party", "party"),
    budgets.ProgrammeEstablished: ("programme", "programme"),
    budgets.BudgetAppropriated: ("line", "line"),
    tenders.TenderPublished: ("tender", "tender"),
    tenders.QuestionAsked: ("question", "question"),
    bids.BidSealed: ("bid", "bid"),
    awards.AwardDecided: ("award", "award"),
    awards.AwardChallenged: ("challenge", "challenge"),
    awards.ComplaintLodged: ("complaint", "complaint"),
    contracts.ContractSigned: ("contract", "contract"),
    delivery.SpotcheckDrawn: ("spotcheck", "spotcheck"),
    advances.AdvanceOrdered: ("advance", "advance"),
    claims.ClaimSubmitted: ("claim", "claim"),
    scores.ScoreProposed: ("score", "score"),
    payments.PaymentRequested: ("payment", "payment"),
    notices.NoticeGiven: ("notice", "notice"),
    penalty.RefundDemanded: ("refund", "refund"),
    standing.QualificationGranted: ("qualification", "qualification"),
    standing.SanctionImposed: ("sanction", "sanction"),
    supervision.GrievanceFiled: ("grievance", "grievance"),
    supervision.AuditOpened: ("audit", "audit"),
    supervision.FindingIssued: ("finding", "finding"),
    supervision.FlagRaised: ("flag", "flag"),
}
"""What each event introduces: the field that holds the new id, and what it is an id of."""

_ALLOTTED = (budgets.BudgetAllotted, budgets.BudgetCarriedOver, budgets.BudgetAppropriated)
_ANSWERED = (claims.ClaimAnswered, claims.ClaimDeemedAccepted)
_CONTRACT = Reference("contract", "contract")
_PARTY = Reference("party", "party")
_TENDER = Reference("tender", "tender")
_LINE = Reference("line", "line")
_HOME = Reference("", HOME)

REFERENCES: Mapping[type[Event], tuple[Reference, ...]] = {
    parties.PartyUpdated: (_PARTY,),
    parties.KeyEnrolled: (_PARTY,),
    parties.KeyRecovered: (_PARTY,),
    parties.KeyContested: (Reference("recovery", EVENT),),
    parties.KeyRevoked: (_HOME,),
    parties.ActReaffirmed: (Reference("event", EVENT),),
    parties.RoleGranted: (_PARTY,),
    parties.RoleRevoked: (_PARTY,),
    AccountDeclared: (_PARTY,),
    budgets.ProgrammeEnded: (Reference("programme", "programme"),),
    budgets.IndicatorReported: (Reference("programme", "programme"),),
    budgets.BudgetSupplemented: (_LINE,),
    budgets.BudgetReduced: (_LINE,),
    budgets.BudgetAllotted: (_LINE,),
    budgets.BudgetTransferred: (Reference("from_line", "line"), Reference("to_line", "line")),
    budgets.CashplanApproved: (_LINE,),
    budgets.BudgetLapsed: (_LINE,),
    budgets.BudgetCarriedOver: (
        Reference("from_line", "line"),
        Reference("to_line", "line"),
        _CONTRACT,
        _TENDER,
    ),
    tenders.TenderPublished: (
        Reference("lots.lines.line", "line", _ALLOTTED),
        Reference("programme", "programme"),
    ),
    tenders.TenderAmended: (_TENDER, Reference("lots.lines.line", "line", _ALLOTTED)),
    tenders.TenderCancelled: (_TENDER,),
    tenders.TenderFailed: (_TENDER,),
    tenders.QuestionAsked: (_TENDER,),
    tenders.QuestionAnswered: (Reference("question", "question"),),
    bids.BidSealed: (_TENDER,),
    bids.BidWithdrawn: (Reference("bid", "bid"),),
    bids.BidRevealed: (Reference("bid", "bid"),),
    bids.BidForfeited: (Reference("bid", "bid"),),
    bids.BidDisqualified: (Reference("bid", "bid"),),
    bids.BidScored: (Reference("bid", "bid", (bids.BidRevealed,)),),
    awards.AwardDecided: (
        _TENDER,
        Reference("winner", "bid"),
        Reference("ranking", "bid"),
    ),
    awards.AwardChallenged: (Reference("award", "award"), _TENDER),
    awards.ChallengeAnswered: (Reference("challenge", "challenge"),),
    awards.ComplaintLodged: (Reference("challenge", "challenge"),),
    awards.ComplaintDecided: (Reference("complaint", "complaint"),),
    awards.AwardCancelled: (Reference("award", "award"),),
    contracts.ContractSigned: (
        Reference("award", "award"),
        Reference("lines.line", "line", _ALLOTTED),
    ),
    contracts.ContractAmended: (_CONTRACT, Reference("lines.line", "line", _ALLOTTED)),
    contracts.ContractFunded: (_CONTRACT, Reference("line", "line", _ALLOTTED)),
    contracts.ContractPublished: (_CONTRACT,),
    contracts.ContractSuspended: (_CONTRACT,),
    contracts.ContractResumed: (_CONTRACT,),
    contracts.ContractTerminated: (_CONTRACT,),
    contracts.ContractClosed: (_CONTRACT, Reference("notice", "notice")),
    delivery.BeneficiaryEnrolled: (Reference("programme", "programme"),),
    delivery.CareplanAgreed: (_CONTRACT,),
    delivery.VisitRecorded: (_CONTRACT,),
    delivery.VisitCorrected: (Reference("visit", EVENT), _CONTRACT),
    delivery.VisitConfirmed: (_CONTRACT, Reference("visits", EVENT)),
    delivery.VisitDenied: (_CONTRACT, Reference("visits", EVENT)),
    delivery.SpotcheckDrawn: (_CONTRACT, Reference("visits", EVENT)),
    delivery.SpotcheckDone: (
        Reference("spotcheck", "spotcheck"),
        Reference("results.visit", EVENT),
    ),
    advances.AdvanceOrdered: (_CONTRACT,),
    advances.AdvanceSettled: (Reference("advance", "advance"),),
    advances.AdvanceRejected: (Reference("advance", "advance"),),
    advances.AdvanceRefunded: (Reference("advance", "advance", (advances.AdvanceSettled,)),),
    claims.ClaimSubmitted: (_CONTRACT,),
    claims.ClaimAnswered: (
        Reference("claim", "claim"),
        Reference("cuts.visit", EVENT),
        Reference("disputed.visit", EVENT),
    ),
    claims.ClaimDeemedAccepted: (Reference("claim", "claim"),),
    claims.ClaimAgreed: (
        Reference("claim", "claim", _ANSWERED),
        Reference("returned.visit", EVENT),
    ),
    scores.ScoreProposed: (_CONTRACT,),
    scores.ScoreContested: (Reference("score", "score"),),
    scores.ScoreFinalised: (Reference("score", "score"),),
    scores.DeductionApplied: (Reference("score", "score", (scores.ScoreFinalised,)), _CONTRACT),
    scores.BonusGranted: (Reference("score", "score", (scores.ScoreFinalised,)), _CONTRACT),
    disputes.DisputeOpened: (
        Reference("claim", "claim", _ANSWERED),
        Reference("lines.visit", EVENT),
    ),
    disputes.DisputeSettled: (
        Reference("claim", "claim", (disputes.DisputeOpened, *_ANSWERED)),
        Reference("lines.visit", EVENT),
    ),
    disputes.DisputeRuled: (
        Reference("claim", "claim", (disputes.DisputeOpened, *_ANSWERED)),
        Reference("lines.visit", EVENT),
    ),
    retention.RetentionReleased: (_CONTRACT,),
    retention.GuaranteeLodged: (_CONTRACT,),
    payments.PaymentRequested: (Reference("claims", SUM, _ANSWERED), _CONTRACT),
    payments.PaymentApproved: (Reference("payment", "payment"),),
    payments.PaymentReturned: (Reference("payment", "payment"),),
    payments.PaymentOrdered: (Reference("payment", "payment", (payments.PaymentApproved,)),),
    payments.PaymentSettled: (Reference("payment", "payment", (payments.PaymentOrdered,)),),
    payments.PaymentRejected: (Reference("payment", "payment", (payments.PaymentOrdered,)),),
    payments.PaymentBounced: (Reference("payment", "payment", (payments.PaymentSettled,)),),
    payments.PaymentDiverted: (Reference("payment", "payment", (payments.PaymentOrdered,)),),
    notices.NoticeGiven: (_HOME,),
    notices.NoticeAnswered: (Reference("notice", "notice"),),
    notices.NoticeDecided: (Reference("notice", "notice"),),
    penalty.PenaltyImposed: (Reference("notice", "notice"), _CONTRACT),
    penalty.RevenueRemitted: (_LINE,),
    penalty.RefundDemanded: (Reference("notice", "notice"), _CONTRACT),
    refund.RefundReceived: (Reference("refund", "refund"), _CONTRACT),
    standing.QualificationGranted: (_PARTY,),
    standing.QualificationSuspended: (
        Reference("qualification", "qualification"),
        Reference("notice", "notice"),
    ),
    standing.SanctionImposed: (Reference("notice", "notice"), _PARTY),
    standing.SanctionLifted: (Reference("sanction", "sanction"),),
    supervision.GrievanceFiled: (_HOME,),
    supervision.GrievanceAnswered: (Reference("grievance", "grievance"),),
    supervision.GrievanceEscalated: (Reference("grievance", "grievance"),),
    supervision.AuditOpened: (_PARTY,),
    supervision.FindingIssued: (_HOME, Reference("audit", "audit"), Reference("flags", "flag")),
    supervision.FindingAnswered: (Reference("finding", "finding"),),
    supervision.FindingClosed: (Reference("finding", "finding"),),
    supervision.FlagRaised: (_HOME,),
    supervision.FlagResolved: (Reference("flag", "flag"),),
    supervision.FlagReleased: (Reference("flag", "flag"),),
    interest.InterestAccrued: (Reference("claim", SUM, _ANSWERED),),
    interest.InterestWaived: (Reference("claim", SUM, _ANSWERED),),
    receivables.ReceivableRequested: (Reference("claim", "claim", _ANSWERED),),
    receivables.ReceivableConfirmed: (
        Reference("claim", "claim", (receivables.ReceivableRequested,)),
    ),
    receivables.ReceivableAssigned: (
        Reference("claim", "claim", (receivables.ReceivableConfirmed,)),
    ),
    receivables.ReceivableReleased: (
        Reference("claim", "claim", (receivables.ReceivableAssigned,)),
    ),
}
"""What each event names, in the order of weight; a type that is not here stands by itself."""


def values(event: Event, path: str) -> tuple[str, ...]:
    """Return the ids in a field of an event; none where it was left out."""
    return tuple(_values(event, path.split(".")))


def _values(value: Any, path: list[str]) -> Iterator[str]:
    if value is UNSET:
        return
    if isinstance(value, list):
        for each in value:
            yield from _values(each, path)
    elif isinstance(value, Struct):
        yield from _values(getattr(value, path[0]), path[1:])
    else:
        yield value

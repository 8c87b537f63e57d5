"""For every event type: fields that are lawful in the world of `world.py`, and its usual signers.

A test names only the fields it is about. The defaults fit a world that is founded and has the
contract `c-1`, the claim `k-1` and the payment `p-1`.
"""

import hashlib
from typing import Any

from ledger.events import Event
from ledger.events.accounts import AccountDeclared
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.award import (
    AwardCancelled,
    AwardChallenged,
    AwardDecided,
    ChallengeAnswered,
    ComplaintDecided,
    ComplaintLodged,
)
from ledger.events.base import Document, Identifier, Period
from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidPrices,
    BidRate,
    BidRevealed,
    BidScored,
    BidSealed,
    BidWithdrawn,
)
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetCarriedOver,
    BudgetLapsed,
    BudgetReduced,
    BudgetSupplemented,
    BudgetTransferred,
    CashplanApproved,
    Indicator,
    IndicatorReported,
    ProgrammeEnded,
    ProgrammeEstablished,
)
from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    ClaimedVisits,
    ClaimSubmitted,
    Disputed,
    Returned,
    ServiceUnits,
)
from ledger.events.closing import Counts, LedgerClosed
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractFunded,
    ContractLine,
    ContractPublished,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
    FinalLine,
    Item,
)
from ledger.events.delivery import (
    BeneficiaryAbsent,
    BeneficiaryEnrolled,
    BeneficiaryExited,
    CareplanAgreed,
    CheckedVisit,
    Place,
    PlannedService,
    SpotcheckDone,
    SpotcheckDrawn,
    VisitConfirmed,
    VisitCorrected,
    VisitDenied,
    VisitRecorded,
    WorkerEnrolled,
    WorkerLeft,
)
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestAccrued, InterestWaived
from ledger.events.notice import NoticeAnswered, NoticeDecided, NoticeGiven
from ledger.events.parties import (
    ActReaffirmed,
    FoundingKey,
    FoundingParty,
    KeyContested,
    KeyEnrolled,
    KeyRecovered,
    KeyRevoked,
    LedgerOpened,
    PartyRegistered,
    PartyUpdated,
    RoleGranted,
    RoleRevoked,
    Scope,
)
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentDiverted,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentReturned,
    PaymentSettled,
)
from ledger.events.penalty import PenaltyImposed, RefundDemanded, RevenueRemitted
from ledger.events.persons import InterestDeclared, SubjectErased
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.refund import RefundReceived
from ledger.events.reported import ReleaseReported, ReleaseSource
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.rulebook import (
    Band,
    PayRule,
    PriceCapped,
    RulePublished,
    ServiceCatalogued,
    ServiceWithdrawn,
)
from ledger.events.score import (
    BonusGranted,
    DeductionApplied,
    IndicatorScore,
    ScoreContested,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.events.standing import (
    QualificationGranted,
    QualificationSuspended,
    SanctionImposed,
    SanctionLifted,
)
from ledger.events.supervision import (
    About,
    AuditOpened,
    FindingAnswered,
    FindingClosed,
    FindingIssued,
    FlagRaised,
    FlagReleased,
    FlagResolved,
    GrievanceAnswered,
    GrievanceEscalated,
    GrievanceFiled,
)
from ledger.events.tender import (
    Lot,
    LotLine,
    QuestionAnswered,
    QuestionAsked,
    TenderAmended,
    TenderCancelled,
    TenderFailed,
    TenderPublished,
)
from ledger.note import Ed25519Signer
from ledger.postings import CHART

_HASH = "ab" * 32
_EVENT = "0199b2f0-0000-7000-8000-000000000001"
_DOCUMENT = Document(number="Finance 2026-1", sha256=_HASH)
_NAMES = {"en": "A body", "zh": "某单位"}
_YEAR = Period(from_date="2026-01-01", to_date="2026-12-31")


def _vkey(name: str) -> str:
    seed = hashlib.sha256(f"seed of {name}".encode()).digest()
    return str(Ed25519Signer(name, seed).verifier)


_FOUNDERS = [
    FoundingParty(
        party=party,
        names=_NAMES,
        identifier=Identifier(scheme="CN-USCC", id=f"id of {party}"),
        kind="government",
    )
    for party in ("AUT", "OPR")
]
_FOUNDING_KEYS = [
    FoundingKey(vkey=_vkey("AUT/one"), role="authority", holder="h-aut-1"),
    FoundingKey(vkey=_vkey("AUT/two"), role="authority", holder="h-aut-2"),
    FoundingKey(vkey=_vkey("OPR/one"), role="operator", holder="h-opr-1"),
]
_LOT = Lot(
    lot="1",
    service="care",
    units_max=10**6,
    rate_cap_fen=5_000,
    value_fen=1_000,
    lines=[LotLine(line="line-1", amount_fen=1_000)],
)
_DISPUTED = Disputed(visit="visit-1", amount_fen=1)

_FINDINGS = [
    IndicatorScore(id="quality", actual=85, score_ppm=900_000),
    IndicatorScore(id="reach", actual=78, score_ppm=775_000, evidence=_HASH),
]

_VISIT = {
    "contract": "c-1",
    "service": "care",
    "beneficiary": "b-1",
    "worker": "w-1",
    "started_at": "2026-01-02T01:00:00.000Z",
    "ended_at": "2026-01-02T02:00:00.000Z",
    "units": 1,
}

DEFAULTS: dict[type[Event], dict[str, Any]] = {
    LedgerOpened: {
        "origin": "ledger.test/city",
        "title": {"en": "City", "zh": "某市"},
        "currency": "CNY",
        "utc_offset": "+08:00",
        "law": 1,
        "ledger_key": _vkey("ledger.test/city"),
        "simulated": True,
        "parties": _FOUNDERS,
        "keys": _FOUNDING_KEYS,
    },
    LedgerClosed: {
        "log_size": 1,
        "state_root": _HASH,
        "state_size": 1,
        "trial_balance": dict.fromkeys(CHART, 0),
        "counts": Counts(contracts=0, keys=3, lines=0, parties=2, tenders=0),
    },
    PartyRegistered: {
        "party": "NEW",
        "names": _NAMES,
        "identifier": Identifier(scheme="CN-USCC", id="id of NEW"),
        "kind": "social_organisation",
    },
    PartyUpdated: {"party": "PRO", "names": {"en": "Renamed"}, "sme": True},
    KeyEnrolled: {
        "party": "PRO",
        "vkey": _vkey("PRO/three"),
        "use": "admin",
        "holder": "h-pro-three",
    },
    KeyRecovered: {
        "party": "PRO",
        "vkey": _vkey("PRO/new"),
        "use": "admin",
        "holder": "h-pro-new",
        "lost": [_vkey("PRO/two")],
    },
    KeyContested: {"recovery": _EVENT},
    KeyRevoked: {
        "vkey": _vkey("PRO/two"),
        "reason": "LOST",
        "since": "2026-01-05T00:00:00.000Z",
    },
    ActReaffirmed: {"event": _EVENT},
    AccountDeclared: {
        "party": "PRO",
        "account": "account-1",
        "bank": "102100099996",
        "number": _HASH,
    },
    InterestDeclared: {
        "person": "h-expert",
        "relation": "EMPLOYMENT",
        "counterparty": "PRO",
        "period": _YEAR,
    },
    SubjectErased: {"token": "b-1", "basis": "CONSENT_WITHDRAWN", "commitments": 3},
    RoleGranted: {"party": "PRO", "role": "evaluator", "scope": Scope(all=True)},
    RoleRevoked: {"party": "REP", "role": "reporter", "reason": "ENDED"},
    RulePublished: {
        "rule": "pay/standard",
        "version": 2,
        "parameters": PayRule(
            bands=[
                Band(from_score_ppm=900_000, factor_ppm=1_050_000),
                Band(from_score_ppm=0, factor_ppm=800_000),
            ]
        ),
    },
    ServiceCatalogued: {
        "code": "bath",
        "titles": {"en": "Help with bathing", "zh": "助浴"},
        "unit": "visit",
        "category": "home-care",
        "planned_minutes": 60,
    },
    ServiceWithdrawn: {"code": "bath"},
    PriceCapped: {
        "code": "bath",
        "area": "North",
        "cap_fen": 4_000,
        "from_date": "2026-01-01",
    },
    ProgrammeEstablished: {
        "programme": "care",
        "titles": {"en": "Home care"},
        "purpose": {"en": "Old age at home"},
        "period": _YEAR,
        "indicators": [
            Indicator(id="quality", weight_ppm=600_000, target=95),
            Indicator(id="reach", weight_ppm=400_000, target=100),
        ],
    },
    ProgrammeEnded: {"programme": "care", "reason": {"en": "Its work is done"}},
    IndicatorReported: {
        "programme": "care",
        "indicator": "visits",
        "period": Period(from_date="2026-01-01", to_date="2026-01-04"),
        "actual": 1,
        "evidence": _HASH,
    },
    BudgetAppropriated: {
        "line": "line-3",
        "year": 2026,
        "code": "2080208",
        "source": "city",
        "amount_fen": 1_000,
        "document": _DOCUMENT,
    },
    BudgetSupplemented: {"line": "line-1", "amount_fen": 1_000, "document": _DOCUMENT},
    BudgetReduced: {
        "line": "line-1",
        "stage": "allotted",
        "amount_fen": 1_000,
        "document": _DOCUMENT,
    },
    BudgetAllotted: {"line": "line-1", "amount_fen": 1_000},
    BudgetTransferred: {
        "from_line": "line-1",
        "to_line": "line-2",
        "amount_fen": 1_000,
        "document": _DOCUMENT,
    },
    CashplanApproved: {"line": "line-1", "month": "2026-03", "amount_fen": 1_000},
    BudgetLapsed: {"line": "line-1"},
    BudgetCarriedOver: {"contract": "c-1", "from_line": "line-1", "to_line": "line-3"},
    TenderPublished: {
        "tender": "t-1",
        "programme": "care",
        "titles": {"en": "Home care"},
        "method": "consultation",
        "lots": [_LOT],
        "opens": "2026-01-05T01:00:00.000Z",
        "closes": "2026-01-05T01:00:00.000Z",
    },
    TenderAmended: {"tender": "t-1", "reason": {"en": "Clearer"}, "titles": {"en": "Care"}},
    TenderCancelled: {"tender": "t-1", "reason": {"en": "No need any more"}},
    TenderFailed: {"tender": "t-1", "ground": 4, "reason": {"en": "No need any more"}},
    QuestionAsked: {"question": "q-1", "tender": "t-1", "text": _HASH},
    QuestionAnswered: {"question": "q-1", "text": _HASH},
    BidSealed: {"bid": "b-1", "tender": "t-1", "lot": "1", "commitment": _HASH},
    BidWithdrawn: {"bid": "b-1"},
    BidRevealed: {
        "bid": "b-1",
        "prices": BidPrices(value_fen=1_000, rates=[BidRate(service="care", rate_fen=5_000)]),
        "documents": [],
        "nonce": _HASH,
    },
    BidForfeited: {"bid": "b-1"},
    BidDisqualified: {"bid": "b-1", "reason": "NOT_RESPONSIVE"},
    BidScored: {"bid": "b-1", "criterion": "quality", "score_ppm": 900_000},
    AwardDecided: {
        "award": "a-1",
        "tender": "t-1",
        "lot": "1",
        "ranking": ["PRO", "PR2"],
        "winner": "PRO",
        "value_fen": 1_000,
    },
    AwardChallenged: {
        "challenge": "x-1",
        "tender": "t-1",
        "ground": "RESULT",
        "document": _HASH,
        "award": "a-1",
    },
    ChallengeAnswered: {
        "challenge": "x-1",
        "reply": "REJECTED",
        "reasons": {"en": "The ranking is right"},
    },
    ComplaintLodged: {"complaint": "y-1", "challenge": "x-1", "document": _HASH},
    ComplaintDecided: {
        "complaint": "y-1",
        "ruling": "CHALLENGE_REJECTED",
        "document": _DOCUMENT,
    },
    AwardCancelled: {"award": "a-1", "reason": {"en": "By agreement"}},
    ContractSigned: {
        "contract": "c-1",
        "number": "City 2026-1",
        "award": "a-1",
        "buyer": "BUY",
        "provider": "PRO",
        "lines": [ContractLine(line="line-1", share_ppm=1_000_000)],
        "items": [Item(service="care", unit="visit", rate_fen=5_000, units_max=10**6)],
        "value_fen": 1_000,
        "term": _YEAR,
        "acceptance_days": 20,
        "pay_days": 30,
        "pay": "pay/standard@1",
        "score": "score/standard@1",
    },
    ContractAmended: {"contract": "c-1", "reason": "SCOPE", "value_delta_fen": 0},
    ContractFunded: {"contract": "c-1", "line": "line-2027", "amount_fen": 400},
    ContractPublished: {"contract": "c-1", "sha256": _HASH},
    ContractSuspended: {"contract": "c-1", "basis": "agreed", "ground": "FORCE_MAJEURE"},
    ContractResumed: {"contract": "c-1", "basis": "agreed", "ground": "REMEDIED"},
    ContractTerminated: {"contract": "c-1", "basis": "agreed", "ground": "NO_NEED"},
    ContractClosed: {"contract": "c-1", "final": [FinalLine(line="line-1", paid_fen=0)]},
    BeneficiaryEnrolled: {
        "beneficiary": "b-new",
        "programme": "care",
        "tier": "moderate",
        "monthly_cap_fen": 10**9,
        "from_date": "2026-01-01",
    },
    BeneficiaryExited: {"beneficiary": "b-1", "reason": "MOVED", "effective": "2026-02-01"},
    BeneficiaryAbsent: {
        "beneficiary": "b-1",
        "kind": "HOSPITAL",
        "from_date": "2026-02-01",
        "to_date": "2026-02-03",
    },
    CareplanAgreed: {
        "beneficiary": "b-1",
        "contract": "c-1",
        "services": [PlannedService(service="care", units_a_month=20)],
        "workers_at_once": 1,
        "from_date": "2026-02-01",
    },
    WorkerEnrolled: {"worker": "w-new", "provider": "PRO", "credentials": []},
    WorkerLeft: {"worker": "w-1", "until": "2026-01-31"},
    VisitRecorded: {
        **_VISIT,
        "capture": "app",
        "place": Place(kind="home", cell="wt02v", distance_m=12),
    },
    VisitCorrected: {**_VISIT, "visit": "visit", "reason": "OTHER"},
    VisitConfirmed: {"contract": "c-1", "visits": ["visit"], "channel": "call"},
    VisitDenied: {"contract": "c-1", "visits": ["visit"], "channel": "call"},
    SpotcheckDrawn: {"spotcheck": "s-1", "contract": "c-1", "seed": _HASH, "visits": ["visit"]},
    SpotcheckDone: {
        "spotcheck": "s-1",
        "results": [CheckedVisit(visit="visit", result="AS_RECORDED")],
    },
    ClaimSubmitted: {
        "claim": "k-1",
        "contract": "c-1",
        "period": _YEAR,
        "visits": ClaimedVisits(root=_HASH, count=1),
        "units": [ServiceUnits(service="care", units=1)],
        "gross_fen": 5_000,
        "self_pay_fen": 0,
        "claim_fen": 5_000,
        "invoice": Document(number="invoice", sha256=_HASH),
    },
    ClaimAnswered: {"claim": "k-1", "accepted_fen": 5_000, "cuts": [], "disputed": []},
    ScoreProposed: {
        "score": "s-1",
        "contract": "c-1",
        "period": _YEAR,
        "rule": "score/standard@1",
        "indicators": _FINDINGS,
        "total_ppm": 850_000,
        "factor_ppm": 950_000,
    },
    ScoreContested: {"score": "s-1", "indicators": ["reach"]},
    ScoreFinalised: {
        "score": "s-1",
        "indicators": _FINDINGS,
        "total_ppm": 850_000,
        "factor_ppm": 950_000,
    },
    DeductionApplied: {
        "contract": "c-1",
        "score": "s-1",
        "base_fen": 5_000,
        "factor_ppm": 950_000,
        "amount_fen": 250,
    },
    BonusGranted: {"contract": "c-1", "score": "s-1", "amount_fen": 250},
    ClaimDeemedAccepted: {"claim": "k-1"},
    ClaimAgreed: {"claim": "k-1", "returned": [Returned(visit="visit-1", amount_fen=1)]},
    DisputeOpened: {"claim": "k-1", "lines": [_DISPUTED]},
    DisputeSettled: {"claim": "k-1", "lines": [_DISPUTED], "awarded_fen": 1},
    DisputeRuled: {"claim": "k-1", "lines": [_DISPUTED], "awarded_fen": 1},
    AdvanceOrdered: {
        "advance": "v-1",
        "contract": "c-1",
        "amount_fen": 1_000,
        "payee": "account-1",
        "message_id": "MSG-1",
        "sha256": _HASH,
    },
    AdvanceSettled: {
        "advance": "v-1",
        "value_date": "2026-03-01",
        "creditor": _HASH,
        "sha256": _HASH,
    },
    AdvanceRejected: {
        "advance": "v-1",
        "reason": "AC04",
        "explanation": "Account closed",
        "sha256": _HASH,
    },
    AdvanceRefunded: {
        "advance": "v-1",
        "amount_fen": 1_000,
        "value_date": "2026-03-01",
        "sha256": _HASH,
    },
    RetentionReleased: {"contract": "c-1", "amount_fen": 1_000, "basis": "due"},
    GuaranteeLodged: {"contract": "c-1", "amount_fen": 1_000, "guarantor": "LEN"},
    PaymentRequested: {
        "payment": "p-1",
        "contract": "c-1",
        "claims": ["k-1"],
        "principal_fen": 5_000,
        "payee": "account-1",
    },
    PaymentOrdered: {
        "payment": "p-1",
        "principal_fen": 5_000,
        "payee": "account-1",
        "message_id": "MSG-1",
        "sha256": _HASH,
    },
    PaymentApproved: {"payment": "p-1"},
    PaymentReturned: {"payment": "p-1", "reason": "DOCUMENT"},
    PaymentSettled: {
        "payment": "p-1",
        "value_date": "2026-01-05",
        "creditor": _HASH,
        "sha256": _HASH,
    },
    PaymentRejected: {
        "payment": "p-1",
        "reason": "AC04",
        "explanation": "Account closed",
        "sha256": _HASH,
    },
    NoticeGiven: {
        "notice": "n-1",
        "to": "PRO",
        "act": "penalty.imposed",
        "about": "c-1",
        "ground": "LATE_DELIVERY",
        "amount_fen": 1_000,
        "reply_by": "2026-02-06",
    },
    NoticeAnswered: {"notice": "n-1", "answer": "accepts"},
    NoticeDecided: {"notice": "n-1", "upheld": True},
    QualificationGranted: {
        "qualification": "q-1",
        "party": "PRO",
        "kind": "home-care",
        "scope": Scope(all=True),
    },
    QualificationSuspended: {
        "qualification": "q-1",
        "notice": "n-q",
        "ground": "QUALIFICATION_LOST",
    },
    SanctionImposed: {
        "sanction": "s-1",
        "party": "PRO",
        "notice": "n-s",
        "ground": "MISCONDUCT",
        "scope": Scope(all=True),
        "from_date": "2026-03-01",
        "until": "2027-02-28",
    },
    SanctionLifted: {"sanction": "s-1", "reason": {"en": "It was put right"}},
    PenaltyImposed: {
        "contract": "c-1",
        "notice": "n-1",
        "ground": "LATE_DELIVERY",
        "amount_fen": 1_000,
    },
    RevenueRemitted: {
        "line": "line-1",
        "amount_fen": 1_000,
        "value_date": "2026-03-01",
        "sha256": _HASH,
    },
    RefundDemanded: {
        "refund": "r-1",
        "contract": "c-1",
        "notice": "n-r",
        "cause": "OVERPAYMENT",
        "amount_fen": 1_000,
    },
    GrievanceFiled: {
        "grievance": "g-1",
        "about": About(contract="c-1"),
        "category": "QUALITY",
        "text": _HASH,
    },
    GrievanceAnswered: {"grievance": "g-1", "text": _HASH},
    GrievanceEscalated: {"grievance": "g-1", "text": _HASH},
    AuditOpened: {"audit": "au-1", "party": "PRO", "scope": Scope(all=True), "period": _YEAR},
    FindingIssued: {
        "finding": "fi-1",
        "audit": "au-1",
        "about": About(contract="c-1"),
        "rule": "Contract, clause 7",
        "due": "2026-02-06",
        "amount_fen": 1_000,
    },
    FindingAnswered: {"finding": "fi-1", "text": _HASH},
    FindingClosed: {"finding": "fi-1", "outcome": "STANDS"},
    FlagRaised: {
        "flag": "fl-1",
        "rule": "flag/f20@1",
        "about": About(contract="c-1"),
        "evidence": ["01900000-0000-7000-8000-000000000001"],
    },
    FlagResolved: {"flag": "fl-1", "verdict": "CONFIRMED"},
    FlagReleased: {"flag": "fl-1"},
    PaymentBounced: {
        "payment": "p-1",
        "value_date": "2026-01-05",
        "reason": "AC04",
        "explanation": "Account closed",
        "sha256": _HASH,
    },
    PaymentDiverted: {
        "payment": "p-1",
        "value_date": "2026-01-05",
        "creditor": "cd" * 32,
        "sha256": _HASH,
    },
    InterestAccrued: {
        "claim": "k-1",
        "days": 12,
        "rate_ppm_per_year": 182_500,
        "amount_fen": 30,
    },
    InterestWaived: {"claim": "k-1", "amount_fen": 1},
    RefundReceived: {
        "contract": "c-1",
        "cause": "OVERPAYMENT",
        "amount_fen": 1,
        "year": 2026,
        "value_date": "2026-01-05",
        "sha256": _HASH,
    },
    ReceivableRequested: {"claim": "k-1", "amount_fen": 5_000},
    ReceivableConfirmed: {"claim": "k-1", "amount_fen": 5_000},
    ReceivableAssigned: {
        "claim": "k-1",
        "amount_fen": 5_000,
        "lender": "LEN",
        "account": "account-9",
    },
    ReceivableReleased: {"claim": "k-1"},
    ReleaseReported: {
        "ocid": "ocds-213czf-1",
        "release": '{"ocid":"ocds-213czf-1"}',
        "source": ReleaseSource(publisher="A publisher", sha256=_HASH),
        "release_id": "r-1",
    },
}

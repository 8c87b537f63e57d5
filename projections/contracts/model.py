"""The read model `contracts`: those that this ledger runs and those that others published."""

from ledger.events import advance, retention
from ledger.events.award import AwardDecided
from ledger.events.budget import BudgetCarriedOver
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted, ClaimSubmitted
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractFunded,
    ContractPublished,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
)
from ledger.events.delivery import (
    CareplanAgreed,
    SpotcheckDone,
    SpotcheckDrawn,
    VisitConfirmed,
    VisitCorrected,
    VisitDenied,
    VisitRecorded,
)
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.payment import (
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.events.reported import ReleaseReported
from ledger.events.score import (
    BonusGranted,
    DeductionApplied,
    ScoreContested,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.events.tender import TenderPublished
from projections.closings import Kept
from projections.context import CONTEXT_EVENTS, Context
from projections.contracts.native import NativeFold
from projections.contracts.reported import put_processes
from projections.contracts.tables import (
    AWARD,
    BALANCE,
    CONTRACT,
    LINE,
    MONTH,
    NATIVE,
    SHAPES,
    SUPPLIER,
    TENDER,
)
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.reports import processes_of
from projections.sheet import Sheet


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context = Context(sheet)
    native = NativeFold(batch, sheet, context)
    for fact in batch.events:
        context.see(fact.event)
        native.see(fact)
    context.put(sheet)
    native.put()
    put_processes(sheet, processes_of(batch, feed))


CONTRACTS = ReadModel(
    name="contracts",
    version=3,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS
    | types(
        TenderPublished,
        AwardDecided,
        ContractSigned,
        BudgetCarriedOver,
        ContractAmended,
        ContractFunded,
        ContractPublished,
        ContractSuspended,
        ContractResumed,
        ContractTerminated,
        ContractClosed,
        ClaimSubmitted,
        ClaimAnswered,
        ClaimAgreed,
        DisputeOpened,
        DisputeSettled,
        DisputeRuled,
        ReleaseReported,
    ),
    counted=types(
        CareplanAgreed,
        VisitRecorded,
        VisitCorrected,
        VisitConfirmed,
        VisitDenied,
        SpotcheckDrawn,
        SpotcheckDone,
        ScoreProposed,
        ScoreContested,
        ScoreFinalised,
        DeductionApplied,
        BonusGranted,
        ClaimDeemedAccepted,
        PaymentRequested,
        PaymentOrdered,
        PaymentSettled,
        PaymentRejected,
        *advance.EVENTS,
        *retention.EVENTS,
    ),
    fold=_fold,
    kept=(
        Kept(
            CONTRACT,
            "contract",
            parts=(SUPPLIER, LINE, BALANCE, MONTH),
            only=("origin", NATIVE),
        ),
    ),
    constant=(TENDER, AWARD),
    parties=((CONTRACT, "buyer"), (SUPPLIER, "party")),
)
"""What only moves a contract's last position, or adds to its visits, is counted and not read."""

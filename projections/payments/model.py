"""The fold of the read model `payments`: each event changes its sums and its payment."""

from collections.abc import Callable
from typing import Any

from ledger.events import Event
from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    ClaimSubmitted,
)
from ledger.events.contract import ContractSigned
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestAccrued, InterestWaived
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
from ledger.events.penalty import PenaltyImposed
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.score import BonusGranted, DeductionApplied, ScoreProposed
from projections.closings import Kept
from projections.context import CONTEXT_EVENTS, CONTEXT_SHAPES
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.payments import orders, sums
from projections.payments.book import Book
from projections.payments.tables import CLAIM, DAY, LATE, PART, PAYMENT, SCORE, STEP, TERMS
from projections.sheet import Sheet

_CHANGES: dict[type[Event], Callable[[Book, Fact, Any], None]] = {
    ContractSigned: sums.signed,
    ScoreProposed: sums.scored,
    ClaimSubmitted: sums.submitted,
    ClaimAnswered: sums.answered,
    ClaimDeemedAccepted: sums.deemed,
    ClaimAgreed: sums.agreed,
    DisputeOpened: sums.contested,
    DisputeSettled: sums.decided,
    DisputeRuled: sums.decided,
    RetentionReleased: sums.released,
    GuaranteeLodged: sums.released,
    BonusGranted: sums.granted,
    PenaltyImposed: sums.penalised,
    DeductionApplied: sums.deducted,
    InterestAccrued: sums.borne,
    InterestWaived: sums.waived,
    ReceivableRequested: sums.pledged,
    ReceivableConfirmed: sums.pledged,
    ReceivableAssigned: sums.pledged,
    ReceivableReleased: sums.given_back,
    PaymentRequested: orders.requested,
    PaymentApproved: orders.approved,
    PaymentReturned: orders.returned,
    PaymentOrdered: orders.ordered,
    PaymentSettled: orders.settled,
    PaymentRejected: orders.unpaid,
    PaymentBounced: orders.unpaid,
    PaymentDiverted: orders.diverted,
}
"""What each event changes."""


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    book = Book(batch, sheet, feed)
    for fact in batch.events:
        book.context.see(fact.event)
        change = _CHANGES.get(type(fact.event))
        if change is not None:
            change(book, fact, fact.event)
    book.put()


PAYMENTS = ReadModel(
    name="payments",
    version=4,
    shapes=(*CONTEXT_SHAPES, PAYMENT, PART, CLAIM, STEP, LATE, TERMS, SCORE, DAY),
    decoded=CONTEXT_EVENTS | types(*_CHANGES),
    counted=frozenset(),
    fold=_fold,
    kept=(Kept(PAYMENT, "contract", parts=(PART,)), Kept(CLAIM, "contract", parts=(STEP,))),
    constant=(TERMS, SCORE),
    parties=tuple((shape, side) for shape in (PAYMENT, CLAIM) for side in ("buyer", "provider")),
)

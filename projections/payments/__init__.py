"""The read model `payments`: what is owed, what it waits for, what was paid, and what is late."""

from projections.payments.model import PAYMENTS
from projections.payments.overdue import list_overdue
from projections.payments.queries import (
    claim,
    claim_shown,
    list_claim_files,
    list_claims,
    list_payments,
    payment,
)
from projections.payments.records import (
    Claim,
    ClaimFile,
    ClaimShown,
    Overdue,
    OverdueList,
    OverdueTotal,
    Payment,
    PaymentFile,
    Share,
    Step,
)

__all__ = [
    "PAYMENTS",
    "Claim",
    "ClaimFile",
    "ClaimShown",
    "Overdue",
    "OverdueList",
    "OverdueTotal",
    "Payment",
    "PaymentFile",
    "Share",
    "Step",
    "claim",
    "claim_shown",
    "list_claim_files",
    "list_claims",
    "list_overdue",
    "list_payments",
    "payment",
]

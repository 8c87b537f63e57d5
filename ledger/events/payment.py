"""Payments: asked for, approved, ordered, and what the bank made of the order.

    requested ── approved ── ordered ─┬─ settled ── bounced
        └── returned ──┘              ├─ rejected
                                      └─ diverted ─┬─ settled
                                                   └─ rejected

An order ends once, whole. Only a settled one bounces; what is rejected, bounced or returned is
final, and its claims may be asked for again under a new payment (funds.md, I8).
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import Date, Event, Fen, Id, PositiveFen, Ref, Sha256, Text

BankReason = Literal["AC01", "AC04", "AC06", "AM04", "AG01", "BE01", "MS03", "NARR"]
"""Why a bank did not pay, or took a payment back: ISO 20022 external status reason codes."""


class PaymentRequested(Event, frozen=True, kw_only=True, tag="payment.requested"):
    """Payment of what is owed was asked for. Signed by the provider or the purchaser.

    Attributes:
        payment: its id (OCDS `transactions.id`).
        contract: under which contract.
        claims: accepted claims, and sums owed beyond them by the id of the event that made them so
            (`claim.agreed`, `dispute.settled`, …); each in one live payment at most.
        principal_fen: what they come to, less the advance recovered and what is held back; 0 where
            only the interest on them is asked for (SME Payment Regulation 17).
        payee: token of the provider's account; of an assigned claim, of the lender's.

    """

    payment: Id
    contract: Ref
    claims: Annotated[list[Ref], Meta(min_length=1, max_length=1000)]
    principal_fen: Fen
    payee: Id


class PaymentApproved(Event, frozen=True, kw_only=True, tag="payment.approved"):
    """Finance found that a payment may be ordered (支付审核).

    Signed by finance; above the limit of its role by two different holders of one finance party.

    Attributes:
        payment: which.

    """

    payment: Ref


class PaymentReturned(Event, frozen=True, kw_only=True, tag="payment.returned"):
    """Finance sent a request back; its claims may be asked for again. Signed as an approval.

    It does not stop the time in which the claims are to be paid (C13).

    Attributes:
        payment: which, requested or approved and not yet ordered.
        reason: why.
        explanation: the same in words, about no natural person.

    """

    payment: Ref
    reason: Literal["ACCOUNT", "AMOUNT", "DOCUMENT", "DUPLICATE", "FUNDS", "OTHER"]
    explanation: Text | UnsetType = UNSET


class PaymentOrdered(Event, frozen=True, kw_only=True, tag="payment.ordered"):
    """The bank was ordered to pay. Signed by finance, not by whoever answered the claim.

    A lack of allotment for interest never holds up the principal: interest may be left out, and
    asked for by itself later.

    Attributes:
        payment: which, approved.
        principal_fen: how much of what is owed (支付令); 0 where only interest was asked for.
        interest_fen: all interest owed on its claims then, or absent.
        payee: token of the account.
        creditor: commitment to the account's number, as the bank file has it.
        message_id: id of the bank file (ISO 20022 `MsgId`).
        sha256: hash of the bank file.

    """

    payment: Ref
    principal_fen: Fen
    interest_fen: PositiveFen | UnsetType = UNSET
    payee: Ref
    creditor: Sha256 | UnsetType = UNSET
    message_id: Annotated[str, Meta(min_length=1, max_length=35)]
    sha256: Sha256


class PaymentSettled(Event, frozen=True, kw_only=True, tag="payment.settled"):
    """The bank paid the account that was ordered. Signed by the treasury.

    Attributes:
        payment: which.
        value_date: day the money counts as paid (ISO 20022 `ValDt`), from the day the order was
            recorded to the day this report is.
        creditor: commitment to the account that was credited.
        sha256: hash of the bank's file with the entry, kept as evidence.

    """

    payment: Ref
    value_date: Date
    creditor: Sha256
    sha256: Sha256


class PaymentRejected(Event, frozen=True, kw_only=True, tag="payment.rejected"):
    """The bank did not pay; the claims may be asked for again. Signed by the treasury.

    Attributes:
        payment: which.
        reason: ISO 20022 external status reason code.
        explanation: the code in the bank's words.
        sha256: hash of the bank's file with its answer, kept as evidence.

    """

    payment: Ref
    reason: BankReason
    explanation: Text
    sha256: Sha256


class PaymentBounced(Event, frozen=True, kw_only=True, tag="payment.bounced"):
    """What was settled came back (退票); the claims may be asked for again. Signed by the treasury.

    It is lawful after the contract was closed, too, and reopens nothing but the payment.

    Attributes:
        payment: which, settled.
        value_date: day the money came back, from that of the settlement to that of this report.
        reason: ISO 20022 external status reason code.
        explanation: the code in the bank's words.
        sha256: hash of the bank's file with the entry, kept as evidence.

    """

    payment: Ref
    value_date: Date
    reason: BankReason
    explanation: Text
    sha256: Sha256


class PaymentDiverted(Event, frozen=True, kw_only=True, tag="payment.diverted"):
    """The bank paid another account than was ordered. Signed by the treasury.

    The payment stays ordered, so the contract cannot be closed, until the bank has paid the right
    account or given the money back.

    Attributes:
        payment: which.
        value_date: day the money went there.
        creditor: commitment to the account that was credited.
        sha256: hash of the bank's file with the entry, kept as evidence.

    """

    payment: Ref
    value_date: Date
    creditor: Sha256
    sha256: Sha256


EVENTS = (
    PaymentRequested,
    PaymentApproved,
    PaymentReturned,
    PaymentOrdered,
    PaymentSettled,
    PaymentRejected,
    PaymentBounced,
    PaymentDiverted,
)

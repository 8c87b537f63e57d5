"""Payments: asked for, ordered, and what the bank made of the order."""

from typing import Annotated, Literal

from msgspec import Meta

from ledger.events.base import Date, Event, Id, PositiveFen, Ref, Sha256, Text

BankReason = Literal["AC01", "AC04", "AC06", "AM04", "AG01", "BE01", "MS03", "NARR"]
"""Why a bank did not pay: ISO 20022 external status reason codes."""


class PaymentRequested(Event, frozen=True, kw_only=True, tag="payment.requested"):
    """Payment of what is owed was asked for. Signed by the provider or the purchaser.

    Attributes:
        payment: its id (OCDS `transactions.id`).
        contract: under which contract.
        claims: accepted claims, and sums owed beyond them by the id of the event that made them so
            (`claim.agreed`, `dispute.settled`, …); each in one live payment at most.
        principal_fen: what they come to, less the advance recovered and what is held back.
        payee: token of the provider's account.

    """

    payment: Id
    contract: Ref
    claims: Annotated[list[Ref], Meta(min_length=1, max_length=1000)]
    principal_fen: PositiveFen
    payee: Id


class PaymentOrdered(Event, frozen=True, kw_only=True, tag="payment.ordered"):
    """The bank was ordered to pay. Signed by finance, not by whoever answered the claim.

    Attributes:
        payment: which.
        principal_fen: how much (支付令).
        payee: token of the account.
        message_id: id of the bank file (ISO 20022 `MsgId`).
        sha256: hash of the bank file.

    """

    payment: Ref
    principal_fen: PositiveFen
    payee: Ref
    message_id: Annotated[str, Meta(min_length=1, max_length=35)]
    sha256: Sha256


class PaymentSettled(Event, frozen=True, kw_only=True, tag="payment.settled"):
    """The bank paid. Signed by the treasury.

    Attributes:
        payment: which.
        value_date: day the money counts as paid (ISO 20022 `ValDt`).
        creditor: commitment to the account that was credited.
        sha256: hash of the bank's entry.

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
        sha256: hash of the bank's answer.

    """

    payment: Ref
    reason: BankReason
    explanation: Text
    sha256: Sha256


EVENTS = (PaymentRequested, PaymentOrdered, PaymentSettled, PaymentRejected)

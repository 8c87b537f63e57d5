"""Advances: money paid ahead of delivery, and recovered from every acceptance."""

from typing import Annotated

from msgspec import Meta

from ledger.events.base import Date, Event, Id, PositiveFen, Ref, Sha256, Text
from ledger.events.payment import BankReason


class AdvanceOrdered(Event, frozen=True, kw_only=True, tag="advance.ordered"):
    """The bank was ordered to pay an advance. Signed by finance.

    All advances of a contract together stay within its `advance_ppm` of its value.

    Attributes:
        advance: its id (OCDS `transactions.id`, behind `advance/`).
        contract: under which contract.
        amount_fen: how much.
        payee: token of the provider's account.
        message_id: id of the bank file (ISO 20022 `MsgId`).
        sha256: hash of the bank file.

    """

    advance: Id
    contract: Ref
    amount_fen: PositiveFen
    payee: Id
    message_id: Annotated[str, Meta(min_length=1, max_length=35)]
    sha256: Sha256


class AdvanceSettled(Event, frozen=True, kw_only=True, tag="advance.settled"):
    """The bank paid an advance. Signed by the treasury.

    Attributes:
        advance: which.
        value_date: day the money counts as paid (ISO 20022 `ValDt`).
        creditor: commitment to the account that was credited.
        sha256: hash of the bank's entry.

    """

    advance: Ref
    value_date: Date
    creditor: Sha256
    sha256: Sha256


class AdvanceRejected(Event, frozen=True, kw_only=True, tag="advance.rejected"):
    """The bank did not pay an advance; it may be ordered again. Signed by the treasury.

    Attributes:
        advance: which.
        reason: ISO 20022 external status reason code.
        explanation: the code in the bank's words.
        sha256: hash of the bank's answer.

    """

    advance: Ref
    reason: BankReason
    explanation: Text
    sha256: Sha256


class AdvanceRefunded(Event, frozen=True, kw_only=True, tag="advance.refunded"):
    """Of an advance came back what was not yet delivered. Signed by the treasury.

    The provider paid it back, or the bank sent the whole of it back (退票).

    Attributes:
        advance: which.
        amount_fen: how much came back.
        value_date: day the money counts as received.
        sha256: hash of the bank's entry.

    """

    advance: Ref
    amount_fen: PositiveFen
    value_date: Date
    sha256: Sha256


EVENTS = (AdvanceOrdered, AdvanceSettled, AdvanceRejected, AdvanceRefunded)

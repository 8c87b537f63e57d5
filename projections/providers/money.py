"""Sums owed and payments: since when a sum is owed, and how many days its payment took.

The clock of a payment (C13) starts on the day the purchaser answered the claim, or on the last
day it could have; what is awarded of it later keeps that day, and what is released or granted
starts on its own. A payment of several sums takes as long as the one that waited longest; one of
interest alone, whose sums are paid already, is not counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import json

from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted, ClaimSubmitted
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentBounced, PaymentRequested, PaymentSettled
from ledger.events.receivable import ReceivableAssigned, ReceivableReleased
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.score import BonusGranted
from ledger.rules.deadline import last_answer_day, last_pay_day
from ledger.times import format_date, parse_date
from projections.feed import Fact
from projections.providers.tables import (
    OWED,
    PAYMENT,
    ContractRow,
    OwedRow,
    PaymentRow,
)
from projections.sheet import Sheet

BEYOND = (RetentionReleased, GuaranteeLodged, BonusGranted)
"""Events that make a sum payable, under their own id and from their own day."""

AWARDS = (ClaimAgreed, DisputeSettled, DisputeRuled)
"""Events that award a sum of a claim, under their own id and from the claim's day."""

_OF_A_CLAIM = (ClaimAnswered, ClaimDeemedAccepted, *AWARDS, ReceivableAssigned, ReceivableReleased)
_OF_A_PAYMENT = (PaymentSettled, PaymentBounced)
MONEY_EVENTS = (ClaimSubmitted, *_OF_A_CLAIM, *BEYOND, PaymentRequested, *_OF_A_PAYMENT)


class Wait(NamedTuple):
    """How long a payment took: days since its clock started, and beyond the last day to pay."""

    days: int
    late_days: int


class Money:
    """The sums and payments that a batch is about."""

    def __init__(self, facts: Iterable[Fact], sheet: Sheet) -> None:
        """Load what the batch may change."""
        self._sheet = sheet
        events: list[Any] = [fact.event for fact in facts]
        self._payments: dict[str, PaymentRow] = {
            row.payment: row
            for row in sheet.load(
                PAYMENT, "payment", [e.payment for e in events if isinstance(e, _OF_A_PAYMENT)]
            )
        }
        named = {e.claim for e in events if isinstance(e, _OF_A_CLAIM)}
        for payment in self._payments.values():
            named |= set(_claims(payment))
        for event in events:
            if isinstance(event, PaymentRequested):
                named |= set(event.claims)
        self._owed: dict[str, OwedRow] = {row.owed: row for row in sheet.load(OWED, "owed", named)}

    def put(self) -> None:
        """Put the rows down."""
        self._sheet.put(OWED, self._owed.values())
        self._sheet.put(PAYMENT, self._payments.values())

    def see(self, fact: Fact, contract: ContractRow, day: str) -> None:
        """Learn since when a sum is owed, or what a payment is of."""
        event: Any = fact.event
        if isinstance(event, ClaimSubmitted):
            answer_by = last_answer_day(parse_date(day), contract.acceptance_days)
            row = OwedRow(event.claim, contract.contract, format_date(answer_by), None, 0)
            self._owed[event.claim] = row
        elif isinstance(event, ClaimAnswered):
            self._owed[event.claim] = self._owed[event.claim]._replace(owed_since=day)
        elif isinstance(event, ClaimDeemedAccepted):
            row = self._owed[event.claim]
            self._owed[event.claim] = row._replace(owed_since=row.answer_by)
        elif isinstance(event, AWARDS):
            claim = self._owed[event.claim]
            since = claim.owed_since or claim.answer_by
            self._owed[event.id] = OwedRow(event.id, contract.contract, since, since, 0)
        elif isinstance(event, BEYOND):
            self._owed[event.id] = OwedRow(event.id, contract.contract, day, day, 0)
        elif isinstance(event, PaymentRequested):
            claims = json.encode(event.claims).decode()
            paid = PaymentRow(
                event.payment, contract.contract, claims, event.principal_fen, None, 0
            )
            self._payments[event.payment] = paid

    def assign(self, claim: str, amount_fen: int) -> int:
        """Assign a sum to a lender, or give it back with 0; return what was assigned before."""
        row = self._owed[claim]
        self._owed[claim] = row._replace(assigned_fen=amount_fen)
        return row.assigned_fen

    def settle(self, event: PaymentSettled, contract: ContractRow) -> Wait | None:
        """Let a payment be paid; return how long it took, or None for one of interest alone."""
        payment = self._payments[event.payment]
        if not payment.principal_fen:
            return None
        since = _started(self._owed, _claims(payment))
        paid_on = parse_date(event.value_date)
        late_days = max(paid_on - last_pay_day(since, contract.pay_days), 0)
        wait = Wait(max(paid_on - since, 0), late_days)
        self._payments[event.payment] = payment._replace(days=wait.days, late_days=late_days)
        return wait

    def bounce(self, event: PaymentBounced) -> Wait | None:
        """Let a payment be unpaid again; return how long it had taken, or None likewise."""
        payment = self._payments[event.payment]
        self._payments[event.payment] = payment._replace(days=None, late_days=0)
        return None if payment.days is None else Wait(payment.days, payment.late_days)


def _claims(payment: PaymentRow) -> tuple[str, ...]:
    return json.decode(payment.claims, type=tuple[str, ...])


def _started(owed: Mapping[str, OwedRow], claims: Iterable[str]) -> int:
    """Return the day on which the first of the clocks of some sums started."""
    return min(parse_date(owed[claim].owed_since or owed[claim].answer_by) for claim in claims)

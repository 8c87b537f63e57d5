"""How events change a payment: requested, approved, ordered, and what the bank made of it."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, json

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
from projections.feed import Fact
from projections.payments.book import Book
from projections.payments.tables import ClaimRow, PartRow, PaymentRow


def requested(book: Book, fact: Fact, event: PaymentRequested) -> None:
    """Begin a payment; while it lives, its sums are in no other (I8)."""
    sums = [book.claims[claim] for claim in event.claims]
    terms = book.terms[event.contract]
    book.payments[event.payment] = PaymentRow(
        payment=event.payment,
        first_position=fact.position,
        last_position=fact.position,
        contract=event.contract,
        buyer=terms.buyer,
        provider=terms.provider,
        claims=json.encode(event.claims).decode(),
        status="requested",
        principal_fen=event.principal_fen,
        interest_fen=0,
        ordered_fen=None,
        paid_fen=0,
        payee=event.payee,
        due_on=min((row.due_on for row in sums if row.due_on is not None), default=None),
        requested_on=book.day(fact),
        approved_on=None,
        ordered_on=None,
        ended_on=None,
        value_date=None,
        reason=None,
        explanation=None,
    )
    book.parts[event.payment] = [
        PartRow(event.payment, ordinal, claim, fact.position, 0, 0)
        for ordinal, claim in enumerate(event.claims)
    ]
    if event.principal_fen:
        for row in sums:
            book.change(fact, row._replace(payment=event.payment))


def approved(book: Book, fact: Fact, event: PaymentApproved) -> None:
    """Approve a payment."""
    _put(book, fact, event.payment, status="approved", approved_on=book.day(fact))


def returned(book: Book, fact: Fact, event: PaymentReturned) -> None:
    """Send a request back; its sums may be asked for again."""
    explanation = None if event.explanation is UNSET else event.explanation
    ended = {"ended_on": book.day(fact), "reason": event.reason, "explanation": explanation}
    _put(book, fact, event.payment, status="returned", **ended)
    for _, row in _shares(book, event.payment):
        book.change(fact, _freed(row, event.payment))


def ordered(book: Book, fact: Fact, event: PaymentOrdered) -> None:
    """Order what each sum has payable then, and the interest owed on it where it is ordered."""
    with_interest = event.interest_fen is not UNSET
    interest_fen = 0 if event.interest_fen is UNSET else event.interest_fen
    parts = []
    for part, row in _shares(book, event.payment):
        principal_fen = row.payable_fen if event.principal_fen else 0
        own_fen = row.interest_owed_fen if with_interest else 0
        parts.append(part._replace(principal_fen=principal_fen, interest_fen=own_fen))
        changed = row._replace(
            ordered_fen=row.ordered_fen + principal_fen,
            interest_owed_fen=row.interest_owed_fen - own_fen,
        )
        book.change(fact, changed)
    book.parts[event.payment] = parts
    _put(
        book,
        fact,
        event.payment,
        status="ordered",
        ordered_on=book.day(fact),
        interest_fen=interest_fen,
        ordered_fen=event.principal_fen + interest_fen,
    )


def settled(book: Book, fact: Fact, event: PaymentSettled) -> None:
    """Let a payment count as paid from its value date on."""
    payment = book.payments[event.payment]
    for part, row in _shares(book, event.payment):
        paid = row._replace(
            paid_fen=row.paid_fen + part.principal_fen,
            interest_paid_fen=row.interest_paid_fen + part.interest_fen,
            cleared_on=event.value_date if part.principal_fen else row.cleared_on,
        )
        book.change(fact, paid)
    _put(
        book,
        fact,
        event.payment,
        status="settled",
        ended_on=book.day(fact),
        value_date=event.value_date,
        paid_fen=payment.ordered_fen or 0,
    )


def unpaid(book: Book, fact: Fact, event: PaymentRejected | PaymentBounced) -> None:
    """End a payment that was not made, or came back: what it was for is owed again."""
    bounced = isinstance(event, PaymentBounced)
    for part, row in _shares(book, event.payment):
        owed = row._replace(
            ordered_fen=row.ordered_fen - part.principal_fen,
            paid_fen=row.paid_fen - (part.principal_fen if bounced else 0),
            interest_owed_fen=row.interest_owed_fen + part.interest_fen,
            interest_paid_fen=row.interest_paid_fen - (part.interest_fen if bounced else 0),
            # It was never paid, so every day counts, those until it came back with them.
            cleared_on=None if part.principal_fen else row.cleared_on,
        )
        book.change(fact, _freed(owed, event.payment))
    _put(
        book,
        fact,
        event.payment,
        status="bounced" if bounced else "rejected",
        ended_on=book.day(fact),
        value_date=None,
        reason=event.reason,
        explanation=event.explanation,
        paid_fen=0,
    )


def diverted(book: Book, fact: Fact, event: PaymentDiverted) -> None:
    """Note that the bank paid another account: nothing is paid yet."""
    _put(book, fact, event.payment, status="diverted")


def _put(book: Book, fact: Fact, payment: str, **changes: Any) -> None:
    row = book.payments[payment]._replace(last_position=fact.position, **changes)
    book.payments[payment] = row


def _shares(book: Book, payment: str) -> Iterator[tuple[PartRow, ClaimRow]]:
    for part in book.parts[payment]:
        yield part, book.claims[part.claim]


def _freed(row: ClaimRow, payment: str) -> ClaimRow:
    """Return a sum out of a payment, unless a later one asks for it already."""
    return row._replace(payment=None) if row.payment == payment else row

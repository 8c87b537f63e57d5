"""What a contract owes, by the days that the law counts (C12, C13): the dates and their events.

    book = book_of(store, "contract/c-1", offset_minutes)
    book.waits["p-1"].late_days              how many days after the last day to pay it was paid
    book.clocks["k-1"].due                   the last day on which it can be paid in time
    book.overdue("k-1", day)                 what of it was overdue at the end of a day

The time to pay starts on the local day on which the answer was recorded, or on the last day it
could have been given; what is awarded of a claim later keeps that day, and what is released or
granted starts on its own (`ledger.rules.deadline`). These days count by the calendar: no working
day and no rule of the rulebook is in them, but the contract's own terms.

Which day an event was recorded on stands in no event: its event proof shows it.

Cost: a pass over the contract's history, its visits left out.
"""

from typing import Any, NamedTuple

from ledger.calendar import local_day
from ledger.errors import LedgerError
from ledger.events import TYPES, Event, decode_event, name_of_type
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted, ClaimSubmitted
from ledger.events.contract import ContractSigned
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.payment import (
    PaymentBounced,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.owing import OWING_EVENTS, Owing
from ledger.rules.deadline import last_answer_day, last_pay_day
from ledger.store.histories import history_with_postings
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.sums import flows_of
from ledger.times import parse_date

_AWARDS = (ClaimAgreed, DisputeSettled, DisputeRuled)
_UNPAID = (PaymentRejected, PaymentBounced)
_READ_TYPES: tuple[type[Event], ...] = (*OWING_EVENTS, ContractSigned)
_READ = frozenset(name_of_type(each) for each in _READ_TYPES)
_OTHERS = frozenset(TYPES) - _READ


class Clock(NamedTuple):
    """When a sum is to be paid; days are counted since 1970-01-01.

    Attributes:
        row: the event that started its time to pay.
        since: the day on which that started.
        owed_on: the day on which the sum came to be owed.
        due: the last day on which it can be paid in time (C13).

    """

    row: EventRow
    since: int
    owed_on: int
    due: int

    @property
    def late_from(self) -> int:
        """The first day on which it is overdue: what is awarded later is so at once."""
        return max(self.due + 1, self.owed_on)


class Change(NamedTuple):
    """What an event changed of a sum, on the local day on which it was recorded."""

    row: EventRow
    day: int
    figures: dict[str, int]


class Wait(NamedTuple):
    """How long a payment of principal took.

    Attributes:
        claim: the sum that waited longest.
        settled: the event that says on which day it was paid.
        days: from the start of its time to pay to the value date.
        late_days: beyond the last day to pay.

    """

    claim: str
    settled: EventRow
    days: int
    late_days: int


class Overdue(NamedTuple):
    """What of a sum is overdue at the end of a day: fen of principal, of interest, and days."""

    principal_fen: int
    interest_fen: int
    days: int


class Paid(NamedTuple):
    """The events of a payment: asked for, ordered last, settled while that counts."""

    requested: EventRow
    ordered: EventRow | None
    settled: EventRow | None


class Book:
    """What a contract owes, and by when.

    Attributes:
        signed: the contract's signing, which states its days to answer and to pay.
        owing: its sums and payments.
        clocks: when each sum is to be paid, once it is accepted.
        changes: what each event changed of each sum, in order.
        payments: the events of each payment.
        waits: how long each payment of principal took that counts as paid.
        value_dates: the day on which each payment that counts as paid was.
        pay_days: the contract's days to pay.

    """

    def __init__(self, offset_minutes: int) -> None:
        """Begin before the contract is signed."""
        self.signed: EventRow | None = None
        self.owing = Owing()
        self.clocks: dict[str, Clock] = {}
        self.changes: dict[str, list[Change]] = {}
        self.payments: dict[str, Paid] = {}
        self.waits: dict[str, Wait] = {}
        self.value_dates: dict[str, int] = {}
        self.pay_days = 0
        self._acceptance_days = 0
        self._offset_minutes = offset_minutes
        self._answer_by: dict[str, int] = {}
        self._cleared: dict[str, int] = {}

    def add(self, row: EventRow, recorded_ms: int, moved: Any) -> None:
        """Add an event of the contract, recorded when."""
        event: Any = decode_event(row.body)
        day = local_day(recorded_ms, self._offset_minutes)
        if isinstance(event, ContractSigned):
            self.signed = row
            self.pay_days, self._acceptance_days = event.pay_days, event.acceptance_days
            return
        for claim, figures in self.owing.add(event, flows_of(moved)).items():
            self.changes.setdefault(claim, []).append(Change(row, day, figures))
            self._start(event, row, claim, day)
            gone = figures.get("payable", 0) < 0 and not self.payable(claim)
            if gone and claim in self.clocks:
                self._cleared[claim] = day
        if isinstance(event, PaymentRequested | PaymentOrdered | PaymentSettled | PaymentBounced):
            self._pay(event, row)
        if isinstance(event, PaymentSettled | PaymentRejected | PaymentBounced):
            self._clear(event)

    def payable(self, claim: str) -> int:
        """Return what of a sum is to be paid by now, in fen."""
        return self.owing.sums[claim].figures.get("payable", 0)

    def overdue(self, claim: str, day: int) -> Overdue | None:
        """Return what of a sum was overdue at the end of a day; None where nothing was."""
        clock, cleared = self.clocks.get(claim), self._cleared.get(claim)
        if clock is None or clock.late_from > day or (cleared is not None and cleared <= day):
            return None
        by_then = [change.figures for change in self.changes[claim] if change.day <= day]
        return Overdue(
            sum(each.get("payable", 0) for each in by_then),
            sum(each.get("interest_booked", 0) for each in by_then),
            day - clock.due,
        )

    def due_of(self, payment: str) -> str | None:
        """Return the sum of a payment that was to be paid first, or None."""
        claims = [each for each in self.owing.payments[payment].claims if each in self.clocks]
        return min(claims, key=lambda each: self.clocks[each].due, default=None)

    # -- helpers -------------------------------------------------------------------------------

    def _start(self, event: Any, row: EventRow, claim: str, day: int) -> None:
        """Start the time to pay of a sum; one of which nothing is payable is never late."""
        if isinstance(event, ClaimSubmitted):
            self._answer_by[claim] = last_answer_day(day, self._acceptance_days)
        elif isinstance(event, ClaimAnswered | ClaimDeemedAccepted):
            since = day if isinstance(event, ClaimAnswered) else self._answer_by[claim]
            self._owe(claim, row, since, day)
        elif claim == event.id:  # owed beyond claims
            origin = self.clocks[event.claim] if isinstance(event, _AWARDS) else None
            if origin is None:
                self._owe(claim, row, day, day)
            else:
                self._owe(claim, origin.row, origin.since, day)

    def _owe(self, claim: str, row: EventRow, since: int, day: int) -> None:
        self.clocks[claim] = Clock(row, since, day, last_pay_day(since, self.pay_days))
        if not self.payable(claim):
            self._cleared[claim] = 0

    def _pay(self, event: Any, row: EventRow) -> None:
        name = event.payment
        if isinstance(event, PaymentRequested):
            self.payments[name] = Paid(row, None, None)
        elif isinstance(event, PaymentOrdered):
            self.payments[name] = self.payments[name]._replace(ordered=row)
        elif isinstance(event, PaymentSettled):
            self.payments[name] = self.payments[name]._replace(settled=row)
            self.value_dates[name] = parse_date(event.value_date)
            self._wait(name, row, self.value_dates[name])
        else:
            self.payments[name] = self.payments[name]._replace(settled=None)
            self.waits.pop(name, None)

    def _wait(self, payment: str, row: EventRow, paid_on: int) -> None:
        """Count the days of a payment; one of interest alone has none."""
        if not self.owing.payments[payment].is_of_principal:
            return
        claims = self.owing.payments[payment].claims
        first = min(claims, key=lambda claim: self.clocks[claim].since)
        clock = self.clocks[first]
        late_days = max(paid_on - clock.due, 0)
        self.waits[payment] = Wait(first, row, max(paid_on - clock.since, 0), late_days)

    def _clear(self, event: PaymentSettled | PaymentRejected | PaymentBounced) -> None:
        """Let sums be paid from the value date on; of what came back every day counts again."""
        for claim, share in self.owing.payments[event.payment].shares.items():
            if share.principal_fen and isinstance(event, PaymentSettled):
                self._cleared[claim] = parse_date(event.value_date)
            elif share.principal_fen:
                self._cleared.pop(claim, None)


def book_of(reader: Reader, key: str, offset_minutes: int) -> Book:
    """Return what a contract owes.

    Raises:
        LedgerError: a statement is missing.

    """
    book = Book(offset_minutes)
    for row, moved in history_with_postings(reader, key, _OTHERS):
        statement = reader.statement(row.statement_index)
        if statement is None:
            raise LedgerError(f"statement {row.statement_index} is missing: verify the ledger")
        book.add(row, statement.recorded_ms, moved)
    return book

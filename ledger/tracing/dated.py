"""What counts days by the law (C13): of each payment and sum, and added up over many.

    dated = Dated(store)
    dated.of_payment("payment/p-1", "late_days", "contract/c-1")    made of dates, each of an event
    dated.payments("late_days", ["contract/c-1"])                   parts of a provider's figure

What is overdue is told at the end of a day, by default the local day of the newest statement.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ledger.calendar import local_day
from ledger.errors import LedgerError
from ledger.store.histories import opening_of
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.times import format_date, parse_date, parse_offset
from ledger.tracing.made import Ground, Made
from ledger.tracing.owed import Book, Clock, Wait, book_of

OVERDUE = ("overdue", "overdue_principal", "overdue_interest")
"""How many sums are overdue, what of them is to be paid, and the interest booked on them."""

OF_PAYMENTS = ("days", "late", "late_days")
"""Days that payments took, how many were late, and by how many days."""

DAYS = "days/"
"""Prefix of how many payments took so many days: `days/17`."""


COUNTS = frozenset({"overdue", "days_late", "days_mean", "days_median", *OF_PAYMENTS})
"""Figures that are numbers of sums, payments or days, and no money."""


class Newest(NamedTuple):
    """The newest event, and the local day on which it was recorded."""

    row: EventRow | None
    day: int


class Dated:
    """Figures by days, each contract read once."""

    def __init__(self, reader: Reader, day: str | None = None) -> None:
        """Tell what is overdue at the end of `day`, a local date.

        Raises:
            LedgerError: it is none.

        """
        self._reader = reader
        self._asked = None if day is None else parse_date(day)
        self._books: dict[str, Book] = {}

    def book(self, contract: str) -> Book:
        """Return what a contract (`contract/c-1`) owes."""
        if contract not in self._books:
            self._books[contract] = book_of(self._reader, contract, self._offset_minutes)
        return self._books[contract]

    # -- added up ------------------------------------------------------------------------------

    def payments(self, figure: str, contracts: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Yield the payments of contracts that add to a figure by days, and how much."""
        for contract in contracts:
            for payment, wait in self.book(contract).waits.items():
                amount = amount_of(wait, figure)
                if amount:
                    yield f"payment/{payment}", amount

    def histogram(self, contracts: Iterable[str]) -> dict[str, int]:
        """Return how many payments of contracts took how many days, as `days/<n>`, in order."""
        days = sorted(
            wait.days for contract in contracts for wait in self.book(contract).waits.values()
        )
        found: dict[str, int] = {}
        for each in days:
            found[f"{DAYS}{each}"] = found.get(f"{DAYS}{each}", 0) + 1
        return found

    def sums(self, figure: str, contracts: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Yield the sums of contracts that are overdue, and what each adds to a figure."""
        for contract in contracts:
            book = self.book(contract)
            for claim in book.clocks:
                overdue = book.overdue(claim, self._day)
                if overdue is not None:
                    amounts = (1, overdue.principal_fen, overdue.interest_fen)
                    amount = dict(zip(OVERDUE, amounts, strict=True))[figure]
                    if amount:
                        yield f"claim/{claim}", amount

    # -- one by one ----------------------------------------------------------------------------

    def of_payment(self, key: str, figure: str, contract: str) -> Made | None:
        """Return a payment's figure by days, or what a sum brings to it; None of another."""
        name, book = key.partition("/")[2], self.book(contract)
        wait = book.waits.get(name)
        claim, _, side = figure.rpartition("/")
        if figure == "days_late":
            return self._days_late(key, name, contract)
        if figure in OF_PAYMENTS or figure.startswith(DAYS):
            return None if wait is None else self._waited(key, figure, contract, wait)
        if side in {"principal", "interest"} and claim in book.owing.payments[name].claims:
            return self._share(key, name, contract, claim, side)
        return None

    def of_sum(self, key: str, figure: str, contract: str) -> Made | None:
        """Return a sum's figure by days; None of another."""
        if figure not in (*OVERDUE, "days_late"):
            return None
        claim, book = key.partition("/")[2], self.book(contract)
        overdue = book.overdue(claim, self._day)
        if overdue is None:
            return Made(0, "overdue", tuple(self._due(contract, claim)))
        values = (1, *overdue)
        value = dict(zip((*OVERDUE, "days_late"), values, strict=True))[figure]
        until = Ground(key, "day", None, format_date(self._day), self._last_row)
        due = (*self._due(contract, claim), until)
        if figure == "days_late":
            return Made(value, "days_late", due)
        name = "interest_booked" if figure == "overdue_interest" else "payable"
        by_then = [
            Ground(key, name, change.figures[name], None, change.row)
            for change in book.changes[claim]
            if change.day <= self._day and change.figures.get(name)
        ]
        return Made(value, "overdue", (*by_then, *due))

    def _waited(self, key: str, figure: str, contract: str, wait: Wait) -> Made:
        value = amount_of(wait, figure)
        if figure.startswith(DAYS):
            return Made(value, "took", (Ground(key, "days", wait.days),))
        if figure == "late":
            return Made(value, "is_late", (Ground(key, "late_days", wait.late_days),))
        value_date = self.book(contract).value_dates[key.partition("/")[2]]
        paid = Ground(key, "value_date", None, format_date(value_date), wait.settled)
        if figure == "days":
            return Made(value, "days", (*self._since(contract, wait.claim), paid))
        return Made(value, "late_days", (*self._due(contract, wait.claim), paid))

    def _days_late(self, key: str, name: str, contract: str) -> Made | None:
        """Count to the value date, or to the day asked about while it is not paid."""
        book = self.book(contract)
        claim, paid = book.due_of(name), book.payments[name].settled
        if claim is None:
            return None
        if paid is None:
            until, until_row = self._day, self._last_row
        else:
            until, until_row = book.value_dates[name], paid
        end = Ground(key, "day", None, format_date(until), until_row)
        days = max(until - book.clocks[claim].due, 0)
        return Made(days, "days_late", (*self._due(contract, claim), end))

    def _share(self, key: str, name: str, contract: str, claim: str, side: str) -> Made:
        """Return what a sum brings to a payment: as ordered, else as of now."""
        book = self.book(contract)
        payment, ordered = book.owing.payments[name], book.payments[name].ordered
        if ordered is not None:
            share = payment.shares[claim]
            fen = share.principal_fen if side == "principal" else share.interest_fen
            return Made(fen, "as_ordered", (Ground(key, side, fen, None, ordered),))
        figure = "payable" if side == "principal" else "interest_owed"
        fen = book.owing.sums[claim].figures.get(figure, 0)
        if side == "principal" and not payment.is_of_principal:
            fen = 0
        return Made(fen, "as_of_now", (Ground(f"claim/{claim}", figure, fen),))

    def _since(self, contract: str, claim: str) -> list[Ground]:
        clock = self._clock(contract, claim)
        key = f"claim/{claim}"
        return [Ground(key, "since", None, format_date(clock.since), clock.row)]

    def _due(self, contract: str, claim: str) -> list[Ground]:
        """Return what gives the last day to pay: when the time started, and the contract's days."""
        book = self.book(contract)
        due = format_date(self._clock(contract, claim).due)
        return [
            *self._since(contract, claim),
            Ground(contract, "pay_days", book.pay_days, None, book.signed),
            Ground(f"claim/{claim}", "due", None, due),
        ]

    def _clock(self, contract: str, claim: str) -> Clock:
        clock = self.book(contract).clocks.get(claim)
        if clock is None:
            raise LedgerError(f"the time to pay claim/{claim} has not started: it is not accepted")
        return clock

    # -- the ledger's days ---------------------------------------------------------------------

    @cached_property
    def _offset_minutes(self) -> int:
        return parse_offset(opening_of(self._reader).utc_offset)

    @property
    def _day(self) -> int:
        return self._newest.day if self._asked is None else self._asked

    @property
    def _last_row(self) -> EventRow | None:
        """Return the event whose recording is the day that is counted to, where none was named."""
        return self._newest.row if self._asked is None else None

    @cached_property
    def _newest(self) -> Newest:
        head = self._reader.head()
        statement = self._reader.statement(head.size - 1)
        if statement is None:
            raise LedgerError("the newest statement is missing: verify the ledger")
        row = self._reader.event_at(statement.first_position)
        return Newest(row, local_day(statement.recorded_ms, self._offset_minutes))


def amount_of(wait: Wait, figure: str) -> int:
    """Return what a payment adds to a figure by days."""
    if figure.startswith(DAYS):
        return int(figure == f"{DAYS}{wait.days}")
    return {"days": wait.days, "late": int(wait.late_days > 0), "late_days": wait.late_days}[figure]

"""The rows that a batch works on: loaded together before it, put down together after it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.events import Event
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentRequested
from ledger.events.penalty import PenaltyImposed
from ledger.events.score import DeductionApplied
from projections.context import Context
from projections.feed import Batch, Fact, Feed
from projections.payments.late import NONE, Change, changes_by_day
from projections.payments.tables import (
    CLAIM,
    DAY,
    LATE,
    PART,
    PAYMENT,
    SCORE,
    STEP,
    TERMS,
    ClaimRow,
    DayRow,
    LateRow,
    PartRow,
    StepRow,
)
from projections.sheet import Sheet

_ACCEPTING = (ClaimAnswered, ClaimDeemedAccepted, ClaimAgreed, DisputeSettled, DisputeRuled)
_SETTING_OFF = (PenaltyImposed, DeductionApplied)
_POSTED = (*_ACCEPTING, DeductionApplied)
_HEAD = "head"


class Told(NamedTuple):
    """What an event did to a sum; fields are those of `StepRow`."""

    kind: str
    amount_fen: int
    change_fen: int = 0
    reason: str | None = None
    about: str | None = None


class Book:
    """The rows of the batch at hand, as they are after each of its events.

    Attributes:
        context: currency, local time and names.
        terms: contracts' terms, by contract.
        scores: scored days, by score.
        claims: sums, by id.
        steps: what events did to a sum, by sum.
        payments: payments, by id.
        parts: what each sum brings to a payment, by payment.

    """

    def __init__(self, batch: Batch, sheet: Sheet, feed: Feed) -> None:
        """Load what the batch's events can change or need."""
        events = [fact.event for fact in batch.facts]
        self.context = Context(sheet)
        self._batch = batch
        self._sheet = sheet
        self._moved = feed.moved(
            [fact.position for fact in batch.facts if isinstance(fact.event, _POSTED)]
        )
        payments = set(_named(events, "payment"))
        self.payments = {row.payment: row for row in sheet.load(PAYMENT, "payment", payments)}
        self.parts: dict[str, list[PartRow]] = {}
        for part in sorted(sheet.load(PART, "payment", payments), key=lambda row: row.ordinal):
            self.parts.setdefault(part.payment, []).append(part)
        self.claims = self._load_claims(events)
        self.steps: dict[str, list[StepRow]] = {}
        for step in sorted(sheet.load(STEP, "claim", self.claims), key=lambda row: row.ordinal):
            self.steps.setdefault(step.claim, []).append(step)
        contracts = {*_named(events, "contract"), *(row.contract for row in self.claims.values())}
        self.terms = {row.contract: row for row in sheet.load(TERMS, "contract", contracts)}
        scores = set(_named(events, "score"))
        self.scores = {row.score: row for row in sheet.load(SCORE, "score", scores)}
        self._known = {*self.terms.values(), *self.scores.values()}
        self._changed: set[str] = set()
        self._new_steps: list[StepRow] = []
        self._late: dict[tuple[str, str, str], LateRow] = {}

    def _load_claims(self, events: list[Event]) -> dict[str, ClaimRow]:
        wanted = {*_named(events, "claim"), *(p.claim for ps in self.parts.values() for p in ps)}
        for event in events:
            if isinstance(event, PaymentRequested):
                wanted.update(event.claims)
        # A set-off takes its turn among all that its contract owes.
        contracts = {event.contract for event in events if isinstance(event, _SETTING_OFF)}
        rows = [*self._sheet.load(CLAIM, "claim", wanted)]
        rows += self._sheet.load(CLAIM, "contract", contracts)
        return {row.claim: row for row in rows}

    # -- while events are folded ---------------------------------------------------------------

    def day(self, fact: Fact) -> str:
        """Return the local date on which an event was recorded: the day that the law counts."""
        return self.context.day(fact.recorded_ms)

    def moved_fen(self, fact: Fact, debit: str, credit: str) -> int:
        """Return what an event moved from one account to another."""
        return self._moved[fact.position].get((debit, credit), 0)

    def change(self, fact: Fact, row: ClaimRow, *told: Told) -> None:
        """Put a sum's new row, with what the event did to it."""
        steps = self.steps.setdefault(row.claim, [])
        before = self.claims.get(row.claim)
        was = {} if before is None else changes_by_day(before, steps)
        day = self.day(fact)
        new = [
            StepRow(row.claim, ordinal, fact.position, fact.event.id, day, *each)
            for ordinal, each in enumerate(told, row.steps)
        ]
        steps += new
        accepted = row.due_on is not None
        row = row._replace(
            last_position=fact.position,
            steps=len(steps),
            payable_fen=sum(step.change_fen for step in steps) if accepted else 0,
        )
        self._new_steps += new
        self.claims[row.claim] = row
        self._changed.add(row.claim)
        now = changes_by_day(row, steps)
        # Each day that an event touches has a row, also where changes cancel out: whatever
        # batches the events come in, the rows are the same.
        for on in sorted({*was, *now}):
            change = now.get(on, NONE).plus(was.get(on, NONE), -1)
            if change != NONE:
                self._add_late(row, on, fact.position, change)

    def _add_late(self, row: ClaimRow, day: str, position: int, change: Change) -> None:
        key = (row.buyer, row.provider, day)
        so_far = self._late.get(key)
        if so_far is not None:
            change = change.plus(Change(so_far.fen, so_far.sums, so_far.interest_fen))
        self._late[key] = LateRow(*key, position, *change)

    def free(self, contract: str) -> list[ClaimRow]:
        """Return the sums of a contract that may be set off, the oldest first (the law's words).

        See `ledger.rules.receivable.free_claims`.
        """
        rows = [
            row
            for row in self.claims.values()
            if row.contract == contract
            and row.payable_fen
            and row.payment is None
            and row.receivable not in ("confirmed", "assigned")
        ]
        return sorted(rows, key=lambda row: row.first_position)

    # -- after them ----------------------------------------------------------------------------

    def put(self) -> None:
        """Put the rows down."""
        sheet, batch = self._sheet, self._batch
        self.context.put(sheet)
        sheet.put(TERMS, [row for row in self.terms.values() if row not in self._known])
        sheet.put(SCORE, [row for row in self.scores.values() if row not in self._known])
        last = batch.stop.position - 1
        sheet.put(DAY, [DayRow(_HEAD, last, self.context.day(batch.recorded_ms))])
        sheet.put(CLAIM, [self.claims[claim] for claim in sorted(self._changed)])
        sheet.put(STEP, self._new_steps)
        sheet.put(PAYMENT, self.payments.values())
        sheet.put(PART, [part for parts in self.parts.values() for part in parts])
        sheet.add(LATE, self._late.values(), ("fen", "sums", "interest_fen"))


def _named(events: Iterable[Event], field: str) -> Iterator[str]:
    """Yield what events name in a field."""
    for event in events:
        name = getattr(event, field, None)
        if isinstance(name, str):
            yield name

"""What is owed of each claim, event by event: asked, accepted, cut, to be paid, ordered and paid.

A *sum* is a claim as far as it is to be paid, or what is owed beyond claims, under the id of the
event that made it so (docs/decisions/0028). Nothing of a claim is payable before it is accepted;
then it is what it asks, less what the answer cut or disputes, and less what the acceptance posted
as recovered of an advance, held back, or deducted. What a set-off takes, it takes from sums that no
payment asks for and nobody confirmed, in their order (`ledger.money.set_off`).

    owing = Owing()
    for event, moved in history_of_a_contract:
        owing.add(event, moved)     {"k-1": {"payable": 1200, …}}

Amounts are fen. Memory: the sums and payments of the contract.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from ledger.events import Event
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted, ClaimSubmitted
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestAccrued, InterestWaived
from ledger.events.payment import (
    PaymentBounced,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentReturned,
    PaymentSettled,
)
from ledger.events.penalty import PenaltyImposed
from ledger.events.receivable import ReceivableAssigned, ReceivableConfirmed, ReceivableReleased
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.score import BonusGranted, DeductionApplied, ScoreProposed
from ledger.money import set_off

Flows = Mapping[tuple[str, str], int]
"""What an event moved, in fen, by the account debited and the one credited."""

_HELD = {
    "recovered": ("prepaid", "paid"),
    "retained": ("accrued", "retained"),
    "deducted": ("accrued", "committed"),
}
"""What an acceptance posts that is not payable: of an advance, held back, and as a deduction."""


class Share(NamedTuple):
    """What a sum brings to a payment, as it was ordered: principal and interest, fen."""

    principal_fen: int
    interest_fen: int


class Sum:
    """A sum that is owed, or asked.

    Attributes:
        figures: how much of each figure there is by now.
        until: the last day it bills; None of a sum beyond claims.
        payment: the payment that asks for it and lives, or paid it.
        is_bound: whether its receivable is confirmed, so that nothing may be set off against it.

    """

    __slots__ = ("figures", "is_bound", "payment", "until")

    def __init__(self, until: str | None) -> None:
        """Begin with nothing."""
        self.figures: dict[str, int] = {}
        self.until = until
        self.payment: str | None = None
        self.is_bound = False


class Payment:
    """A payment of sums.

    Attributes:
        claims: the sums it asks for.
        is_of_principal: whether it asks for more than interest.
        shares: what each brings, by sum, once it is ordered.

    """

    __slots__ = ("claims", "is_of_principal", "shares")

    def __init__(self, event: PaymentRequested) -> None:
        """Begin as it was asked for."""
        self.claims = tuple(event.claims)
        self.is_of_principal = bool(event.principal_fen)
        self.shares: dict[str, Share] = {}


class Owing:
    """What is owed under a contract, event by event.

    Attributes:
        sums: every sum, by its id, in the order in which they came to be.
        payments: every payment, by its id.

    """

    def __init__(self) -> None:
        """Begin with nothing owed."""
        self.sums: dict[str, Sum] = {}
        self.payments: dict[str, Payment] = {}
        self._scores: dict[str, tuple[str, str]] = {}
        self._changes: dict[str, dict[str, int]] = {}

    def add(self, event: Event, flows: Flows) -> dict[str, dict[str, int]]:
        """Add an event; return what that changes: figure by figure, by sum."""
        self._changes = {}
        change = _CHANGES.get(type(event))
        if change is not None:
            change(self, event, flows)
        return self._changes

    # -- what events do ------------------------------------------------------------------------

    def submit(self, event: ClaimSubmitted, _flows: Flows) -> None:
        """Ask for a claim."""
        self.sums[event.claim] = Sum(event.period.to_date)
        self._add(
            event.claim,
            visits=event.visits.count,
            gross=event.gross_fen,
            self_pay=event.self_pay_fen,
            claimed=event.claim_fen,
        )

    def answer(self, event: ClaimAnswered, flows: Flows) -> None:
        """Accept a claim but for its cuts and what is in dispute."""
        cut_fen = sum(cut.amount_fen for cut in event.cuts)
        disputed_fen = sum(each.amount_fen for each in event.disputed)
        held = _held(flows)
        payable_fen = self._claimed(event.claim) - cut_fen - disputed_fen - sum(held.values())
        self._add(
            event.claim,
            accepted=event.accepted_fen,
            cut=cut_fen,
            disputed=disputed_fen,
            payable=payable_fen,
            **held,
        )

    def deem(self, event: ClaimDeemedAccepted, flows: Flows) -> None:
        """Accept all of a claim, since nobody answered in time."""
        claimed_fen, held = self._claimed(event.claim), _held(flows)
        payable_fen = claimed_fen - sum(held.values())
        self._add(event.claim, accepted=claimed_fen, payable=payable_fen, **held)

    def agree(self, event: ClaimAgreed, flows: Flows) -> None:
        """Let cuts come back: they are owed as a sum of their own."""
        fen = sum(line.amount_fen for line in event.returned)
        self._add(event.claim, accepted=fen, cut=-fen)
        self._owe_beyond(event.id, fen, flows)

    def contest(self, event: DisputeOpened, _flows: Flows) -> None:
        """Put cuts into dispute."""
        fen = sum(line.amount_fen for line in event.lines)
        self._add(event.claim, cut=-fen, disputed=fen)

    def decide(self, event: DisputeSettled | DisputeRuled, flows: Flows) -> None:
        """End a dispute: what is awarded is owed as a sum of its own, the rest is cut."""
        fen = sum(line.amount_fen for line in event.lines)
        awarded_fen = event.awarded_fen
        self._add(event.claim, accepted=awarded_fen, cut=fen - awarded_fen, disputed=-fen)
        self._owe_beyond(event.id, awarded_fen, flows)

    def grant(self, event: RetentionReleased | GuaranteeLodged | BonusGranted, _: Flows) -> None:
        """Owe what was held back, or a bonus."""
        self._owe_beyond(event.id, event.amount_fen, {})

    def _owe_beyond(self, name: str, fen: int, flows: Flows) -> None:
        """Owe a sum beyond claims; where nothing is payable, nothing is owed."""
        held = _held(flows)
        payable_fen = fen - sum(held.values())
        if payable_fen:
            self.sums[name] = Sum(None)
            self._add(name, claimed=fen, accepted=fen, payable=payable_fen, **held)

    def penalise(self, event: PenaltyImposed, _flows: Flows) -> None:
        """Set a penalty off, the oldest sum first."""
        self._set_off(event.amount_fen, self._free())

    def score(self, event: ScoreProposed, _flows: Flows) -> None:
        """Remember which days a score is about."""
        self._scores[event.score] = (event.period.from_date, event.period.to_date)

    def deduct(self, event: DeductionApplied, flows: Flows) -> None:
        """Take what is payable, sums of the scored days first."""
        first, last = self._scores[event.score]

        def is_of_others(item: tuple[str, Sum]) -> bool:
            until = item[1].until
            return until is None or not first <= until <= last

        self._set_off(flows.get(_HELD["deducted"], 0), sorted(self._free(), key=is_of_others))

    def book(self, event: InterestAccrued, _flows: Flows) -> None:
        """Book interest."""
        self._add(event.claim, interest_booked=event.amount_fen, interest_owed=event.amount_fen)

    def waive(self, event: InterestWaived, _flows: Flows) -> None:
        """Let go of interest."""
        fen = event.amount_fen
        self._add(event.claim, interest_waived=fen, interest_owed=-fen)

    def bind(self, event: ReceivableConfirmed | ReceivableAssigned, _flows: Flows) -> None:
        """Keep a sum whole: its receivable is confirmed."""
        self.sums[event.claim].is_bound = True

    def release(self, event: ReceivableReleased, _flows: Flows) -> None:
        """Let it be set off again: its lender gave it back."""
        self.sums[event.claim].is_bound = False

    def request(self, event: PaymentRequested, _flows: Flows) -> None:
        """Ask for sums to be paid."""
        self.payments[event.payment] = Payment(event)
        if event.principal_fen:
            for claim in event.claims:
                self.sums[claim].payment = event.payment

    def return_(self, event: PaymentReturned, _flows: Flows) -> None:
        """Free the sums of a request that was sent back."""
        for claim in self.payments[event.payment].claims:
            self._free_from(claim, event.payment)

    def order(self, event: PaymentOrdered, _flows: Flows) -> None:
        """Order what each sum has payable then, and the interest on it where it is ordered."""
        payment = self.payments[event.payment]
        for claim in payment.claims:
            has = self.sums[claim].figures
            principal_fen = has.get("payable", 0) if event.principal_fen else 0
            with_interest = event.interest_fen is not UNSET
            interest_fen = has.get("interest_owed", 0) if with_interest else 0
            payment.shares[claim] = Share(principal_fen, interest_fen)
            self._add(claim, ordered=principal_fen, interest_owed=-interest_fen)

    def settle(self, event: PaymentSettled, _flows: Flows) -> None:
        """Pay what was ordered."""
        for claim, share in self.payments[event.payment].shares.items():
            self._add(claim, paid=share.principal_fen, interest_paid=share.interest_fen)

    def fail(self, event: PaymentRejected | PaymentBounced, _flows: Flows) -> None:
        """Owe again what was not paid, or came back."""
        bounced = isinstance(event, PaymentBounced)
        for claim, share in self.payments[event.payment].shares.items():
            self._add(claim, ordered=-share.principal_fen, interest_owed=share.interest_fen)
            if bounced:
                self._add(claim, paid=-share.principal_fen, interest_paid=-share.interest_fen)
            self._free_from(claim, event.payment)

    # -- helpers -------------------------------------------------------------------------------

    def _claimed(self, claim: str) -> int:
        return self.sums[claim].figures.get("claimed", 0)

    def _free(self) -> list[tuple[str, Sum]]:
        """Return the sums that may be set off, the oldest first (C15)."""
        return [
            (name, each)
            for name, each in self.sums.items()
            if each.figures.get("payable", 0) and each.payment is None and not each.is_bound
        ]

    def _set_off(self, fen: int, free: Iterable[tuple[str, Sum]]) -> None:
        payables = [(name, each.figures["payable"]) for name, each in free]
        for name, taken_fen in set_off(fen, payables):
            self._add(name, set_off=taken_fen, payable=-taken_fen)

    def _free_from(self, claim: str, payment: str) -> None:
        """Take a sum out of a payment, unless a later one asks for it already."""
        if self.sums[claim].payment == payment:
            self.sums[claim].payment = None

    def _add(self, claim: str, **figures: int) -> None:
        has, changes = self.sums[claim].figures, self._changes.setdefault(claim, {})
        for name, fen in figures.items():
            if fen:
                has[name] = has.get(name, 0) + fen
                changes[name] = changes.get(name, 0) + fen


def _held(flows: Flows) -> dict[str, int]:
    return {name: flows.get(way, 0) for name, way in _HELD.items()}


_CHANGES: dict[type[Event], Callable[[Owing, Any, Flows], None]] = {
    ClaimSubmitted: Owing.submit,
    ClaimAnswered: Owing.answer,
    ClaimDeemedAccepted: Owing.deem,
    ClaimAgreed: Owing.agree,
    DisputeOpened: Owing.contest,
    DisputeSettled: Owing.decide,
    DisputeRuled: Owing.decide,
    RetentionReleased: Owing.grant,
    GuaranteeLodged: Owing.grant,
    BonusGranted: Owing.grant,
    PenaltyImposed: Owing.penalise,
    ScoreProposed: Owing.score,
    DeductionApplied: Owing.deduct,
    InterestAccrued: Owing.book,
    InterestWaived: Owing.waive,
    ReceivableConfirmed: Owing.bind,
    ReceivableAssigned: Owing.bind,
    ReceivableReleased: Owing.release,
    PaymentRequested: Owing.request,
    PaymentReturned: Owing.return_,
    PaymentOrdered: Owing.order,
    PaymentSettled: Owing.settle,
    PaymentRejected: Owing.fail,
    PaymentBounced: Owing.fail,
}
"""What each event does."""

OWING_EVENTS = tuple(_CHANGES)
"""The events that say what is owed."""

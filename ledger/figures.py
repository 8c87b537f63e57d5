"""Figures: every number that is shown of a contract, fund line or payment, as a sum over events.

A figure of a subject is the sum of what each event of the subject's history adds to it: an amount
or a count that the event states, or what its postings moved on an account. So a figure is one
entry of a table, and whoever holds the history of a subject, with its postings, can add it up
again, without a state and without a read model:

    sums = Sums("contract/c-1")
    for event, moved in history:
        sums.add(event, moved)
    sums.values["claimed"]          fen, over every claim.submitted of the contract

    figure          adds                                              states
    visits          1 a visit.recorded                                a number
    claimed         claim_fen of a claim.submitted                    fen
    paid            what postings move on the account `paid`          fen
    line-1/ordered  the same on one line, for every account           fen

What an event adds may hang on events before it (a bounce takes back what was settled, an exit is
one of the tier the person came with): such figures are `told` by functions that remember.

How far money came, month by month (`stage/paid`), and what was debited and credited, are sums over
single postings: `Sums(key, flows=True)` adds them too. A history proof shows what postings come to
and not each of them, so these are of the ledger alone.

`accrued` of a contract is what was accepted in all, paid since or not (the expense of the books);
the account of that name, which empties again, is `<line>/accrued`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from msgspec import UNSET

from ledger.events import Event
from ledger.events.award import AwardCancelled, AwardChallenged, AwardDecided
from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidRevealed,
    BidSealed,
    BidWithdrawn,
)
from ledger.events.budget import ProgrammeEstablished
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimSubmitted
from ledger.events.contract import ContractAmended, ContractSigned
from ledger.events.delivery import BeneficiaryEnrolled, BeneficiaryExited, VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentOrdered, PaymentRequested
from ledger.events.score import ScoreFinalised
from ledger.events.tender import QuestionAnswered, QuestionAsked, TenderAmended, TenderPublished
from ledger.postings import CHART, SOURCES, stages_of
from ledger.remembering import STATUSES, TIERS, TOLD

Unit = Literal["fen", "count"]


class Moved(NamedTuple):
    """A posting, as far as figures use it: `about` is its contract or tender lot, or nothing."""

    debit: str
    credit: str
    line: str
    about: str
    amount_fen: int


class Figure(NamedTuple):
    """A number that is shown of a kind of subject.

    Attributes:
        name: what it is called.
        unit: whether it is fen or a count.
        stated: what each event of a type adds, from the event itself.
        accounts: the accounts whose balances it adds up, each with its sign.
        told: whether events add to it that must be read after those before them (`TOLD`).

    """

    name: str
    unit: Unit
    stated: Mapping[type[Event], Callable[[Any], int]] = {}
    accounts: Mapping[str, int] = {}
    told: bool = False

    @property
    def states(self) -> bool:
        """Whether events say what they add, by themselves or after those before them."""
        return self.told or bool(self.stated)


def one(_event: Event) -> int:
    """Count an event; nothing of it need be read."""
    return 1


def _value(event: ContractSigned) -> int:
    return event.value_fen


def _value_change(event: ContractAmended) -> int:
    return event.value_delta_fen


def _claim(event: ClaimSubmitted) -> int:
    return event.claim_fen


def _lines(event: DisputeOpened | DisputeSettled | DisputeRuled) -> int:
    return sum(line.amount_fen for line in event.lines)


def _cut(event: ClaimAnswered) -> int:
    return sum(cut.amount_fen for cut in event.cuts)


def _came_back(event: ClaimAgreed) -> int:
    return -sum(line.amount_fen for line in event.returned)


def _contested(event: DisputeOpened) -> int:
    return -_lines(event)


def _not_awarded(event: DisputeSettled | DisputeRuled) -> int:
    return _lines(event) - event.awarded_fen


def _disputed(event: ClaimAnswered) -> int:
    return sum(each.amount_fen for each in event.disputed)


def _decided(event: DisputeSettled | DisputeRuled) -> int:
    return -_lines(event)


def _awarded(event: DisputeSettled | DisputeRuled) -> int:
    return event.awarded_fen


def _won(event: DisputeSettled | DisputeRuled) -> int:
    return int(not _not_awarded(event))


def _lost(event: DisputeSettled | DisputeRuled) -> int:
    return int(bool(_not_awarded(event)) and not event.awarded_fen)


def _split(event: DisputeSettled | DisputeRuled) -> int:
    return int(bool(_not_awarded(event)) and bool(event.awarded_fen))


def _gone(_event: Event) -> int:
    return -1


def _principal(event: PaymentRequested) -> int:
    return event.principal_fen


def _interest(event: PaymentOrdered) -> int:
    return 0 if event.interest_fen is UNSET else event.interest_fen


def _ordered(event: PaymentOrdered) -> int:
    return event.principal_fen + _interest(event)


FIGURES: Mapping[str, tuple[Figure, ...]] = {
    "contract": (
        Figure("value", "fen", {ContractSigned: _value, ContractAmended: _value_change}),
        Figure("accrued", "fen", accounts={"service_expense": 1, "bonus_expense": 1}),
        Figure("paid", "fen", accounts={"paid": 1}),
        Figure("visits", "count", {VisitRecorded: one}),
        Figure("claims", "count", {ClaimSubmitted: one}),
        Figure("claimed", "fen", {ClaimSubmitted: _claim}),
        Figure(
            "cut",
            "fen",
            {
                ClaimAnswered: _cut,
                ClaimAgreed: _came_back,
                DisputeOpened: _contested,
                DisputeSettled: _not_awarded,
                DisputeRuled: _not_awarded,
            },
        ),
        Figure(
            "disputed",
            "fen",
            {
                ClaimAnswered: _disputed,
                DisputeOpened: _lines,
                DisputeSettled: _decided,
                DisputeRuled: _decided,
            },
        ),
        Figure("contested", "count", {DisputeOpened: one}),
        Figure("won", "count", {DisputeSettled: _won, DisputeRuled: _won}),
        Figure("lost", "count", {DisputeSettled: _lost, DisputeRuled: _lost}),
        Figure("split", "count", {DisputeSettled: _split, DisputeRuled: _split}),
        Figure("awarded", "fen", {DisputeSettled: _awarded, DisputeRuled: _awarded}),
        Figure("refused", "fen", {DisputeSettled: _not_awarded, DisputeRuled: _not_awarded}),
        Figure("scores", "count", {ScoreFinalised: one}),
        *(Figure(status, "count", told=True) for status in STATUSES),
        Figure("settled", "count", told=True),
        Figure("assignments", "count", told=True),
        Figure("assigned", "fen", told=True),
        *(
            Figure(account, "fen", accounts={account: 1})
            for account in (
                "payable",
                "retention_payable",
                "interest_payable",
                "interest_paid",
                "advances",
            )
        ),
    ),
    "line": (
        Figure("granted", "fen", accounts=dict.fromkeys(SOURCES, -1)),
        *(Figure(account, "fen", accounts={account: 1}) for account in CHART),
    ),
    "tender": (
        Figure("reserved", "fen", accounts={"reserved": 1}),
        Figure("published", "count", {TenderPublished: one}),
        Figure("open", "count", told=True),
        Figure("value", "fen", told=True),
        Figure("amendments", "count", {TenderAmended: one}),
        Figure("questions", "count", {QuestionAsked: one}),
        Figure("answered", "count", {QuestionAnswered: one}),
        Figure("bids", "count", {BidSealed: one}),
        Figure("valid", "count", {BidRevealed: one, BidDisqualified: _gone}),
        Figure("withdrawn", "count", {BidWithdrawn: one}),
        Figure("forfeited", "count", {BidForfeited: one}),
        Figure("disqualified", "count", {BidDisqualified: one}),
        Figure("awards", "count", {AwardDecided: one}),
        Figure("cancelled_awards", "count", {AwardCancelled: one}),
        Figure("challenges", "count", {AwardChallenged: one}),
    ),
    "programme": (
        Figure("established", "count", {ProgrammeEstablished: one}),
        Figure("enrolled", "count", {BeneficiaryEnrolled: one}),
        Figure("exited", "count", {BeneficiaryExited: one}),
        Figure("entitled", "count", {BeneficiaryEnrolled: one, BeneficiaryExited: _gone}),
        *(
            Figure(f"{what}/{tier}", "count", told=True)
            for what in ("enrolled", "exited")
            for tier in TIERS
        ),
    ),
    "payment": (
        Figure("principal", "fen", {PaymentRequested: _principal}),
        Figure("interest", "fen", {PaymentOrdered: _interest}),
        Figure("ordered", "fen", {PaymentOrdered: _ordered}),
        Figure("paid", "fen", told=True),
    ),
}
"""Every figure, by the kind of its subject; `contract` has every account by line besides."""


class Sums:
    """Figures of a subject, added up event by event.

    Attributes:
        values: each figure's sum so far; one by line and account is there once something moved it.
        is_booked: whether postings add to any.

    """

    def __init__(
        self, key: str, *, flows: bool = False, wanted: Collection[str] | None = None
    ) -> None:
        """Begin with nothing; `key` is a subject, or `payment/<id>` within its contract.

        `flows` adds what single postings moved: `stage/…`, of a line `debit/…` and `credit/…`.
        With some figures `wanted`, no event need be added that does nothing to them.

        Raises:
            KeyError: there are no figures of this kind.

        """
        self._kind, _, self._name = key.partition("/")
        every = FIGURES[self._kind]
        figures = [each for each in every if wanted is None or each.name in wanted]
        self._flows = flows
        self.values: dict[str, int] = {figure.name: 0 for figure in figures}
        self.is_booked = wanted is None or not set(wanted) <= {e.name for e in every if e.states}
        self._memory: dict[Any, Any] = {}
        self._told = TOLD.get(self._kind, {}) if any(each.told for each in figures) else {}
        self._stated: dict[type[Event], list[tuple[str, Callable[[Any], int]]]] = {}
        for figure in figures:
            for event_type, amount in figure.stated.items():
                self._stated.setdefault(event_type, []).append((figure.name, amount))
        self._booked: dict[str, list[tuple[str, int]]] = {}
        for figure in figures:
            for account, sign in figure.accounts.items():
                self._booked.setdefault(account, []).append((figure.name, sign))

    def is_read(self, event_type: type[Event]) -> bool:
        """Return whether an event of this type must be decoded to be added."""
        if event_type in self._told:
            return True
        return any(amount is not one for _, amount in self._stated.get(event_type, ()))

    def states(self, event_type: type[Event]) -> bool:
        """Return whether such events say what they add, or are to be remembered."""
        return event_type in self._told or event_type in self._stated

    def add(self, event_type: type[Event], event: Any, moved: Iterable[Moved]) -> dict[str, int]:
        """Add an event and its postings; return what that changes, figure by figure.

        `event` may be None where `is_read` says so.
        """
        changes: dict[str, int] = {}
        mine = self._kind != "payment" or (event is not None and event.payment == self._name)
        if mine:
            for name, amount in self._stated.get(event_type, ()):
                _add(changes, name, amount(event))
        if mine and event_type in self._told:
            for name, change in self._told[event_type](event, self._memory).items():
                _add(changes, name, change)
        for posting in moved:
            if self.concerns(posting):
                self._book(changes, posting)
            if self._flows and self._moves(posting):
                self._flow(changes, posting)
        for name, change in changes.items():
            _add(self.values, name, change)
        return changes

    def concerns(self, posting: Moved) -> bool:
        """Return whether a posting is about this subject."""
        if self._kind == "line":
            return posting.line == self._name
        if self._kind == "tender":
            # A contract's signing names the contract; what it takes was reserved by its tender.
            return "reserved" in {posting.debit, posting.credit}
        return self._kind == "contract" and posting.about == self._name

    def _moves(self, posting: Moved) -> bool:
        """Return whether a posting is counted among those of this subject, by what it names."""
        if self._kind == "line":
            return posting.line == self._name
        return posting.about.partition("/")[0] == self._name

    def _flow(self, changes: dict[str, int], posting: Moved) -> None:
        """Add how far a posting brought money, and on a line what it debited and credited."""
        for stage, sign in stages_of(posting.debit, posting.credit):
            _add(changes, f"stage/{stage}", sign * posting.amount_fen)
            if self._kind != "line":
                _add(changes, f"{posting.line}/stage/{stage}", sign * posting.amount_fen)
        if self._kind == "line":
            _add(changes, f"debit/{posting.debit}", posting.amount_fen)
            _add(changes, f"credit/{posting.credit}", posting.amount_fen)

    def _book(self, changes: dict[str, int], posting: Moved) -> None:
        for name, debited in ((posting.debit, True), (posting.credit, False)):
            account = CHART[name]
            fen = posting.amount_fen if account.debit_normal == debited else -posting.amount_fen
            if self._kind == "contract" and account.about == "contract":
                _add(changes, f"{posting.line}/{name}", fen)
            # An account kept by line or lot is no contract's, though a contract's event moves it.
            if self._kind != "contract" or account.about == "contract":
                for figure, sign in self._booked.get(name, ()):
                    _add(changes, figure, sign * fen)


def unit_of(kind: str, figure: str) -> Unit:
    """Return the unit of a figure."""
    return next((each.unit for each in FIGURES[kind] if each.name == figure), "fen")


def is_flow(figure: str) -> bool:
    """Return whether a figure is a sum over single postings, which no history proof shows."""
    return bool({"stage", "debit", "credit"} & set(figure.split("/")[:-1]))


def _add(sums: dict[str, int], name: str, amount: int) -> None:
    sums[name] = sums.get(name, 0) + amount

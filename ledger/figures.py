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

`accrued` of a contract is what was accepted in all, paid since or not (the expense of the books);
the account of that name, which empties again, is `<line>/accrued`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from msgspec import UNSET

from ledger.events import Event
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimSubmitted
from ledger.events.contract import ContractAmended, ContractSigned
from ledger.events.delivery import VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentOrdered, PaymentRequested
from ledger.postings import CHART, SOURCES

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

    """

    name: str
    unit: Unit
    stated: Mapping[type[Event], Callable[[Any], int]] = {}
    accounts: Mapping[str, int] = {}


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


def _principal(event: PaymentRequested) -> int:
    return event.principal_fen


def _interest(event: PaymentOrdered) -> int:
    return 0 if event.interest_fen is UNSET else event.interest_fen


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
    ),
    "line": (
        Figure("granted", "fen", accounts=dict.fromkeys(SOURCES, -1)),
        *(Figure(account, "fen", accounts={account: 1}) for account in CHART),
    ),
    "tender": (Figure("reserved", "fen", accounts={"reserved": 1}),),
    "payment": (
        Figure("principal", "fen", {PaymentRequested: _principal}),
        Figure("interest", "fen", {PaymentOrdered: _interest}),
    ),
}
"""Every figure, by the kind of its subject; `contract` has every account by line besides."""


class Sums:
    """Figures of a subject, added up event by event.

    Attributes:
        values: each figure's sum so far; one by line and account is there once something moved it.

    """

    def __init__(self, key: str) -> None:
        """Begin with nothing; `key` is a subject, or `payment/<id>` within its contract.

        Raises:
            KeyError: there are no figures of this kind.

        """
        self._kind, _, self._name = key.partition("/")
        figures = FIGURES[self._kind]
        self.values: dict[str, int] = {figure.name: 0 for figure in figures}
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
        return any(amount is not one for _, amount in self._stated.get(event_type, ()))

    def add(self, event_type: type[Event], event: Any, moved: Iterable[Moved]) -> dict[str, int]:
        """Add an event and its postings; return what that changes, figure by figure.

        `event` may be None where `is_read` says so.
        """
        changes: dict[str, int] = {}
        for name, amount in self._stated.get(event_type, ()):
            if self._kind != "payment" or event.payment == self._name:
                _add(changes, name, amount(event))
        for posting in moved:
            if self.concerns(posting):
                self._book(changes, posting)
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


def _add(sums: dict[str, int], name: str, amount: int) -> None:
    sums[name] = sums.get(name, 0) + amount

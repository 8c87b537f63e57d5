"""Sums: the figures of one subject, added up event by event.

    sums = Sums("contract/c-1")
    for event, moved in history:
        sums.add(type(event), event, moved)
    sums.values["claimed"]

What is summed is said by the table of `ledger.figures`.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from ledger.delivered import DELIVERY_EVENTS, Delivered
from ledger.events import Event
from ledger.figures import FIGURES, VISITED, Figure, Moved, figure_of, one
from ledger.owing import OWING_EVENTS, Flows, Owing
from ledger.postings import CHART, stages_of
from ledger.remembering import TOLD


class Sums:
    """Figures of a subject, added up event by event.

    Attributes:
        values: each figure's sum so far; one by line and account is there once something moved it.
        is_booked: whether postings add to any.

    """

    def __init__(
        self,
        key: str,
        *,
        flows: bool = False,
        wanted: Collection[str] | None = None,
        offset_minutes: int | None = None,
        people: Collection[str] | None = (),
    ) -> None:
        """Begin with nothing; `key` is a subject, or a payment or claim within its contract.

        `flows` adds what single postings moved: `stage/…`, of a line `debit/…` and `credit/…`.
        With some figures `wanted`, no event need be added that does nothing to them. Figures by the
        day of the visit are added where it is said how far local days are ahead of UTC: of `people`
        by token, or of everybody where that is None.

        Raises:
            KeyError: there are no figures of this kind.

        """
        self._kind, _, self._name = key.partition("/")
        every = FIGURES[self._kind]
        figures = [each for each in every if wanted is None or _is_wanted(each, wanted)]
        self._flows = flows
        self.values: dict[str, int] = {each.name: 0 for each in figures if not each.is_family}
        self.is_booked = wanted is None or not all(
            figure is not None and figure.states
            for figure in (figure_of(self._kind, name) for name in wanted)
        )
        self._memory: dict[Any, Any] = {}
        told = any(each.told and each.name not in VISITED for each in figures)
        self._told = TOLD.get(self._kind, {}) if told else {}
        visited = self._kind == "contract" and offset_minutes is not None
        self._delivered = Delivered(offset_minutes or 0, people) if visited else None
        self._owing = Owing() if self._kind == "claim" else None
        self._stated: dict[type[Event], list[tuple[str, Callable[[Any], int]]]] = {}
        for figure in figures:
            for event_type, amount in figure.stated.items():
                self._stated.setdefault(event_type, []).append((figure.name, amount))
        self._booked: dict[str, list[tuple[str, int]]] = {}
        for figure in figures:
            for account, sign in figure.accounts.items():
                self._booked.setdefault(account, []).append((figure.name, sign))

    @property
    def needs_both(self) -> bool:
        """Whether an event and what it posted must be added together."""
        return self._owing is not None or self._kind == "tender"

    def is_read(self, event_type: type[Event]) -> bool:
        """Return whether an event of this type must be decoded to be added."""
        if self._remembers(event_type):
            return True
        return any(amount is not one for _, amount in self._stated.get(event_type, ()))

    def states(self, event_type: type[Event]) -> bool:
        """Return whether such events say what they add, or are to be remembered."""
        return self._remembers(event_type) or event_type in self._stated

    def add(self, event_type: type[Event], event: Any, moved: Collection[Moved]) -> dict[str, int]:
        """Add an event and its postings; return what that changes, figure by figure.

        `event` may be None where `is_read` says so.
        """
        changes = self._state(event_type, event, moved)
        for posting in moved:
            if self.concerns(posting):
                self._book(changes, posting)
            if self._flows and self._moves(posting):
                self._flow(changes, posting)
        for name, change in changes.items():
            _add(self.values, name, change)
        return changes

    def _state(
        self, event_type: type[Event], event: Any, moved: Collection[Moved]
    ) -> dict[str, int]:
        """Return what an event says that it adds, by itself or after those before it."""
        changes: dict[str, int] = {}
        if self._kind == "payment" and (event is None or event.payment != self._name):
            return changes
        for name, amount in self._stated.get(event_type, ()):
            _add(changes, name, amount(event))
        if event_type in self._told:
            changes |= self._told[event_type](event, self._memory)
        if self._delivered is not None and event_type in DELIVERY_EVENTS:
            changes |= self._delivered.add(event)
        if self._owing is not None and event_type in OWING_EVENTS:
            changes |= self._owing.add(event, flows_of(moved)).get(self._name, {})
        return changes

    def _remembers(self, event_type: type[Event]) -> bool:
        return (
            event_type in self._told
            or (self._delivered is not None and event_type in DELIVERY_EVENTS)
            or (self._owing is not None and event_type in OWING_EVENTS)
        )

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
        if self._kind == "tender":
            self._reserve(changes, posting)
        for name, debited in ((posting.debit, True), (posting.credit, False)):
            account = CHART[name]
            fen = posting.amount_fen if account.debit_normal == debited else -posting.amount_fen
            if self._kind == "contract" and account.about == "contract":
                _add(changes, f"{posting.line}/{name}", fen)
            # An account kept by line or lot is no contract's, though a contract's event moves it.
            if self._kind != "contract" or account.about == "contract":
                for figure, sign in self._booked.get(name, ()):
                    _add(changes, figure, sign * fen)

    def _reserve(self, changes: dict[str, int], posting: Moved) -> None:
        """Add what is set aside for a lot, by line; a contract takes what its award's lot has."""
        lot = posting.about.partition("/")[2] or self._memory.get("lot")
        fen = posting.amount_fen if posting.credit == "reserved" else -posting.amount_fen
        if lot is not None:
            _add(changes, f"lot/{lot}/{posting.line}/reserved", fen)


def flows_of(moved: Iterable[Moved]) -> Flows:
    """Return what postings moved, by the account debited and the one credited."""
    flows: dict[tuple[str, str], int] = {}
    for posting in moved:
        way = (posting.debit, posting.credit)
        flows[way] = flows.get(way, 0) + posting.amount_fen
    return flows


def _is_wanted(figure: Figure, wanted: Collection[str]) -> bool:
    if figure.name in wanted:
        return True
    return figure.is_family and any(name.startswith(f"{figure.name}/") for name in wanted)


def _add(sums: dict[str, int], name: str, amount: int) -> None:
    sums[name] = sums.get(name, 0) + amount

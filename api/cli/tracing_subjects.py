"""What `sunledger trace SUBJECT` asks of each kind of subject: its figures, and what each is of.

A figure is a sum of events, a sum of other figures, or made of others by a rule; which of them,
the answer tells by its type.
"""

from typing import TYPE_CHECKING, Protocol

from api.cli.session import Session
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.store.rows import EventRow
    from ledger.store.store import Store
    from ledger.tracing.adding import AddedUp
    from ledger.tracing.gathering import Part
    from ledger.tracing.made import Made
    from projections.delivery import Entitled

    Answer = AddedUp | list[Part] | Made

_THERE_IS_NONE = (
    "there is no {key} in this ledger; name an event's id or position, or a subject as KIND/ID, "
    "for instance contract/c-1, line/2026-x or payment/p-1"
)


class Subject(Protocol):
    """A subject whose figures are traced.

    Attributes:
        home: the subject in whose history its events are; None of one that has none.

    """

    home: str | None

    def figures(self, within: range) -> dict[str, int]:
        """Return every figure with its value, but for families of many."""

    def family(self, name: str, within: range) -> dict[str, int] | None:
        """Return the figures of a family; None where there is no such family."""

    def find(self, figure: str, within: range, after: int, limit: int) -> "Answer":
        """Return what a figure is of.

        Raises:
            LedgerError: there is no such figure.

        """


def subject_of(session: Session, store: "Store", key: str, day: str | None) -> Subject:
    """Return the subject of a key; what is overdue of it is that at the end of a day.

    Raises:
        LedgerError: there is no such subject, or it has no figures.

    """
    kind = key.partition("/")[0]
    if kind == "approver":
        return _Approver(session, store, key)
    if kind == "beneficiary":
        return _Person(session, store, key, day)
    if kind in {"payment", "claim"}:
        return _OfContract(session, store, key, day)
    from ledger.tracing.gathering import OVERVIEW

    if kind not in {OVERVIEW, "buyer"} and store.subject(key) is None:
        raise LedgerError(_THERE_IS_NONE.format(key=key))
    return _Of(store, key, day)


def refuse_month(figure: str, within: range) -> None:
    """Refuse a month where a figure is not added up by when events were recorded.

    Raises:
        LedgerError: a month was given.

    """
    from ledger.tracing.adding import EVER

    if within != EVER:
        raise LedgerError(f"{figure} is not added up by the month of recording: omit --month")


class _Of:
    """A subject with a history, or one whose figures are sums over such."""

    def __init__(self, store: "Store", key: str, day: str | None) -> None:
        """Find it.

        Raises:
            LedgerError: it has no figures, or `day` is no date.

        """
        from ledger.tracing.gathering import SUMS, Gathering, kind_of

        self.home: str | None = key
        self._store = store
        self._key = key
        self._kind = kind_of(key)
        self._gathering = Gathering(store, day)
        if self._kind in SUMS:
            self._gathering.check(key)

    def figures(self, within: range) -> dict[str, int]:
        """Return every figure with its value."""
        from ledger.tracing.adding import EVER
        from ledger.tracing.means import MEANS, MEDIANS, mean_of

        figures = self._gathering.totals(self._key, within=within, flows=True)
        if within == EVER:
            for name in (*MEANS.get(self._kind, ()), *MEDIANS.get(self._kind, ())):
                made = mean_of(self._gathering, self._key, name)
                if made is not None:
                    figures[name] = made.value
        return figures

    def family(self, name: str, within: range) -> dict[str, int] | None:
        """Return what was delivered by month, or found of each indicator."""
        from ledger.figures import FIGURES
        from ledger.tracing.adding import EVER
        from ledger.tracing.gathering import FAMILIES
        from ledger.tracing.means import mean_of

        own = {each.name for each in FIGURES.get(self._kind, ()) if each.is_family}
        if name not in own | (FAMILIES if self._kind == "programme" else set()):
            return None
        figures = self._gathering.totals(self._key, {name}, within)
        if self._kind == "programme" and name == "indicator" and within == EVER:
            for indicator in dict.fromkeys(each.rpartition("/")[0] for each in figures):
                for last in ("score_ppm", "actual_mean"):
                    made = mean_of(self._gathering, self._key, f"{indicator}/{last}")
                    if made is not None:
                        figures[f"{indicator}/{last}"] = made.value
        return figures

    def find(self, figure: str, within: range, after: int, limit: int) -> "Answer":
        """Return its events, its parts, or what it is made of."""
        from ledger.tracing.adding import add_up
        from ledger.tracing.gathering import is_sum
        from ledger.tracing.means import mean_of

        made = mean_of(self._gathering, self._key, figure)
        if made is not None:
            refuse_month(figure, within)
            return made
        if is_sum(self._key, figure):
            return self._gathering.parts(self._key, figure, within)
        at = {"within": within, "after": after, "limit": limit}
        return add_up(self._store, self._key, self._key, figure, **at)  # type: ignore[arg-type]


class _OfContract:
    """A payment, or a claim or other sum owed: its events are in the history of its contract."""

    def __init__(self, session: Session, store: "Store", key: str, day: str | None) -> None:
        """Find it.

        Raises:
            LedgerError: there is none, or `day` is no date.

        """
        from ledger.tracing.dated import Dated

        self._store = store
        self._key = key
        self._kind, _, self._name = key.partition("/")
        self._dated = Dated(store, day)
        self._contract = _contract_of(session, store, self._kind, self._name)
        self.home: str | None = self._contract
        self._book = self._dated.book(self._contract)

    def figures(self, within: range) -> dict[str, int]:
        """Return every figure with its value."""
        from ledger.tracing.adding import EVER, figures_of
        from ledger.tracing.dated import OF_PAYMENTS, OVERDUE

        figures = figures_of(self._store, self._key, self._contract, within=within)
        if within != EVER:
            return figures
        names = ["days_late", *OVERDUE]
        if self._kind == "payment":
            claims = self._book.owing.payments[self._name].claims
            names = ["days_late", *OF_PAYMENTS]
            names += [f"{claim}/{side}" for claim in claims for side in ("principal", "interest")]
            figures |= {name: sum(p.sum for p in self._parts(name)) for name in _SUMS_OF_A_PAYMENT}
        for name in names:
            made = self._made(name)
            if made is not None:
                figures[name] = made.value
        return figures

    def family(self, _name: str, _within: range) -> dict[str, int] | None:
        """Return none: there is no family."""
        return None

    def find(self, figure: str, within: range, after: int, limit: int) -> "Answer":
        """Return its events, its parts, or what it is made of."""
        from ledger.tracing.adding import add_up

        made = self._made(figure)
        if made is not None or (self._kind == "payment" and figure in _SUMS_OF_A_PAYMENT):
            refuse_month(figure, within)
            return self._parts(figure) if made is None else made
        at = {"within": within, "after": after, "limit": limit}
        return add_up(self._store, self._key, self._contract, figure, **at)  # type: ignore[arg-type]

    def _made(self, figure: str) -> "Made | None":
        if self._kind == "payment":
            return self._dated.of_payment(self._key, figure, self._contract)
        return self._dated.of_sum(self._key, figure, self._contract)

    def _parts(self, figure: str) -> "list[Part]":
        """Return what the sums of a payment add to a figure that is theirs."""
        from ledger.tracing.gathering import Part

        of, owing = _SUMS_OF_A_PAYMENT[figure], self._book.owing
        return [
            Part(f"claim/{claim}", of, owing.sums[claim].figures[of])
            for claim in owing.payments[self._name].claims
            if owing.sums[claim].figures.get(of)
        ]


_SUMS_OF_A_PAYMENT = {"interest_open": "interest_owed", "disputed": "disputed"}
"""Figures of a payment that are sums of a figure of its claims."""


def _contract_of(session: Session, store: "Store", kind: str, name: str) -> str:
    """Return the subject in whose history a payment's, or claim's, events are."""
    from projections.payments import PAYMENTS, claim
    from projections.payments.queries import contract_of_payment

    with session.projections(store) as projections:
        projections.follow(PAYMENTS.name)
        if kind == "payment":
            contract = contract_of_payment(projections, name)
        else:
            found = claim(projections, name)
            contract = None if found is None else found.claim.contract
    if contract is None:
        raise LedgerError(_THERE_IS_NONE.format(key=f"{kind}/{name}"))
    return f"contract/{contract}"


class _Approver:
    """A key: its acts are the events that it signed."""

    def __init__(self, session: Session, store: "Store", key: str) -> None:
        """Find it.

        Raises:
            LedgerError: it did nothing that is counted.

        """
        from projections.approvers import APPROVERS, list_approvers

        self.home: str | None = None
        self._store = store
        self._key = key
        self._name = key.partition("/")[2]
        with session.projections(store) as projections:
            projections.follow(APPROVERS.name)
            if not list_approvers(projections, key=self._name, limit=1).items:
                raise LedgerError(
                    f"the key {self._name} did nothing that is counted here; `sunledger show "
                    "approver` lists all"
                )

    def figures(self, within: range) -> dict[str, int]:
        """Return all that is counted of its acts, and the medians of the gaps between them."""
        from ledger.tracing.acts import figures_of_acts, median_of_gaps

        refuse_month(self._key, within)
        figures = figures_of_acts(self._store, self._name)
        for name in {each.partition("/")[0] for each in figures}:
            for median in _MEDIANS:
                made = median_of_gaps(self._key, figures, f"{name}/{median}")
                if made is not None:
                    figures[f"{name}/{median}"] = made.value
        return figures

    def family(self, _name: str, _within: range) -> dict[str, int] | None:
        """Return none: there is no family."""
        return None

    def find(self, figure: str, within: range, after: int, limit: int) -> "Answer":
        """Return its acts, or the gaps that a median is of."""
        from ledger.tracing.acts import add_up_acts, figures_of_acts, median_of_gaps

        refuse_month(figure, within)
        if figure.partition("/")[2] in _MEDIANS:
            made = median_of_gaps(self._key, figures_of_acts(self._store, self._name), figure)
            if made is not None:
                return made
        return add_up_acts(self._store, self._name, figure, after=after, limit=limit)


_MEDIANS = ("median_gap", "median_recorded_gap")


class _Person:
    """A person by token: units planned, delivered and denied, by month and service."""

    def __init__(self, session: Session, store: "Store", key: str, day: str | None) -> None:
        """Find the person.

        Raises:
            LedgerError: there is none.

        """
        from ledger.tracing.gathering import Gathering
        from projections.delivery import DELIVERY, entitled

        self.home: str | None = None
        self._store = store
        self._key = key
        self._name = key.partition("/")[2]
        self._gathering = Gathering(store, day)
        with session.projections(store) as projections:
            projections.follow(DELIVERY.name)
            found = entitled(projections, self._name)
        if found is None:
            raise LedgerError(
                f"there is no beneficiary {self._name}; `sunledger show beneficiary` lists all"
            )
        self._entitled: Entitled = found

    def figures(self, within: range) -> dict[str, int]:
        """Return what was planned, delivered, denied and left of each service in each month."""
        from ledger.tracing.units import figures_of_units

        refuse_month(self._key, within)
        months = self._entitled.first_month, self._entitled.last_month
        return figures_of_units(self._given(), self._entitled.units, months)

    def family(self, _name: str, _within: range) -> dict[str, int] | None:
        """Return none: there is no family."""
        return None

    def find(self, figure: str, within: range, after: int, limit: int) -> "Answer":
        """Return its parts under contracts, the plans, or what is left of what."""
        from ledger.tracing.made import Ground, Made
        from ledger.tracing.units import Asked, parts_of_units

        del after, limit
        refuse_month(figure, within)
        asked = Asked.parse(figure)
        units = self.figures(within)
        if asked.what == "left":
            planned, delivered = asked.of("planned"), asked.of("delivered")
            of = [Ground(self._key, e.figure, e.value(units)) for e in (planned, delivered)]
            return Made(planned.value(units) - delivered.value(units), "left", tuple(of))
        if asked.what == "planned" and not asked.to_the_end:
            return self._planned(asked.month, asked.service)
        return parts_of_units(self._key, asked, self._given(), units)

    def _given(self) -> dict[str, dict[str, int]]:
        """Return the units given to the person, by contract and figure."""
        prefix = f"person/{self._name}"
        given = {}
        for contract in self._entitled.served:
            key = f"contract/{contract}"
            given[key] = self._gathering.totals(key, {prefix})
        return given

    def _planned(self, month: str, service: str) -> "Made":
        from ledger.tracing.made import Ground, Made

        grounds: list[Ground] = []
        for plan in self._entitled.planned(month, service):
            row = self._store.event_at(plan.position)
            grounds.append(Ground(f"contract/{plan.contract}", "plan", plan.units, None, row))
        ends = self._entitled.person
        if grounds and ends.exited_on is not None and ends.exit_position is not None:
            left = self._store.event_at(ends.exit_position)
            grounds.append(Ground(self._key, "exited_on", None, ends.exited_on, left))
        return Made(self._entitled.units(month).get(service, 0), "planned", tuple(grounds))


def body_of(row: "EventRow") -> object:
    """Return an event as it was signed."""
    import orjson

    return orjson.loads(row.body)

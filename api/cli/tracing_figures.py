"""What `sunledger trace SUBJECT` prints: its figures, and of one the events or the parts."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api.cli.console import Column
from api.cli.session import Session
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.store.store import Store
    from ledger.tracing.adding import Addend

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class Asked:
    """A subject whose figures were asked for."""

    def __init__(self, session: Session, store: "Store", key: str, month: str | None) -> None:
        """Find the subject, and the positions of the month.

        Raises:
            LedgerError: there is no such subject, or no such month.

        """
        from ledger.store.histories import opening_of
        from ledger.tracing.gathering import Gathering, kind_of

        self._console = session.console
        self._store = store
        self._key = key
        self._month = month
        self._kind = kind_of(key)
        self._gathering = Gathering(store)
        self._home = _home_of(session, store, key)
        self._within = _positions_of(store, month)
        self._currency = opening_of(store).currency

    def list_figures(self) -> None:
        """Print every figure with its value."""
        if self._kind == "payment":
            from ledger.tracing.adding import figures_of

            figures = figures_of(self._store, self._key, self._home, within=self._within)
        else:
            figures = self._gathering.totals(self._key, within=self._within, flows=True)
        self._console.table(
            _("Figures of {subject}"),
            [Column(_("figure"), style="bold", whole=True), Column(_("value"), "right")],
            [[name, self._amount(name, value)] for name, value in figures.items()],
            subject=self._key,
        )
        self._console.document({"subject": self._key, "month": self._month, "figures": figures})

    def show(self, figure: str, after: int, limit: int) -> None:
        """Print the events, or the parts, that a figure is the sum of."""
        from ledger.tracing.gathering import is_sum

        if is_sum(self._key, figure):
            self._show_parts(figure, after, limit)
        else:
            self._show_events(figure, after, limit)

    # -- parts -----------------------------------------------------------------------------------

    def _show_parts(self, figure: str, after: int, limit: int) -> None:
        found = self._gathering.parts(self._key, figure, self._within)
        first = max(after + 1, 0)
        page: list[dict[str, Any]] = [
            {
                "subject": each.key,
                "figure": each.figure,
                "sum": each.sum,
                "proof": self._proof(each.key, each.figure),
            }
            for each in found[first : first + limit]
        ]
        self._console.table(
            _("{figure} of {subject}"),
            [
                Column(_("subject"), style="bold", whole=True),
                Column(_("its figure"), whole=True),
                Column(_("adds"), "right"),
            ],
            [[each["subject"], each["figure"], self._amount(figure, each["sum"])] for each in page],
            figure=figure,
            subject=self._key,
        )
        total = sum(each.sum for each in found)
        self._console.line(
            self._console.tell(
                _("Sum of {parts} figures: {amount}"),
                parts=self._console.number(len(found)),
                amount=self._amount(figure, total),
            ),
            style="bold",
        )
        last = first + len(page) - 1
        following = last if last + 1 < len(found) else None
        self._end(figure, {"sum": total, "parts": len(found)}, page, following)

    # -- events ----------------------------------------------------------------------------------

    def _show_events(self, figure: str, after: int, limit: int) -> None:
        from ledger.tracing.adding import add_up

        found = add_up(
            self._store,
            self._key,
            self._home,
            figure,
            within=self._within,
            after=after,
            limit=limit,
        )
        page = self._told(found.page)
        self._console.table(
            _("{figure} of {subject}"),
            [
                Column(_("position"), "right"),
                Column(_("event"), whole=True),
                Column(_("type")),
                Column(_("recorded"), whole=True),
                Column(_("signed by")),
                Column(_("adds"), "right"),
                Column(_("so far"), "right"),
            ],
            [
                [
                    str(each["position"]),
                    each["event"],
                    each["type"],
                    each["recorded"],
                    ", ".join(each["signers"]),
                    self._amount(figure, each["adds"]),
                    self._amount(figure, each["running"]),
                ]
                for each in page
            ],
            figure=figure,
            subject=self._key,
        )
        total = self._console.tell(
            _("Sum of {events} events: {amount}"),
            events=self._console.number(found.events),
            amount=self._amount(figure, found.sum),
        )
        self._console.line(total, style="bold")
        following = found.page[-1].row.position if found.more else None
        sums = {
            "sum": found.sum,
            "events": found.events,
            "proof": self._proof(self._home, figure),
        }
        self._end(figure, sums, page, following)

    def _told(self, found: "Sequence[Addend]") -> list[dict[str, Any]]:
        from ledger.store.histories import uuid_of
        from ledger.tracing.particulars import particulars_of

        page = []
        for each in found:
            told = particulars_of(self._store, each.row)
            page.append(
                {
                    "position": each.row.position,
                    "event": uuid_of(each.row),
                    "type": each.row.type,
                    "recorded": format_instant(told.recorded_ms),
                    "signers": list(told.signers),
                    "adds": each.adds,
                    "running": each.running,
                }
            )
        return page

    # -- both ------------------------------------------------------------------------------------

    def _end(
        self,
        figure: str,
        sums: dict[str, Any],
        page: list[dict[str, Any]],
        following: int | None,
    ) -> None:
        from ledger.tracing.gathering import unit_at

        if following is not None:
            self._console.say(_("There is more: go on with --after {position}"), position=following)
        self._console.document(
            {
                "subject": self._key,
                "figure": figure,
                "month": self._month,
                "unit": unit_at(self._key, figure),
                **sums,
                "page": page,
                "after": following,
            }
        )

    def _proof(self, home: str, figure: str) -> str | None:
        """Return whose history proof shows a figure: none what single postings moved."""
        from ledger.figures import FIGURES, is_flow
        from ledger.tracing.gathering import is_sum, kind_of

        kind = kind_of(home)
        if kind not in FIGURES or is_sum(home, figure) or is_flow(figure):
            return None
        stated = any(each.name == figure and each.states for each in FIGURES[kind])
        return home if stated or self._month is None or self._kind == "payment" else None

    def _amount(self, figure: str, value: int) -> str:
        from ledger.tracing.gathering import unit_at

        if unit_at(self._key, figure) == "count":
            return self._console.number(value)
        return self._console.money(value, self._currency)


def _home_of(session: Session, store: "Store", key: str) -> str:
    """Return the subject in whose history the events of `key` are."""
    from ledger.tracing.gathering import OVERVIEW, SUMS, Gathering, kind_of

    kind, _slash, name = key.partition("/")
    home: str | None = key
    if kind == "payment":
        from projections.payments import PAYMENTS
        from projections.payments.queries import contract_of_payment

        with session.projections(store) as projections:
            projections.follow(PAYMENTS.name)
            contract = contract_of_payment(projections, name)
        home = None if contract is None else f"contract/{contract}"
    if home is None or (kind != OVERVIEW and store.subject(home) is None):
        raise LedgerError(
            f"there is no {key} in this ledger; name an event's id, or a subject as KIND/ID, for "
            "instance contract/c-1, line/2026-x or payment/p-1"
        )
    if kind_of(key) in SUMS:
        Gathering(store).check(key)
    return home


def _positions_of(store: "Store", month: str | None) -> range:
    """Return the positions of what was recorded in a local month.

    Raises:
        LedgerError: it is no month.

    """
    from ledger.calendar import end_of_day_ms
    from ledger.times import format_date, parse_date
    from ledger.tracing.adding import EVER

    if month is None:
        return EVER
    if not _MONTH.fullmatch(month):
        raise LedgerError(f"{month} is no month: say one such as 2026-03")
    from projections.feed import Feed
    from projections.points import point_by

    feed = Feed(store)
    first = parse_date(f"{month}-01")
    following = parse_date(f"{format_date(first + 31)[:7]}-01")
    start, stop = (
        point_by(feed, end_of_day_ms(day - 1, feed.offset_minutes) - 1).place.position
        for day in (first, following)
    )
    return range(start, stop)

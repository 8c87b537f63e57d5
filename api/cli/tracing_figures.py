"""What `sunledger trace SUBJECT` prints: its figures, and of one the events, parts or grounds."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api.cli.console import Column
from api.cli.session import Session
from api.cli.tracing_subjects import subject_of
from api.telling import NOTHING
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.store.rows import EventRow
    from ledger.store.store import Store
    from ledger.tracing.adding import AddedUp, Addend
    from ledger.tracing.gathering import Part
    from ledger.tracing.made import Ground, Made

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

_WITHIN = ("payment/", "claim/")
"""Subjects whose events are in the history of their contract."""
_HOMELESS = frozenset({"payment", "claim"})

_RULES = {
    "share": _("the first divided by the second, in parts per million, rounded down."),
    "mean": _("the first divided by the second, rounded down."),
    "median": _("the lower one in the middle, or of counted ones the one in the middle."),
    "days": _("days from when the time to pay started to the value date (C13)."),
    "late_days": _("days from the last day to pay to the value date, where that is later (C13)."),
    "is_late": _("one where it was paid after the last day to pay (C13)."),
    "took": _("one where it took as many days."),
    "days_late": _("days after the last day to pay, to the day it was paid or told of (C13)."),
    "overdue": _(
        "what the events listed come to by that day: the last day to pay is over, and nothing was "
        "paid (C13)."
    ),
    "as_ordered": _("what the sum brings to the payment, as it was ordered."),
    "as_of_now": _("what the sum would bring to the payment now."),
    "planned": _("the largest number of each contract's care plans that count in the month."),
    "left": _("the first less the second."),
}
"""How a figure that is no sum follows from what is listed (`ledger.tracing.made`)."""


class Asked:
    """A subject whose figures were asked for."""

    def __init__(
        self, session: Session, store: "Store", key: str, month: str | None, day: str | None
    ) -> None:
        """Find the subject, and the positions of the month.

        Raises:
            LedgerError: there is no such subject, or no such month or day.

        """
        from ledger.store.histories import opening_of

        self._console = session.console
        self._store = store
        self._key = key
        self._month = month
        self._within = _positions_of(store, month)
        self._subject = subject_of(session, store, key, day)
        self._currency = opening_of(store).currency

    def list_figures(self) -> None:
        """Print every figure with its value."""
        self._list(self._subject.figures(self._within))

    def show(self, figure: str, after: int, limit: int) -> None:
        """Print the figures of a family; or what a figure is the sum of, or made of."""
        from ledger.tracing.adding import AddedUp
        from ledger.tracing.made import Made

        family = self._subject.family(figure, self._within)
        if family is not None:
            self._list(family)
            return
        found = self._subject.find(figure, self._within, after, limit)
        if isinstance(found, Made):
            self._show_made(figure, found, after, limit)
        elif isinstance(found, AddedUp):
            self._show_events(figure, found)
        else:
            self._show_parts(figure, found, after, limit)

    def _list(self, figures: dict[str, int]) -> None:
        self._console.table(
            _("Figures of {subject}"),
            [Column(_("figure"), style="bold", whole=True), Column(_("value"), "right")],
            [[name, self._amount(name, value)] for name, value in figures.items()],
            subject=self._key,
        )
        self._console.document({"subject": self._key, "month": self._month, "figures": figures})

    # -- parts -----------------------------------------------------------------------------------

    def _show_parts(self, figure: str, found: "list[Part]", after: int, limit: int) -> None:
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

    def _show_events(self, figure: str, found: "AddedUp") -> None:
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
            "proof": self._proof(self._subject.home, figure),
        }
        self._end(figure, sums, page, following)

    def _told(self, found: "Sequence[Addend]") -> list[dict[str, Any]]:
        return [
            {**self._facts(each.row), "adds": each.adds, "running": each.running} for each in found
        ]

    def _facts(self, row: "EventRow") -> dict[str, Any]:
        from ledger.store.histories import uuid_of
        from ledger.tracing.particulars import particulars_of

        told = particulars_of(self._store, row)
        return {
            "position": row.position,
            "event": uuid_of(row),
            "type": row.type,
            "recorded": format_instant(told.recorded_ms),
            "signers": list(told.signers),
        }

    # -- grounds ---------------------------------------------------------------------------------

    def _show_made(self, figure: str, made: "Made", after: int, limit: int) -> None:
        """Print from what a figure follows that is no sum, and by which rule."""
        first = max(after + 1, 0)
        page = [self._ground(each) for each in made.of[first : first + limit]]
        self._console.table(
            _("{figure} of {subject}"),
            [
                Column(_("subject"), style="bold", whole=True),
                Column(_("what of it"), whole=True),
                Column(_("value"), "right"),
                Column(_("position"), "right"),
                Column(_("event"), whole=True),
                Column(_("recorded"), whole=True),
            ],
            [
                [
                    each["subject"],
                    each["figure"],
                    self._value(each),
                    str(each.get("position", NOTHING)),
                    each.get("event", NOTHING),
                    each.get("recorded", NOTHING),
                ]
                for each in page
            ],
            figure=figure,
            subject=self._key,
        )
        told = self._console.tell(
            _("It is {amount}: {rule}"),
            amount=self._amount(figure, made.value),
            rule=self._console.tell(_RULES[made.rule]),
        )
        self._console.line(told, style="bold")
        last = first + len(page) - 1
        following = last if last + 1 < len(made.of) else None
        sums = {"sum": made.value, "rule": made.rule, "grounds": len(made.of)}
        self._end(figure, sums, page, following)

    def _ground(self, ground: "Ground") -> dict[str, Any]:
        """Return what a figure is made of: a figure, or what an event says or its recording is."""
        told = {"subject": ground.key, "figure": ground.name}
        if ground.row is not None:
            facts = self._facts(ground.row)
            stated = {"day": ground.day} if ground.value is None else {"value": ground.value}
            return {**told, **stated, **facts, "proof": facts["event"]}
        if ground.value is None:
            return {**told, "day": ground.day}
        home = self._subject.home if ground.key.startswith(_WITHIN) else ground.key
        return {**told, "value": ground.value, "proof": self._proof(home, ground.name)}

    def _value(self, ground: dict[str, Any]) -> str:
        if "day" in ground:
            return ground["day"] or NOTHING
        from ledger.tracing.gathering import unit_at

        if "event" in ground or unit_at(ground["subject"], ground["figure"]) != "fen":
            return self._console.number(ground["value"])
        return self._console.money(ground["value"], self._currency)

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

    def _proof(self, home: str | None, figure: str) -> str | None:
        """Return whose history proof shows a figure: none what single postings moved."""
        from ledger.figures import FIGURES, figure_of, is_flow
        from ledger.tracing.gathering import is_sum, kind_of

        if home is None or is_flow(figure):
            return None
        if self._key.startswith(_WITHIN):
            return self._subject.home if figure_of(kind_of(self._key), figure) else None
        kind = kind_of(home)
        if kind not in FIGURES or kind in _HOMELESS or is_sum(home, figure):
            return None
        stated = figure_of(kind, figure)
        return home if self._month is None or (stated is not None and stated.states) else None

    def _amount(self, figure: str, value: int) -> str:
        from ledger.tracing.gathering import unit_at

        if unit_at(self._key, figure) != "fen":
            return self._console.number(value)
        return self._console.money(value, self._currency)


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

"""The tables of a first page, for people."""

from typing import TYPE_CHECKING

from api.cli.console import Column, Console
from api.codes import CONTRACTS_BY_STATUS
from api.text import _

if TYPE_CHECKING:
    from projections.overview import Overview


def show_overview(console: Console, found: "Overview") -> None:
    """Print how far the money came, by year, source, line and month; and what there is."""
    stages = ("granted", "allotted", "reserved", "committed", "accrued", "paid")
    headings = [Column(heading, "right") for heading in _STAGES]
    rows = [
        *((console.tell(_("year {year}"), year=each.year), each.stages) for each in found.years),
        *((each.source, each.stages) for each in found.sources),
        *((each.line, each.stages) for each in found.lines),
    ]
    console.table(
        _("How far the money came, in {currency}"),
        [Column(_("year, source, line"), style="bold", whole=True), *headings],
        [
            [
                name,
                *(console.figure(getattr(each, f"{s}_fen"), found.currency) for s in stages),
            ]
            for name, each in rows
        ],
        currency=found.currency,
    )
    console.table(
        _("Month by month, in {currency}"),
        [
            Column(_("month"), whole=True),
            Column(_("committed"), "right"),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
            Column(_("left to pay"), "right"),
        ],
        [
            [
                each.month,
                console.figure(each.committed_fen, found.currency),
                console.figure(each.accrued_fen, found.currency),
                console.figure(each.paid_fen, found.currency),
                console.figure(each.left_fen, found.currency),
            ]
            for each in found.months
        ],
        currency=found.currency,
    )
    counts = [
        *((CONTRACTS_BY_STATUS[status], number) for status, number in found.contracts.items()),
        (_("programmes"), found.programmes),
        (_("tenders published"), found.tenders),
        (_("tenders open"), found.open_tenders),
        (_("people entitled"), found.entitled),
        (_("sums overdue"), found.overdue),
    ]
    console.table(
        _("Counts"),
        [Column(_("what")), Column(_("number"), "right")],
        [
            *([console.tell(what), console.number(number)] for what, number in counts),
            [console.tell(_("overdue in all")), console.money(found.overdue_fen, found.currency)],
        ],
    )


_STAGES = (
    _("granted"),
    _("allotted"),
    _("reserved"),
    _("committed"),
    _("accrued"),
    _("paid"),
)

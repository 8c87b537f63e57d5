"""The tables of programmes, for people: output against money."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.cli.console import Column, Console
from api.telling import NOTHING
from api.text import _

if TYPE_CHECKING:
    from projections.programmes import Programme, ProgrammeFile


def show_programmes(console: Console, programmes: Sequence["Programme"]) -> None:
    """Print the list of programmes."""
    currency = programmes[0].currency if programmes else ""
    console.table(
        _("Programmes, in {currency}") if programmes else _("Programmes"),
        [
            Column(_("programme"), style="bold", whole=True),
            Column(_("title")),
            Column(_("contracts"), "right"),
            Column(_("people"), "right"),
            Column(_("score"), "right"),
            Column(_("committed"), "right"),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
            Column(_("share paid"), whole=True),
        ],
        [
            [
                each.programme,
                console.name(each.titles, each.programme),
                console.number(each.active + each.suspended + each.terminated + each.closed),
                console.number(each.enrolled - each.exited),
                _rate(console, each.score_ppm),
                console.figure(each.committed_fen, each.currency),
                console.figure(each.accrued_fen, each.currency),
                console.figure(each.paid_fen, each.currency),
                console.bar(each.paid_fen, each.committed_fen),
            ]
            for each in programmes
        ],
        currency=currency,
    )


def show_programme(console: Console, found: "ProgrammeFile") -> None:
    """Print one programme: its targets, people, money and output."""
    show_programmes(console, [found.programme])
    _show_targets(console, found)
    _show_people(console, found)
    _show_lines(console, found)
    _show_output(console, found)


def _show_targets(console: Console, found: "ProgrammeFile") -> None:
    console.table(
        _("Targets"),
        [
            Column(_("indicator"), whole=True),
            Column(_("weight"), "right"),
            Column(_("target"), "right"),
            Column(_("last reported"), "right"),
            Column(_("score"), "right"),
            Column(_("scores"), "right"),
        ],
        [
            [
                each.indicator,
                console.rate(each.weight_ppm),
                console.number(each.target),
                console.number(each.results[-1].actual) if each.results else NOTHING,
                _rate(console, each.score_ppm),
                console.number(each.scores),
            ]
            for each in found.indicators
        ],
    )


def _show_people(console: Console, found: "ProgrammeFile") -> None:
    console.table(
        _("People by degree of need"),
        [
            Column(_("degree of need")),
            Column(_("entitled"), "right"),
            Column(_("no longer"), "right"),
        ],
        [
            [each.tier, console.number(each.enrolled), console.number(each.exited)]
            for each in found.people
        ],
    )


def _show_lines(console: Console, found: "ProgrammeFile") -> None:
    currency = found.programme.currency
    console.table(
        _("Fund lines, in {currency}"),
        [
            Column(_("line"), style="bold", whole=True),
            Column(_("source")),
            Column(_("granted"), "right"),
            Column(_("committed"), "right"),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
        ],
        [
            [
                each.line,
                each.source,
                *(
                    console.figure(fen, currency)
                    for fen in (
                        each.granted_fen,
                        each.committed_fen,
                        each.accrued_fen,
                        each.paid_fen,
                    )
                ),
            ]
            for each in found.lines
        ],
        currency=currency,
    )


def _show_output(console: Console, found: "ProgrammeFile") -> None:
    """Print what was delivered beside what it cost, month by month."""
    money = {each.month: each for each in found.months}
    console.table(
        _("Output and money by month, in {currency}"),
        [
            Column(_("month"), whole=True),
            Column(_("service")),
            Column(_("visits"), "right"),
            Column(_("units"), "right"),
            Column(_("confirmed"), "right"),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
        ],
        [
            [
                each.month,
                each.service,
                console.number(each.visits),
                console.number(each.units),
                console.number(each.confirmed),
                NOTHING,
                NOTHING,
            ]
            for each in found.delivered
        ]
        + [
            [
                month,
                console.tell(_("all services")),
                *[console.number(_sum(found, month, name)) for name in _OUTPUT],
                console.figure(each.accrued_fen, found.programme.currency),
                console.figure(each.paid_fen, found.programme.currency),
            ]
            for month, each in sorted(money.items())
        ],
        currency=found.programme.currency,
    )


_OUTPUT = ("visits", "units", "confirmed")


def _sum(found: "ProgrammeFile", month: str, name: str) -> int:
    return sum(int(getattr(each, name)) for each in found.delivered if each.month == month)


def _rate(console: Console, ppm: int | None) -> str:
    return NOTHING if ppm is None else console.rate(ppm)

"""The tables of providers, for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.cli.console import Column, Console
from api.codes import SCORE_STATUS
from api.telling import NOTHING
from api.text import _

if TYPE_CHECKING:
    from projections.providers import Provider, ProviderFile


def show_providers(console: Console, providers: Sequence["Provider"]) -> None:
    """Print the list of providers."""
    currency = providers[0].currency if providers else ""
    console.table(
        _("Providers, in {currency}") if providers else _("Providers"),
        [
            Column(_("provider"), style="bold"),
            Column(_("contracts"), "right"),
            Column(_("value"), "right"),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
            Column(_("cut"), "right"),
            Column(_("score"), "right"),
            Column(_("days to payment"), "right"),
            Column(_("paid late"), "right"),
            Column(_("barred until")),
        ],
        [
            [
                console.name(each.provider.names, each.provider.id),
                console.number(each.active + each.suspended + each.terminated + each.closed),
                console.figure(each.value_fen, each.currency),
                console.figure(each.accrued_fen, each.currency),
                console.figure(each.paid_fen, each.currency),
                _rate(console, each.cut_ppm),
                _rate(console, each.score_ppm),
                _number(console, each.days_mean),
                console.number(each.late),
                each.barred_until or NOTHING,
            ]
            for each in providers
        ],
        currency=currency,
    )


def show_provider(console: Console, found: "ProviderFile") -> None:
    """Print one provider: its figures, months, scores and sanctions."""
    show_providers(console, [found.provider])
    _show_figures(console, found)
    _show_months(console, found)
    _show_scores(console, found)
    if found.sanctions:
        _show_sanctions(console, found)


def _show_figures(console: Console, found: "ProviderFile") -> None:
    each = found.provider
    figures: list[tuple[str, str]] = [
        (_("owed and not ordered"), console.money(each.payable_fen, each.currency)),
        (_("held back"), console.money(each.retained_fen, each.currency)),
        (_("advances not recovered"), console.money(each.advance_fen, each.currency)),
        (_("interest received"), console.money(each.interest_paid_fen, each.currency)),
        (_("interest owed"), console.money(each.interest_owed_fen, each.currency)),
        (_("assigned to lenders"), console.money(each.assigned_fen, each.currency)),
        (_("claimed"), console.money(each.claimed_fen, each.currency)),
        (_("in dispute"), console.money(each.disputed_fen, each.currency)),
        (_("disputes won"), console.number(each.won)),
        (_("disputes lost"), console.number(each.lost)),
        (_("disputes split"), console.number(each.split)),
        (_("median of days to payment"), _number(console, found.days_median)),
        (_("days late, of all payments"), console.number(each.late_days)),
    ]
    console.table(
        _("Figures"),
        [Column(_("figure")), Column(_("value"), "right")],
        [[console.tell(what), figure] for what, figure in figures],
    )


def _show_months(console: Console, found: "ProviderFile") -> None:
    currency = found.provider.currency
    console.table(
        _("Money by month"),
        [
            Column(_("month"), whole=True),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
            Column(_("interest"), "right"),
        ],
        [
            [
                month.month,
                console.figure(month.accrued_fen, currency),
                console.figure(month.paid_fen, currency),
                console.figure(month.interest_paid_fen, currency),
            ]
            for month in found.months
        ],
    )


def _show_scores(console: Console, found: "ProviderFile") -> None:
    console.table(
        _("Scores"),
        [
            Column(_("score"), whole=True),
            Column(_("contract"), whole=True),
            Column(_("from")),
            Column(_("to")),
            Column(_("total"), "right"),
            Column(_("factor"), "right"),
            Column(_("status")),
        ],
        [
            [
                score.score,
                score.contract,
                score.from_date,
                score.to_date,
                console.rate(score.total_ppm),
                console.rate(score.factor_ppm),
                console.tell(SCORE_STATUS[score.status]),
            ]
            for score in found.scores
        ],
    )


def _show_sanctions(console: Console, found: "ProviderFile") -> None:
    console.table(
        _("Sanctions"),
        [
            Column(_("sanction"), whole=True),
            Column(_("ground")),
            Column(_("from")),
            Column(_("until")),
            Column(_("lifted on")),
        ],
        [
            [s.sanction, s.ground, s.from_date, s.until, s.lifted_on or NOTHING]
            for s in found.sanctions
        ],
    )


def _rate(console: Console, ppm: int | None) -> str:
    return NOTHING if ppm is None else console.rate(ppm)


def _number(console: Console, value: int | None) -> str:
    return NOTHING if value is None else console.number(value)

"""F23: money is paid, and the target is far away.

A report of an indicator (`indicator.reported`) reached a share of its target that is more than 20
points below the share of money paid: what was paid for the programme in the months of the period,
of what its fund lines of the period's budget years were granted. Granted is all authority: the
published budget, what supplements and transfers changed, what the year before left. A line that
pays for other programmes too counts whole, so the share of money is at least what is said. Of
several reports of a period the last counts. A target of nothing is not judged, nor is a programme
on whose lines no money was set aside.

Why look: money that goes out ahead of results was paid for something else, or too dear, or is
held by who was paid. Results and spending are evaluated side by side (Budget Law 57).

Innocent: an indicator that is counted only at the end, costs that come first, an indicator of
little weight. Look at the other indicators, at what was delivered in those months, and at the
claims that were paid.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.programmes import PROGRAMME_MONEY, Programme
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(programme: Programme, thresholds: Thresholds) -> Iterator[Flagged]:
    for report in programme.reports:
        lines = programme.lines_of(report)
        paid_fen = programme.paid_in(report)
        granted_fen = sum(line.granted_fen for line in lines)
        if not report.target or granted_fen <= 0:
            continue
        # paid ÷ granted − actual ÷ target, over granted × target.
        ahead = paid_fen * report.target - report.actual * granted_fen
        if ahead * PPM > thresholds["share_ppm"] * granted_fen * report.target:
            yield Flagged(
                subject=f"programme/{programme.key}",
                evidence=(programme.position, report.position, *(e.position for e in lines)),
                facts={
                    "indicator": report.indicator,
                    "from": report.from_date,
                    "to": report.to_date,
                    "actual": report.actual,
                    "target": report.target,
                    "paid_fen": paid_fen,
                    "granted_fen": granted_fen,
                },
                party=programme.purchaser,
            )


F23 = Rule(
    id="f23",
    title="money without output",
    sentence="From {from} to {to}, {paid_fen} of {granted_fen} was paid, and {indicator} reached "
    "{actual} of {target}.",
    source="Budget Law 57",
    scope=PROGRAMME_MONEY,
    judge=_judge,
)

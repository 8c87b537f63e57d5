"""F22: a target is reached, and nearly nothing is paid.

A report of an indicator (`indicator.reported`) says that its target was reached or passed, and of
what the programme's fund lines of the period's budget years were granted less than 5 % has been
paid, from the first month of the period to this day. Granted is all authority: the published
budget, what supplements and transfers changed, what the year before left. Of several reports of a
period the last counts. Not judged: a target of nothing, a programme on whose lines no money was
set aside, and one whose line pays for another programme too, as no budget of each was published.

Why look: who served was not paid, or what is reported was not delivered with this money. Results
and spending are evaluated side by side (Budget Law 57; Implementing Regulation of the Budget Law
20).

Innocent: a period that has just ended, since acceptance and payment take up to three months; a
target that is a level and was reached before the money came; advances, which count as paid once
claims use them up. Look at claims that wait and at the file behind the report.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.programmes import PROGRAMME_MONEY, Programme
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(programme: Programme, thresholds: Thresholds) -> Iterator[Flagged]:
    for report in programme.reports:
        lines = programme.lines_of(report)
        if not report.target or report.actual < report.target or any(e.shared for e in lines):
            continue
        paid_fen = programme.paid_since(report)
        granted_fen = sum(line.granted_fen for line in lines)
        if paid_fen * PPM < thresholds["share_ppm"] * granted_fen:
            yield Flagged(
                subject=f"programme/{programme.key}",
                evidence=(programme.position, report.position, *(e.position for e in lines)),
                facts={
                    "indicator": report.indicator,
                    "to": report.to_date,
                    "actual": report.actual,
                    "target": report.target,
                    "paid_fen": paid_fen,
                    "granted_fen": granted_fen,
                },
                party=programme.purchaser,
            )


F22 = Rule(
    id="f22",
    title="output without money",
    sentence="{indicator} reached {actual} of {target} by {to}, and {paid_fen} of {granted_fen} "
    "is paid.",
    source="Budget Law 57",
    scope=PROGRAMME_MONEY,
    judge=_judge,
)

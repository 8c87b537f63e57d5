"""F07: place unverified.

More than a tenth of a worker's visits of a month were recorded without a place, or more than 300
metres from the registered one.

Why look: the place is what tells a visit from a claim of one. Those who record none, or from
home, have a reason.

What explains it: a building without signal, a wrong registered address. Look whether it is one
person's home or everybody's.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.months import WORKER_MONTHS, Month
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.visits import WorkerVisit


def _judge(month: Month[WorkerVisit], thresholds: Thresholds) -> Iterator[Flagged]:
    farthest_m = thresholds["metres"]
    unverified = [
        visit
        for visit in month.visits
        if visit.cell is None or visit.distance_m is None or visit.distance_m > farthest_m
    ]
    if len(unverified) * PPM > thresholds["share_ppm"] * len(month.visits):
        yield Flagged(
            subject=f"worker/{month.token}",
            evidence=tuple(sorted(visit.position for visit in unverified)),
            facts={
                "worker": month.token,
                "month": month.month,
                "unverified": len(unverified),
                "visits": len(month.visits),
            },
            contract=unverified[-1].contract,
        )


F07 = Rule(
    id="f07",
    title="place unverified",
    sentence="The place of {unverified} of {visits} visits of {worker} in {month} is not verified.",
    source="electronic visit verification: location of service, 21st Century Cures Act 12006",
    scope=WORKER_MONTHS,
    judge=_judge,
)

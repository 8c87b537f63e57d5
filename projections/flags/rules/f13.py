"""F13: template times.

Of a worker's fifty or more visits of a month, nine tenths lasted the same number of minutes, or
began at the same minute of the hour.

Why look: visits take the time they take. Who records the same every time writes down a plan, not
what happened.

What explains it: a service that is sold by the hour and timed by the clock; a device that rounds.
Look at the beginnings and at the evidence.
"""

from collections import Counter
from collections.abc import Iterator

from ledger.money import PPM
from ledger.times import MS_PER_HOUR, MS_PER_MINUTE
from projections.flags.months import WORKER_MONTHS, Month
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.visits import WorkerVisit


def _judge(month: Month[WorkerVisit], thresholds: Thresholds) -> Iterator[Flagged]:
    visits = month.visits
    if len(visits) < thresholds["count"]:
        return
    minutes = Counter((each.ends_ms - each.starts_ms) // MS_PER_MINUTE for each in visits)
    beginnings = Counter(each.starts_ms % MS_PER_HOUR // MS_PER_MINUTE for each in visits)
    for what, counted in (("duration", minutes), ("start", beginnings)):
        ((value, number),) = counted.most_common(1)
        if number * PPM >= thresholds["share_ppm"] * len(visits):
            yield Flagged(
                subject=f"worker/{month.token}",
                evidence=tuple(sorted(visit.position for visit in visits)),
                facts={
                    "worker": month.token,
                    "month": month.month,
                    "what": what,
                    "minutes": value,
                    "same": number,
                    "visits": len(visits),
                },
                contract=visits[-1].contract,
            )


F13 = Rule(
    id="f13",
    title="template times",
    sentence="{same} of {visits} visits of {worker} in {month} have one {what}, {minutes} minutes.",
    source="electronic visit verification analytics: identical durations and start minutes",
    scope=WORKER_MONTHS,
    judge=_judge,
)

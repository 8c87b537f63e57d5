"""F05: an over-long day.

A worker's visits of one day come to more than ten hours, or are more than eight.

Why look: so much cannot be done well, and often was not done: hours are claimed by whoever is
paid by the hour. The law has eight hours a day, and eleven with overtime agreed.

What explains it: an emergency, a holiday with few on duty; night watches that count as one long
visit. Look whether it is always the same worker.
"""

from collections.abc import Iterator

from ledger.times import MS_PER_HOUR, MS_PER_MINUTE
from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
    for worker, visits in day.of_workers.items():
        worked_ms = sum(visit.ends_ms - visit.starts_ms for visit in visits)
        long = worked_ms > thresholds["hours"] * MS_PER_HOUR
        if long or len(visits) > thresholds["count"]:
            yield Flagged(
                subject=f"worker/{worker}",
                evidence=tuple(sorted(visit.position for visit in visits)),
                facts={
                    "worker": worker,
                    "day": day.key,
                    "minutes": worked_ms // MS_PER_MINUTE,
                    "visits": len(visits),
                },
                contract=visits[-1].contract,
            )


F05 = Rule(
    id="f05",
    title="an over-long day",
    sentence="Worker {worker} served {visits} visits of {minutes} minutes in all on {day}.",
    source="Labour Law 36, 41: eight hours a day, three hours of overtime at most",
    scope=DAYS,
    judge=_judge,
)

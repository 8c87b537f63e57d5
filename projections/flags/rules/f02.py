"""F02: a worker in two places.

Two visits of one worker to different people overlap by more than five minutes. Two records of one
visit to one person are no second place; F17 and F10 see to them.

Why look: nobody serves two people at two places at once. Either a time is wrong, or one of the
visits did not take place, or somebody else made it.

What explains it: two people of one household served together; a device whose clock is wrong; a
visit that was ended late by hand. Ask for the route of the day and the evidence of both visits.
"""

from collections.abc import Iterator

from ledger.times import MS_PER_MINUTE
from projections.flags.days import DAYS, Day, overlaps
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
    most_ms = thresholds["minutes"] * MS_PER_MINUTE
    for worker, visits in day.of_workers.items():
        for pair in overlaps(day.workers_before.get(worker, ()), visits):
            if pair.overlap_ms > most_ms and pair.earlier.beneficiary != pair.later.beneficiary:
                yield Flagged(
                    subject=f"worker/{worker}",
                    evidence=(pair.earlier.position, pair.later.position),
                    facts={
                        "worker": worker,
                        "day": day.key,
                        "minutes": pair.overlap_ms // MS_PER_MINUTE,
                    },
                    contract=pair.later.contract,
                )


F02 = Rule(
    id="f02",
    title="a worker in two places",
    sentence="Two visits of worker {worker} on {day} lasted at once for {minutes} minutes.",
    source="electronic visit verification: 21st Century Cures Act 12006",
    scope=DAYS,
    judge=_judge,
)

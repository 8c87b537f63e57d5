"""F06: a borrowed name.

One device records visits of two or more workers on one day.

Why look: a worker who is not qualified, or does not exist, serves or is billed under the name of
a colleague; or a supervisor records for people who were nowhere.

What explains it: a device that was lent for a day because another broke. Look whether the two
workers' visits fit one route: then one person made all of them.
"""

from collections.abc import Iterator

from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
    for device, visits in day.of_devices.items():
        workers = {visit.worker for visit in visits}
        if len(workers) >= thresholds["count"]:
            yield Flagged(
                subject=f"device/{device}",
                evidence=tuple(sorted(visit.position for visit in visits)),
                facts={"device": device, "day": day.key, "workers": len(workers)},
                contract=visits[-1].contract,
            )


F06 = Rule(
    id="f06",
    title="a borrowed name",
    sentence="The device {device} recorded for {workers} workers on {day}.",
    source="electronic visit verification practice: one device, one worker",
    scope=DAYS,
    judge=_judge,
)

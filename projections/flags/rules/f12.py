"""F12: a short visit, billed in full.

A visit lasted less than four fifths of the time that its units are planned to take (units × the
catalogue's minutes a unit).

Why look: what is billed was not given. Fifteen minutes of an hour is a common way to serve more
people than there is time for.

What explains it: the person sent the worker away, or needed less that day; then fewer units
should have been billed.
"""

from collections.abc import Iterator

from ledger.money import PPM
from ledger.times import MS_PER_MINUTE
from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
    minutes = {code: row.planned_minutes for code, row in day.people.services.items()}
    share_ppm = thresholds["share_ppm"]
    for visit in day.visits:
        planned_ms = visit.units * minutes.get(visit.service, 0) * MS_PER_MINUTE
        lasted_ms = visit.ends_ms - visit.starts_ms
        if lasted_ms * PPM < planned_ms * share_ppm:
            yield Flagged(
                subject=f"worker/{visit.worker}",
                evidence=(visit.position,),
                facts={
                    "worker": visit.worker,
                    "day": day.key,
                    "minutes": lasted_ms // MS_PER_MINUTE,
                    "planned": planned_ms // MS_PER_MINUTE,
                },
                contract=visit.contract,
            )


F12 = Rule(
    id="f12",
    title="a short visit, billed in full",
    sentence="A visit of {worker} on {day} took {minutes} of the {planned} minutes it is billed.",
    source="electronic visit verification: time of service, 21st Century Cures Act 12006",
    scope=DAYS,
    judge=_judge,
)

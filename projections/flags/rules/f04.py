"""F04: impossible travel.

From one visit of a worker to the next of the day the least distance between the two places, by
their cells of about 5 km, would have to be covered faster than 60 km/h, taking all of the time in
between. Visits that overlap are for F02.

Why look: the worker was not at one of the places, or somebody else recorded there under the name.

What explains it: a device that had no signal and recorded its place late; a wrong registered
place. The vault holds the exact places: compute again with them before asking.
"""

from collections.abc import Iterator
from itertools import pairwise

from ledger.times import MS_PER_HOUR, MS_PER_MINUTE
from projections.flags.days import DAYS, Day
from projections.flags.distance import least_distance_m
from projections.flags.rule import Flagged, Rule, Thresholds

_M_PER_KM = 1_000


def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
    most_m_per_hour = thresholds["km_per_hour"] * _M_PER_KM
    for worker, visits in day.of_workers.items():
        placed = [visit for visit in visits if visit.cell is not None]
        for earlier, later in pairwise(placed):
            gap_ms = later.starts_ms - earlier.ends_ms
            if earlier.cell == later.cell or gap_ms < 0:
                continue
            metres = least_distance_m(earlier.cell or "", later.cell or "")
            if metres * MS_PER_HOUR > most_m_per_hour * gap_ms:
                yield Flagged(
                    subject=f"worker/{worker}",
                    evidence=(earlier.position, later.position),
                    facts={
                        "worker": worker,
                        "day": day.key,
                        "km": metres // _M_PER_KM,
                        "minutes": gap_ms // MS_PER_MINUTE,
                    },
                    contract=later.contract,
                )


F04 = Rule(
    id="f04",
    title="impossible travel",
    sentence="Worker {worker} covered {km} km or more in {minutes} minutes on {day}.",
    source="electronic visit verification: location of service, 21st Century Cures Act 12006",
    scope=DAYS,
    judge=_judge,
)

"""F09: an unqualified worker.

The catalogue asks for a qualification to give the service, and the worker, as enrolled with the
provider by then, does not hold it or holds one that has expired on the day of the visit.

Why look: the person was at risk, and the service is not what was bought.

What explains it: a renewed certificate that nobody entered. The provider enters it by enrolling
the worker again; what was given before stays for the purchaser to judge.
"""

from collections.abc import Iterator

from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, _thresholds: Thresholds) -> Iterator[Flagged]:
    needed = {
        code: row.qualification
        for code, row in day.people.services.items()
        if row.qualification is not None
    }
    for visit in day.visits if needed else ():
        kind = needed.get(visit.service)
        if kind is None:
            continue
        held, until = day.people.qualification_until(visit, kind)
        if not held or (until is not None and until < day.key):
            yield Flagged(
                subject=f"worker/{visit.worker}",
                evidence=(visit.position,),
                facts={
                    "worker": visit.worker,
                    "day": day.key,
                    "service": visit.service,
                    "kind": kind,
                    "until": until or "-",
                },
                contract=visit.contract,
            )


F09 = Rule(
    id="f09",
    title="an unqualified worker",
    sentence="Worker {worker} gave {service} on {day} without {kind} in force (until {until}).",
    source="the catalogue: service.catalogued, qualification",
    scope=DAYS,
    judge=_judge,
)

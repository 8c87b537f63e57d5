"""F03: a person served by too many at once.

Visits to one person by different workers overlap by more than five minutes, by more workers than
the care plan lets serve at one time (one where there is no plan). Named is the visit that came on
top.

Why look: one of the visits may not have taken place, or a trainee who came along was billed.

What explains it: a heavy task that the plan should have given two workers; a change of shift that
was recorded roughly. Ask the person, and amend the plan if two are needed.
"""

from collections.abc import Iterator, Sequence

from ledger.times import MS_PER_MINUTE
from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.visits import DayVisit


def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
    most_ms = thresholds["minutes"] * MS_PER_MINUTE
    for beneficiary, visits in day.of_persons.items():
        before = day.persons_before.get(beneficiary, ())
        if len(visits) == 1 and not before:
            continue
        earlier = [*before, *visits]
        for visit in visits:
            others = _at_once(visit, earlier, most_ms)
            agreed = day.people.workers_at_once(visit)
            if 1 + len({other.worker for other in others}) > agreed and others:
                yield Flagged(
                    subject=f"beneficiary/{beneficiary}",
                    evidence=(*(other.position for other in others), visit.position),
                    facts={
                        "beneficiary": beneficiary,
                        "day": day.key,
                        "workers": 1 + len({other.worker for other in others}),
                        "agreed": agreed,
                    },
                    contract=visit.contract,
                )


def _at_once(visit: DayVisit, visits: Sequence[DayVisit], most_ms: int) -> list[DayVisit]:
    """Return the visits of others that were going on for long enough when this one began."""
    return [
        other
        for other in visits
        if other.worker != visit.worker
        and (other.starts_ms, other.position) < (visit.starts_ms, visit.position)
        and min(other.ends_ms, visit.ends_ms) - visit.starts_ms > most_ms
    ]


F03 = Rule(
    id="f03",
    title="a person served by too many at once",
    sentence="On {day} {workers} workers served {beneficiary} at once; the plan has {agreed}.",
    source="electronic visit verification: 21st Century Cures Act 12006",
    scope=DAYS,
    judge=_judge,
)

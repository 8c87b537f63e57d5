"""F15: a person who was elsewhere.

A visit at home on a day on which the purchaser recorded the person as absent: in hospital, in an
institution, on a journey. A visit elsewhere in the community is none of these.

Why look: nobody was at home to be served.

What explains it: the person came home earlier, or was visited on the day of leaving. The hospital's
dates settle it.
"""

from collections.abc import Iterator

from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, _thresholds: Thresholds) -> Iterator[Flagged]:
    for beneficiary, visits in day.of_persons.items():
        for absence in day.people.absences.get(beneficiary, ()):
            if not absence.from_date <= day.key <= absence.to_date:
                continue
            for visit in visits:
                if visit.place == "community":
                    continue
                yield Flagged(
                    subject=f"beneficiary/{beneficiary}",
                    evidence=(absence.position, visit.position),
                    facts={
                        "beneficiary": beneficiary,
                        "day": day.key,
                        "kind": absence.kind,
                        "until": absence.to_date,
                    },
                    contract=visit.contract,
                )


F15 = Rule(
    id="f15",
    title="a person who was elsewhere",
    sentence="A visit to {beneficiary} on {day}, who was away ({kind}) until {until}.",
    source="audit practice in long-term care: match visits against hospital stays",
    scope=DAYS,
    judge=_judge,
)

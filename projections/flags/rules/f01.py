"""F01: service after death or exit.

A visit begins on or after the first day on which the person is not entitled any more: it is dated
after a death, a move or an admission to an institution that was reported later. The ledger itself
refuses visits that begin after the exit is recorded; these were recorded before.

Why look: a visit to somebody who had died did not take place. Payments for the dead are the first
thing that auditors of long-term care look for, since the two registers are kept by different
offices.

What explains it: the exit was dated wrongly, or the day of a move still had its visit. Compare
the date with the civil register, and ask who was seen.
"""

from collections.abc import Iterator

from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, _thresholds: Thresholds) -> Iterator[Flagged]:
    for beneficiary, visits in day.of_persons.items():
        person = day.people.persons.get(beneficiary)
        if person is None or person.exited_on is None or person.exit_position is None:
            continue
        if person.exited_on > day.key:
            continue
        for visit in visits:
            yield Flagged(
                subject=f"beneficiary/{beneficiary}",
                evidence=(visit.position, person.exit_position),
                facts={
                    "beneficiary": beneficiary,
                    "day": day.key,
                    "exited_on": person.exited_on,
                    "reason": person.exit_reason or "",
                },
                contract=visit.contract,
            )


F01 = Rule(
    id="f01",
    title="service after death or exit",
    sentence="A visit to {beneficiary} on {day}, who was gone since {exited_on} ({reason}).",
    source="audit practice in long-term care: match visits against deaths and moves",
    scope=DAYS,
    judge=_judge,
)

"""F10: over plan.

The units of one service that a person was given in a calendar month, under one contract, are more
than the care plan has. Where plans follow one another within the month, the larger number counts.
A person who has no plan is the law's matter, not this flag's.

Why look: what nobody agreed to is billed, often to people who do not notice.

What explains it: an illness that needed more before the plan could be changed. The plan is agreed
by both sides; let it be amended.
"""

from collections import defaultdict
from collections.abc import Iterator

from projections.flags.months import PERSON_MONTHS, Month
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.visits import PersonVisit


def _judge(month: Month[PersonVisit], _thresholds: Thresholds) -> Iterator[Flagged]:
    given: defaultdict[tuple[str, str], list[PersonVisit]] = defaultdict(list)
    for visit in month.visits:
        given[visit.contract, visit.service].append(visit)
    agreed = {
        contract: month.people.units_agreed(month.token, contract, month.month)
        for contract in {contract for contract, _ in given}
    }
    for (contract, service), visits in sorted(given.items()):
        plan = agreed[contract]
        units = sum(visit.units for visit in visits)
        if plan is not None and units > plan.get(service, 0):
            yield Flagged(
                subject=f"beneficiary/{month.token}",
                evidence=tuple(sorted(visit.position for visit in visits)),
                facts={
                    "beneficiary": month.token,
                    "month": month.month,
                    "service": service,
                    "units": units,
                    "agreed": plan.get(service, 0),
                },
                contract=contract,
            )


F10 = Rule(
    id="f10",
    title="over plan",
    sentence="{beneficiary} was given {units} units of {service} in {month}; {agreed} are agreed.",
    source="the care plan: careplan.agreed, units a month",
    scope=PERSON_MONTHS,
    judge=_judge,
)

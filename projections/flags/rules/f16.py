"""F16: double funding.

One person was given the same service at the same time under two programmes. In each the person
has another token, and only the vault knows that they are one: without its keeper's extract
(`sunledger flags --persons`) this flag finds nothing, and says nothing to whoever may not know.

Why look: one service is paid twice, by two budgets that do not see each other.

What explains it: two workers who came together, one from each programme, for different tasks that
bear one code. Ask the person, and both providers for their evidence.
"""

from collections import defaultdict
from collections.abc import Iterator
from operator import attrgetter

from projections.flags.days import DAYS, Day, Pair, overlaps
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.visits import DayVisit


def _judge(day: Day, _thresholds: Thresholds) -> Iterator[Flagged]:
    identities = day.people.identities
    together: defaultdict[tuple[str, str], list[DayVisit]] = defaultdict(list)
    for visit in day.visits if identities else ():
        person = identities.get(visit.beneficiary)
        if person is not None:
            together[person, visit.service].append(visit)
    for visits in together.values():
        for pair in overlaps((), sorted(visits, key=attrgetter("starts_ms", "position"))):
            if _programmes(day, pair) > 1:
                earlier, later = pair
                yield Flagged(
                    subject=f"beneficiary/{later.beneficiary}",
                    evidence=tuple(sorted((earlier.position, later.position))),
                    facts={
                        "beneficiary": later.beneficiary,
                        "other": earlier.beneficiary,
                        "day": day.key,
                        "service": later.service,
                    },
                    contract=later.contract,
                )


def _programmes(day: Day, pair: Pair) -> int:
    """Return how many programmes two visits are given under."""
    persons = (day.people.persons.get(visit.beneficiary) for visit in pair)
    return len({person.programme for person in persons if person is not None})


F16 = Rule(
    id="f16",
    title="double funding",
    sentence="{beneficiary} and {other} are one person, given {service} twice at once on {day}.",
    source="Budget Law 57; audit practice: one person, service and time in two programmes",
    scope=DAYS,
    judge=_judge,
)

"""F17: billed twice.

Two visits are recorded with the same person, service and beginning, and people deny neither: both
are billed, or will be. (That an invoice's number or file is used twice, the ledger refuses.)

Why look: one visit is paid twice. The second record often comes weeks later, when the first has
been paid.

What explains it: an upload that was repeated. The provider corrects or the purchaser cuts the
second; if it was paid, a refund is due.
"""

from collections.abc import Iterator

from projections.flags.days import DAYS, Day
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(day: Day, _thresholds: Thresholds) -> Iterator[Flagged]:
    for beneficiary, visits in day.of_persons.items():
        first: dict[tuple[str, int], int] = {}
        for visit in visits if len(visits) > 1 else ():
            if visit.position in day.denied:
                continue
            billed = first.setdefault((visit.service, visit.starts_ms), visit.position)
            if billed != visit.position:
                yield Flagged(
                    subject=f"beneficiary/{beneficiary}",
                    evidence=tuple(sorted((billed, visit.position))),
                    facts={
                        "beneficiary": beneficiary,
                        "day": day.key,
                        "service": visit.service,
                    },
                    contract=visit.contract,
                )


F17 = Rule(
    id="f17",
    title="billed twice",
    sentence="{service} for {beneficiary} on {day} is recorded twice from the same minute on.",
    source="audit practice in long-term care: same person, service and beginning",
    scope=DAYS,
    judge=_judge,
)

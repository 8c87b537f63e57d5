"""F08: manual capture.

A provider's electronic-visit score of a calendar quarter is below 80 of 100: 60 % of the share
of its visits that were recorded electronically, and 40 % of the share that was not rejected,
which is denied by the person or not found by a spot check. A quarter is judged when it is over.

Why look: what is entered by hand, afterwards, has no device, no place and no moment.

What explains it: a provider that has just begun, or serves where there is no signal. It should
get better from quarter to quarter.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.outputs import OUTPUTS, Delivered, Output
from projections.flags.rule import Flagged, Rule, Thresholds

_ELECTRONIC_OF_100, _KEPT_OF_100 = 60, 40
_HUNDRED = 100
_MONTHS = 3


def _judge(output: Output, thresholds: Thresholds) -> Iterator[Flagged]:
    quarters: dict[str, list[Delivered]] = {}
    for delivered in output.delivered:
        quarters.setdefault(_quarter(delivered.month), []).append(delivered)
    for quarter, of_quarter in quarters.items():
        visits = sum(each.visits for each in of_quarter)
        if quarter == _quarter(output.now) or not visits:
            continue
        electronic = visits - sum(each.manual for each in of_quarter)
        kept = visits - sum(each.denied + each.not_found for each in of_quarter)
        points = _ELECTRONIC_OF_100 * electronic + _KEPT_OF_100 * kept
        if points * PPM < thresholds["share_ppm"] * visits * _HUNDRED:
            yield Flagged(
                subject=f"party/{output.key}",
                evidence=tuple(sorted({each.signed_position for each in of_quarter})),
                facts={
                    "provider": output.key,
                    "quarter": quarter,
                    "score": points // visits,
                    "visits": visits,
                    "manual": visits - electronic,
                    "rejected": visits - kept,
                },
                party=output.key,
            )


def _quarter(month: str) -> str:
    return f"{month[:4]}-Q{(int(month[5:]) + _MONTHS - 1) // _MONTHS}"


F08 = Rule(
    id="f08",
    title="manual capture",
    sentence=(
        "{provider} scores {score} of 100 for electronic visits in {quarter}: "
        "of {visits} visits {manual} by hand, {rejected} rejected."
    ),
    source="electronic visit verification compliance scores of US state Medicaid programmes",
    scope=OUTPUTS,
    judge=_judge,
)

"""F19: too few spot checks.

Less than one in a hundred of a contract's visits of a calendar month were checked on the spot.
The month after a month is left for checking it; then it is judged.

Why look: where nobody looks, everything is possible. The purchaser owes the check, so this flag is
about the purchaser.

What explains it: a month with few visits, or a check that covered two months.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.outputs import OUTPUTS, Output
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(output: Output, thresholds: Thresholds) -> Iterator[Flagged]:
    for delivered in output.delivered:
        if _next(_next(delivered.month)) > output.now or not delivered.visits:
            continue
        if delivered.checked * PPM < thresholds["share_ppm"] * delivered.visits:
            yield Flagged(
                subject=f"contract/{delivered.contract}",
                evidence=delivered.checks or (delivered.signed_position,),
                facts={
                    "contract": delivered.contract,
                    "month": delivered.month,
                    "checked": delivered.checked,
                    "visits": delivered.visits,
                },
                contract=delivered.contract,
            )


def _next(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


F19 = Rule(
    id="f19",
    title="too few spot checks",
    sentence="Of {visits} visits under {contract} in {month}, {checked} were checked on the spot.",
    source="audit practice: one visit in a hundred is checked on the spot",
    scope=OUTPUTS,
    judge=_judge,
)

"""F11: over cap.

A contract's rate for a service is above a price cap of its area that is in force on some day on
which the contract is served. The law refuses to sign above a cap; this finds contracts that were
signed before the cap was published, and go on.

Why look: the same service is bought cheaper next door.

What explains it: nothing is broken; a cap binds contracts that are signed after it. It is a
reason to ask for an amendment when one is made, and not to extend the contract.
"""

from collections.abc import Iterator

from projections.flags.prices import PRICES, Priced
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(priced: Priced, _thresholds: Thresholds) -> Iterator[Flagged]:
    for cap in priced.caps:
        rate_fen = priced.rates.get(cap.code, 0)
        if rate_fen > cap.cap_fen and cap.from_date <= priced.last_day:
            yield Flagged(
                subject=f"contract/{priced.key}",
                evidence=(priced.signed_position, cap.position),
                facts={
                    "contract": priced.key,
                    "service": cap.code,
                    "rate_fen": rate_fen,
                    "cap_fen": cap.cap_fen,
                    "from": cap.from_date,
                },
                contract=priced.key,
            )


F11 = Rule(
    id="f11",
    title="over cap",
    sentence="Contract {contract} pays {rate_fen} a unit of {service}; the cap is {cap_fen}.",
    source="price.capped; Measures for Government Purchase of Services (MoF Order 102) 13",
    scope=PRICES,
    judge=_judge,
)

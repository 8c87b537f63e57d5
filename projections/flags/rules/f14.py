"""F14: proxy confirmation.

One device confirms visits of five or more people within thirty minutes. Confirmations that follow
one another in such a way are one case.

Why look: the people did not confirm; somebody did it for them, and perhaps never asked. A
confirmation is worth what the person's own word is worth.

What explains it: a house where many live and one nurse helps them. Then the channel should say so.
"""

from collections import Counter
from collections.abc import Iterator

from ledger.times import MS_PER_MINUTE
from projections.flags.devices import DEVICES, Confirmed, Device
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(device: Device, thresholds: Thresholds) -> Iterator[Flagged]:
    window_ms = thresholds["minutes"] * MS_PER_MINUTE
    case: dict[Confirmed, None] = {}  # in order of time
    people: Counter[str] = Counter()
    first = 0
    for number, confirmed in enumerate(device.confirmed):
        people[confirmed.beneficiary] += 1
        while confirmed.at_ms - device.confirmed[first].at_ms > window_ms:
            gone = device.confirmed[first].beneficiary
            people[gone] -= 1
            if not people[gone]:
                del people[gone]
            first += 1
        if len(people) >= thresholds["count"]:
            window = device.confirmed[first : number + 1]
            if case and window[0] not in case:
                yield _case(device, list(case))
                case = {}
            case.update(dict.fromkeys(window))
    if case:
        yield _case(device, list(case))


def _case(device: Device, confirmed: list[Confirmed]) -> Flagged:
    return Flagged(
        subject=f"device/{device.key}",
        evidence=tuple(sorted({each.position for each in confirmed})),
        facts={
            "device": device.key,
            "people": len({each.beneficiary for each in confirmed}),
            "minutes": (confirmed[-1].at_ms - confirmed[0].at_ms) // MS_PER_MINUTE,
        },
        contract=confirmed[-1].contract,
    )


F14 = Rule(
    id="f14",
    title="proxy confirmation",
    sentence="The device {device} confirmed for {people} people within {minutes} minutes.",
    source="audit practice: confirmations that are not the person's own",
    scope=DEVICES,
    judge=_judge,
)

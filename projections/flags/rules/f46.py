"""F46: the time that a signer states is not credible.

A case is an act that is stated to have happened after it was recorded, or more than `days` (30)
before, or at a time that is in no calendar. Recorded is when the ledger admitted it; the time
stated is the signer's word and judges no deadline.

Who enters things weeks later enters them from memory, or makes them up; who enters them before
they happened cannot have seen them. Electronic visit verification rests on capture at the time
(21st Century Cures Act, section 12006), accounts on what really happened
(Accounting Law 9).

The threshold in minutes is for the gaps between cosigned checkpoints, which are no events of the
log: `sunledger verify` reports them.

Innocent where a device had no network, or its clock was wrong by a little. Look at the device, at
the other acts of the same statement, and whether it always is the same signer.
"""

from collections.abc import Iterator

from ledger.times import MS_PER_DAY, MS_PER_MINUTE
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.times import TIMES, StatedTime


def _judge(act: StatedTime, thresholds: Thresholds) -> Iterator[Flagged]:
    if act.at_ms is None:
        when, minutes = "in no calendar", 0
    elif act.at_ms > act.recorded_ms:
        # A part of a minute counts: it is a whole one to come.
        when, minutes = "after its record", -((act.recorded_ms - act.at_ms) // MS_PER_MINUTE)
    elif act.recorded_ms - act.at_ms > thresholds["days"] * MS_PER_DAY:
        when, minutes = "before its record", (act.recorded_ms - act.at_ms) // MS_PER_MINUTE
    else:
        return
    kind, _, name = act.subject.partition("/")
    yield Flagged(
        act.subject,
        (act.position,),
        {"type": act.type, "when_word": when, "minutes": minutes},
        contract=name if kind == "contract" else None,
        party=name if kind == "party" else None,
    )


F46 = Rule(
    "f46",
    "time not credible",
    "The stated time of {type} is {when_word} ({minutes} minutes).",
    "Accounting Law 9; 21st Century Cures Act, section 12006",
    TIMES,
    _judge,
    ("in no calendar", "after its record", "before its record"),
)

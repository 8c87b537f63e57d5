"""The red flags that auditors raised: which of the cases found anew they already are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct
from sqlalchemy import select

from ledger.intake.reading import storable
from projections.acts.model import ACTS
from projections.acts.tables import EVIDENCE, RAISED
from projections.chunks import chunks
from projections.engine import Projections, Reading

K = TypeVar("K")


class Raised(Struct, frozen=True):
    """A red flag as a matter of record.

    Attributes:
        flag: its id.
        rule: the rule's id, `f02`.
        version: version of the rule that it follows from.
        auditor: the party that raised it.
        status: raised; resolved, when somebody has looked; released, when it is public.
        verdict: CONFIRMED, EXPLAINED or FALSE_ALARM, once it is resolved.
        first_position: position of `flag.raised`.
        last_position: position of the last event about it.

    """

    flag: str
    rule: str
    version: int
    auditor: str
    status: Literal["raised", "resolved", "released"]
    verdict: str | None
    first_position: int
    last_position: int


def raised_for(
    projections: Projections, cases: Mapping[K, tuple[str, Sequence[str]]]
) -> dict[K, Raised]:
    """Return the raised flags that are the same as some cases, by the key of the case.

    A case is its rule's id and the ids of the events it follows from. A raised flag is that case
    if the rule is the same and the case follows from all events that the flag rests on: a case
    may have gained some since. Of several the first raised is returned.
    """

    def query(reading: Reading) -> dict[K, Raised]:
        events = {event for _, evidence in cases.values() for event in evidence}
        flags = _flags_on(reading, sorted(events))
        raised = _raised(reading, sorted({flag for found in flags.values() for flag in found}))
        same: dict[K, Raised] = {}
        for key, (rule, evidence) in cases.items():
            shared = Counter(flag for event in set(evidence) for flag in flags.get(event, ()))
            for flag, (each, rests_on) in raised.items():
                if each.rule == rule and shared[flag] == rests_on:
                    same[key] = each
                    break
        return same

    return projections.read(ACTS, query)


def flag_is_released(projections: Projections, flag: str) -> bool:
    """Tell whether a flag that an auditor raised was made public."""

    def query(reading: Reading) -> bool:
        table = reading.tables[RAISED]
        status = select(table.c.status).where(table.c.flag == storable(flag))
        return reading.connection.scalar(status) == "released"

    return projections.read(ACTS, query)


def _flags_on(reading: Reading, events: Sequence[str]) -> dict[str, list[str]]:
    table = reading.tables[EVIDENCE]
    found: dict[str, list[str]] = {}
    for chunk in chunks(events):
        for event, flag in reading.connection.execute(
            select(table.c.event, table.c.flag).where(table.c.event.in_(chunk))
        ):
            found.setdefault(event, []).append(flag)
    return found


def _raised(reading: Reading, flags: Sequence[str]) -> dict[str, tuple[Raised, int]]:
    """Return flags by id, first raised first, each with how many events it rests on."""
    table = reading.tables[RAISED]
    rows: list[Any] = []
    for chunk in chunks(flags):
        rows += reading.connection.execute(select(table).where(table.c.flag.in_(chunk)))
    rows.sort(key=lambda row: int(row.first_position))
    return {
        row.flag: (
            Raised(
                flag=row.flag,
                rule=row.rule,
                version=row.version,
                auditor=row.auditor,
                status=row.status,
                verdict=row.verdict,
                first_position=row.first_position,
                last_position=row.last_position,
            ),
            row.evidence,
        )
        for row in rows
    }

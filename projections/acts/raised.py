"""The red flags that auditors raised: which of the cases found anew they already are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, RowMapping, select

from ledger.intake.reading import storable
from projections.acts.model import ACTS
from projections.acts.tables import EVIDENCE, RAISED
from projections.chunks import chunks
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, Page, page_of

K = TypeVar("K")

FlagStatus = Literal["raised", "resolved", "released"]
"""How far a raised flag came: somebody has looked once it is resolved; released is public."""


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
    status: FlagStatus
    verdict: str | None
    first_position: int
    last_position: int


class RaisedFlag(Struct, frozen=True):
    """A red flag as a matter of record, with what it is about and what it rests on.

    Attributes:
        flag: its id.
        rule: the rule's id, `f02`.
        version: version of the rule that it follows from.
        contract: the contract that it is about, or None.
        party: the party that it is about, or None.
        auditor: the party that raised it.
        status: raised; resolved, when somebody has looked; released, when it is public.
        verdict: CONFIRMED, EXPLAINED or FALSE_ALARM, once it is resolved.
        evidence: ids of the events that it rests on.
        first_position: position of `flag.raised`.
        last_position: position of the last event about it.

    """

    flag: str
    rule: str
    version: int
    contract: str | None
    party: str | None
    auditor: str
    status: FlagStatus
    verdict: str | None
    evidence: tuple[str, ...]
    first_position: int
    last_position: int


def list_raised(
    projections: Projections,
    *,
    status: FlagStatus | None = None,
    rule: str | None = None,
    contract: str | None = None,
    party: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[RaisedFlag]:
    """Return a page of raised flags, in the order in which they were raised.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[RaisedFlag]:
        table = reading.tables[RAISED]
        where: list[ColumnElement[bool]] = [
            table.c[column] == storable(wanted)
            for column, wanted in (
                ("status", status),
                ("rule", rule),
                ("contract", contract),
                ("party", party),
            )
            if wanted is not None
        ]
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, _raised_flags(reading, rows), following)

    return projections.read(ACTS, query)


def find_raised(projections: Projections, flag: str) -> tuple[int, RaisedFlag | None]:
    """Return the position that is reflected, and a raised flag by its id or None."""

    def query(reading: Reading) -> tuple[int, RaisedFlag | None]:
        table = reading.tables[RAISED]
        found = select(table).where(table.c.flag == storable(flag))
        rows = reading.connection.execute(found).mappings().all()
        return reading.position, next(iter(_raised_flags(reading, rows)), None)

    return projections.read(ACTS, query)


def _raised_flags(reading: Reading, rows: Sequence[RowMapping]) -> tuple[RaisedFlag, ...]:
    table = reading.tables[EVIDENCE]
    evidence: dict[str, list[str]] = {}
    for chunk in chunks(sorted(row["flag"] for row in rows)):
        query = select(table.c.flag, table.c.event).where(table.c.flag.in_(chunk))
        for flag, event in reading.connection.execute(query.order_by(table.c.event)):
            evidence.setdefault(flag, []).append(event)
    plain = set(RaisedFlag.__struct_fields__) - {"evidence"}
    return tuple(
        RaisedFlag(
            evidence=tuple(evidence.get(row["flag"], ())), **{name: row[name] for name in plain}
        )
        for row in rows
    )


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

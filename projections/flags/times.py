"""The scope `time`: acts that state a time after they were recorded, or a day or more before.

The key of a group is the position of its act. Visits and words about them are nearly all events:
the database picks out of the read model `delivery` the few whose two times lie far apart.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, or_, select

from ledger.times import MS_PER_DAY
from projections.acts import ACTS
from projections.acts.tables import TIME
from projections.delivery import DELIVERY
from projections.delivery.tables import VISIT, WORD
from projections.flags.acts import selected
from projections.flags.rule import Facts, Scope


class StatedTime(NamedTuple):
    """The time at which an act happened, as its signer states it, and when it was recorded.

    Attributes:
        key: its position.
        position: the same.
        subject: key of the act's home subject, `contract/c-17`.
        type: type of the event.
        at_ms: as stated; None where that is in no calendar.
        recorded_ms: when the ledger admitted it.

    """

    key: str
    position: int
    subject: str
    type: str
    at_ms: int | None
    recorded_ms: int


def _queries(facts: Facts) -> Iterator[tuple[Select[Any], Any]]:
    """Yield what selects the acts of each table, and the column of their positions."""
    time = facts.sources.table(ACTS, TIME)
    yield select(time), time.c.position
    visit, word = (facts.sources.table(DELIVERY, shape) for shape in (VISIT, WORD))
    yield (
        select(
            visit.c.position,
            visit.c.contract,
            literal("visit.recorded").label("type"),
            visit.c.at_ms,
            visit.c.recorded_ms,
        ).where(_far_apart(visit)),
        visit.c.position,
    )
    # An event that speaks of several visits has a row for each, of one contract.
    yield (
        select(
            word.c.position,
            visit.c.contract,
            (literal("visit.") + word.c.kind).label("type"),
            word.c.at_ms,
            word.c.recorded_ms,
        )
        .join(visit, visit.c.position == word.c.visit)
        .where(_far_apart(word))
        .distinct(),
        word.c.position,
    )


def _far_apart(table: Any) -> Any:
    """Return what holds where a time is stated after the record, or a day or more before."""
    return or_(
        table.c.at_ms > table.c.recorded_ms, table.c.recorded_ms - table.c.at_ms >= MS_PER_DAY
    )


def _changed(facts: Facts, since: int) -> list[str]:
    found: set[int] = set()
    for query, position in _queries(facts):
        recent = query.where(position >= since)
        found.update(row.position for row in facts.sources.connection.execute(recent))
    return [str(position) for position in sorted(found)]


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[StatedTime]:
    positions = None if keys is None else [int(key) for key in keys]
    for query, position in _queries(facts):
        for row in selected(facts, query.order_by(position), position, positions):
            subject = getattr(row, "subject", None) or f"contract/{row.contract}"
            yield StatedTime(
                str(row.position), row.position, subject, row.type, row.at_ms, row.recorded_ms
            )


TIMES = Scope("time", (ACTS, DELIVERY), _changed, _groups)

"""The questions about what keys did, and the records that answer them."""

from collections.abc import Sequence
from itertools import accumulate

from msgspec import Struct
from sqlalchemy import RowMapping, select

from ledger.intake.reading import storable
from ledger.tracing.acts import ActKind
from projections.approvers.model import ACT, APPROVERS, GAP
from projections.context import Party, currency_of, parties_of
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, Page, page_of


class Gap(Struct, frozen=True):
    """How many gaps were so long.

    Attributes:
        seconds: the gap in whole seconds; above 60 the least of its bucket (61, 300, 3,600,
            86,400).
        claimed: gaps between the times that the signer says.
        recorded: gaps between the times of the record.

    """

    seconds: int
    claimed: int
    recorded: int


class Approver(Struct, frozen=True):
    """What a key did of one kind.

    Attributes:
        key: the key's name.
        party: whose it is, by name.
        kind: confirmation, denial, answer, approval, return or order.
        acts: how many.
        refusing: how many refuse something: an answer with cuts or disputes, a return.
        value_fen: what they accept, approve or order, in fen; of confirmations nothing is known.
        refused_fen: what they cut, dispute or return, in fen.
        currency: ISO 4217 code of both.
        median_gap_s: median of the gaps between acts as the signer says, in whole seconds (of two
            in the middle the shorter); above 60 the least of its bucket; None for one act.
        median_recorded_gap_s: the same by the record: acts of one statement lie at one instant.
        gaps: the histogram both come from.
        first_at_ms: time of the first act as its signer says, milliseconds since the epoch.
        last_at_ms: time of the last act, likewise.
        first_recorded_ms: when the first act was recorded, likewise.
        last_recorded_ms: when the last act was recorded, likewise.
        first_position: position of the first act.
        last_position: position of the last.

    """

    key: str
    party: Party
    kind: ActKind
    acts: int
    refusing: int
    value_fen: int
    refused_fen: int
    currency: str
    median_gap_s: int | None
    median_recorded_gap_s: int | None
    gaps: tuple[Gap, ...]
    first_at_ms: int
    last_at_ms: int
    first_recorded_ms: int
    last_recorded_ms: int
    first_position: int
    last_position: int


def list_approvers(
    projections: Projections,
    *,
    key: str | None = None,
    party: str | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Approver]:
    """Return a page of what keys did, one record for each key and kind, by their first acts.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Approver]:
        table = reading.tables[ACT]
        where = [
            table.c[column] == storable(wanted)
            for column, wanted in (("key", key), ("party", party), ("kind", kind))
            if wanted is not None
        ]
        rows, following = page_of(reading.connection, table, where, after, limit)
        gaps = _gaps(reading, [row["key"] for row in rows])
        parties = parties_of(reading, [row["party"] for row in rows])
        currency = currency_of(reading)
        items = tuple(
            _approver(
                row,
                gaps.get((row["key"], row["kind"]), []),
                parties.get(row["party"]) or Party(row["party"], {}),
                currency,
            )
            for row in rows
        )
        return Page(reading.position, items, following)

    return projections.read(APPROVERS, query)


def median_of(gaps: Sequence[tuple[int, int]]) -> int | None:
    """Return the median of (gap, how many) pairs in the order of gaps; of two the shorter."""
    totals = list(accumulate(number for _, number in gaps))
    if not totals or not totals[-1]:
        return None
    middle = (totals[-1] + 1) // 2
    return next(gap for (gap, _), total in zip(gaps, totals, strict=True) if total >= middle)


def _gaps(reading: Reading, keys: Sequence[str]) -> dict[tuple[str, str], list[Gap]]:
    table = reading.tables[GAP]
    query = select(table).where(table.c.key.in_(sorted(set(keys)))).order_by(*table.primary_key)
    found: dict[tuple[str, str], list[Gap]] = {}
    for row in reading.connection.execute(query):
        found.setdefault((row.key, row.kind), []).append(
            Gap(row.seconds, row.claimed, row.recorded)
        )
    return found


def _approver(row: RowMapping, gaps: list[Gap], party: Party, currency: str) -> Approver:
    return Approver(
        median_gap_s=median_of([(gap.seconds, gap.claimed) for gap in gaps]),
        median_recorded_gap_s=median_of([(gap.seconds, gap.recorded) for gap in gaps]),
        gaps=tuple(gaps),
        **{**row, "party": party, "currency": currency},
    )

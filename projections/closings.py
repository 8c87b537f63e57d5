"""What is kept of read models at closings, so that the past is answered without replaying it all.

A read model declares whose rows are kept (`ReadModel.kept`). When a batch ends with a closing, the
engine copies, in the same transaction and within the database, the rows that changed since the
closing before into tables beside them, under the position that is then reached (`kept_at`). Rows
never change there, so a rebuild gives the same.

    contracts_contract_3          c-17   active   …   last_position 880
    contracts_contract_kept_3     c-17   412   active   …
                                  c-17   871   active   …
    contracts_closing_3           412, 640, 871

There are two ways of keeping. A row that has a `last_position` is kept when it changed, and is, as
of a closing, the last one kept by then. Rows without (the parts of a whole: a contract's lines) are
kept all together whenever their root changed.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, get_type_hints

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    func,
    insert,
    select,
)

from projections.batch import Batch
from projections.shape import Shape, Tables

CHANGED = "last_position"
KEPT_AT = "kept_at"


class Kept(NamedTuple):
    """Rows that are kept at closings, of the subjects that a read model can tell the past of.

    Attributes:
        root: a table with a `last_position`, that of the last event which changed the row or any
            of its parts. Its rows are never deleted.
        by: the column of the root that names the subject: `contract`.
        parts: further tables; their first column is the root's first, and the rows of those with
            a `last_position` of their own are never deleted.
        only: a column of the root and the value it has where rows are kept; None for all rows.

    """

    root: Shape[Any]
    by: str
    parts: tuple[Shape[Any], ...] = ()
    only: tuple[str, str] | None = None


class ClosingRow(NamedTuple):
    """A closing: how many events the ledger held with it."""

    position: int


CLOSING = Shape("closing", ClosingRow)


@lru_cache(maxsize=1024)
def kept_shape(shape: Shape[Any]) -> Shape[Any]:
    """Return the table in which rows of `shape` are kept.

    Its key is that of `shape` and `kept_at`: last where rows are looked up one by one, second
    where all parts of a root are looked up together.
    """
    hints = get_type_hints(shape.row)
    place = shape.key if CHANGED in hints else 1
    fields = list(hints.items())
    fields.insert(place, (KEPT_AT, int))
    row = NamedTuple(f"Kept{shape.row.__name__}", fields)  # type: ignore[misc]  # from another's
    return Shape(f"{shape.name}_kept", row, key=shape.key + 1)


def shapes_for(kept: Sequence[Kept]) -> tuple[Shape[Any], ...]:
    """Return the tables that keeping needs, beside the read model's own."""
    if not kept:
        return ()
    return (CLOSING, *(kept_shape(shape) for each in kept for shape in (each.root, *each.parts)))


def keep(connection: Connection, kept: Sequence[Kept], tables: Tables, batch: Batch) -> None:
    """Keep what changed since the closing before, where a batch ends with one."""
    if batch.closing is None or not kept:
        return
    at, closing = batch.stop.position, tables[CLOSING]
    before = connection.scalar(select(func.max(closing.c.position))) or 0
    connection.execute(insert(closing), {"position": at})
    for copy in _copies(tuple(kept), tables):
        connection.execute(copy, {"at": at, "before": before})


@lru_cache(maxsize=64)
def _copies(kept: tuple[Kept, ...], tables: Tables) -> list[Insert]:
    """Return what keeps the rows that changed since the closing `before`, as of `at`."""
    at, before = bindparam("at", type_=BigInteger), bindparam("before", type_=BigInteger)
    copies: list[Insert] = []
    for each in kept:
        root = tables[each.root]
        changed = root.c[CHANGED] >= before
        if each.only is not None:
            changed = and_(changed, root.c[each.only[0]] == each.only[1])
        first = next(iter(root.columns))
        for shape in (each.root, *each.parts):
            table = tables[shape]
            source = _with_kept_at(table, tables[kept_shape(shape)], at)
            if shape is not each.root:
                own = next(iter(table.columns))
                source = source.where(own.in_(select(first).where(changed)))
                if CHANGED in shape.columns:
                    source = source.where(table.c[CHANGED] >= before)
            else:
                source = source.where(changed)
            target = tables[kept_shape(shape)]
            copies.append(insert(target).from_select(target.columns.keys(), source))
    return copies


def last_closing(connection: Connection, tables: Tables, position: int) -> int:
    """Return what the ledger held at the last closing within `position` events, 0 before any."""
    closing = tables[CLOSING]
    within = select(func.max(closing.c.position)).where(closing.c.position <= position)
    return connection.scalar(within) or 0


def rows_kept(
    connection: Connection, kept: Sequence[Kept], tables: Tables, subject: str, closing: int
) -> Iterator[tuple[Shape[Any], Sequence[Any]]]:
    """Yield each table with the rows of a subject as they were at a closing.

    Cost: that of the subject's rows, each found by its key.
    """
    for each in kept:
        root = tables[each.root]
        of_subject = root.c[each.by] == subject
        for shape in (each.root, *each.parts):
            table, target = tables[shape], tables[kept_shape(shape)]
            columns = [target.c[name] for name in shape.columns]
            if CHANGED in shape.columns:
                query = select(*columns).join_from(table, target, _then(table, target, closing))
                if shape is not each.root:
                    query = query.join(root, _same_first(root, table))
            else:
                of_root = tables[kept_shape(each.root)]
                query = (
                    select(*columns)
                    .join_from(root, of_root, _then(root, of_root, closing))
                    .join(
                        target,
                        and_(
                            _same_first(of_root, target),
                            target.c[KEPT_AT] == of_root.c[KEPT_AT],
                        ),
                    )
                )
            yield shape, connection.execute(query.where(of_subject)).all()


def _with_kept_at(table: Table, target: Table, at: BindParameter[int]) -> Select[Any]:
    return select(
        *(
            at.label(KEPT_AT) if name == KEPT_AT else table.c[name]
            for name in target.columns.keys()  # noqa: SIM118 - no dict
        )
    )


def _then(table: Table, target: Table, closing: int) -> Any:
    """Return the condition for the row that was last kept of a row by a closing."""
    again = target.alias()
    keys = [column.name for column in table.primary_key.columns]
    last = (
        select(func.max(again.c[KEPT_AT]))
        .where(*(again.c[key] == table.c[key] for key in keys), again.c[KEPT_AT] <= closing)
        .correlate(table)
        .scalar_subquery()
    )
    return and_(*(target.c[key] == table.c[key] for key in keys), target.c[KEPT_AT] == last)


def _same_first(one: Table, other: Table) -> Any:
    return next(iter(one.columns)) == next(iter(other.columns))

"""The deep check asks whether the rows that readers see are those that the history gives.

A read model is derived, so nobody signs its rows; whoever can write to the database can change
them. The check folds the whole history again into tables beside the live ones, up to the very
position the live ones reflect, and compares every row. What differs is mended by `rebuild`.

That the history itself is what was signed is not asked here but by `verify`.
"""

from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Table, and_, func, inspect, literal, or_, select

from ledger.errors import LedgerError
from projections import registry
from projections.engine import Projections
from projections.folding import ProjectionStopped
from projections.model import ReadModel
from projections.shape import Shape

SHOWN = 100
"""Differences that are told one by one; all are counted."""

TRIES = 50
"""How often the check catches up with a live generation that goes on while it looks."""


class Difference(Struct, frozen=True):
    """A row that is not as the history gives it.

    Attributes:
        table: the table, by its name within the read model.
        key: the row's key; empty where the table itself is wrong.
        kind: `missing`, `superfluous` or `changed` rows; `table` when the table is not there, or
            has other columns.
        columns: of a changed row, what each column that differs holds and should hold.

    """

    table: str
    key: tuple[str, ...]
    kind: Literal["missing", "superfluous", "changed", "table"]
    columns: dict[str, tuple[str, str]]


class DeepReport(Struct, frozen=True):
    """What a deep check found.

    Attributes:
        name: the read model.
        position: how many events were folded and compared.
        rows: how many rows were compared.
        differences: the first of them.
        count: how many there are in all.

    """

    name: str
    position: int
    rows: int
    differences: tuple[Difference, ...]
    count: int


def deep_check(projections: Projections, name: str) -> DeepReport:
    """Compare a read model's live tables, row by row, with a fresh fold of the history.

    Readers and followers go on meanwhile. Cost: that of a rebuild.

    Raises:
        ProjectionStopped: the live tables reflect another history, or an event cannot be folded.
        LedgerError: the read model never stood still for as long as a look takes.
        StoreUnavailable: a database cannot be read or written.

    """
    model = projections.models[name]
    with projections.database.snapshot() as connection:
        live = registry.live(connection, name)
    if live is None:
        return DeepReport(name, 0, 0, (), 0)
    if not projections.feed.holds(live.place) or live.version != model.version:
        raise ProjectionStopped(
            f"the read model {name} was filled from another history or by another release: "
            f"run `sunledger rebuild {name}`"
        )
    generation = projections.begin(model, "checking")
    try:
        for _ in range(TRIES):
            with projections.database.snapshot() as connection:
                live = registry.live(connection, name)
            if live is not None:
                projections.fill(model, generation, until=live.place.position)
            with projections.database.snapshot() as connection:
                now = registry.live(connection, name)
                if now is not None and live is not None and now.place == live.place:
                    pair = (now.generation, generation)
                    return _compare(connection, model, pair, now.place.position)
    finally:
        projections.discard(model, generation, "checking")
    raise LedgerError(f"the read model {name} moves on too fast to be checked: try again")


def _compare(
    connection: Connection, model: ReadModel, pair: tuple[int, int], position: int
) -> DeepReport:
    found_tables, expected_tables = model.tables(pair[0]), model.tables(pair[1])
    differences: list[Difference] = []
    rows = count = 0
    for shape in model.shapes:
        found, expected = found_tables[shape], expected_tables[shape]
        rows += connection.scalar(select(func.count()).select_from(expected)) or 0
        if not _is_whole(connection, found):
            differences.append(Difference(shape.name, (), "table", {}))
            count += 1
            continue
        different = _different(found, expected)
        here = connection.scalar(select(func.count()).select_from(different.subquery())) or 0
        if here:
            count += here
            left = SHOWN - len(differences)
            differences += [
                _difference(shape, tuple(row))
                for row in connection.execute(different.limit(max(left, 0)))
            ]
    return DeepReport(model.name, position, rows, tuple(differences), count)


def _is_whole(connection: Connection, table: Table) -> bool:
    """Tell whether a table is there with the columns it should have."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return False
    names = {column["name"] for column in inspector.get_columns(table.name)}
    return names == set(table.columns.keys())


def _different(found: Table, expected: Table) -> Any:
    """Return the query for pairs of rows that differ: key by key, a side may be absent.

    Each row: whether each side is there, then the columns found, then those expected.
    """
    keys = [column.name for column in expected.primary_key.columns]
    # A marker on each side tells an absent row from one whose columns are null.
    left = select(literal(1).label("there"), *found.columns).subquery()
    right = select(literal(1).label("there"), *expected.columns).subquery()
    same_key = and_(*(left.c[key] == right.c[key] for key in keys))
    names = ["there", *(column.name for column in expected.columns)]
    differ = or_(*(left.c[name].is_distinct_from(right.c[name]) for name in names))
    return (
        select(*left.columns, *right.columns)
        .select_from(left.join(right, same_key, full=True))
        .where(differ)
        .order_by(*(func.coalesce(left.c[key], right.c[key]) for key in keys))
    )


def _difference(shape: Shape[Any], row: tuple[Any, ...]) -> Difference:
    width = len(shape.columns) + 1
    found, expected = row[:width], row[width:]
    side = expected if found[0] is None else found
    key = tuple(str(value) for value in side[1 : shape.key + 1])
    if found[0] is None:
        return Difference(shape.name, key, "missing", {})
    if expected[0] is None:
        return Difference(shape.name, key, "superfluous", {})
    columns = {
        name: (str(is_), str(should))
        for name, is_, should in zip(shape.columns, found[1:], expected[1:], strict=True)
        if is_ != should
    }
    return Difference(shape.name, key, "changed", columns)

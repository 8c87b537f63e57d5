"""The deep check asks whether the rows that readers see are those that the history gives.

A read model is derived, so nobody signs its rows; whoever can write to the database can change
them. The check folds the whole history again into tables beside the live ones, up to the very
position the live ones reflect, and compares every row. What differs is mended by `rebuild`.

That the history itself is what was signed is not asked here but by `verify`.
"""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Select, Table, and_, func, inspect, or_, select

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


Kind = Literal["missing", "superfluous", "changed", "table"]


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
    kind: Kind
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
    generation = projections.generations.begin(model, "checking")
    try:
        for _ in range(TRIES):
            if model.sources:
                projections.follow(name)  # what is derived is derived of where its sources are
            with projections.database.snapshot() as connection:
                live = registry.live(connection, name)
            reached = None
            if live is not None:
                reached = projections.fill(model, generation, until=live.place.position)
            with projections.database.snapshot() as connection:
                now = registry.live(connection, name)
                if now is not None and now.place == reached:
                    pair = (now.generation, generation)
                    return _compare(connection, model, pair, now.place.position)
    finally:
        projections.generations.discard(model, generation, "checking")
    raise LedgerError(f"the read model {name} moves on too fast to be checked: try again")


def _compare(
    connection: Connection, model: ReadModel, pair: tuple[int, int], position: int
) -> DeepReport:
    found_tables, expected_tables = model.tables(pair[0]), model.tables(pair[1])
    differences: list[Difference] = []
    rows = count = 0
    for shape in model.all_shapes:
        found, expected = found_tables[shape], expected_tables[shape]
        rows += connection.scalar(select(func.count()).select_from(expected)) or 0
        if not _is_whole(connection, found):
            differences.append(Difference(shape.name, (), "table", {}))
            count += 1
            continue
        for kind, different in _queries(found, expected):
            here = connection.scalar(select(func.count()).select_from(different.subquery())) or 0
            if here:
                count += here
                left = max(SHOWN - len(differences), 0)
                shown = connection.execute(different.limit(left))
                differences += [_difference(shape, kind, tuple(row)) for row in shown]
    return DeepReport(model.name, position, rows, tuple(differences), count)


def _is_whole(connection: Connection, table: Table) -> bool:
    """Tell whether a table is there with the columns it should have."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return False
    names = {column["name"] for column in inspector.get_columns(table.name)}
    return names == set(table.columns.keys())


def _queries(found: Table, expected: Table) -> Iterator[tuple[Kind, Select[Any]]]:
    """Yield a query for each kind of difference, whose rows are the columns found and expected.

    Three joins along the primary key, and not one full join: SQLite has no index for that.
    """
    keys = [column.name for column in expected.primary_key.columns]
    values = [name for name in expected.columns.keys() if name not in keys]  # noqa: SIM118 - no dict
    same_key = and_(*(found.c[key] == expected.c[key] for key in keys))
    sides = select(
        *(column.label(f"found_{column.name}") for column in found.columns),
        *(column.label(f"expected_{column.name}") for column in expected.columns),
    )
    order = [expected.c[key] for key in keys]
    if values:
        differ = or_(*(found.c[name].is_distinct_from(expected.c[name]) for name in values))
        both = expected.join(found, same_key)
        yield "changed", sides.select_from(both).where(differ).order_by(*order)
    without = expected.outerjoin(found, same_key)
    absent = found.c[keys[0]].is_(None)
    yield "missing", sides.select_from(without).where(absent).order_by(*order)
    beyond = found.outerjoin(expected, same_key)
    absent = expected.c[keys[0]].is_(None)
    order = [found.c[key] for key in keys]
    yield "superfluous", sides.select_from(beyond).where(absent).order_by(*order)


def _difference(shape: Shape[Any], kind: Kind, row: tuple[Any, ...]) -> Difference:
    width = len(shape.columns)
    found, expected = row[:width], row[width:]
    side = expected if kind == "missing" else found
    columns = {}
    if kind == "changed":
        columns = {
            name: (str(is_), str(should))
            for name, is_, should in zip(shape.columns, found, expected, strict=True)
            if is_ != should
        }
    return Difference(shape.name, tuple(str(value) for value in side[: shape.key]), kind, columns)

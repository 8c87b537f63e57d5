"""Which generations of each read model there are, and which one is live.

A read model is never changed in place by a rebuild. A new generation is filled in tables of its
own beside the live one; one transaction makes it live and retires the old one, whose tables are
then dropped. The states of a generation:

    building   a rebuild fills it
    checking   a deep check fills it, to compare it with the live one; never becomes live
    live       what readers read; one for each read model
    retired    to be dropped; stays so while a process stopped in between
    dropped    its tables are gone; its number is never used again, so that whoever still fills
               it cannot take another's tables for its own

    name       generation   state     version   size   leaf   stopped_at   reason
    contracts  3            live      1         187    3f9a…

`size` and `leaf` are the number of statements reflected and the leaf hash of the last of them: a
database of read models that was filled from another history is recognised by it.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    inspect,
    select,
    update,
)

from ledger.errors import Conflict
from projections import tracking
from projections.feed import Place
from projections.model import ReadModel

State = Literal["building", "checking", "live", "retired", "dropped"]

metadata = tracking.metadata
"""The registry and the positions, made on first use."""

_projection = Table(
    "projection",
    metadata,
    Column("name", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("stopped_at", BigInteger, nullable=True),
    Column("reason", Text, nullable=True),
    PrimaryKeyConstraint("name", "generation", name="pk_projection"),
)
_c = _projection.c
_view: ColumnElement[str] = _c.name + "_" + cast(_c.generation, Text)

# Spelled once: a rebuild asks them thousands of times, and to make them costs more than to ask.
_places = select(_view, tracking.position_in(_view), _c.size, _c.leaf).where(
    _c.name.in_(bindparam("names", expanding=True)), _c.state != "dropped"
)
_advance = (
    update(_projection)
    .where(_view.in_(bindparam("views", expanding=True)), _c.size == bindparam("start"))
    .values(size=bindparam("stop"), leaf=bindparam("reached"), stopped_at=None, reason=None)
    .returning(_view)
)


class Generation(NamedTuple):
    """A generation of a read model as the registry knows it.

    Attributes:
        name: the read model.
        generation: its number, from 1.
        state: what it is for.
        version: version of the read model that fills it.
        place: what it reflects.
        stopped_at: position of the event it could not fold, or None.
        reason: why it could not.

    """

    name: str
    generation: int
    state: State
    version: int
    place: Place
    stopped_at: int | None
    reason: str | None


def generations(connection: Connection, name: str) -> list[Generation]:
    """Return the generations of a read model that have tables, oldest first."""
    return [_generation(row) for row in connection.execute(_OF_MODEL, {"name": name})]


def live(connection: Connection, name: str) -> Generation | None:
    """Return the generation that readers read."""
    return next((g for g in generations(connection, name) if g.state == "live"), None)


def all_live(connection: Connection) -> dict[str, Generation]:
    """Return the generation that readers read, of every read model that has one."""
    return {row.name: _generation(row) for row in connection.execute(_LIVE)}


_WITH_TABLES = (
    select(
        _c.name,
        _c.generation,
        _c.state,
        _c.version,
        tracking.position_in(_view),
        _c.size,
        _c.leaf,
        _c.stopped_at,
        _c.reason,
    )
    .where(_c.state != "dropped")
    .order_by(_c.generation)
)
_OF_MODEL = _WITH_TABLES.where(_c.name == bindparam("name"))
_LIVE = _WITH_TABLES.where(_c.state == "live")


_REBUILT = select(func.sum(_c.generation)).where(_c.state == "live")


def rebuilt(connection: Connection) -> int:
    """Return the sum of the numbers of the live generations: a rebuild raises it."""
    return int(connection.scalar(_REBUILT) or 0)


def _generation(row: Any) -> Generation:
    name, number, state, version, position, size, leaf, stopped_at, reason = row
    place = Place(position or 0, size, leaf)
    return Generation(name, number, state, version, place, stopped_at, reason)


def begin(connection: Connection, model: ReadModel, state: State) -> int:
    """Make an empty generation, its tables included; return its number.

    One that is live at once has its late indexes, too; any other gets them from `make_index`.
    """
    last = connection.scalar(select(func.max(_c.generation)).where(_c.name == model.name)) or 0
    number = int(last) + 1
    model.tables(number).metadata.create_all(connection, checkfirst=False)
    connection.execute(
        insert(_projection).values(
            name=model.name,
            generation=number,
            state=state,
            version=model.version,
            size=0,
            leaf=b"",
        )
    )
    tracking.begin(connection, model.view(number))
    if state == "live":
        for index in range(len(model.tables(number).late_indexes)):
            make_index(connection, model, number, index)
    return number


def make_index(connection: Connection, model: ReadModel, generation: int, number: int) -> None:
    """Make one of the late indexes of a generation that is filled.

    Raises:
        Conflict: the generation is gone.

    """
    if all(each.generation != generation for each in generations(connection, model.name)):
        raise Conflict(f"{model.view(generation)} is gone")
    connection.exec_driver_sql(model.tables(generation).late_indexes[number])


def places(connection: Connection, names: Sequence[str]) -> dict[str, Place]:
    """Return what the generations of read models reflect that have tables, by their views."""
    found = connection.execute(_places, {"names": names}).all()
    return {view: Place(position or 0, size, leaf) for view, position, size, leaf in found}


def advance(connection: Connection, views: Sequence[str], start: Place, stop: Place) -> None:
    """Move generations, named by their views, from one place to the next.

    Raises:
        Conflict: one is not there: another process folded first, or the generation is gone.

    """
    moved = tracking.move(connection, views, start.position, stop.position)
    way = {"views": views, "start": start.size, "stop": stop.size, "reached": stop.leaf}
    # Of two that move the same ones, the positions have let only one come so far.
    moved &= set(connection.scalars(_advance, way))
    if len(moved) < len(views):
        late = min(set(views) - moved)
        raise Conflict(f"{late} is no longer at position {start.position}")


def stop(connection: Connection, name: str, generation: int, position: int, reason: str) -> None:
    """Note that a generation cannot fold the event at `position`."""
    connection.execute(
        update(_projection)
        .where(_c.name == name, _c.generation == generation)
        .values(stopped_at=position, reason=reason)
    )


def set_state(connection: Connection, name: str, generation: int, state: State) -> bool:
    """Change a generation's state; False if there is no such generation any more."""
    changed = (
        update(_projection)
        .where(_c.name == name, _c.generation == generation)
        .values(state=state)
        .returning(_c.generation)
    )
    return connection.execute(changed).first() is not None


def retire(
    connection: Connection, model: ReadModel, generation: int, state: State
) -> list[str] | None:
    """Retire a generation and return its tables; None if it is not in `state` (any more)."""
    held = {g.generation: g.state for g in generations(connection, model.name)}
    if held.get(generation) != state:
        return None
    # The position first, as a fold does: the two wait for each other in one order.
    tracking.forget(connection, model.view(generation))
    set_state(connection, model.name, generation, "retired")
    # By name: another release may have made it, with other tables.
    return [
        table
        for table in inspect(connection).get_table_names()
        if table.startswith(f"{model.name}_") and table.endswith(f"_{generation}")
    ]


def drop_table(connection: Connection, table: str) -> None:
    """Drop a table of a retired generation, if nobody else has."""
    quoted = connection.dialect.identifier_preparer.quote(table)
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quoted}")

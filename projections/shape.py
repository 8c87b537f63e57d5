"""The shape of a read model's table: one tuple type a table, as in the store.

    class Balance(NamedTuple):
        line: str
        account: str
        balance_fen: int

    BALANCE = Shape("balance", Balance, key=2)

The fields are the columns in their order, the first `key` of them the primary key. `str` is text,
`int` 64 bits, and `… | None` may be absent: nothing else occurs in a read model, so one statement
writes a whole batch of rows on either database. The tables of each generation of a read model
have names of their own: `funds_balance_3` is the balance table of the third.
"""

import types
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

R = TypeVar("R", bound=tuple[Any, ...])

_WHOLE = BigInteger().with_variant(Integer(), "sqlite")


class Shape(Generic[R]):
    """What a table of a read model looks like, in whichever generation.

    Attributes:
        name: the table's name within its read model.
        row: its row type, a `NamedTuple`.
        key: how many of the first fields are the primary key.
        indexes: the columns of each further index.
        late_indexes: likewise, of those that only readers search by. A rebuild makes them when
            the table is filled, which takes a fraction of the time; a fold must not need them.

    """

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        key: int = 1,
        indexes: Sequence[tuple[str, ...]] = (),
        late_indexes: Sequence[tuple[str, ...]] = (),
    ) -> None:
        """Describe the table of the rows of type `row`."""
        self.name = name
        self.row = row
        self.key = key
        self.indexes = tuple(indexes)
        self.late_indexes = tuple(late_indexes)
        hints = get_type_hints(row)
        self.columns: tuple[str, ...] = tuple(hints)
        self.is_text = tuple(str in _kinds(hint) for hint in hints.values())
        self._nullable = tuple(type(None) in _kinds(hint) for hint in hints.values())

    def table(self, metadata: MetaData, name: str) -> Table:
        """Return this table under the name `name`, without its late indexes."""
        columns: list[Column[Any]] = [
            Column(column, Text() if text else _WHOLE, nullable=nullable, autoincrement=False)
            for column, text, nullable in zip(
                self.columns, self.is_text, self._nullable, strict=True
            )
        ]
        indexes = [
            Index(f"ix_{name}_{number}", *(columns[self.columns.index(c)] for c in index))
            for number, index in enumerate(self.indexes)
        ]
        key = PrimaryKeyConstraint(*self.columns[: self.key], name=f"pk_{name}")
        return Table(name, metadata, *columns, key, *indexes, sqlite_strict=True)


class Tables:
    """The tables of one generation of a read model.

    Attributes:
        metadata: all of them, to create and to drop.
        late_indexes: the indexes that are made when they are filled.

    """

    def __init__(self, model: str, shapes: Sequence[Shape[Any]], generation: int) -> None:
        """Name the tables of `shapes` for a generation."""
        self.metadata = MetaData()
        self._tables = {
            shape.name: shape.table(self.metadata, f"{model}_{shape.name}_{generation}")
            for shape in shapes
        }
        self.late_indexes = [
            f"CREATE INDEX ix_{table.name}_late_{number} ON {table.name} ({', '.join(columns)})"
            for shape, table in zip(shapes, self._tables.values(), strict=True)
            for number, columns in enumerate(shape.late_indexes)
        ]

    def __getitem__(self, shape: Shape[Any]) -> Table:
        """Return the table of `shape`."""
        return self._tables[shape.name]


@lru_cache(maxsize=64)
def tables_of(model: str, shapes: tuple[Shape[Any], ...], generation: int) -> Tables:
    """Return the tables of a generation; the same objects again, so that SQL is compiled once."""
    return Tables(model, shapes, generation)


def _kinds(hint: Any) -> tuple[type, ...]:
    """Return what a field may be.

    Raises:
        TypeError: a read model has no column for it.

    """
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if len(set(kinds) - {type(None)}) != 1 or not set(kinds) <= {str, int, type(None)}:
        raise TypeError(f"a read model has no column for {hint}")
    return kinds

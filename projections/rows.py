"""Rows of a table in the hand of a fold: loaded together, changed in memory, written when changed.

lots = Rows(LOT, lambda row: (row.tender, row.lot))
lots.load(sheet, "tender", ["t-1"])
lots.change(("t-1", "1"), status="failed")
lots.write(sheet)
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Generic, TypeVar

from msgspec import json

from projections.shape import Shape
from projections.sheet import Sheet

R = TypeVar("R", bound=tuple[Any, ...])
K = TypeVar("K")


class Rows(Generic[K, R]):
    """Rows of one table in the hand of a fold: those of a batch, by key."""

    def __init__(self, shape: Shape[R], key: Callable[[R], K]) -> None:
        """Hold none yet."""
        self._shape = shape
        self._key = key
        self._changed: set[K] = set()
        self.rows: dict[K, R] = {}

    def load(self, sheet: Sheet, column: str, values: Collection[str]) -> None:
        """Add the rows whose `column` is one of `values`, as they were before the batch."""
        for row in sheet.load(self._shape, column, values):
            self.rows.setdefault(self._key(row), row)

    def __getitem__(self, key: K) -> R:
        """Return a row."""
        return self.rows[key]

    def put(self, row: R) -> R:
        """Take a new row, or one in place of that with its key."""
        key = self._key(row)
        self.rows[key] = row
        self._changed.add(key)
        return row

    def change(self, key: K, **values: object) -> R:
        """Change columns of a row."""
        return self.put(self.rows[key]._replace(**values))  # type: ignore[attr-defined]

    def where(self, holds: Callable[[R], bool]) -> list[R]:
        """Return the rows of which something holds."""
        return [row for row in self.rows.values() if holds(row)]

    def write(self, sheet: Sheet) -> None:
        """Put down what was changed."""
        sheet.put(self._shape, [self.rows[key] for key in self._changed])


def listed(items: Iterable[Any]) -> str:
    """Return a list as a column keeps it."""
    return json.encode(list(items)).decode()

"""Visits, as far as the rules that judge all of them need them.

A city records more than a million a year, and reading a field of each takes as long as a rule
does. So each scope reads its own few; they are called as in `VisitRow`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

R = TypeVar("R", bound=tuple[Any, ...])


class DayVisit(NamedTuple):
    """A visit of a day."""

    position: int
    contract: str
    service: str
    beneficiary: str
    worker: str
    device: str | None
    day: str
    starts_ms: int
    ends_ms: int
    units: int
    place: str | None
    cell: str | None


class PersonVisit(NamedTuple):
    """A visit of a person's month."""

    position: int
    contract: str
    service: str
    day: str
    units: int


class WorkerVisit(NamedTuple):
    """A visit of a worker's month."""

    position: int
    contract: str
    day: str
    starts_ms: int
    ends_ms: int
    cell: str | None
    distance_m: int | None


def maker(record: type[R]) -> Callable[[Any], R]:
    """Return what makes a record of a row: its own constructor takes each field by itself."""
    return partial(tuple.__new__, record)

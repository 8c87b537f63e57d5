"""Reading read models: one moment, of one of them or of several at one position.

A query runs in one snapshot of the database, on the generations that are live in it. Read models
that stopped, and what is derived, differ from the others by what came in last; who asks
several of them waits until they meet, which they do at the end of each `follow`.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger.store.errors import StoreUnavailable
from projections import registry
from projections.database import Database
from projections.folding import ProjectionStopped
from projections.model import ReadModel
from projections.registry import Generation
from projections.shape import Tables
from projections.tracking import POLL_SECONDS

T = TypeVar("T")

READ_TRIES = 5
"""How often a reader looks again because a rebuild dropped the tables it was about to read."""


class Reading(NamedTuple):
    """What a query reads from: one moment of one read model.

    Attributes:
        connection: a connection in a snapshot.
        tables: the tables of the live generation.
        position: how many events they reflect.

    """

    connection: Connection
    tables: Tables
    position: int


class Answers(Protocol):
    """What a question is put to: the read models as they are, or one subject as it was."""

    def read(self, model: ReadModel, query: Callable[[Reading], T]) -> T:
        """Return what `query` finds in one moment of a read model."""


class Reader:
    """Answers from the read models of one database."""

    def __init__(
        self, database: Database, moved: Condition, live: Callable[[ReadModel], Generation]
    ) -> None:
        """Read `database`; `moved` tells of folding, `live` makes sure there is a generation."""
        self._database = database
        self._moved = moved
        self._live = live
        self._here = threading.local()

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Answer what this thread asks in the block from one snapshot, opened and looked up once.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        with self._database.snapshot() as connection:
            self._here.moment = _Moment(connection, registry.all_live(connection))
            try:
                yield
            finally:
                self._here.moment = None

    def read(
        self,
        models: Sequence[ReadModel],
        query: Callable[[tuple[Reading, ...]], T],
        timeout_s: float,
    ) -> T:
        """Return what `query` finds in a moment in which all `models` are at one position.

        Raises:
            TimeoutError: there was none within `timeout_s` seconds.
            ProjectionStopped: one of them cannot go on, or another release filled it.
            StoreUnavailable: the database cannot be read.

        """
        moment: _Moment | None = getattr(self._here, "moment", None)
        readings = None if moment is None else moment.readings(models)
        if readings is not None:
            try:
                return query(readings)
            except DBAPIError:
                self._here.moment = None  # a rebuild took a table away: ask each by itself
        return self._read(models, query, time.monotonic() + timeout_s)

    def _read(
        self,
        models: Sequence[ReadModel],
        query: Callable[[tuple[Reading, ...]], T],
        deadline: float,
    ) -> T:
        dropped = 0
        while dropped < READ_TRIES:
            lives: list[Generation] = []
            try:
                with self._database.snapshot() as connection:
                    moment = _Moment(connection, registry.all_live(connection))
                    lives = moment.lives(models)
                    readings = moment.readings(models)
                    if readings is not None:
                        return query(readings)
            except DBAPIError:
                # PostgreSQL lets a rebuild drop a table between our first look and our query.
                if all(self.is_live(live) for live in lives):
                    raise
                dropped += 1
                continue
            if len(lives) == len(models):
                self._await_another_moment(lives, deadline)
                continue
            dropped += 1
            for model in models:  # one was not there yet: this makes it
                self._live(model)
        names = ", ".join(model.name for model in models)
        raise StoreUnavailable(f"the read model {names} is rebuilt over and over")

    def is_live(self, generation: Generation) -> bool:
        """Tell whether a generation is what readers see now."""
        with self._database.snapshot() as connection:
            live = registry.live(connection, generation.name)
        return live is not None and live.generation == generation.generation

    def _await_another_moment(self, lives: Sequence[Generation], deadline: float) -> None:
        last = min(lives, key=lambda live: live.place.position)
        if last.stopped_at is not None:
            raise ProjectionStopped(
                f"the read model {last.name} stopped at position {last.place.position}: "
                f"{last.reason}",
                last.stopped_at,
                last.reason or "",
            )
        left = deadline - time.monotonic()
        if left <= 0:
            told = ", ".join(f"{live.name} {live.place.position}" for live in lives)
            raise TimeoutError(f"the read models did not come to one position in time: {told}")
        with self._moved:
            self._moved.wait(min(left, POLL_SECONDS))


class _Moment(NamedTuple):
    """A snapshot, and the generations that are live in it."""

    connection: Connection
    live: dict[str, Generation]

    def lives(self, models: Sequence[ReadModel]) -> list[Generation]:
        """Return the live generations of those read models that have one."""
        return [self.live[model.name] for model in models if model.name in self.live]

    def readings(self, models: Sequence[ReadModel]) -> tuple[Reading, ...] | None:
        """Return what to read of each, or None where they are not all there at one position.

        Raises:
            ProjectionStopped: another release filled one.

        """
        lives = self.lives(models)
        if len(lives) < len(models) or len({live.place.position for live in lives}) > 1:
            return None
        return tuple(
            _reading(self.connection, model, live)
            for model, live in zip(models, lives, strict=True)
        )


def _reading(connection: Connection, model: ReadModel, live: Generation) -> Reading:
    if live.version != model.version:
        raise ProjectionStopped(
            f"the read model {model.name} was filled by another release: "
            f"run `sunledger rebuild {model.name}`"
        )
    return Reading(connection, model.tables(live.generation), live.place.position)

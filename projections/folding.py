"""One step of a read model: read a batch, fold it, write its rows with the position.

Reading and folding hold no lock. Only the writing does, and the position's compare-and-swap is
its first statement; whoever folded the same batch in the meantime makes it fail with `Conflict`,
and nothing is written. A derived read model goes forward in the same way, from its sources'
place to the next one that they reach together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from sqlalchemy import Connection

from ledger.errors import Conflict, LedgerError
from ledger.store.errors import StoreUnavailable
from projections import registry
from projections.closings import keep
from projections.database import Database
from projections.feed import Batch, EventUnreadable, Feed, Place
from projections.model import ReadModel
from projections.sheet import Sheet
from projections.sources import Sources, sources_of

_SMALLER = 8
"""How much smaller a batch is tried again: a bad event among 5,000 is found in five tries."""


class ProjectionStopped(LedgerError):
    """A read model cannot go on: an event it cannot fold, or a history that is not the ledger's.

    `position` is that event's, or None; `reason` is what the fold raised.
    """

    def __init__(self, message: str, position: int | None = None, reason: str = "") -> None:
        """Tell what is wrong with the read model."""
        super().__init__(message)
        self.position = position
        self.reason = reason


class Folder:
    """Folds the batches of one feed into the read models of one database.

    Attributes:
        moved: notified when this process moves a position.

    """

    def __init__(self, feed: Feed, database: Database, batch_events: int) -> None:
        """Read from `feed`, write to `database`, about `batch_events` events at a time."""
        self.moved = Condition()
        self._batch_events = batch_events
        self._feed = feed
        self._database = database

    def advance(
        self,
        model: ReadModel,
        generation: int,
        place: Place,
        until: int | None = None,
        times: int = 1,
    ) -> Place:
        """Fold the next batch from `place`; return where that leads, `place` itself at the end.

        It may be `times` as large as usual.

        A batch that cannot be folded is tried again in smaller ones, so that all statements
        before the bad event are folded.

        Raises:
            ProjectionStopped: the statement at `place` cannot be folded.
            Conflict: the generation is not at `place` (any more): somebody else folded.
            StoreUnavailable: a database cannot be read or written.

        """
        if model.derive is not None:
            return self._derive(model, generation, place)
        limit = self._batch_events * times
        while True:
            batch: Batch | None = None
            try:
                batch = self._feed.read(
                    place,
                    model.decoded,
                    model.counted,
                    lean=model.lean,
                    limit=limit,
                    until=until,
                )
                if batch is None:
                    return place
                self._fold(model, generation, batch)
            except (StoreUnavailable, Conflict):
                raise
            except Exception as error:
                if limit == 1:
                    raise _stopped(model, place, batch, error) from error
                limit = max(limit // _SMALLER, 1)
            else:
                return batch.stop

    def _fold(self, model: ReadModel, generation: int, batch: Batch) -> None:
        with self._database.snapshot() as reading:
            sheet = _sheet(reading, model, generation, batch.start)
            model.fold(batch, sheet, self._feed)
        # If we stop here or before the commit, the batch was not folded at all.
        way = (batch.start, batch.stop)
        with self._writing(model, generation, way, sheet) as connection:
            keep(connection, model.kept, model.tables(generation), batch)

    def _derive(self, model: ReadModel, generation: int, place: Place) -> Place:
        with self._database.snapshot() as reading:
            sheet = _sheet(reading, model, generation, place)
            sources = sources_of(reading, model.sources, self._feed)
            if sources is None or sources.place.size <= place.size:
                return place
            _derive(model, sources, sheet, place)
        with self._writing(model, generation, (place, sources.place), sheet):
            pass
        return sources.place

    @contextmanager
    def _writing(
        self, model: ReadModel, generation: int, way: tuple[Place, Place], sheet: Sheet
    ) -> Iterator[Connection]:
        """Write a sheet with the position, and what the caller does, in one transaction."""
        with self._database.transaction() as connection:
            registry.advance(connection, model, generation, *way)
            sheet.apply(connection)
            yield connection
        with self.moved:
            self.moved.notify_all()


def place_of(connection: Connection, model: ReadModel, generation: int) -> Place | None:
    """Return what a generation reflects, or None if it is gone."""
    found = registry.generations(connection, model.name)
    return next((g.place for g in found if g.generation == generation), None)


def _sheet(reading: Connection, model: ReadModel, generation: int, place: Place) -> Sheet:
    """Return an empty sheet of a generation that is still at `place`."""
    if place_of(reading, model, generation) != place:
        raise Conflict(f"{model.view(generation)} has moved")
    return Sheet(reading, model.tables(generation))


def _derive(model: ReadModel, sources: Sources, sheet: Sheet, place: Place) -> None:
    if model.derive is None:
        raise TypeError(f"the read model {model.name} is not derived")
    try:
        model.derive(sources, sheet, place.position)
    except StoreUnavailable:
        raise
    except Exception as error:
        reason = _reason(error)
        raise ProjectionStopped(
            f"the read model {model.name} cannot be derived from what others hold of the first "
            f"{sources.place.position} events: {reason}",
            sources.place.position,
            reason,
        ) from error


def _stopped(
    model: ReadModel, place: Place, batch: Batch | None, error: Exception
) -> ProjectionStopped:
    """Name the event that was at hand, else the first of its statement."""
    position = place.position
    if isinstance(error, EventUnreadable):
        position = error.position
    elif batch is not None and batch.at is not None:
        position = batch.at
    reason = _reason(error)
    return ProjectionStopped(
        f"the read model {model.name} cannot fold the event at position {position}: {reason}",
        position,
        reason,
    )


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, LedgerError) else f"{type(error).__name__}: {error}"

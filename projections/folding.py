"""Bringing read models forward: read a batch, fold it, write the rows with the positions.

Read models that are at one place go on *together*: the batch is read once, each folds what it
asked for, and one transaction writes the rows of all and moves their positions. Who cannot go on
holds up nobody: what fails together is done again by each alone.

Reading and folding hold no lock. Only the writing does, and the positions' compare-and-swap is
its first statement; whoever folded the same batch in the meantime makes it fail with `Conflict`,
and nothing is written. A derived read model goes forward in the same way, alone, from its
sources' place to the next one that they reach together.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.errors import Conflict, LedgerError
from ledger.store.errors import StoreUnavailable
from projections import registry
from projections.closings import keep
from projections.database import Database
from projections.feed import Batch, EventUnreadable, Feed, Place
from projections.model import ReadModel
from projections.sheet import Sheet
from projections.sources import Helper, Sources, sources_of

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


def one_error(faults: Sequence[LedgerError]) -> LedgerError:
    """Return one error that says what all of several say."""
    if len(faults) == 1:
        return faults[0]
    return LedgerError("; ".join(str(fault) for fault in faults))


class Going(NamedTuple):
    """A generation of a read model on its way through the history, and the place it reached."""

    model: ReadModel
    generation: int
    place: Place


Fault = Callable[[Going, Conflict | ProjectionStopped], Going | None]
"""Told who cannot go on, and why; returns from where it is to be tried again, or None."""


class Folder:
    """Folds the batches of one feed into the read models of one database.

    Attributes:
        moved: notified when this process moves a position.
        helper: a process that helps to derive, where there is one.

    """

    def __init__(self, feed: Feed, database: Database, batch_events: int) -> None:
        """Read from `feed`, write to `database`, about `batch_events` events at a time."""
        self.moved = Condition()
        self.helper: Helper | None = None
        self._batch_events = batch_events
        self._feed = feed
        self._database = database

    def bring(
        self,
        going: Sequence[Going],
        fault: Fault,
        *,
        until: int | None = None,
        times: int = 1,
        reached: Callable[[Going], None] = lambda _going: None,
    ) -> None:
        """Bring read models to the end of the history, or as far as `until`.

        Who is behind goes first, so those that meet go on together. A batch may be `times` as
        large as usual. `reached` is told of each at each place.

        Raises:
            StoreUnavailable: a database cannot be read or written.

        """
        left = list(going)
        while left:
            place = min(each.place for each in left)
            together = [each for each in left if each.place == place]
            moved = self._step(together, fault, until, times)
            for each in moved:
                reached(each)
            left = [each for each in left if each.place != place] + moved

    def _step(
        self, together: Sequence[Going], fault: Fault, until: int | None, times: int
    ) -> list[Going]:
        """Return those that go on, at the places that they reached."""
        try:
            place = self._advance(together, until, times)
        except (Conflict, ProjectionStopped) as error:
            if len(together) > 1:  # whose fault it is shows when each goes alone
                alone = [self._step([each], fault, until, times) for each in together]
                return [each for gone in alone for each in gone]
            again = fault(together[0], error)
            return [] if again is None else [again]
        if place == together[0].place:
            return []
        return [each._replace(place=place) for each in together]

    def _advance(self, together: Sequence[Going], until: int | None, times: int) -> Place:
        """Fold the next batch; return where that leads, or where they are at the end.

        A batch that one alone cannot fold is tried again in smaller ones, so that all statements
        before the bad event are folded.

        Raises:
            ProjectionStopped: the statement at hand cannot be folded, or the batch not together.
            Conflict: a generation is not there (any more): somebody else folded.
            StoreUnavailable: a database cannot be read or written.

        """
        place = together[0].place
        if together[0].model.derive is not None:
            return self._derive(together[0])
        limit = self._batch_events * times
        while True:
            batches: list[Batch] = []
            try:
                wanted = [each.model.wanted for each in together]
                batches = self._feed.read(place, wanted, limit=limit, until=until)
                if not batches:
                    return place
                self._fold(together, batches)
            except (StoreUnavailable, Conflict):
                raise
            except Exception as error:
                if limit == 1 or len(together) > 1:
                    raise _stopped(together[0], batches, error) from error
                limit = max(limit // _SMALLER, 1)
            else:
                return batches[0].stop

    def _fold(self, together: Sequence[Going], batches: Sequence[Batch]) -> None:
        with self._database.snapshot() as reading:
            sheets = _sheets(reading, together)
            for each, batch, sheet in zip(together, batches, sheets, strict=True):
                each.model.fold(batch, sheet, self._feed)
        # If we stop here or before the commit, the batch was not folded at all.
        with self._writing(together, batches[0].stop, sheets) as connection:
            for each, batch in zip(together, batches, strict=True):
                keep(connection, each.model.kept, each.model.tables(each.generation), batch)

    def _derive(self, going: Going) -> Place:
        model, _, place = going
        with self._database.snapshot() as reading:
            (sheet,) = _sheets(reading, [going])
            sources = sources_of(reading, model.sources, self._feed, self.helper)
            if sources is None or sources.place.size <= place.size:
                return place
            _derive(model, sources, sheet, place)
        with self._writing([going], sources.place, [sheet]):
            pass
        return sources.place

    @contextmanager
    def _writing(
        self, together: Sequence[Going], stop: Place, sheets: Sequence[Sheet]
    ) -> Iterator[Connection]:
        """Write sheets with the positions, and what the caller does, in one transaction."""
        with self._database.transaction() as connection:
            views = [each.model.view(each.generation) for each in together]
            registry.advance(connection, views, together[0].place, stop)
            for sheet in sheets:
                sheet.apply(connection)
            yield connection
        with self.moved:
            self.moved.notify_all()


def _sheets(reading: Connection, together: Sequence[Going]) -> list[Sheet]:
    """Return empty sheets of generations that are still at their place."""
    places = registry.places(reading, [each.model.name for each in together])
    for model, generation, place in together:
        view = model.view(generation)
        if places.get(view) != place:
            raise Conflict(f"{view} has moved")
    return [Sheet(reading, each.model.tables(each.generation)) for each in together]


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


def _stopped(going: Going, batches: Sequence[Batch], error: Exception) -> ProjectionStopped:
    """Name the event that was at hand, else the first of its statement."""
    position = going.place.position
    if isinstance(error, EventUnreadable):
        position = error.position
    else:
        position = next((batch.at for batch in batches if batch.at is not None), position)
    reason = _reason(error)
    return ProjectionStopped(
        f"the read model {going.model.name} cannot fold the event at position {position}: {reason}",
        position,
        reason,
    )


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, LedgerError) else f"{type(error).__name__}: {error}"

"""The engine of the read side: keeps read models up to date, rebuilds them, answers from them.

What it promises:

- **Exactly once.** A batch's rows and the position move in one transaction, by compare-and-swap;
  a process that is killed, or two that follow at once, leave every event folded once.
- **Whole statements.** A reader sees all of a statement or nothing, and one point in all of its
  queries; every answer knows the position it reflects.
- **Rebuilt beside the old.** A rebuild fills new tables and switches in one transaction; readers
  notice nothing. Only one that is killed leaves tables behind, until the next.
- **A bad event stops one read model only**, at the statement before it, and says which event and
  why. The others go on, and so does the ledger: read models decide nothing.

    with open_store(url) as store, open_projections(store) as projections:
        projections.follow()
        page = list_contracts(projections)
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Self, TypeVar

from ledger.errors import Conflict, LedgerError
from ledger.store.store import Store
from projections import registry
from projections.collecting import collecting_rarely
from projections.database import Database
from projections.feed import BATCH_EVENTS, START, Feed, Place
from projections.folding import Folder, Going, ProjectionStopped, one_error
from projections.generations import Generations
from projections.model import ReadModel
from projections.reading import Reader, Reading
from projections.registry import Generation
from projections.sources import Helper
from projections.status import Status, status_of
from projections.tracking import POLL_SECONDS, Tracker

__all__ = ["Progress", "Projections", "Reading", "Status"]

T = TypeVar("T")
FILL_BATCHES = 4
"""How many batches a rebuild folds at once: nobody reads its tables, and fewer cost less."""

Progress = Callable[[str, int, int], None]
"""Told while a rebuild runs: the read model, the position reached, and the one to reach."""


class Projections:
    """The read models of one ledger. Safe to use from several threads.

    Attributes:
        models: the read models, by name.
        feed: what they fold.
        database: where they are kept.
        generations: what makes, switches and drops their tables.

    """

    def __init__(
        self,
        store: Store,
        models: Sequence[ReadModel],
        url: str | None = None,
        *,
        batch_events: int = BATCH_EVENTS,
    ) -> None:
        """Keep `models` of the ledger in `store`, in the database at `url`, else in the ledger's.

        Raises:
            StoreUnavailable: the database cannot be reached or written.

        """
        self.models = {model.name: model for model in models}
        self.feed = Feed(store)
        self.database = Database(url or store.url)
        self._store = store
        self._folder = Folder(self.feed, self.database, batch_events)
        self._reader = Reader(self.database, self._folder.moved, self._live)
        self._stopped: set[tuple[str, int]] = set()
        self.generations = Generations(self.database, self.feed, self._folder.moved)
        with self.database.changing_tables() as connection:
            registry.metadata.create_all(connection)

    # -- following -----------------------------------------------------------------------------

    def follow(self, *names: str) -> list[Status]:
        """Fold what the ledger holds beyond each read model (all of them, or those named).

        All stop at the head that the ledger has when this begins, so that they can be read
        together. A read model that met an event it cannot fold stays there, says so in its
        status, and is tried again by the next `Projections`. One that another release filled is
        rebuilt.

        Raises:
            ProjectionStopped: a read model reflects a history that is not this ledger's.
            StoreUnavailable: a database cannot be read or written.

        """
        head = self._store.head().positions
        for together in _stages(self._with_sources(names)):
            self._follow(together, head)
        return self.status(*names)

    def wait(self, name: str, position: int, timeout_s: float = 5.0) -> None:
        """Block until a read model reflects `position` events: at once when we fold them.

        To read what a receipt was given for, wait for its first position plus its event count.

        Raises:
            TimeoutError: it did not within `timeout_s` seconds.

        """
        model = self.models[name]
        deadline = time.monotonic() + timeout_s
        with self._folder.moved:
            # Asked anew each time: a rebuild may make another generation the live one.
            while self._live(model).place.position < position:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"the read model {name} did not reach position {position} in time"
                    )
                self._folder.moved.wait(min(left, POLL_SECONDS))

    def tracker(self, name: str) -> Tracker:
        """Return the library's tracking recorder of a read model's live generation."""
        model = self.models[name]
        view = model.view(self._live(model).generation)
        return Tracker(self.database, view, self._folder.moved)

    def status(self, *names: str) -> list[Status]:
        """Tell how the read models stand (all of them, or those named)."""
        head = self._store.head()
        with self.database.snapshot() as connection:
            standing = [
                (model.name, registry.live(connection, model.name)) for model in self._named(names)
            ]
        return [status_of(self.feed, name, live, head) for name, live in standing]

    # -- reading -------------------------------------------------------------------------------

    def read(self, model: ReadModel, query: Callable[[Reading], T]) -> T:
        """Return what `query` finds in one point of a read model.

        Raises:
            ProjectionStopped: another release filled it: `follow` rebuilds it.
            StoreUnavailable: the database cannot be read.

        """
        return self._reader.read((model,), lambda readings: query(readings[0]), 0)

    def read_together(
        self,
        models: Sequence[ReadModel],
        query: Callable[[tuple[Reading, ...]], T],
        timeout_s: float = 5.0,
    ) -> T:
        """Return what `query` finds in several read models at one position, each its `Reading`.

        Between two of them being folded they differ; then this waits for the follower.

        Raises:
            TimeoutError: they did not meet within `timeout_s` seconds.
            ProjectionStopped: one cannot go on, or another release filled it.
            StoreUnavailable: the database cannot be read.

        """
        return self._reader.read(models, query, timeout_s)

    def one_moment(self) -> AbstractContextManager[None]:
        """Answer what this thread asks in the block from one moment: for who asks many questions.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        return self._reader.one_moment()

    # -- rebuilding ----------------------------------------------------------------------------

    def rebuild(
        self, *names: str, progress: Progress | None = None, helper: Helper | None = None
    ) -> None:
        """Fill new tables beside the old, switch, drop the old (all read models, or those named).

        They are filled together, in one pass over the history. What is derived is derived of
        where its sources are, so these are followed first, and `helper` takes a part of the work.
        Of two rebuilds of one read model at once the later goes on. One that cannot be rebuilt
        keeps its old tables live; the others are rebuilt all the same.

        Raises:
            ProjectionStopped: an event cannot be folded, or a source of what is derived stopped.
            Conflict: another rebuild began.
            LedgerError: several of these.
            StoreUnavailable: a database cannot be read or written; what was live stays.

        """
        faults: dict[str, LedgerError] = {}
        self._folder.helper = helper
        try:
            for together in _stages(self._named(names)):
                faults |= self._rebuild(together, progress)
        finally:
            self._folder.helper = None
        if faults:
            raise one_error(list(faults.values()))

    def fill(
        self,
        model: ReadModel,
        generation: int,
        *,
        until: int | None = None,
        progress: Progress | None = None,
    ) -> Place:
        """Fold the history into a generation that is not live, up to `until` or the head.

        Raises:
            ProjectionStopped: an event cannot be folded.
            Conflict: another rebuild began.

        """
        with self.database.snapshot() as connection:
            place = registry.places(connection, [model.name]).get(model.view(generation))
        if place is None:
            raise Conflict(f"another rebuild of {model.name} began; this one has stopped")
        faults: dict[str, LedgerError] = {}
        going = Going(model, generation, place)
        filled = self._fill([going], faults, until=until, progress=progress)
        for fault in faults.values():
            raise fault
        return filled[model.name]

    def close(self) -> None:
        """Close the read models' database; the store stays the caller's."""
        self.database.close()

    def __enter__(self) -> Self:
        """Use the read models for a while."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close them."""
        self.close()

    # -- one read model ------------------------------------------------------------------------

    def _named(self, names: Sequence[str]) -> list[ReadModel]:
        unknown = set(names) - set(self.models)
        if unknown:
            known = ", ".join(self.models)
            raise LedgerError(f"there is no read model {min(unknown)}; there are {known}")
        return [model for name, model in self.models.items() if not names or name in names]

    def _with_sources(self, names: Sequence[str]) -> list[ReadModel]:
        """Return what has to be followed for those named: first what they are derived from."""
        wanted = self._named(names)
        needed = {each.name for model in wanted for each in (model, *model.sources)}
        return [model for name, model in self.models.items() if name in needed]

    def _live(self, model: ReadModel) -> Generation:
        """Return the live generation; the first one is made here, empty."""
        with self.database.snapshot() as connection:
            live = registry.live(connection, model.name)
        if live is not None:
            return live
        with self.database.changing_tables() as connection:
            live = registry.live(connection, model.name)
            if live is None:
                registry.begin(connection, model, "live")
        return live or self._live(model)

    def _gather(self, model: ReadModel) -> None:
        """Bring what a read model is derived from to one place.

        Raises:
            ProjectionStopped: a source cannot go there.

        """
        if not model.sources:
            return
        for status in self.follow(*(source.name for source in model.sources)):
            if status.stopped_at is not None:
                raise ProjectionStopped(
                    f"the read model {model.name} waits for {status.name}, which stopped at "
                    f"position {status.stopped_at}: {status.reason}",
                    status.stopped_at,
                    status.reason or "",
                )

    def _follow(self, models: Sequence[ReadModel], head: int) -> None:
        """Bring read models that can go on together up to `head`."""
        going: list[Going] = []
        old: dict[str, Generation] = {}
        for model in models:
            live = self._live(model)
            if (model.name, live.generation) in self._stopped:
                continue
            if live.version != model.version:
                old[model.name] = live
            elif not self.feed.holds(live.place):
                raise ProjectionStopped(
                    f"the read model {model.name} reflects {live.place.position} events of a "
                    f"history that is not the ledger's: run `sunledger rebuild {model.name}`"
                )
            else:
                going.append(Going(model, live.generation, live.place))
        if old:
            self._renew(old)
        with collecting_rarely():
            self._folder.bring(going, self._go_on, until=head)

    def _renew(self, old: dict[str, Generation]) -> None:
        """Rebuild read models that another release filled; if one cannot be, the others go on."""
        for name, error in self._rebuild(self._named(list(old))).items():
            if not isinstance(error, ProjectionStopped):
                raise error
            self._stop(old[name], error)

    def _go_on(self, going: Going, error: Conflict | ProjectionStopped) -> Going | None:
        """Tell where a live read model goes on after it could not, or stop it."""
        live = self._live(going.model)
        if isinstance(error, ProjectionStopped) and live.generation == going.generation:
            self._stop(live, error)
            return None
        # Another process folded the batch, or a rebuild took the tables away under us.
        return Going(going.model, live.generation, live.place)

    def _stop(self, live: Generation, stopped: ProjectionStopped) -> None:
        self._stopped.add((live.name, live.generation))
        position = stopped.position or 0
        with self.database.transaction() as connection:
            registry.stop(connection, live.name, live.generation, position, stopped.reason)

    def _rebuild(
        self, models: Sequence[ReadModel], progress: Progress | None = None
    ) -> dict[str, LedgerError]:
        """Rebuild read models that can be filled together; return why some could not be."""
        faults: dict[str, LedgerError] = {}
        begun: dict[str, Going] = {}
        try:
            for model in models:
                generation = self.generations.begin(model, "building")
                begun[model.name] = Going(model, generation, START)
                self._gather(model)
            for name in self._fill(list(begun.values()), faults, progress=progress):
                try:
                    self._finish(begun[name], progress)
                except (Conflict, ProjectionStopped) as error:
                    faults[name] = error
                else:
                    del begun[name]
        except ProjectionStopped as stopped:  # a source: what is derived goes alone
            faults[models[0].name] = stopped
        finally:
            for each in begun.values():
                self.generations.discard(each.model, each.generation, "building")
        return faults

    def _finish(self, going: Going, progress: Progress | None) -> None:
        """Let readers read a generation that is full, and drop the one before it."""
        model, generation, _ = going
        self.generations.make_indexes(model, generation)
        while not self.generations.switch(model, generation):
            self._gather(model)
            self.fill(model, generation, progress=progress)
        self.generations.sweep(model, "retired")

    def _fill(
        self,
        going: Sequence[Going],
        faults: dict[str, LedgerError],
        *,
        until: int | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Place]:
        """Fill generations together; return how far those came that have no fault."""
        filled = {each.model.name: each.place for each in going}

        def fault(each: Going, error: Conflict | ProjectionStopped) -> None:
            faults[each.model.name] = error
            del filled[each.model.name]

        def reached(each: Going) -> None:
            filled[each.model.name] = each.place
            if progress is not None:
                goal = self._store.head().positions if until is None else until
                progress(each.model.name, each.place.position, goal)

        with collecting_rarely():
            self._folder.bring(going, fault, until=until, times=FILL_BATCHES, reached=reached)
        return filled


def _stages(models: Sequence[ReadModel]) -> list[list[ReadModel]]:
    """Return read models in groups that can go on together: what is derived goes alone."""
    own = [model for model in models if not model.sources]
    return [own, *([model] for model in models if model.sources)]

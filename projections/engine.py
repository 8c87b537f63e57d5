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
from typing import Self, TypeVar

from ledger.errors import Conflict, LedgerError
from ledger.store.errors import StoreUnavailable
from ledger.store.store import Store
from projections import registry
from projections.collecting import collecting_rarely
from projections.database import Database
from projections.feed import BATCH_EVENTS, Feed, Place
from projections.folding import Folder, ProjectionStopped, place_of
from projections.model import ReadModel
from projections.reading import Reader, Reading
from projections.registry import Generation, State
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
        for model in self._with_sources(names):
            live = self._live(model)
            if (model.name, live.generation) in self._stopped:
                continue
            if live.version != model.version:
                self._renew(model, live)
            elif not self.feed.holds(live.place):
                raise ProjectionStopped(
                    f"the read model {model.name} reflects {live.place.position} events of a "
                    f"history that is not the ledger's: run `sunledger rebuild {model.name}`"
                )
            else:
                with collecting_rarely():
                    self._follow(model, live, head)
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

    # -- rebuilding ----------------------------------------------------------------------------

    def rebuild(self, *names: str, progress: Progress | None = None) -> None:
        """Fill new tables beside the old, switch, drop the old (all read models, or those named).

        Of two rebuilds of one read model at once the later goes on. What is derived is derived of
        where its sources are, so these are followed first.

        Raises:
            ProjectionStopped: an event cannot be folded, or a source of what is derived stopped;
                the old tables stay live.
            Conflict: another rebuild began.
            StoreUnavailable: a database cannot be read or written; the old tables stay live.

        """
        for model in self._named(names):
            generation = self.begin(model, "building")
            try:
                self._gather(model)
                self.fill(model, generation, progress=progress)
                self._make_indexes(model, generation)
                while not self._switch(model, generation):
                    self._gather(model)
                    self.fill(model, generation, progress=progress)
            except BaseException:
                self.discard(model, generation, "building")
                raise
            self._sweep(model, "retired")

    def begin(self, model: ReadModel, state: State) -> int:
        """Make an empty generation beside the live one, and drop those left in this state."""
        self._sweep(model, state)
        with self.database.changing_tables() as connection:
            return registry.begin(connection, model, state)

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
            place = place_of(connection, model, generation)
        if place is None:
            raise Conflict(f"another rebuild of {model.name} began; this one has stopped")
        with collecting_rarely():
            while True:
                reached = self._folder.advance(model, generation, place, until, FILL_BATCHES)
                if reached == place:
                    return place
                place = reached
                if progress is not None:
                    goal = self._store.head().positions if until is None else until
                    progress(model.name, place.position, goal)

    def discard(self, model: ReadModel, generation: int, state: State) -> None:
        """Drop a generation, unless it has left `state`."""
        with self.database.changing_tables() as connection:
            tables = registry.retire(connection, model, generation, state)
        if tables is None:
            return
        for table in tables:
            # One a transaction: who holds one and waits for the next would be in the way of a
            # reader who holds that and waits for this.
            with self.database.changing_tables() as connection:
                registry.drop_table(connection, table)
        with self.database.transaction() as connection:
            registry.set_state(connection, model.name, generation, "dropped")

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

    def _renew(self, model: ReadModel, live: Generation) -> None:
        """Rebuild a read model that another release filled; if it cannot be, the others go on."""
        try:
            self.rebuild(model.name)
        except ProjectionStopped as stopped:
            self._stop(live, stopped)

    def _follow(self, model: ReadModel, live: Generation, head: int) -> None:
        while True:
            try:
                reached = self._folder.advance(model, live.generation, live.place, head)
                if reached == live.place:
                    return
                live = live._replace(place=reached)
            except Conflict:
                live = self._live(model)  # another process folded it: go on from there
            except ProjectionStopped as stopped:
                if self._reader.is_live(live):
                    self._stop(live, stopped)
                    return
                live = self._live(model)  # a rebuild took the tables away under us

    def _stop(self, live: Generation, stopped: ProjectionStopped) -> None:
        self._stopped.add((live.name, live.generation))
        position = stopped.position or 0
        with self.database.transaction() as connection:
            registry.stop(connection, live.name, live.generation, position, stopped.reason)

    def _make_indexes(self, model: ReadModel, generation: int) -> None:
        """Make what only readers search by, each in a transaction that is soon over."""
        for number in range(len(model.tables(generation).late_indexes)):
            with self.database.transaction() as connection:
                registry.make_index(connection, model, generation, number)

    def _switch(self, model: ReadModel, generation: int) -> bool:
        """Make a filled generation live; False if the live one is ahead of it."""
        with self.database.changing_tables() as connection:
            live = registry.live(connection, model.name)
            if live is not None:
                # From here on no follower can move it: the row is ours until the commit.
                registry.set_state(connection, model.name, live.generation, "retired")
            found = {g.generation: g for g in registry.generations(connection, model.name)}
            if generation not in found:
                raise Conflict(f"another rebuild of {model.name} began; this one has stopped")
            if live is not None:
                reached = found[live.generation].place
                ahead = reached.size > found[generation].place.size
                if ahead and self.feed.holds(reached):
                    registry.set_state(connection, model.name, live.generation, "live")
                    return False
            registry.set_state(connection, model.name, generation, "live")
        with self._folder.moved:
            self._folder.moved.notify_all()
        return True

    def _sweep(self, model: ReadModel, state: State) -> None:
        """Drop the generations that are retired, or that a stopped process left in `state`.

        A retired one that a reader on PostgreSQL still uses stays for the next sweep.
        """
        with self.database.snapshot() as connection:
            found = registry.generations(connection, model.name)
        for each in found:
            if each.state in ("retired", state):
                try:
                    self.discard(model, each.generation, each.state)
                except StoreUnavailable:
                    if each.state != "retired":
                        raise

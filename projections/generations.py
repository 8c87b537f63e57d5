"""Making, switching and dropping the tables in which generations of read models are kept.

What states a generation has is told in `projections.registry`.
"""

from threading import Condition

from ledger.errors import Conflict
from ledger.store.errors import StoreUnavailable
from projections import registry
from projections.database import Database
from projections.feed import Feed
from projections.model import ReadModel
from projections.registry import State


class Generations:
    """The generations of the read models of one database."""

    def __init__(self, database: Database, feed: Feed, moved: Condition) -> None:
        """Keep them in `database`; `moved` is notified when another one becomes live."""
        self._database = database
        self._feed = feed
        self._moved = moved

    def rebuilt(self) -> int:
        """Return what is another number after any read model was rebuilt, here or elsewhere.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        with self._database.snapshot() as connection:
            return registry.rebuilt(connection)

    def begin(self, model: ReadModel, state: State) -> int:
        """Make an empty generation beside the live one, and drop those left in this state."""
        self.sweep(model, state)
        with self._database.changing_tables() as connection:
            return registry.begin(connection, model, state)

    def make_indexes(self, model: ReadModel, generation: int) -> None:
        """Make what only readers search by, each in a transaction that is soon over."""
        for number in range(len(model.tables(generation).late_indexes)):
            with self._database.transaction() as connection:
                registry.make_index(connection, model, generation, number)

    def switch(self, model: ReadModel, generation: int) -> bool:
        """Make a filled generation live; False if the live one is ahead of it."""
        with self._database.changing_tables() as connection:
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
                if ahead and self._feed.holds(reached):
                    registry.set_state(connection, model.name, live.generation, "live")
                    return False
            registry.set_state(connection, model.name, generation, "live")
        with self._moved:
            self._moved.notify_all()
        return True

    def sweep(self, model: ReadModel, state: State) -> None:
        """Drop the generations that are retired, or that a stopped process left in `state`.

        A retired one that a reader on PostgreSQL still uses stays for the next sweep.
        """
        with self._database.snapshot() as connection:
            found = registry.generations(connection, model.name)
        for each in found:
            if each.state in ("retired", state):
                try:
                    self.discard(model, each.generation, each.state)
                except StoreUnavailable:
                    if each.state != "retired":
                        raise

    def discard(self, model: ReadModel, generation: int, state: State) -> None:
        """Drop a generation, unless it has left `state`."""
        with self._database.changing_tables() as connection:
            tables = registry.retire(connection, model, generation, state)
        if tables is None:
            return
        for table in tables:
            # One a transaction: who holds one and waits for the next would be in the way of a
            # reader who holds that and waits for this.
            with self._database.changing_tables() as connection:
                registry.drop_table(connection, table)
        with self._database.transaction() as connection:
            registry.set_state(connection, model.name, generation, "dropped")

"""How far each read model has come: its position, which moves in the transaction of its rows.

The position is a tracking record as the eventsourcing library has it: for one view (a generation
of a read model) and one application the largest notification id it reflects. A ledger's
notification ids are positions + 1, so the record is the number of events that are reflected:
12 means the events at positions 0 to 11.

    view          application   notification_id
    contracts_3   sunledger     12

`move` is the compare-and-swap that makes folding exactly-once: of two processes that fold the
same batch one moves the position, the other finds it moved and writes nothing.
"""

import time
from collections.abc import Sequence
from threading import Condition, Event

from eventsourcing.persistence import (
    IntegrityError,
    Tracking,
    TrackingRecorder,
    WaitInterruptedError,
)
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    ScalarSelect,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from projections.database import Database

APPLICATION = "sunledger"
"""The ledger's name as an application of the library (`ledger.app.Ledger.name`)."""

POLL_SECONDS = 0.05
"""How long a waiting reader may not notice what another process folded."""

metadata = MetaData()

_tracking = Table(
    "projection_tracking",
    metadata,
    Column("view", Text, nullable=False),
    Column("application", Text, nullable=False),
    Column("notification_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("view", "application", name="pk_projection_tracking"),
)


def begin(connection: Connection, view: str) -> None:
    """Let a new view reflect nothing."""
    row = {"view": view, "application": APPLICATION, "notification_id": 0}
    connection.execute(insert(_tracking).values(row))


def position_of(connection: Connection, view: str, application: str = APPLICATION) -> int | None:
    """Return how many events a view reflects, or None if it is not tracked."""
    query = select(_tracking.c.notification_id).where(
        _tracking.c.view == view, _tracking.c.application == application
    )
    found: int | None = connection.scalar(query)
    return found


def position_in(view: ColumnElement[str]) -> ScalarSelect[int]:
    """Return the column that gives, beside the column `view`, how many events that reflects."""
    where = (_tracking.c.view == view, _tracking.c.application == APPLICATION)
    return select(_tracking.c.notification_id).where(*where).scalar_subquery()


_move = (
    update(_tracking)
    .where(
        _tracking.c.view.in_(bindparam("views", expanding=True)),
        _tracking.c.application == APPLICATION,
        _tracking.c.notification_id == bindparam("before"),
    )
    .values(notification_id=bindparam("after"))
    .returning(_tracking.c.view)
)


def move(connection: Connection, views: Sequence[str], before: int, after: int) -> set[str]:
    """Move the positions of views from `before` to `after`; return those that were at `before`.

    The rows stay locked until the transaction ends, so whoever comes second waits here.
    """
    moved = {"views": views, "before": before, "after": after}
    return set(connection.scalars(_move, moved))


def forget(connection: Connection, view: str) -> None:
    """Forget a view."""
    connection.execute(delete(_tracking).where(_tracking.c.view == view))


class Tracker(TrackingRecorder):
    """The library's port to a view's position, for code written against the library."""

    def __init__(self, database: Database, view: str, moved: Condition | None = None) -> None:
        """Track `view` in `database`; `moved` is notified when this process moves a position."""
        self._database = database
        self._view = view
        self._moved = moved or Condition()

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record that everything up to a notification was processed.

        Raises:
            IntegrityError: it was recorded already, or something later was.

        """
        with self._database.transaction() as connection:
            insert_tracking(connection, self._view, tracking)
        with self._moved:
            self._moved.notify_all()

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the largest notification id recorded for an application, or None."""
        with self._database.snapshot() as connection:
            return position_of(connection, self._view, application_name)

    def wait(
        self,
        application_name: str,
        notification_id: int | None,
        timeout: float = 1.0,
        interrupt: Event | None = None,
    ) -> None:
        """Block until a notification is processed: at once when this process does it.

        Raises:
            TimeoutError: it was not within `timeout` seconds.
            WaitInterruptedError: `interrupt` was set.

        """
        deadline = time.monotonic() + timeout
        with self._moved:
            while not self.has_tracking_id(application_name, notification_id):
                if interrupt is not None and interrupt.is_set():
                    raise WaitInterruptedError
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"{self._view} did not reach {notification_id} within {timeout} seconds"
                    )
                self._moved.wait(min(left, POLL_SECONDS))


def insert_tracking(connection: Connection, view: str, tracking: Tracking) -> None:
    """Record `tracking` for a view in the transaction of `connection`.

    Raises:
        IntegrityError: it was recorded already, or something later was.

    """
    row = {
        "view": view,
        "application": tracking.application_name,
        "notification_id": tracking.notification_id,
    }
    # Whether a row was written is asked of RETURNING: psycopg's rowcount is no answer here.
    if connection.dialect.name == "sqlite":
        made = sqlite.insert(_tracking).values(row)
        upsert = made.on_conflict_do_update(
            index_elements=["view", "application"],
            set_={"notification_id": made.excluded.notification_id},
            where=_tracking.c.notification_id < made.excluded.notification_id,
        ).returning(_tracking.c.notification_id)
    else:
        made_here = postgresql.insert(_tracking).values(row)
        upsert = made_here.on_conflict_do_update(
            index_elements=["view", "application"],
            set_={"notification_id": made_here.excluded.notification_id},
            where=_tracking.c.notification_id < made_here.excluded.notification_id,
        ).returning(_tracking.c.notification_id)
    if connection.execute(upsert).first() is None:
        raise IntegrityError(
            f"{view} has processed {tracking.application_name} up to "
            f"{tracking.notification_id} already"
        )

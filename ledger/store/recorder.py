"""The history of a ledger as an `ApplicationRecorder` of the eventsourcing library.

    originator id        key of the home subject, a str: `contract/c-17`
    originator version   the event's number among its home's events, from 1
    topic                the event's type: `visit.recorded`
    state                the event's canonical JSON, byte for byte as it was signed
    notification id      position + 1

So any reader written for that library (a projection runner, a follower) can follow a ledger;
notification ids have no gaps and appear in order. Nothing can be written through this port:
events come in signed statements, through `Store.append`, and `insert_events` refuses.

A subscription follows the appends of its own process at once and those of others within
`POLL_MS`, on both databases. It asks the database and needs no LISTEN: notifications that are
sent while a follower reconnects are lost, the table is not.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    Notification,
    NotSupportedError,
    StoredEvent,
    Subscription,
)
from sqlalchemy import func, select

from ledger.store import schema
from ledger.store.store import Store

POLL_MS = 100
"""How long a subscription may not notice what another process appended."""

SUBSCRIPTION_PAGE = 500
"""Notifications a subscription reads at once, as the library's own do."""

_event = schema.ledger_event.c
_subject = schema.subject.c
_touch = schema.subject_event.c


class LedgerRecorder(ApplicationRecorder):
    """Reads a store's events by stream and by position; refuses to write."""

    def __init__(self, store: Store) -> None:
        """Read from `store`, which stays the caller's to close."""
        self.store = store

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # noqa: ARG002 - the port's signature
    ) -> Sequence[int] | None:
        """Refuse: an event enters the ledger in a statement that its author signed.

        Raises:
            NotSupportedError: always.

        """
        raise NotSupportedError(
            f"{len(stored_events)} unsigned events cannot be recorded: "
            "a ledger takes events in signed statements."
        )

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read the events at home in one subject, by version.

        Cost: a step for each event that touches the subject after `gt`, at home there or not;
        an index by home would make every append dearer.
        """
        subject = self.store.subject(str(originator_id))
        if subject is None:
            return []
        query = (
            select(_event.version, _event.type, _event.body)
            .join(schema.subject_event, _touch.position == _event.position)
            .where(_touch.subject == subject.no, _event.home == subject.no)
            .order_by(_touch.ordinal.desc() if desc else _touch.ordinal)
        )
        if gt is not None:
            # Every event at home touches its home, so an ordinal is never below its version.
            query = query.where(_event.version > gt, _touch.ordinal > gt)
        if lte is not None:
            query = query.where(_event.version <= lte)
        if limit is not None:
            query = query.limit(limit)
        return [StoredEvent(subject.key, *row) for row in self.store.fetch(query)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read events by notification id, from `start` to `stop`, which is included."""
        query = (
            select(_subject.key, _event.version, _event.type, _event.body, _event.position + 1)
            .join(schema.subject, _subject.no == _event.home)
            .order_by(_event.position)
            .limit(limit)
        )
        if start is not None:
            query = query.where(_event.position >= (start - 1 if inclusive_of_start else start))
        if stop is not None:
            query = query.where(_event.position < stop)
        if topics:
            query = query.where(_event.type.in_(topics))
        return [Notification(*row) for row in self.store.fetch(query)]

    def max_notification_id(self) -> int | None:
        """Give the newest notification id; None in an empty ledger."""
        newest = self.store.fetch(select(func.max(_event.position) + 1))[0][0]
        return None if newest is None else int(newest)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the events after notification id `gt`, those to come included."""
        return LedgerSubscription(self, gt, topics)


class LedgerSubscription(Subscription[ApplicationRecorder]):
    """Iterates over notifications and waits for the next one until it is stopped."""

    def __init__(self, recorder: LedgerRecorder, gt: int | None, topics: Sequence[str]) -> None:
        """Follow `recorder` after notification id `gt`."""
        super().__init__(recorder, gt, topics)
        self._source = recorder
        self._after = gt or 0
        self._page: list[Notification] = []

    def stop(self) -> None:
        """End the iteration, also of a thread that waits in it."""
        appended = self._source.store.appended
        with appended:
            super().stop()
            appended.notify_all()

    def __next__(self) -> Notification:
        """Give the next notification, once there is one."""
        while not self._has_been_stopped:
            if self._page:
                return self._page.pop()
            self._read()
        raise StopIteration

    def _read(self) -> None:
        """Read a page of what is new, or wait a little when nothing is."""
        newest = self._source.max_notification_id() or 0
        if newest > self._after:
            found = self._source.select_notifications(
                self._after, SUBSCRIPTION_PAGE, newest, self._topics, inclusive_of_start=False
            )
            # Other topics are passed over for good.
            self._after = found[-1].id if len(found) == SUBSCRIPTION_PAGE else newest
            self._page = list(reversed(found))
            return
        appended = self._source.store.appended
        with appended:
            # An append between the question and here is noticed at the next poll.
            if not self._has_been_stopped:
                appended.wait(POLL_MS / 1000)

"""The library's own test case for application recorders, on both databases.

The real recorder takes no unsigned event. `BareRecorder` lets the test case insert all the
same: it wraps what it is given in a statement, as a writer would, and appends the batch to the
real store. Subject numbers, touches and head are those of the store, and the loser of a race
tries again.
"""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, NotSupportedError, StoredEvent
from eventsourcing.tests.persistence import ApplicationRecorderTestCase

from ledger.errors import Conflict
from ledger.store.errors import HeadMoved
from ledger.store.recorder import LedgerRecorder
from ledger.store.rows import Batch, EventRow, StatementRow, SubjectRow, TouchRow
from ledger.store.store import Store, create_store


class BareRecorder(LedgerRecorder):
    """A recorder that wraps bare events in a statement."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_kwargs: Any
    ) -> Sequence[int] | None:
        """Append the events; the notification ids are their positions + 1."""
        while True:
            try:
                return self._append(stored_events)
            except HeadMoved:
                continue
            except Conflict as error:
                raise IntegrityError(str(error)) from error

    def _append(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        head = self.store.head()
        keys = dict.fromkeys(str(event.originator_id) for event in stored_events)
        numbers: dict[str, int] = {}
        new: list[SubjectRow] = []
        count = self.store.row_counts()["subject"]
        for key in keys:
            known = self.store.subject(key)
            if known is None:
                known = SubjectRow(count + len(new), key)
                new.append(known)
            numbers[key] = known.no
        events, touches = [], []
        for place, event in enumerate(stored_events):
            position, home = head.positions + place, numbers[str(event.originator_id)]
            version = event.originator_version
            events.append(
                EventRow(
                    position, uuid4().bytes, head.size, home, version, event.topic, event.state
                )
            )
            # Nothing touches these subjects but their own events; versions start at 0 or 1.
            touches.append(TouchRow(home, version + 1, position))
        digest = hashlib.sha256(uuid4().bytes).digest()
        statement = StatementRow(
            head.size, digest, 0, b"", head.positions, len(stored_events), digest
        )
        self.store.append(
            Batch(head, [statement], events, new, touches, [], [], (head.size + 1, b""))
        )
        return [event.position + 1 for event in events]


class LedgerRecorderCase(ApplicationRecorderTestCase[BareRecorder]):
    """The library's case; streams are named by text, as subjects are."""

    __test__ = False  # run below, once a database
    make_recorder: Callable[[], BareRecorder]

    def create_recorder(self) -> BareRecorder:
        """Give the recorder of this run's database."""
        return self.make_recorder()

    def new_originator_id(self) -> str:
        """Name a new stream."""
        return f"contract/{uuid4()}"

    def runTest(self) -> None:  # noqa: N802 - unittest's name
        """Do nothing: the cases are run one by one below."""


@pytest.fixture
def store(database_url: str) -> Any:
    """Give a new store on this run's database."""
    with create_store(database_url, "test.example/log") as made:
        yield made


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in dir(ApplicationRecorderTestCase) if name.startswith("test_")),
        "optional_test_insert_subscribe",
    ],
)
def test_library_case_holds(store: Store, name: str) -> None:
    """Every test of the library's case passes, concurrent writers and subscriptions included."""
    case = LedgerRecorderCase()
    case.make_recorder = lambda: BareRecorder(store)
    before = set(threading.enumerate())
    getattr(case, name)()
    for reader in set(threading.enumerate()) - before:
        # The case leaves its readers running out; they still hold connections of the store.
        reader.join(10)


def test_unsigned_event_is_refused(store: Store) -> None:
    """The real recorder refuses a bare insert, and nothing is written."""
    event = StoredEvent("contract/c-1", 1, "test.done", b"{}")
    with pytest.raises(NotSupportedError):
        LedgerRecorder(store).insert_events([event])
    assert store.head().positions == 0


def test_stream_holds_only_events_at_home(store: Store) -> None:
    """An event that merely touches a subject is in its history, not in its stream."""
    head = store.head()
    digest = bytes(32)
    events = [
        EventRow(0, uuid4().bytes, 0, 0, 1, "a.done", b"0"),
        EventRow(1, uuid4().bytes, 0, 1, 1, "b.done", b"1"),
        EventRow(2, uuid4().bytes, 0, 0, 2, "a.done", b"2"),
    ]
    touches = [TouchRow(0, 1, 0), TouchRow(1, 1, 1), TouchRow(0, 2, 1), TouchRow(0, 3, 2)]
    subjects = [SubjectRow(0, "line/l-1"), SubjectRow(1, "contract/c-1")]
    statement = StatementRow(0, digest, 0, b"", 0, 3, digest)
    store.append(Batch(head, [statement], events, subjects, touches, [], [], (1, b"")))
    recorder = LedgerRecorder(store)
    assert [e.state for e in recorder.select_events("line/l-1")] == [b"0", b"2"]
    assert [e.state for e in recorder.select_events("line/l-1", gt=1)] == [b"2"]
    assert [e.state for e in recorder.select_events("line/l-1", lte=1)] == [b"0"]
    assert [e.state for e in recorder.select_events("line/l-1", desc=True, limit=1)] == [b"2"]
    assert [e.body for e in store.history("line/l-1")] == [b"0", b"1", b"2"]


def test_waiting_subscription_wakes_for_an_append_and_for_stop(store: Store) -> None:
    """A thread that waits for the next event gets it, and ends when it is stopped."""
    recorder = BareRecorder(store)
    seen: list[str] = []
    arrived = threading.Event()
    subscription = recorder.subscribe(gt=0, topics=["wanted"])

    def follow() -> None:
        with subscription:
            for notification in subscription:
                seen.append(notification.topic)
                arrived.set()

    thread = threading.Thread(target=follow)
    thread.start()
    with contextlib.ExitStack() as finally_:
        finally_.callback(thread.join, 10)
        finally_.callback(subscription.stop)
        recorder.insert_events([StoredEvent("contract/c-1", 1, "other", b"")])
        recorder.insert_events([StoredEvent("contract/c-1", 2, "wanted", b"")])
        assert arrived.wait(10)
    assert not thread.is_alive()
    assert seen == ["wanted"]

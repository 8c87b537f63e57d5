"""The queue before the writer: statements wait here, and are taken in groups.

One commit serves a whole group, so a group should hold all who are there. When many clients
are answered at once they come back at once, but one is first: taken alone, it would have a commit
to itself while the others wait for the next. So a group is given a moment to gather, as long as
it is smaller than the last ones were; a single client never waits.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.errors import LedgerError, Malformed
from ledger.state import State
from ledger.statement import decode_statement_file
from ledger.store.errors import StoreUnavailable

MAX_GROUP_STATEMENTS = 1_000
"""Statements a commit: more would make the first of them wait without a higher rate."""
MAX_GROUP_EVENTS = 10_000
"""Events a commit, for the same reason; a single statement may have as many."""
GATHERING_S = 1 / 2_000
"""How long the next of a crowd may take to come: a tenth of what a commit to itself would cost."""


class Receipt(NamedTuple):
    """That a statement is in the log for good, and where.

    Attributes:
        index: the statement's leaf index.
        statement_id: SHA-256 of its text.
        recorded_ms: when it was admitted, milliseconds since the epoch.
        first_position: position of its first event.
        event_count: how many events it has.

    """

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    statement_id: bytes
    recorded_ms: int
    first_position: int
    event_count: int


Tell = Callable[[Receipt | BaseException], None]
"""Told of an answer, in the writer's thread: it must be quick and raise nothing."""


class Answer:
    """An answer to come: a receipt or an error. One thread waits for it, once, or is told.

    A bare lock costs a tenth of what `concurrent.futures.Future` does with its condition.
    """

    __slots__ = ("_given", "_ready", "_tell")

    def __init__(self, tell: Tell | None = None) -> None:
        """Begin without one; `tell` is told of it in the place of who would wait."""
        self._ready = threading.Lock()
        self._ready.acquire()
        self._tell = tell
        self._given: Receipt | BaseException | None = None

    def give(self, answer: Receipt | BaseException) -> None:
        """Answer, unless that was done."""
        if self._given is None:
            self._given = answer
            self._ready.release()
            if self._tell is not None:
                self._tell(answer)

    def wait(self) -> Receipt:
        """Return the receipt, or raise the error, once it is given."""
        outcome = self.outcome()
        if isinstance(outcome, Receipt):
            return outcome
        raise outcome

    def outcome(self) -> Receipt | BaseException:
        """Return the receipt or the error, once it is given."""
        self._ready.acquire()
        return self._given or LedgerError("the writer stopped before it answered")


Unopened = tuple[bytes, tuple[bytes, ...]]
"""A statement's note and its events' bytes, before anybody has looked at them."""

MakeInTurn = Callable[[State, int, int], Unopened]
"""Makes a statement when its turn has come, of the state then, its index and its time (ms)."""


class Waiting(NamedTuple):
    """A statement in the queue: its note, its events' bytes, and where its answer goes.

    `make` makes it in its turn, for one that tells of everything before it; then note and bodies
    are empty.
    """

    note: bytes
    bodies: tuple[bytes, ...]
    answer: Answer
    make: MakeInTurn | None = None


class WaitingLine:
    """Statements from many threads, for one writer that takes them in groups."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._crowd = 1  # about how many come at once
        self._closed = threading.Event()
        self._ended = threading.Event()

    def put(
        self,
        note: bytes,
        bodies: tuple[bytes, ...],
        make: MakeInTurn | None = None,
        tell: Tell | None = None,
    ) -> Answer:
        """Queue a statement, or what makes it; the answer to come is returned, or told.

        Raises:
            StoreUnavailable: the line is closed.

        """
        if self._closed.is_set():
            raise StoreUnavailable("the ledger is closed")
        waiting = Waiting(note, bodies, Answer(tell), make)
        self._queue.put(waiting)
        if self._closed.is_set():
            # It may have come behind the last group: then nobody takes it from the queue.
            self._ended.wait()
            self._refuse_rest()
        return waiting.answer

    def put_files(self, datas: Sequence[bytes]) -> list[Answer]:
        """Queue statement files in their order; their answers to come are returned.

        One that is not in its form is answered at once, with why; the others are queued.

        Raises:
            StoreUnavailable: the line is closed.

        """
        # All are read before the first is queued, or it would have a commit to itself.
        read = [_read_file(data) for data in datas]
        return [each if isinstance(each, Answer) else self.put(*each) for each in read]

    def take(self) -> list[Waiting] | None:
        """Wait for a statement, then take all that come with it; None when the line has ended."""
        first = self._queue.get()
        if first is None:
            self._ended.set()
            self._refuse_rest()
            return None
        group, events = [first], len(first.bodies)
        while len(group) < MAX_GROUP_STATEMENTS and events < MAX_GROUP_EVENTS:
            try:
                waiting = self._queue.get(len(group) < self._crowd, GATHERING_S)
            except queue.Empty:
                break
            if waiting is None:
                self._queue.put(None)  # the group first, then the end
                break
            group.append(waiting)
            events += len(waiting.bodies)
        # Grows at once, and shrinks by halves, for a crowd may come in two parts.
        self._crowd = max(len(group), (self._crowd + len(group)) // 2)
        return group

    def close(self) -> None:
        """Let nobody else in. Who is waiting will be taken."""
        self._closed.set()
        self._queue.put(None)

    def _refuse_rest(self) -> None:
        """Tell those whom nobody will take any more."""
        while True:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return
            if waiting is not None:
                waiting.answer.give(StoreUnavailable("the ledger is closed"))


def _read_file(data: bytes) -> Unopened | Answer:
    """Return a statement file's note and events, or the answer where it is not in its form."""
    try:
        return decode_statement_file(data)
    except Malformed as error:
        answer = Answer()
        answer.give(error)
        return answer

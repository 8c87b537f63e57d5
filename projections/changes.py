"""The feed of changes: every event of the ledger by its position, for whoever follows it.

    after = 0
    while True:
        for change in changes(store, after):
            ...
            after = change.position + 1

Positions have no gaps and are assigned in the order of commits, so whatever is readable is all
there is below it: a follower that asks for what comes after the last position it has dealt with
misses nothing and sees nothing twice, however often it is cut off, and however many write. It
needs no state here; its one number is its own to keep.

`Follower` stays connected: it gives what is there, then waits. An append of its own process wakes
it at once, those of others are noticed within `POLL_SECONDS`.

Who wants some types only learns from `reached` how far was looked, also when nothing fitted.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Self
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from ledger.errors import LedgerError
from ledger.events import TYPES
from ledger.store import schema
from ledger.store.store import Store
from ledger.times import format_instant

DEFAULT_LIMIT = 100
"""Changes an answer where nobody says."""

MAX_LIMIT = 1_000
"""Changes an answer at most."""

POLL_SECONDS = 0.1
"""How long a follower may not notice what another process appended."""

_SCANNED = 10_000
"""Positions looked through for one answer at most: a filter that fits nothing must end, too."""

_event = schema.ledger_event.c
_statement = schema.statement.c
_subject = schema.subject.c


class Change(Struct, frozen=True):
    """An event as a follower sees it; `sunledger proof ID` gives what it holds, and its proof.

    Attributes:
        position: its position in the ledger.
        event: its id.
        type: its type, `payment.settled`.
        subject: key of its home subject, `contract/c-17`.
        statement: index of the statement it came in.
        recorded: when that was admitted, RFC 3339.

    """

    position: int
    event: str
    type: str
    subject: str
    statement: int
    recorded: str


class Changes(Struct, frozen=True):
    """An answer.

    Attributes:
        reached: what to ask the next answer `after`: all below it was looked at.
        size: how many events the ledger held; `reached` equals it where nothing is left.
        items: the changes, by position.

    """

    reached: int
    size: int
    items: tuple[Change, ...]


Choice = Callable[[Sequence[Change]], Sequence[Change]]
"""Returns those of some changes that somebody may be given, in order."""


def changes(
    store: Store,
    after: int,
    *,
    types: Collection[str] = (),
    limit: int = DEFAULT_LIMIT,
    size: int | None = None,
    choose: Choice | None = None,
) -> Changes:
    """Return the events at positions from `after` on, in order, at most `limit`.

    With `types`, only those; a stretch in which none is may give an empty answer that reaches
    further, before the end of the ledger. `choose` leaves out others, and `reached` tells nothing
    of what it left out. `size` counts the events that are told of, where that is not all. Cost: a
    range of the primary key.

    Raises:
        LedgerError: `after` lies beyond the ledger, or there is no such type.
        ValueError: less than one is asked for.

    """
    if limit < 1:
        raise ValueError(f"an answer has one change at least, not {limit}")
    check_types(types)
    held = store.head().positions if size is None else size
    if not 0 <= after <= held:
        raise LedgerError(
            f"the feed was asked for what comes after {after} events; the ledger holds {held}"
        )
    wanted = min(limit, MAX_LIMIT)
    rows = wanted if choose is None else MAX_LIMIT
    stop = min(held, after + _SCANNED)
    found: list[Change] = []
    start = after
    while True:
        read = _read(store, start, stop, types, rows)
        found += read if choose is None else choose(read)
        if len(found) >= wanted:
            return Changes(found[wanted - 1].position + 1, held, tuple(found[:wanted]))
        if len(read) < rows:
            return Changes(stop, held, tuple(found))
        start = read[-1].position + 1


def check_types(types: Collection[str]) -> None:
    """Check that there are such types of events.

    Raises:
        LedgerError: there is not.

    """
    unknown = set(types) - set(TYPES)
    if unknown:
        raise LedgerError(f"there is no event type {min(unknown)}; docs/vocabulary.md lists them")


def _read(store: Store, start: int, stop: int, types: Collection[str], limit: int) -> list[Change]:
    query = (
        select(
            _event.position,
            _event.id,
            _event.type,
            _subject.key,
            _event.statement_index,
            _statement.recorded_ms,
        )
        .join(schema.subject, _subject.no == _event.home)
        .join(schema.statement, _statement.leaf_index == _event.statement_index)
        .where(_event.position >= start, _event.position < stop)
        .order_by(_event.position)
        .limit(limit)
    )
    if types:
        query = query.where(_event.type.in_(sorted(types)))
    return [
        Change(position, str(UUID(bytes=raw)), name, subject, index, format_instant(recorded_ms))
        for position, raw, name, subject, index, recorded_ms in store.fetch(query)
    ]


class Follower:
    """Iterates over changes as they come, until it is stopped.

    It may be stopped from another thread. Whoever begins again with `after` set to the `reached`
    of one that was cut off goes on where that one was.

    Attributes:
        reached: what to begin the next one `after`: all given before the current change.

    """

    def __init__(self, store: Store, after: int, *, types: Collection[str] = ()) -> None:
        """Follow `store` from position `after` on; `types` as for `changes`.

        Raises:
            LedgerError: as `changes` does.

        """
        changes(store, after, types=types, limit=1)  # refuses what cannot be followed
        self._store = store
        self._types = types
        self._stopped = False
        self._looked = after  # how far was read; `reached` is how far was given
        self._waiting: list[Change] = []
        self.reached = after

    def stop(self) -> None:
        """End the iteration, also of a thread that waits in it."""
        with self._store.appended:
            self._stopped = True
            self._store.appended.notify_all()

    def __iter__(self) -> Self:
        """Be its own iterator."""
        return self

    def __next__(self) -> Change:
        """Give the next change, once there is one."""
        while not self._stopped:
            if self._waiting:
                change = self._waiting.pop()
                self.reached = change.position + 1
                return change
            self._read()
        raise StopIteration

    def _read(self) -> None:
        """Read what is new, the last change first; wait a little when nothing is."""
        self.reached = self._looked
        found = changes(self._store, self._looked, types=self._types, limit=MAX_LIMIT)
        self._looked = found.reached
        self._waiting = list(reversed(found.items))
        if found.reached == found.size and not found.items:
            # An append between the question and here is noticed at the next poll.
            with self._store.appended:
                if not self._stopped:
                    self._store.appended.wait(POLL_SECONDS)

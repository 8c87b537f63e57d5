"""A snapshot: the state before a closing, kept so that opening a ledger need not replay it all.

It makes a start fast and can make nothing wrong. A closing says what the state before it came to,
signed by the operator and admitted by the law; a snapshot is that very state, so opening it and
replaying the closing on it recomputes the state root, the trial balance and the counts, and
refuses what differs. What the root does not cover (visits not yet claimed, invoice numbers)
rests on the signature: the ledger's own key signs the hash of the data, so that nobody but a
writer of this ledger can have made it. The ids of events are in the store alone; `ledger.recent`
looks again at those that could still be submitted. `verify` knows nothing of snapshots.

The text of the signed note has six lines; no checkpoint and no statement begins as it does:

    sunledger/snapshot/v1
    ledger.example.gov.cn
    4117                                            statements before the closing: its index
    M6qi/bjZKnIyKDJ9KAtHDfplZsF8ZRqU7HUv0xWIlRY=    root of the log at that size
    X2lJ0NmQ…                                       hash of the code that made the state
    k3fZ6a1J…                                       SHA-256 of the data

The data is the state (`ledger.state.tables`), not compressed: half of it is hashes, and packing
the rest took three times as long as all of encoding and storing. The tree and its tiles are not in
it: they are read from the store, and must give the root that was signed, so a snapshot serves only
the history it was taken from.

The code's hash is over every source file of this package. Another release may keep another fact
of history, or the same fact elsewhere; it does not guess, it replays, and the next closing gives
it a snapshot of its own.
"""

import functools
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, NamedTuple

from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events.closing import LedgerClosed
from ledger.note import (
    Signer,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_note,
    sign_note,
)
from ledger.opening import Opened
from ledger.reached import Reached, check_checkpoint, nothing_reached, read_on
from ledger.recent import check_recent
from ledger.state import State
from ledger.state.tables import decode_state
from ledger.store.errors import StoreUnavailable
from ledger.store.reading import Reader
from ledger.store.rows import Head, SnapshotRow
from ledger.tiling import Tiling

CONTEXT = "sunledger/snapshot/v1"

WORTH_A_SNAPSHOT = 60_000
"""Events since the last snapshot from which on a closing makes a new one. Replaying them takes
about a second, as long as opening the snapshot of a city's year does; a city that closes every
day makes one a week."""
EVENTS_A_STATEMENT = 6
"""What a statement counts beside its events: its signature and entry cost as much to replay."""

Fault = Literal[
    "forged",
    "other_code",
    "damaged",
    "other_log",
    "other_tree",
    "closing_missing",
    "closing_differs",
    "recent_differs",
    "history_differs",
]
"""Which check a snapshot failed."""


class SnapshotUnusable(LedgerError):
    """A snapshot failed a check; the history is replayed instead."""

    def __init__(self, fault: Fault, detail: str) -> None:
        """Name the check, and say what was found."""
        super().__init__(detail)
        self.fault: Fault = fault


class Start(NamedTuple):
    """How a history was read when its ledger was opened.

    Attributes:
        reached: what it came to.
        snapshot: head of the snapshot that it was read from; of size 0 where from the beginning.
        fault: which check a snapshot failed that was not used, or None.

    """

    reached: Reached
    snapshot: Head
    fault: Fault | None


class Taken(NamedTuple):
    """A state as it was before a closing, not stored yet.

    Attributes:
        head: what it reflects.
        root: root of the log at that size.
        state: its tables as bytes.

    """

    head: Head
    root: bytes
    state: bytes


def is_closing(opened: Opened) -> bool:
    """Return whether a statement is a closing, which stands alone in its statement."""
    return isinstance(opened.events[0], LedgerClosed)


def is_due(snapshot: Head, head: Head, worth: int) -> bool:
    """Return whether replaying from `snapshot` to `head` costs as much as `worth` events do."""
    statements, events = head.size - snapshot.size, head.positions - snapshot.positions
    return events + EVENTS_A_STATEMENT * statements >= worth


def seal_snapshot(taken: Taken, signer: Signer) -> SnapshotRow:
    """Sign a snapshot."""
    lines = (
        CONTEXT,
        taken.head.origin,
        str(taken.head.size),
        encode_base64(taken.root),
        encode_base64(_code_hash()),
        encode_base64(hashlib.sha256(taken.state).digest()),
    )
    return SnapshotRow(sign_note("".join(f"{line}\n" for line in lines), signer), taken.state)


def start_reading(store: Reader, ledger_key: VerifierKey) -> Start:
    """Read a history from its snapshot on, else from the beginning, and check its checkpoint.

    What fails on a snapshot is not believed before a replay of everything has failed as well.

    Raises:
        Malformed, Unverified, Refused: the log holds what it should not.
        StoreUnavailable: the database cannot be read.

    """
    origin = store.head().origin
    nothing = Head(origin, 0, 0)
    try:
        opened = open_snapshot(store, ledger_key)
        if opened is not None:
            snapshot, reached = opened
            return Start(_read_to_the_end(store, reached, ledger_key), snapshot, None)
        fault: Fault | None = None
    except StoreUnavailable:
        raise
    except SnapshotUnusable as unusable:
        fault = unusable.fault
    except LedgerError:
        fault = "history_differs"
    reached = _read_to_the_end(store, nothing_reached(origin), ledger_key)
    return Start(reached, nothing, fault)


def open_snapshot(store: Reader, ledger_key: VerifierKey) -> tuple[Head, Reached] | None:
    """Check the snapshot of a store; return its head, and what was reached with its closing.

    Returns None where there is none.

    Raises:
        SnapshotUnusable: it failed a check.
        StoreUnavailable: the database cannot be read.

    """
    row = store.snapshot()
    if row is None:
        return None
    head = store.head()
    size, root = _open_note(row, ledger_key, head)
    tiling = _tiling_at(store, size, root)
    closing = store.statement(size)
    events = store.events_of_statement(size)
    if closing is None or [event.type for event in events] != ["ledger.closed"]:
        raise SnapshotUnusable("closing_missing", f"statement {size} is not a closing")
    before = Head(head.origin, size, closing.first_position)
    try:
        state = decode_state(row.data)
    except Malformed as error:
        raise SnapshotUnusable("damaged", str(error)) from error
    try:
        # The closing's own rule recomputes the state root and the totals, and refuses what differs.
        reached = Reached(state, tiling.tree(), tiling, before, 0)
        reached = read_on(store, reached, stop=size + 1)
    except StoreUnavailable:
        raise
    except LedgerError as error:
        found = f"the closing at {size} does not follow from it: {error}"
        raise SnapshotUnusable("closing_differs", found) from error
    try:
        check_recent(store, size, root, reached.recorded_ms)
    except StoreUnavailable:
        raise
    except (LedgerError, ValueError) as error:  # a ValueError: a time that no calendar has
        raise SnapshotUnusable("recent_differs", str(error)) from error
    return before, reached


def open_state(store: Reader, ledger_key: VerifierKey) -> tuple[int, State] | None:
    """Return the index of the snapshot's closing and the state before it, or None without one.

    For whoever computes what that closing, or a later one, states: neither the tree nor the
    closing is looked at here.

    Raises:
        SnapshotUnusable: it is not signed by the ledger's key, of this log, code and data.
        StoreUnavailable: the database cannot be read.

    """
    row = store.snapshot()
    if row is None:
        return None
    size, _ = _open_note(row, ledger_key, store.head())
    try:
        return size, decode_state(row.data)
    except Malformed as error:
        raise SnapshotUnusable("damaged", str(error)) from error


# -- one check after the other -----------------------------------------------------------------


def _read_to_the_end(store: Reader, reached: Reached, ledger_key: VerifierKey) -> Reached:
    reached = read_on(store, reached)
    check_checkpoint(store, reached, ledger_key)
    return reached


def _open_note(row: SnapshotRow, ledger_key: VerifierKey, head: Head) -> tuple[int, bytes]:
    """Return the size and root that a snapshot's note states, once it holds."""
    try:
        lines = open_note(row.note, [ledger_key]).note.text.splitlines()
        context, origin, number, *hashes = lines
        size = int(number)
        root, code, data = map(decode_base64, hashes)
    except (LedgerError, ValueError) as error:
        raise SnapshotUnusable("forged", f"its note does not hold: {error}") from error
    if context != CONTEXT:
        raise SnapshotUnusable("forged", f"its note is a {context}")
    if code != _code_hash():
        raise SnapshotUnusable("other_code", "another release made it")
    if data != hashlib.sha256(row.data).digest():
        raise SnapshotUnusable("damaged", "its data does not have the hash that was signed")
    if origin != head.origin or not 0 < size < head.size:
        found = f"it is of {size} statements of {origin}"
        raise SnapshotUnusable("other_log", f"{found}, the log has {head.size} of {head.origin}")
    return size, root


def _tiling_at(store: Reader, size: int, root: bytes) -> Tiling:
    """Return the right edge of the log's tiles at `size`, once it gives the `root` signed."""
    try:
        tiling = Tiling.at(size, store.leaves, store.tile)
    except Unverified as error:
        raise SnapshotUnusable("other_tree", str(error)) from error
    if tiling.tree().root() != root:
        raise SnapshotUnusable("other_tree", f"the log has another root at size {size}")
    return tiling


# -- the code ----------------------------------------------------------------------------------


@functools.cache
def _code_hash() -> bytes:
    """Return the hash over every source file of this package, by name. Cost: some 20 ms."""
    code = hashlib.sha256()
    for name, source in sorted(_sources(files("ledger"), "ledger")):
        code.update(f"{name} {len(source)}\n".encode() + source)
    return code.digest()


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        name = f"{path}/{each.name}"
        if each.is_dir():
            yield from _sources(each, name)
        elif name.endswith(".py"):
            yield name, each.read_bytes()

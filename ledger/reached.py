"""How far a writer has read its history, and reading on.

Reading replays: each statement is opened and admitted again, by the functions that admitted it,
and extends the tree and its tiles. Each event must be stored under its own id, for the store's
index of ids is what keeps an event from being admitted twice. At the end the newest checkpoint
must be that of what was read.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.errors import Unverified
from ledger.events import decode_ids
from ledger.merkle import Tree, leaf_hash
from ledger.note import Signer, VerifierKey, open_note
from ledger.rules.admission import replay_statement
from ledger.state import State
from ledger.statement import encode_entry
from ledger.store.reading import Reader
from ledger.store.rows import EventRow, Head
from ledger.tiling import Tiling
from ledger.tlog import Checkpoint


class Reached(NamedTuple):
    """How far a history was read, and what it came to.

    Attributes:
        state: the state after it.
        tree: the log's tree over it.
        tiling: the right edge of its tiles.
        head: its size in statements and events.
        recorded_ms: when its last statement was recorded, milliseconds since the epoch.

    """

    state: State
    tree: Tree
    tiling: Tiling
    head: Head
    recorded_ms: int


def nothing_reached(origin: str) -> Reached:
    """Return the beginning of a history."""
    return Reached(State(), Tree(), Tiling(), Head(origin, 0, 0), 0)


def read_on(store: Reader, reached: Reached, *, stop: int | None = None) -> Reached:
    """Replay the statements from where `reached` ends, up to `stop`, or to the end of the log.

    The state, tree and tiling of `reached` are changed, not copied.

    Raises:
        Malformed, Unverified, Refused: the log holds what it should not.
        StoreUnavailable: the database cannot be read.

    """
    state, tree, tiling, head, recorded_ms = reached
    for row, events in store.entries(head.size, stop):
        bodies = [event.body for event in events]
        replay_statement(state, row.note, bodies, row.recorded_ms, row.index)
        check_ids(events)
        leaf = leaf_hash(encode_entry(row.recorded_ms, row.note))
        tree.append(leaf)
        tiling.append(leaf)
        recorded_ms = row.recorded_ms
        head = Head(head.origin, row.index + 1, row.first_position + row.event_count)
    return Reached(state, tree, tiling, head, recorded_ms)


def check_ids(events: Sequence[EventRow]) -> None:
    """Check that the rows of a statement's events, which are known to be right, have their ids.

    Raises:
        Unverified: a row has another id than its event.
        Malformed: what a row holds is no event.

    """
    ids = decode_ids([event.body for event in events])
    if ids != [event.id for event in events]:
        index, first = events[0].statement_index, events[0].position
        raise Unverified(
            f"an event of statement {index}, from position {first} on, is stored under an id that "
            "is not its own: run `sunledger verify`"
        )


def check_checkpoint(store: Reader, reached: Reached, ledger_key: VerifierKey) -> None:
    """Check that the newest checkpoint of a store is that of what was read.

    Raises:
        Unverified: it is another one, or not signed by the ledger's key.
        Malformed: it is none.
        StoreUnavailable: the database cannot be read.

    """
    head, tree = reached.head, reached.tree
    if not head.size:
        return
    opened = open_note(store.checkpoint() or b"", [ledger_key])
    checkpoint = Checkpoint.parse(opened.note.text)
    ours = Checkpoint(head.origin, tree.size, tree.root())
    # A second writer may be ahead by now; its checkpoint is checked when we catch up.
    if checkpoint.size <= ours.size and checkpoint != ours:
        raise Unverified(
            f"the newest checkpoint, of size {checkpoint.size}, is not that of the "
            f"{ours.size} statements stored: run `sunledger verify`"
        )


def check_ledger_key(state: State, signer: Signer) -> None:
    """Check that a signer is the key that the genesis names for checkpoints.

    Raises:
        Unverified: it is not.

    """
    key = state.ledger.get("ledger_key", signer.verifier)
    if key != signer.verifier:
        raise Unverified(f"the key {signer.verifier.name} is not the ledger's, which is {key}")

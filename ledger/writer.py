"""The writer: admits statements one after another and commits them in groups.

A ledger has one head. The writer holds the state in memory and admits what is waiting in its
turn; then one transaction, one sync to disk and one signed checkpoint serve the whole group. A
statement that is refused fails alone. Nobody is answered before the commit.

What happens when it stops in between:

- before the commit: nothing was written, nobody was answered; the parties submit again;
- after the commit, before the answers: the group is in the log, a checkpoint over it is stored
  but nobody has seen it; the next start serves it, and whoever submits again gets the receipt;
- the commit's outcome is unknown: the head is read again before anything is signed, so that no
  two checkpoints of one size are ever published.

A second writer process is safe: the head moves by compare-and-swap, so one of the two loses,
undoes its group, reads what the other wrote, and admits again.
"""

import queue
import threading
from typing import NamedTuple, Protocol

from ledger.errors import InvariantBroken, LedgerError, Refused, Unverified
from ledger.group import Group, TakenIds
from ledger.merkle import Tree, leaf_hash
from ledger.note import Signer, VerifierKey, open_note, sign_note
from ledger.opening import Opened, open_statement
from ledger.rules.admission import admit_statement
from ledger.state import State
from ledger.statement import decode_statement_file, encode_entry, parse_statement
from ledger.store.errors import DuplicateId, HeadMoved, OutcomeUnknown, StoreUnavailable
from ledger.store.rows import Head, StatementRow, TileRow
from ledger.store.store import Store
from ledger.tiling import Tiling
from ledger.tlog import Checkpoint

MAX_GROUP_STATEMENTS = 1_000
"""Statements a commit: more would make the first of them wait without a higher rate."""
MAX_GROUP_EVENTS = 10_000
"""Events a commit, for the same reason; a single statement may have as many."""


class Clock(Protocol):
    """Tells the time of admission."""

    def now_ms(self) -> int:
        """Return the time, milliseconds since the epoch."""


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


class _Answer:
    """An answer to come: a receipt or an error. One thread waits for it, once.

    A bare lock costs a tenth of what `concurrent.futures.Future` does with its condition.
    """

    __slots__ = ("_given", "_ready")

    def __init__(self) -> None:
        self._ready = threading.Lock()
        self._ready.acquire()
        self._given: Receipt | BaseException | None = None

    def give(self, answer: "Receipt | BaseException") -> None:
        """Answer, unless that was done."""
        if self._given is None:
            self._given = answer
            self._ready.release()

    def wait(self) -> Receipt:
        """Return the receipt, or raise the error, once it is given."""
        self._ready.acquire()
        if isinstance(self._given, Receipt):
            return self._given
        raise self._given or LedgerError("the writer stopped before it answered")


class _Waiting(NamedTuple):
    """A statement in the queue; not yet opened if it names a key that was unknown."""

    statement_id: bytes
    note: bytes
    bodies: tuple[bytes, ...]
    opened: Opened | None
    answer: _Answer


class Writer:
    """Owns the state of one ledger and the right to extend it, within this process."""

    def __init__(self, store: Store, signer: Signer, clock: Clock) -> None:
        """Read the whole history and check that it ends in its newest checkpoint.

        Raises:
            Unverified: the history does not verify, or the key is not this ledger's.

        """
        self.state = State()
        self._store = store
        self._signer = signer
        self._clock = clock
        self._tree = Tree()
        self._tiling = Tiling()
        self._head = Head(store.head().origin, 0, 0)
        self._recorded_ms = 0
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._catch_up()
        check_ledger_key(self.state, signer)
        self._thread = threading.Thread(target=self._run, name="sunledger-writer", daemon=True)
        self._thread.start()

    def submit(self, data: bytes) -> Receipt:
        """Admit a statement file; return when it is durable. May be called from many threads.

        The same text again is answered with the first receipt.

        Raises:
            Malformed: the file is not in its form.
            Unverified: a signature or the root does not hold.
            Refused: a rule says no.
            StoreUnavailable: the database could not take it; nothing was written.

        """
        if self._closed.is_set():
            raise LedgerError("the ledger is closed")
        note, bodies = decode_statement_file(data)
        opened: Opened | None
        try:
            opened = open_statement(note, bodies, self.find_key)
            statement_id = opened.statement.id
        except Refused as refused:
            if refused.code != "key_unknown":
                raise
            # A statement ahead in the queue may enrol the key: it is opened again in its turn.
            opened = None
            statement_id = parse_statement(note).id
        answer = _Answer()
        self._queue.put(_Waiting(statement_id, note, bodies, opened, answer))
        if self._closed.is_set():
            # It may have come behind the last group: then nobody takes it from the queue.
            self._thread.join()
            self._refuse_rest()
        return answer.wait()

    def find_key(self, name: str) -> VerifierKey | None:
        """Return the key enrolled under a name. Safe from any thread: the directory only grows."""
        key = self.state.keys.get(name)
        return None if key is None else key.verifier

    def close(self) -> None:
        """Commit what is waiting, then stop."""
        self._closed.set()
        self._queue.put(None)
        self._thread.join()
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        """Tell those whose statements are left in the queue of a writer that has ended."""
        while True:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return
            if waiting is not None:
                waiting.answer.give(LedgerError("the ledger is closed"))

    # -- the loop ------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            group, last = self._next_group()
            if group:
                try:
                    self._serve(group)
                except BaseException as error:  # noqa: BLE001 (each waiting caller is told)
                    self._fail(group, error)
            if last:
                return

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """Wait for a statement, then take all that wait with it, up to the limits."""
        first = self._queue.get()
        if first is None:
            return [], True
        group, events = [first], len(first.bodies)
        while len(group) < MAX_GROUP_STATEMENTS and events < MAX_GROUP_EVENTS:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return group, True
            group.append(waiting)
            events += len(waiting.bodies)
        return group, False

    def _serve(self, waiting: list[_Waiting]) -> None:
        """Admit and commit a group, again from the start when another writer was first."""
        ids: TakenIds | None = None
        while True:
            mark = self.state.mark()
            group = Group(self._head, self._tree, self._tiling)
            answers: dict[int, Receipt | BaseException] = {}
            try:
                self._admit(waiting, ids, group, answers)
                if group.statements:
                    self._commit(group)
            except HeadMoved:
                self._undo(mark, group)
                self._catch_up()
                continue
            except DuplicateId as duplicate:
                self._undo(mark, group)
                if not duplicate.event_ids:
                    raise
                in_store = self._store.known_ids([], duplicate.event_ids)[1]
                ids = TakenIds(in_store if ids is None else ids.in_store | in_store)
                continue
            except BaseException:
                self._undo(mark, group)
                raise
            break
        for place, each in enumerate(waiting):
            each.answer.give(answers[place])

    def _admit(
        self,
        waiting: list[_Waiting],
        ids: TakenIds | None,
        group: Group,
        answers: dict[int, "Receipt | BaseException"],
    ) -> None:
        """Judge each statement in its turn; collect the rows of those admitted."""
        known = self._known([each.statement_id for each in waiting])
        for place, each in enumerate(waiting):
            receipt = known.get(each.statement_id)
            if receipt is None:
                try:
                    receipt = self._admit_one(each, ids, group)
                except LedgerError as error:
                    answers[place] = error
                    continue
                except Exception as error:  # noqa: BLE001 (a mistake of ours fails one, not all)
                    answers[place] = InvariantBroken(f"our own code failed on it: {error!r}")
                    continue
                known[each.statement_id] = receipt
            answers[place] = receipt

    def _admit_one(self, each: _Waiting, ids: TakenIds | None, group: Group) -> Receipt:
        opened = each.opened or open_statement(each.note, each.bodies, self.find_key)
        new_ids = frozenset() if ids is None else ids.check(opened)
        index = group.head_before.size + len(group.statements)
        recorded_ms = max(self._clock.now_ms(), self._recorded_ms)
        entry = encode_entry(recorded_ms, each.note)
        admitted = admit_statement(self.state, opened, recorded_ms, index)
        if ids is not None:
            ids.in_group |= new_ids
        leaf = leaf_hash(entry)
        self._tree.append(leaf)
        group.tiles += [TileRow(*tile) for tile in self._tiling.append(leaf)]
        row = StatementRow(
            index, each.statement_id, recorded_ms, each.note, group.positions, len(admitted), leaf
        )
        group.add(row, opened, admitted)
        self._recorded_ms = recorded_ms
        return Receipt(index, each.statement_id, recorded_ms, row.first_position, len(admitted))

    def _commit(self, group: Group) -> None:
        """Write the group and its checkpoint; on return both are durable."""
        size = self._tree.size
        checkpoint = Checkpoint(self._head.origin, size, self._tree.root())
        note = sign_note(checkpoint.encode(), self._signer)
        batch = group.batch(size, note)
        try:
            self._store.append(batch)
        except OutcomeUnknown as error:
            # Ed25519 is deterministic, but another writer's group of this size is not ours:
            # only our own checkpoint tells that our own rows were written.
            found = self._store.checkpoint_over(size - 1)
            if found is None or found.note != note:
                if self._store.head() == batch.head_before:
                    # A disk that failed once may fail for ever: the parties decide about trying.
                    raise StoreUnavailable(f"{error} It shows that nothing was written.") from None
                raise HeadMoved("another writer's group was written; ours is next") from None
        self._head = batch.head_after
        self.state.settle()

    def _undo(self, mark: int, group: Group) -> None:
        """Take back what a group changed; the tails are its own copies from here on."""
        self.state.undo(mark)
        self._tree = group.tree_before
        self._tiling = group.tiling_before

    def _fail(self, waiting: list[_Waiting], error: BaseException) -> None:
        for each in waiting:
            each.answer.give(error)

    # -- reading -------------------------------------------------------------------------------

    def _known(self, statement_ids: list[bytes]) -> dict[bytes, Receipt]:
        """Return the receipts of those statements that are in the log already."""
        known, _ = self._store.known_ids(statement_ids, [])
        receipts = {}
        for statement_id in known:
            row = self._store.statement_by_id(statement_id)
            if row is not None:
                receipts[statement_id] = Receipt(
                    row.index, row.id, row.recorded_ms, row.first_position, row.event_count
                )
        return receipts

    def _catch_up(self) -> None:
        """Replay what is in the store beyond our head, by the functions that admitted it."""
        for row, events in self._store.entries(self._head.size):
            bodies = tuple(event.body for event in events)
            opened = open_statement(row.note, bodies, self.find_key)
            admit_statement(self.state, opened, row.recorded_ms, row.index)
            self.state.settle()
            leaf = leaf_hash(encode_entry(row.recorded_ms, row.note))
            self._tree.append(leaf)
            self._tiling.append(leaf)
            self._recorded_ms = row.recorded_ms
            self._head = Head(
                self._head.origin, row.index + 1, row.first_position + row.event_count
            )
        if self._head.size:
            self._check_checkpoint()

    def _check_checkpoint(self) -> None:
        opened = open_note(self._store.checkpoint() or b"", [self._signer.verifier])
        checkpoint = Checkpoint.parse(opened.note.text)
        ours = Checkpoint(self._head.origin, self._tree.size, self._tree.root())
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

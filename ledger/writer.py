"""The writer: admits statements one after another and commits them in groups.

A ledger has one head. The writer holds the state in memory and admits what is waiting in its
turn; then one transaction, one sync to disk and one signed checkpoint serve the whole group. A
statement that is refused fails alone. Nobody is answered before the commit.

What happens when it stops in between:

- before the commit: nothing was written, nobody was answered; the parties submit again;
- after the commit, before the answers: the group is in the log, a checkpoint over it is stored
  but nobody has seen it; the next start serves it, and whoever submits again gets the receipt;
- the commit's outcome is unknown: the head is read again before anything is signed, so that no
  two checkpoints of one size are ever published; where it cannot be read, the parties hear so.

A second writer process is safe: the head moves by compare-and-swap, so one of the two loses,
undoes its group, reads what the other wrote, and admits again.
"""

import gc
import threading
from collections.abc import Iterator, Sequence

from ledger.clock import Clock
from ledger.errors import InvariantBroken, LedgerError, Refused
from ledger.group import Group, Judged, TakenIds, id_bytes
from ledger.merkle import leaf_hash
from ledger.note import Signer, VerifierKey, sign_note
from ledger.opening import Opened, open_statement
from ledger.reached import Reached, check_checkpoint, check_ledger_key, read_on
from ledger.rules.admission import admit_statement
from ledger.sharing import Helped
from ledger.snapshot import (
    WORTH_A_SNAPSHOT,
    Taken,
    is_closing,
    is_due,
    seal_snapshot,
    start_reading,
)
from ledger.state.tables import encode_state
from ledger.statement import decode_statement_file, encode_entry
from ledger.store.errors import DuplicateId, HeadMoved, OutcomeUnknown, StoreUnavailable
from ledger.store.rows import Batch, Head, StatementRow, TileRow
from ledger.store.store import Store
from ledger.tlog import Checkpoint
from ledger.waiting import MakeInTurn, Receipt, Tell, Waiting, WaitingLine

COLLECT_EVERY = 20_000
"""Objects made between two passes of Python's cycle collector, instead of 700: a group makes
thousands of rows and no cycles, and every pass looked at them for nothing."""

Sought = Opened | LedgerError
"""A statement that was opened, or why it could not be."""


_MADE_LATER = LedgerError("it is made in its turn")


class Writer:
    """Owns the state of one ledger and the right to extend it, within this process.

    Attributes:
        state: what the history came to.
        start: how its history was read.
        helped: what opens statements that come in a crowd.

    """

    def __init__(
        self, store: Store, signer: Signer, clock: Clock, worth_a_snapshot: int = WORTH_A_SNAPSHOT
    ) -> None:
        """Read the history, from its snapshot on, and check that it ends in its checkpoint.

        A closing makes a new snapshot when `worth_a_snapshot` events came after the last.

        Raises:
            Unverified: the history does not verify, or the key is not this ledger's.

        """
        self._store = store
        self._signer = signer
        self._clock = clock
        self._line = WaitingLine()
        self.helped = Helped()
        self.start = start_reading(store, signer.verifier)
        self.state, self._tree, self._tiling, self._head, self._recorded_ms = self.start.reached
        self._snapshot = self.start.snapshot
        self._replacing = self.start.fault is not None
        self._worth = worth_a_snapshot
        check_ledger_key(self.state, signer)
        # The state stays as long as the ledger is open: the collector need not walk it.
        self._collector = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(COLLECT_EVERY, *self._collector[1:])
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
            OutcomeUnknown: it may be written or not; whoever submits it again hears which.

        """
        note, bodies = decode_statement_file(data)
        return self._line.put(note, bodies).wait()

    def submit_all(self, datas: Sequence[bytes]) -> list[Receipt]:
        """Admit statement files in their order, so that they share commits; return when durable.

        Raises:
            As `submit`, for the first that fails; those behind it were judged all the same.

        """
        outcomes = [answer.outcome() for answer in self._line.put_files(datas)]
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Receipt)]

    def hand_in(self, data: bytes, tell: Tell) -> None:
        """Queue a statement file; `tell` is told what `submit` would return or raise.

        Raises:
            Malformed: the file is not in its form; nothing is told.

        """
        self._line.put(*decode_statement_file(data), tell=tell)

    @property
    def size(self) -> int:
        """How many statements are in the log, as far as this process has seen."""
        return self._head.size

    def submit_in_turn(self, make: MakeInTurn) -> Receipt:
        """Admit a statement that is made in its turn; return when it is durable.

        Raises:
            As `submit`.

        """
        return self._line.put(b"", (), make).wait()

    @property
    def is_open(self) -> bool:
        """Whether it admits what is submitted."""
        return self._thread.is_alive()

    def find_key(self, name: str) -> VerifierKey | None:
        """Return the key enrolled under a name, as far as the state has come."""
        key = self.state.keys.get(name)
        return None if key is None else key.verifier

    def close(self) -> None:
        """Commit what is waiting, then stop."""
        self._line.close()
        self._thread.join()
        gc.set_threshold(*self._collector)
        gc.unfreeze()
        self.helped.close()

    # -- the loop ------------------------------------------------------------------------------

    def _run(self) -> None:
        while (group := self._line.take()) is not None:
            try:
                self._serve(group)
            except BaseException as error:  # noqa: BLE001 (each waiting caller is told)
                for each in group:
                    each.answer.give(error)

    def _open(self, waiting: Waiting) -> Sought:
        """Verify a statement by itself, as far as keys are enrolled by now."""
        if waiting.make is not None:
            return _MADE_LATER
        try:
            return open_statement(waiting.note, waiting.bodies, self.find_key)
        except LedgerError as error:
            return error
        except Exception as error:  # noqa: BLE001 (a mistake of ours fails one, not all)
            return InvariantBroken(f"our own code failed on it: {error!r}")

    def _open_all(self, waiting: list[Waiting]) -> Iterator[Sought]:
        """Open each statement as it is asked for; a helper opens the last of them meanwhile."""
        keys = self.state.keys
        own = self.helped.ask([(each.note, each.bodies) for each in waiting], keys)
        try:
            for each in waiting[:own]:
                yield self._open(each)
        finally:
            answers = self.helped.take()
        for each, found in zip(waiting[own:], answers, strict=True):
            yield (found and found.opened(each.note, each.bodies, keys)) or self._open(each)

    def _serve(self, waiting: list[Waiting]) -> None:
        """Admit and commit a group, again from the start when another writer was first."""
        taken: set[bytes] | None = None
        while True:
            before = self.state.mark(), self._recorded_ms
            group = Group(self._head, self._tree, self._tiling)
            try:
                ids = None if taken is None else TakenIds(taken)
                answers = self._admit(waiting, ids, group)
                if group.statements:
                    self._commit(group)
                else:
                    self._check_refusals(answers)
            except HeadMoved:
                self._undo(before, group)
                self._catch_up()
                continue
            except DuplicateId as duplicate:
                self._undo(before, group)
                in_store = self._store.known_events(duplicate.event_ids)
                taken = in_store if taken is None else taken | in_store
                continue
            except BaseException:
                self._undo(before, group)
                raise
            break
        for each, answer in zip(waiting, answers, strict=True):
            each.answer.give(answer)
        if group.snapshot is not None:
            self._keep(group.snapshot)

    def _keep(self, taken: Taken) -> None:
        """Store a snapshot; if we stop before that is done, the next start takes longer."""
        try:
            self._store.put_snapshot(seal_snapshot(taken, self._signer))
        except StoreUnavailable:
            return  # it stays due: the next closing tries again
        self._snapshot, self._replacing = taken.head, False

    def _check_refusals(self, answers: list[Receipt | BaseException]) -> None:
        """Check that a group in which nothing was admitted was judged on the newest head.

        A group that commits finds out by its compare-and-swap; a refusal commits nothing.

        Raises:
            HeadMoved: another writer has gone on, and may have written what is asked for.

        """
        refused = any(not isinstance(answer, Receipt) for answer in answers)
        if refused and self._store.head() != self._head:
            raise HeadMoved("refused on a head that is no longer the newest")

    def _admit(
        self,
        waiting: list[Waiting],
        ids: TakenIds | None,
        group: Group,
    ) -> list[Receipt | BaseException]:
        """Judge each statement in its turn; collect the rows of those admitted.

        Whether a statement is in the log already is asked only where it is refused, or where the
        commit runs into its events: whoever submits again is rare.
        """
        in_group: dict[bytes, Receipt] = {}
        answers: list[Receipt | BaseException] = []
        for each, opened in zip(waiting, self._open_all(waiting), strict=True):
            try:
                judged = self._judge(each, opened, ids, group, in_group)
            except LedgerError as error:
                answers.append(self._known(opened) or error)
                continue
            except Exception as error:  # noqa: BLE001 (a mistake of ours fails one, not all)
                answers.append(InvariantBroken(f"our own code failed on it: {error!r}"))
                continue
            if isinstance(judged, Judged):
                # From here on the state holds it: what goes wrong now undoes the whole group.
                judged = self._add(judged, ids, group)
                in_group[judged.statement_id] = judged
            answers.append(judged)
        return answers

    def _judge(
        self,
        each: Waiting,
        opened: Sought,
        ids: TakenIds | None,
        group: Group,
        in_group: dict[bytes, Receipt],
    ) -> Receipt | Judged:
        """Return the receipt of a statement that the group has already, or judge and apply it."""
        recorded_ms = max(self._clock.now_ms(), self._recorded_ms)
        index = group.head_before.size + len(group.statements)
        taken: Taken | None = None
        if each.make is not None:
            note, bodies = each.make(self.state, index, recorded_ms)
            opened = open_statement(note, bodies, self.find_key)
            if is_closing(opened):
                taken = self._take(Head(self._head.origin, index, group.positions))
        elif isinstance(opened, Refused) and opened.code == "key_unknown":
            # A statement ahead of it may have enrolled the key.
            opened = open_statement(each.note, each.bodies, self.find_key)
        if isinstance(opened, LedgerError):
            raise opened
        receipt = in_group.get(opened.id)
        if receipt is not None:
            return receipt
        new_ids = frozenset() if ids is None else ids.check(opened)
        entry = encode_entry(recorded_ms, opened.note_bytes)
        admitted = admit_statement(self.state, opened, recorded_ms, index)
        return Judged(opened, admitted, recorded_ms, leaf_hash(entry), new_ids, taken)

    def _take(self, head: Head) -> Taken | None:
        """Return the state before a closing as bytes, where a snapshot is due.

        Only of closings made here: whoever else submits one may not be the operator, and would
        have us encode the state for nothing.
        """
        if not (self._replacing or is_due(self._snapshot, head, self._worth)):
            return None
        return Taken(head, self._tree.root(), encode_state(self.state))

    def _add(self, judged: Judged, ids: TakenIds | None, group: Group) -> Receipt:
        """Add an admitted statement to the tree and to the rows of its group."""
        opened, admitted, recorded_ms, leaf, new_ids, taken = judged
        group.snapshot = taken or group.snapshot
        if ids is not None:
            ids.in_group |= new_ids
        self._tree.append(leaf)
        group.tiles += [TileRow(*tile) for tile in self._tiling.append(leaf)]
        index = group.head_before.size + len(group.statements)
        note, statement_id = opened.note_bytes, opened.id
        row = StatementRow(
            index, statement_id, recorded_ms, note, group.positions, len(admitted), leaf
        )
        group.add(row, opened, admitted)
        self._recorded_ms = recorded_ms
        return Receipt(index, statement_id, recorded_ms, row.first_position, len(admitted))

    def _commit(self, group: Group) -> None:
        """Write the group and its checkpoint; on return both are durable."""
        size = self._tree.size
        checkpoint = Checkpoint(self._head.origin, size, self._tree.root())
        note = sign_note(checkpoint.encode(), self._signer)
        batch = group.batch(size, note)
        try:
            self._store.append(batch)
        except OutcomeUnknown as error:
            self._learn_outcome(batch, error)
        self._head = batch.head_after
        self.state.settle()

    def _learn_outcome(self, batch: Batch, error: OutcomeUnknown) -> None:
        """Return if a batch was written of which no answer came.

        Raises:
            StoreUnavailable, HeadMoved: nothing was written; or only by another writer.
            OutcomeUnknown: the database does not tell.

        """
        size, note = batch.checkpoint
        try:
            found, head = self._store.checkpoint_over(size - 1), self._store.head()
        except StoreUnavailable as silent:
            raise OutcomeUnknown(f"{error} It cannot be read: {silent}") from None
        # Only our own checkpoint tells that our rows were written: Ed25519 is deterministic.
        if found is not None and found.note == note:
            return
        if head == batch.head_before:
            # The disk may fail for ever: the parties decide about trying again.
            raise StoreUnavailable(f"{error} It shows that nothing was written.") from None
        raise HeadMoved("another writer's group was written; ours is next") from None

    def _undo(self, before: tuple[int, int], group: Group) -> None:
        """Take back what a group changed; the tails are its own copies from here on."""
        mark, self._recorded_ms = before
        self.state.undo(mark)
        self._tree = group.tree_before
        self._tiling = group.tiling_before

    # -- reading -------------------------------------------------------------------------------

    def _known(self, opened: Sought) -> Receipt | None:
        """Return the receipt of a statement that is in the log already, with its events."""
        if not isinstance(opened, Opened):
            return None
        row = self._store.statement_of_event(id_bytes(opened.events[0]))
        if row is None or row.id != opened.id:
            return None
        return Receipt(row.index, row.id, row.recorded_ms, row.first_position, row.event_count)

    def _catch_up(self) -> None:
        """Replay what is in the store beyond our head, by the functions that admitted it."""
        reached = Reached(self.state, self._tree, self._tiling, self._head, self._recorded_ms)
        reached = read_on(self._store, reached)
        self._tree, self._tiling = reached.tree, reached.tiling
        self._head, self._recorded_ms = reached.head, reached.recorded_ms
        check_checkpoint(self._store, reached, self._signer.verifier)

"""`verify`: the judgement of a history, from its first statement to its newest checkpoint.

Of each statement, in order: its entry and events are in their form; its signatures hold, by keys
in force at its position; the law admits it, with the postings and invariants that this brings; it
was recorded no earlier than the one before. Of the whole: no id came twice; every checkpoint kept
is signed by the ledger's key and commits to these statements; the cosigned ones bound the recorded
times; the newest satisfies the policy; an older one, accepted before, is of this same history; and
whatever the source keeps besides is what follows from all this. An event that a clock gave and
nobody booked is no wrong in a history; the report names the first.

    report = verify(ArchiveSource(Path("archive")), policy)
    print(report)       verified 2,314 events in 187 statements, 31 keys, tree 187 3f9a…: OK

The first thing that is wrong is raised, with the statement or event it is about. Without the
ledger's key and the genesis hash, which a policy gives, nothing ties a history to the world:
whoever holds the ledger key could have invented everybody. Then the verdict is `consistent, not
anchored`.

A history that was cut back as a whole, or rewritten and signed again with the true ledger key, is
consistent. Only an older checkpoint (`since`) or a witness tells.

Cost: about 12 µs an event in statements of 64, and one signature check for each signature. Memory
grows with the state, not with the history.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator

from ledger.errors import LedgerError, Malformed, Refused, Unverified
from ledger.events import decode_event
from ledger.merkle import EMPTY_ROOT, Tree, leaf_hash
from ledger.note import VerifierKey, open_note
from ledger.opening import Opened, check_signatures, open_statement
from ledger.policy import Policy, open_cosigned
from ledger.refusals import REFUSALS
from ledger.replay.checkpoints import OlderCheckpoint, StoredCheckpoints
from ledger.replay.openings import Opening, open_beside, open_here
from ledger.replay.overdue import OverdueWatch
from ledger.replay.report import Report, Verdict, Wrong, wrong_event
from ledger.replay.sources import Comparison, Record, Replay, Replayed, Source
from ledger.replay.uniqueness import Ids, IdsNotKept, UniqueIds
from ledger.rules.admission import admit_statement
from ledger.rules.force import check_in_force
from ledger.state import State
from ledger.statement import Statement, decode_entry, parse_statement
from ledger.tiling import Tiling
from ledger.times import format_instant
from ledger.tlog import Checkpoint

MAX_UNJUDGED = 1_000
"""Sentences about what could not be judged; beyond, they are counted only."""

Progress = Callable[[int, int], None]
"""Told the numbers of statements and events judged so far."""


def verify(
    source: Source,
    policy: Policy | None = None,
    since: bytes | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Judge a whole history.

    `since` is an older checkpoint of the ledger (a note). `jobs` processes work: this one judges,
    the others check signatures and hashes.

    Raises:
        Wrong: the first thing that is wrong.
        Unverified: the policy is another ledger's, or `since` is not a checkpoint of this one.
        LedgerError: the source cannot be read.

    """
    with UniqueIds(32) as statement_ids, UniqueIds(36) as event_ids:
        judge = Judge(source, policy, since, statement_ids, event_ids)
        wrong: Wrong | None = None
        try:
            judge.judge(source.records(), jobs, progress)
            judge.end()
        except Wrong as error:
            wrong = error
        for late in judge.late():
            if wrong is None or late.index < wrong.index:
                wrong = late
    if wrong is not None:
        raise wrong
    return judge.report()


class Judge:
    """One verification: what was found so far.

    `ledger.replay.following` judges a history piece by piece with it, as it grows.

    Attributes:
        broke_off: whether a statement was left half judged; nothing may be judged after it.

    """

    def __init__(
        self,
        source: Source,
        policy: Policy | None,
        since: bytes | None,
        statement_ids: Ids,
        event_ids: Ids,
    ) -> None:
        """Begin before the first statement."""
        self._source = source
        self._withholds = source.withholds
        self._policy = policy
        self._since = OlderCheckpoint(since) if since is not None else None
        self._statement_ids = statement_ids
        self._event_ids = event_ids
        self._state = State()
        self._tree = Tree()
        self._tiling = Tiling()
        self._comparison: Comparison = source.compare()
        self._checkpoints = StoredCheckpoints(source.checkpoints(), policy)
        self._overdue = OverdueWatch()
        self._positions = 0
        self._first_positions = array("q")  # of each statement
        self._judged = 0
        self._recorded_ms = 0
        self._genesis = EMPTY_ROOT
        self._withheld = 0
        self._unjudged: list[str] = []
        self._newest = b""
        self.broke_off = False

    # -- the statements ------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many statements were judged."""
        return self._tree.size

    @property
    def root(self) -> bytes:
        """Root of the log over them."""
        return self._tree.root()

    def judge(
        self, records: Iterator[Record], jobs: int = 1, progress: Progress | None = None
    ) -> None:
        """Judge the statements that follow.

        Raises:
            Wrong: one is wrong; nothing may be judged after it.
            IdsNotKept: the ids of one could not be kept; nothing may be judged after it.
            LedgerError: the records could not be read on; all before were judged.

        """
        keys = self._state.keys
        openings = open_beside(records, keys, jobs) if jobs > 1 else open_here(records, keys)
        for record, opening in openings:
            self._judge(record, opening)
            if record.index == 0 and self._since is not None:
                self._since.check_signature(self._ledger_key)
            if progress is not None and self._tree.size % 256 == 0:
                progress(self._tree.size, self._positions)

    def _judge(self, record: Record, opening: Opening | None) -> None:
        index = record.index
        if index != self._tree.size:
            raise Wrong(f"statement {self._tree.size}", "it is missing", index=self._tree.size)
        self.broke_off = True  # until it is judged: the state changes before all is checked
        try:
            self._judge_statement(record, opening)
        except (Wrong, IdsNotKept):
            raise
        except LedgerError as error:
            raise self._wrong(record, error) from error
        self.broke_off = False

    def _judge_statement(self, record: Record, opening: Opening | None) -> None:
        index = record.index
        opened: Opened | Statement
        if opening is not None:
            recorded_ms, leaf, opened = opening
        else:
            recorded_ms, note = decode_entry(record.entry)
            leaf = leaf_hash(record.entry)
            opened = self._open(record, note, recorded_ms)
        self._check_recorded(index, recorded_ms)
        if isinstance(opened, Statement):
            missing = opened.event_count - len(record.bodies)
            self._withheld += missing
            why = f"{missing} of its events are withheld"
            self._leave(index, opened.id, opened.event_count, why)
        else:
            self._admit(record, opened, recorded_ms, leaf)
        if index == 0:
            self._genesis = leaf
            self._check_anchor(leaf)
            self._checkpoints.begin(recorded_ms)
        self._recorded_ms = recorded_ms
        self._tree.append(leaf)
        for tile in self._tiling.append(leaf):
            self._comparison.tile(tile)
        if self._checkpoints.next_size <= self._tree.size:
            origin = self._state.ledger["origin"]
            self._checkpoints.check(origin, self._ledger_key, self._tree, recorded_ms)
        if self._since is not None and self._since.size == self._tree.size:
            self._since.check(self._tree)

    def _open(self, record: Record, note: bytes, recorded_ms: int) -> Opened | Statement:
        """Open a statement; where events are withheld, check its signatures."""
        if not self._withholds:
            return open_statement(note, record.bodies, self._find_key)
        statement = parse_statement(note)
        if len(record.bodies) >= statement.event_count:
            return open_statement(note, record.bodies, self._find_key)
        for verifier in check_signatures(statement, (), self._find_key):
            check_in_force(self._state, self._state.keys[verifier.name], recorded_ms)
        return statement

    def _admit(self, record: Record, opened: Opened, recorded_ms: int, leaf: bytes) -> None:
        index, first = record.index, self._positions
        if not self._withheld:  # what was withheld may be what seems to be missing
            self._overdue.look(self._state, index, recorded_ms)
        try:
            admitted = admit_statement(self._state, opened, recorded_ms, index)
        except Refused as refused:
            if not self._withheld:
                raise
            why = f"it may rest on what was withheld ({refused.code})"
            self._leave(index, opened.id, len(opened.events), why)
            return
        self._state.settle()
        replayed = Replayed(record, recorded_ms, leaf, first, opened, admitted)
        self._comparison.statement(replayed)
        self._statement_ids.add((opened.id,), index)
        self._event_ids.add([event.id.encode() for event in opened.events], first)
        self._first_positions.append(first)
        self._positions = first + len(admitted)
        self._judged += len(admitted)

    def _leave(self, index: int, statement_id: bytes, event_count: int, why: str) -> None:
        """Leave a statement's events unjudged: only its signatures and its place are."""
        self._statement_ids.add((statement_id,), index)
        self._first_positions.append(self._positions)
        self._positions += event_count
        if len(self._unjudged) < MAX_UNJUDGED:
            self._unjudged.append(f"statement {index}: {why}")

    def _find_key(self, name: str) -> VerifierKey | None:
        key = self._state.keys.get(name)
        return None if key is None else key.verifier

    def _check_recorded(self, index: int, recorded_ms: int) -> None:
        if recorded_ms < self._recorded_ms:
            reason = f"it was recorded before statement {index - 1}"
            raise Wrong(f"statement {index}", reason, index=index)
        if recorded_ms < self._checkpoints.floor_ms:
            floor = format_instant(self._checkpoints.floor_ms)
            reason = f"witnesses date the log before it later than its `recorded`, to {floor}"
            raise Wrong(f"statement {index}", reason, index=index)

    def _check_anchor(self, leaf: bytes) -> None:
        """Compare the genesis with the policy."""
        policy, key = self._policy, self._ledger_key
        if policy is not None:
            if policy.genesis is not None and policy.genesis != leaf:
                reason = f"the genesis hash is {leaf.hex()}; the policy's is {policy.genesis.hex()}"
                raise Wrong("statement 0", reason, index=0)
            if policy.logs and key not in [log.key for log in policy.logs]:
                reason = f"the ledger's key {key} is not one that the policy trusts"
                raise Wrong("statement 0", reason, index=0)

    def _wrong(self, record: Record, error: LedgerError) -> Wrong:
        """Name the statement, or the event of it, that an error is about."""
        index, what = record.index, f"statement {record.index}"
        reason, number = str(error), None
        if isinstance(error, Refused):
            reason = f"{error.code}: {REFUSALS[error.code].sentence.format(**error.facts)}"
            number = error.event_index
        elif isinstance(error, Malformed):
            number = next((n for n, body in enumerate(record.bodies) if not _is_event(body)), None)
        if number is None:
            return Wrong(what, reason, index=index)
        position = self._positions + number
        body = record.bodies[number]
        event_id = decode_event(body).id if _is_event(body) else None
        return wrong_event(index, position, event_id, reason)

    # -- the whole -----------------------------------------------------------------------------

    @property
    def _ledger_key(self) -> VerifierKey:
        key = self._state.ledger["ledger_key"]
        if not isinstance(key, VerifierKey):
            raise TypeError("the state holds no ledger key")
        return key

    def end(self) -> None:
        """Judge what is about the whole history."""
        size = self._tree.size
        if not size:
            raise Wrong("statement 0", "it is missing: there is no ledger.opened", index=0)
        root = self._tree.root()
        self._comparison.end(
            Replay(
                self._state.ledger["origin"],
                size,
                self._positions,
                self._withheld,
                root,
                self._genesis,
                self._ledger_key,
                self._tiling,
            )
        )
        self._checkpoints.end(size, self._recorded_ms)
        if self._since is not None and self._since.size > size:
            reason = f"the ledger had {self._since.size} statements when `since` was signed"
            raise Wrong(f"the history of {size} statements", reason, index=size)
        self._check_newest(Checkpoint(self._state.ledger["origin"], size, root))

    def _check_newest(self, ours: Checkpoint) -> None:
        size = ours.size
        try:
            self._newest = self._source.newest()
            note = open_note(self._newest, [self._ledger_key]).note
            if Checkpoint.parse(note.text) != ours:
                raise Unverified(f"it does not commit to the {size} statements of the log")
            if self._policy is not None and self._policy.logs:
                open_cosigned(self._newest, self._policy)
        except Wrong:
            raise
        except LedgerError as error:
            raise Wrong("the newest checkpoint", str(error), index=size) from error

    def late(self) -> Iterator[Wrong]:
        """Yield what shows only when all is read, however far that was."""
        yield from self._comparison.late()
        statement = self._statement_ids.first_repeated()
        if statement is not None:
            reason = f"statement {statement.first} is the same"
            yield Wrong(f"statement {statement.again}", reason, index=statement.again)
        event = self._event_ids.first_repeated()
        if event is not None:
            index = bisect_right(self._first_positions, event.again) - 1
            reason = f"the event at position {event.first} has the same id"
            yield wrong_event(index, event.again, event.id.decode(), reason)

    def report(self) -> Report:
        """Return what was found, when nothing was wrong."""
        anchored = self._policy is not None and self._policy.anchored
        verdict: Verdict = "OK" if anchored else "consistent, not anchored"
        unjudged = self._unjudged
        if unjudged:
            verdict = "PARTIAL"
            if not anchored:
                unjudged = [*unjudged, "no policy gave the ledger's key and the genesis hash"]
        return Report(
            verdict,
            self._state.ledger["origin"],
            self._judged,
            self._tree.size,
            len(self._state.keys),
            self._tree.root(),
            self._newest,
            self._withheld,
            tuple(unjudged),
            None if self._withheld else self._overdue.first,
            tuple(self._checkpoints.gaps),
        )


def _is_event(body: bytes) -> bool:
    try:
        decode_event(body)
    except Malformed:
        return False
    return True

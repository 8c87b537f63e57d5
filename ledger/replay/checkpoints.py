"""Checkpoints in a replay: those kept with the history, and one accepted before.

A checkpoint of size n must be signed by the ledger's key and commit to exactly the first n
statements. Where witnesses cosigned it at (median) time T, it bounds time as well: what stands
below n was recorded by T, what stands from n on was not recorded before T, a minute allowed for
clocks that differ. How closely time is bounded depends on how often they were asked: a ledger with
witnesses asks every ten minutes, and where it did not, the gap is reported.
"""

from collections.abc import Iterator

from ledger.errors import LedgerError, Unverified
from ledger.merkle import Tree
from ledger.note import VerifierKey, cosigned_at, open_note, parse_note
from ledger.policy import Policy
from ledger.replay.report import Gap, Wrong
from ledger.times import MS_PER_MINUTE, MS_PER_SECOND, format_instant
from ledger.tlog import Checkpoint

WITNESS_SLACK_MS = MS_PER_MINUTE
"""How far a `recorded` time may lie on the wrong side of a cosignature."""

MAX_GAP_MS = 10 * MS_PER_MINUTE
"""How long a ledger with witnesses may go without a cosignature."""
MAX_GAPS = 1_000
"""Gaps that are told one by one."""

_NO_MORE = 1 << 63  # beyond the size of any log


class StoredCheckpoints:
    """Checks the checkpoints that are kept with a history, each when its size is reached.

    Attributes:
        next_size: size of the next one to check.
        floor_ms: before which nothing that is recorded from here on can be.
        gaps: the times without a cosignature that lasted too long.

    """

    def __init__(self, stored: Iterator[tuple[int, bytes]], policy: Policy | None) -> None:
        """Check those of `stored` (size and note, by size)."""
        self._stored = stored
        self._witnesses = [] if policy is None else [each.key for each in policy.witnesses]
        self._note = b""
        self.next_size = 0
        self.floor_ms = 0
        self.gaps: list[Gap] = []
        self._dated_ms: int | None = None
        self._advance()

    def begin(self, recorded_ms: int) -> None:
        """Say when the first statement was recorded: from then on time needs bounds."""
        self._dated_ms = recorded_ms

    def check(self, origin: str, key: VerifierKey, tree: Tree, recorded_ms: int) -> None:
        """Check those over the statements so far; the last was recorded at `recorded_ms`.

        Raises:
            Wrong: a checkpoint is not the ledger's, or not of this history.

        """
        ours = Checkpoint(origin, tree.size, tree.root())
        while self.next_size <= tree.size:
            try:
                self._check_next(ours, key, recorded_ms)
            except LedgerError as error:
                what = f"the checkpoint of size {self.next_size}"
                raise Wrong(what, str(error), index=self.next_size) from error
            self._advance()

    def end(self, size: int, recorded_ms: int) -> None:
        """Check that none is left when all `size` statements were judged.

        The last of them was recorded at `recorded_ms`.

        Raises:
            Wrong: there is one over more statements.

        """
        if self.next_size != _NO_MORE:
            what = f"the checkpoint of size {self.next_size}"
            raise Wrong(what, f"the history has only {size} statements", index=size)
        self._bounded(recorded_ms)

    def _advance(self) -> None:
        try:
            self.next_size, self._note = next(self._stored, (_NO_MORE, b""))
        except Wrong:
            raise
        except LedgerError as error:
            raise Wrong("the checkpoints", str(error), index=self.next_size) from error

    def _check_next(self, ours: Checkpoint, key: VerifierKey, recorded_ms: int) -> None:
        opened = open_note(self._note, [key, *self._witnesses])
        if not any((line.name, line.key_id) == (key.name, key.key_id) for line in opened.verified):
            raise Unverified(f"it is not signed by the ledger's key {key}")
        stated = Checkpoint.parse(opened.note.text)
        if self.next_size != ours.size or stated.size != ours.size:
            raise Unverified(f"it states the size {stated.size} and stands at {ours.size}")
        if stated != ours:
            raise Unverified("it commits to other statements than the log's")
        known = {(witness.name, witness.key_id) for witness in self._witnesses}
        times_s = sorted(
            cosigned_at(line) for line in opened.verified if (line.name, line.key_id) in known
        )
        if times_s:
            self._bound(times_s[(len(times_s) - 1) // 2] * MS_PER_SECOND, recorded_ms)

    def _bound(self, cosigned_ms: int, recorded_ms: int) -> None:
        if recorded_ms > cosigned_ms + WITNESS_SLACK_MS:
            raise Unverified(
                f"witnesses cosigned it at {format_instant(cosigned_ms)}, before its last "
                f"statement was recorded, at {format_instant(recorded_ms)}"
            )
        self.floor_ms = max(self.floor_ms, cosigned_ms - WITNESS_SLACK_MS)
        self._bounded(cosigned_ms)

    def _bounded(self, time_ms: int) -> None:
        """Note the gap before a time up to which everything is bounded now."""
        before_ms = time_ms if self._dated_ms is None else self._dated_ms
        self._dated_ms = max(before_ms, time_ms)
        if self._witnesses and time_ms - before_ms > MAX_GAP_MS and len(self.gaps) < MAX_GAPS:
            self.gaps.append(Gap(before_ms, time_ms))


class OlderCheckpoint:
    """A checkpoint accepted before: the history must begin with what it commits to.

    Attributes:
        size: its size.

    """

    def __init__(self, note: bytes) -> None:
        """Read it.

        Raises:
            Malformed: it is no checkpoint.

        """
        self._note = note
        self._stated = Checkpoint.parse(parse_note(note).text)
        self.size = self._stated.size

    def check_signature(self, key: VerifierKey) -> None:
        """Check that the ledger's key signed it.

        Raises:
            Unverified: it did not: the checkpoint says nothing about this ledger.

        """
        if self._stated.origin != key.name:
            raise Unverified(
                f"the older checkpoint is of the ledger {self._stated.origin}, not {key.name}"
            )
        open_note(self._note, [key])

    def check(self, tree: Tree) -> None:
        """Compare it with the log at its size.

        Raises:
            Wrong: the ledger published another history before.

        """
        if tree.root() != self._stated.root:
            what = f"the history up to size {self.size}"
            reason = "it is not the one that the older checkpoint commits to: it was rewritten"
            raise Wrong(what, reason, index=self.size)

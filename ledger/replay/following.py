"""Following a ledger: its history judged piece by piece as it grows, by the rules of `verify`.

What is judged of each statement is the same; what a database or an archive keeps besides (rows,
tiles, a manifest) is not compared: a checkpoint commits to the statements alone. Every closing is
computed again, for the law admits only a true one.

The first thing that is wrong ends the following for good: a history that was unlawful once stays
so. What cannot be read, or is not there yet, may be there the next time. Where a judgement breaks
off for a reason outside the history, a full disk say, the next one begins anew at the first
statement.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from ledger.errors import LedgerError, Unverified
from ledger.policy import Policy
from ledger.replay.report import Wrong
from ledger.replay.sources import Comparison, Record, Replay, Replayed, Source
from ledger.replay.uniqueness import IdsNotKept, Repeated
from ledger.replay.verifying import Judge
from ledger.tiling import Tile


class Following:
    """One ledger's history, followed. Not for several threads at once."""

    def __init__(self, open_source: Callable[[], Source], policy: Policy) -> None:
        """Follow what `open_source` gives, which is asked again for every piece.

        Raises:
            LedgerError: the policy does not anchor a history.

        """
        if not policy.anchored:
            raise LedgerError(
                "who replays needs to know which history: the policy must give the ledger's key "
                "and the genesis hash (lines `log` and `genesis`)"
            )
        self._open_source = open_source
        self._policy = policy
        self._begin()
        self._wrong: Wrong | None = None

    def __enter__(self) -> Self:
        """Follow for a while."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove what was needed for it."""
        self._event_ids.close()

    @property
    def size(self) -> int:
        """How many statements were judged."""
        return self._judge.size

    def follow(self, size: int) -> bytes:
        """Judge the history up to `size` statements, and return the log's root there.

        Cost: that of a verification, of what was not judged yet.

        Raises:
            Wrong: the history is not lawful; it stays so.
            IdsNotKept: the judgement broke off; the next call begins anew.
            LedgerError: it could not be read so far, or was judged beyond `size` already.

        """
        if self._wrong is not None:
            raise self._wrong
        if self._judge.broke_off:
            self._event_ids.close()
            self._begin()
        if size < self.size:
            raise LedgerError(f"{self.size} statements were judged already, more than {size}")
        if size > self.size:
            self._continue(size)
        return self._judge.root

    def _begin(self) -> None:
        self._event_ids = KnownIds()
        self._judge = Judge(_Nothing(), self._policy, None, _Untold(), self._event_ids)

    def _continue(self, size: int) -> None:
        source = self._open_source()
        if source.withholds:
            raise LedgerError("events are withheld from it: who replays needs every event")
        try:
            self._judge.judge(source.records(self.size, size))
        except Wrong as error:
            self._wrong = error
            raise
        if self.size < size:
            raise LedgerError(f"it has {self.size} statements so far, not {size}")


class KnownIds:
    """Ids of events, in a temporary file that tells at once when one comes again."""

    def __init__(self) -> None:
        """Begin with none.

        Raises:
            IdsNotKept: there can be no file.

        """
        # An SQLite database without a name lies in a file that is gone when it is closed. Ids grow
        # with time, so that the index is written at its right edge, about 4 µs an id.
        try:
            self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for setting in ("synchronous", "journal_mode"):  # nobody opens it after a crash
                self._database.execute(f"PRAGMA {setting} = OFF")
            self._database.execute("CREATE TABLE known (id BLOB PRIMARY KEY) WITHOUT ROWID")
            self._database.execute("BEGIN")  # and never a COMMIT: nobody else reads it
        except sqlite3.Error as error:
            raise _not_kept(error) from error

    def add(self, ids: Sequence[bytes], first_number: int) -> None:
        """Add ids; `first_number` is not kept.

        Raises:
            Unverified: one was there before.
            IdsNotKept: the file cannot be written.

        """
        try:
            added = self._database.executemany(
                "INSERT OR IGNORE INTO known VALUES (?)", [(each,) for each in ids]
            ).rowcount
        except sqlite3.Error as error:
            raise _not_kept(error) from error
        if added != len(ids):
            last = first_number + len(ids) - 1
            raise Unverified(
                f"an event at the positions {first_number} to {last} has an id that came before"
            )

    def first_repeated(self) -> Repeated | None:
        """Return None: `add` tells."""
        return None

    def close(self) -> None:
        """Remove the file."""
        self._database.close()


def _not_kept(error: sqlite3.Error) -> IdsNotKept:
    return IdsNotKept(
        f"the temporary file of event ids fails ({error}): make room in the temporary folder"
    )


class _Untold:
    """Ids of statements: one that comes again brings its events again, whose ids are known."""

    def add(self, ids: Sequence[bytes], first_number: int) -> None:
        """Do nothing."""

    def first_repeated(self) -> Repeated | None:
        return None


class _Nothing:
    """A source that gives nothing and keeps nothing: the records are handed to the judge."""

    withholds = False

    def newest(self) -> bytes:
        return b""

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:  # noqa: ARG002 (the port's signature)
        return iter(())

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def compare(self) -> Comparison:
        return _NoComparison()


class _NoComparison:
    def statement(self, replayed: Replayed) -> None:
        """Do nothing."""

    def tile(self, tile: Tile) -> None:
        """Do nothing."""

    def end(self, replay: Replay) -> None:
        """Do nothing."""

    def late(self) -> Iterator[Wrong]:
        return iter(())

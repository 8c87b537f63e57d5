"""A database as a source: every row of the history is compared with what the replay derives.

The statements are read with their events; beside them, in step, the postings, the subjects and
the checkpoints. What an event must have left is made by `ledger.group`, as when it was admitted.

Two things show only at the end. The touches (`subject_event`) lie by subject, not by position, and
an index by position would make every append dearer: so the replay remembers the positions of each
subject, eight bytes each, and the table is read once behind it. And rows that lie outside of every
range, where no reader would look, are found by counting.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Generic, NamedTuple, TypeVar

from ledger.errors import LedgerError, Malformed, Unverified
from ledger.group import Group
from ledger.merkle import Tree
from ledger.note import VerifierKey, open_note
from ledger.replay.report import Wrong, wrong_event
from ledger.replay.sources import Comparison, Record, Replay, Replayed, wrong_tile
from ledger.statement import encode_entry
from ledger.store.reading import Reader
from ledger.store.rows import (
    CosignedRow,
    EventRow,
    Head,
    PostingRow,
    StatementRow,
    TouchRow,
)
from ledger.tiling import Tile, Tiling
from ledger.tlog import Checkpoint

_Row = TypeVar("_Row", bound=tuple[Any, ...])
_Placed = EventRow | PostingRow
_SHOWN = 80  # characters of a stored value that a message repeats


class _Stored(NamedTuple):
    """A statement's row and those of its events."""

    statement: StatementRow
    events: list[EventRow]


class _Count:
    """How many checkpoints were read."""

    count = 0


class DatabaseSource:
    """A database as a source. What is committed while it is verified is left for the next time."""

    withholds = False

    def __init__(self, store: Reader) -> None:
        """Read through `store`.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        self._store = store
        # Statements below this size never change, so no transaction is needed to read them.
        self._head = store.head()
        self._checkpoints = _Count()

    def newest(self) -> bytes:
        """Return the newest checkpoint as of the head, with its cosignatures, a note."""
        found = next(self._store.checkpoints(self._head.size, self._head.size + 1), None)
        if found is None:
            raise Wrong(
                "checkpoint",
                f"there is none over the {self._head.size} statements of the head",
                index=self._head.size,
            )
        cosigned = self._store.cosigned_over(self._head.size - 1, 1, newest=True)
        if cosigned and cosigned[0].size == self._head.size:
            return cosigned[0].note
        return found.note

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield statements `[start, stop)` in order."""
        end = self._head.size if stop is None else min(stop, self._head.size)
        for row, events in self._store.entries(start, end):
            try:
                entry = encode_entry(row.recorded_ms, row.note)
            except (ValueError, Malformed) as error:
                raise Wrong(f"statement {row.index}", str(error), index=row.index) from error
            bodies = tuple([event.body for event in events])
            yield Record(row.index, entry, bodies, _Stored(row, events))

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Yield every checkpoint, by size."""
        cosigned = self._cosigned()
        later = next(cosigned, None)
        for size, note in self._signed():
            while later is not None and later.size < size:
                yield later.size, later.note
                later = next(cosigned, None)
            yield size, note
        while later is not None:
            yield later.size, later.note
            later = next(cosigned, None)

    def _signed(self) -> Iterator[tuple[int, bytes]]:
        """Yield every checkpoint as the ledger signed it, by size."""
        before = 0
        for row in self._store.checkpoints(stop=self._head.size + 1):
            self._checkpoints.count += 1
            if row.previous != before:
                size, missing = row.size, before < row.previous < row.size
                what = f"the checkpoint of size {row.previous if missing else size}"
                reason = "it is missing" if missing else f"the one before it is of size {before}"
                raise Wrong(what, reason, index=row.previous if missing else size)
            before = row.size
            yield row.size, row.note

    def _cosigned(self) -> Iterator[CosignedRow]:
        """Yield the cosigned checkpoints; those over more statements are for the next time."""
        size = 0
        for n, row in enumerate(self._store.cosigned()):
            if row.size > self._head.size and self._store.head() != self._head:
                return
            try:
                if row.n != n or row.size < size:
                    raise Unverified(f"it stands where number {n} of size {size} or more must be")
                keys = [VerifierKey.parse(text) for text in row.witnesses.split(" ")]
                opened = open_note(row.note, keys)
                if len(opened.verified) != len(keys) or len(opened.note.signatures) != 1 + len(
                    keys
                ):
                    raise Unverified("its witnesses are not those that cosigned it")
                if Checkpoint.parse(opened.note.text).size != row.size:
                    raise Unverified("its note is of another size")
            except (LedgerError, ValueError) as error:
                what = f"table cosigned: row {row.n} of size {row.size}"
                raise Wrong(what, str(error), index=row.size) from error
            size = row.size
            yield row

    def compare(self) -> Comparison:
        """Begin a comparison."""
        return _DatabaseComparison(self._store, self._head, self._checkpoints)


class _DatabaseComparison:
    """Compares rows as the replay goes on."""

    def __init__(self, store: Reader, head: Head, checkpoints: "_Count") -> None:
        self._store = store
        self._head = head
        self._checkpoints = checkpoints
        self._group = Group(head, Tree(), Tiling())
        self._postings = _Ahead(store.postings(stop=head.positions))
        self._subjects = _Ahead(store.subjects())
        self._positions: list[array[int]] = []  # of each subject, in order
        self._tile_count = self._posting_count = 0
        self._replayed = Head(head.origin, 0, 0)

    def statement(self, replayed: Replayed) -> None:
        index, first = replayed.record.index, replayed.first_position
        stored: _Stored = replayed.record.stored
        opened = replayed.opened
        expected = StatementRow(
            index,
            opened.id,
            replayed.recorded_ms,
            opened.note_bytes,
            first,
            len(replayed.admitted),
            replayed.leaf,
        )
        what = f"statement {index}"
        if stored.statement != expected:
            raise Wrong(what, _difference(stored.statement, expected), index=index)
        group = self._group
        group.positions = first
        group.add(expected, opened, replayed.admitted)
        if group.events != stored.events:
            raise self._wrong_row(replayed, stored.events, group.events)
        postings = self._postings.take_below(group.positions)
        if postings != group.postings:
            raise self._wrong_row(replayed, postings, group.postings)
        self._posting_count += len(postings)
        for subject in group.subjects:
            if self._subjects.next != subject:
                reason = _difference(self._subjects.next, subject)
                raise Wrong(f"{what}: subject {subject.key}", reason, index=index)
            self._subjects.advance()
            self._positions.append(array("q"))
        for number, _, position in group.touches:
            self._positions[number].append(position)
        self._replayed = Head(self._head.origin, index + 1, group.positions)
        made: tuple[list[Any], ...] = (group.events, group.touches, group.postings, group.subjects)
        for rows in (*made, group.statements):
            rows.clear()

    def tile(self, tile: Tile) -> None:
        self._tile_count += 1
        stored = self._store.tile(tile.level, tile.n)
        what = f"tile {tile.n} of level {tile.level}"
        if stored is None:
            raise Wrong(what, "it is missing", index=tile.n << 8 * (tile.level + 1))
        if stored != tile.hashes:
            raise wrong_tile(what, tile, stored)

    def end(self, replay: Replay) -> None:
        expected = Head(replay.origin, replay.size, replay.positions)
        if self._head != expected:
            raise Wrong("head", _difference(self._head, expected), index=replay.size)
        if self._store.head() != self._head:
            return  # the ledger has grown meanwhile: its new rows are for the next time
        counts = self._store.row_counts()
        for table, rows in (
            ("statement", replay.size),
            ("event", replay.positions),
            ("subject", len(self._positions)),
            ("subject_event", sum(map(len, self._positions))),
            ("posting", self._posting_count),
            ("tile", self._tile_count),
            ("checkpoint", self._checkpoints.count),
        ):
            if counts[table] > rows:
                reason = f"it has {counts[table]} rows; {rows} follow from the statements"
                raise Wrong(f"table {table}", reason, index=replay.size)

    def late(self) -> Iterator[Wrong]:
        """Yield the first event that touches other subjects than are stored."""
        end = self._replayed.positions
        stored, expected = self._store.touches(0, end), _touches(self._positions)
        first = min(_mismatches(stored, expected), default=None)
        if first is not None:
            position, reason = first
            event = self._store.event_at(position)
            if event is None:
                yield Wrong(f"the event at position {position}", "it is missing", index=end)
            else:
                yield wrong_event(event.statement_index, position, _id_text(event.id), reason)

    def _wrong_row(
        self,
        replayed: Replayed,
        stored: Sequence[EventRow] | Sequence[PostingRow],
        expected: Sequence[EventRow] | Sequence[PostingRow],
    ) -> Wrong:
        """Return the first difference of two lists of rows that begin with a position."""
        pairs: Iterator[tuple[_Placed | None, _Placed | None]] = zip_longest(stored, expected)
        found, right = next((f, r) for f, r in pairs if f != r)
        position = min(row.position for row in (found, right) if row is not None)
        event = replayed.opened.events[position - replayed.first_position]
        return wrong_event(replayed.record.index, position, event.id, _difference(found, right))


class _Ahead(Generic[_Row]):
    """Rows read one ahead, so that those of an event can be taken."""

    def __init__(self, rows: Iterator[_Row]) -> None:
        self._rows = rows
        self.next: _Row | None = next(rows, None)

    def advance(self) -> None:
        self.next = next(self._rows, None)

    def take_below(self, position: int) -> list[_Row]:
        """Take the rows whose first column is below `position`."""
        taken = []
        while self.next is not None and self.next[0] < position:
            taken.append(self.next)
            self.advance()
        return taken


def _touches(positions: Sequence["array[int]"]) -> Iterator[TouchRow]:
    """Yield the rows of `subject_event` as they must be, in the order of its key."""
    for subject, of_subject in enumerate(positions):
        for ordinal, position in enumerate(of_subject, 1):
            yield TouchRow(subject, ordinal, position)


def _mismatches(
    stored: Iterator[TouchRow], expected: Iterator[TouchRow]
) -> Iterator[tuple[int, str]]:
    """Yield position and reason of each difference between rows ordered by their key."""
    right = next(expected, None)
    for found in stored:
        while right is not None and right[:2] < found[:2]:
            yield right.position, _difference(None, right)
            right = next(expected, None)
        if right is None or right[:2] > found[:2]:
            yield found.position, _difference(found, None)
            continue
        if found != right:
            yield min(found.position, right.position), _difference(found, right)
        right = next(expected, None)
    while right is not None:
        yield right.position, _difference(None, right)
        right = next(expected, None)


def _difference(found: Any, right: Any) -> str:
    """Say how a stored row differs from what follows from the statements."""
    if found is None:
        return f"the row {_shown(right)} is missing"
    if right is None:
        return f"the row {_shown(found)} follows from no statement"
    name, stored, computed = next(
        each for each in zip(right._fields, found, right, strict=True) if each[1] != each[2]
    )
    table = type(right).__name__.removesuffix("Row").lower()
    return f"{table}.{name} is stored as {_value(stored)}; it must be {_value(computed)}"


def _shown(row: Any) -> str:
    table = type(row).__name__.removesuffix("Row").lower()
    values = zip(row._fields, row, strict=True)
    return f"{table}({', '.join(f'{name}={_value(value)}' for name, value in values)})"


def _value(value: object) -> str:
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _id_text(event_id: bytes) -> str:
    digits = event_id.hex()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(parts)

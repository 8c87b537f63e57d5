"""One month of one ledger, recomputed from its bytes: hashes, roots and signatures.

A month is judged by itself, wherever that is, and returns what the ledger's tree needs of it: the
roots of the complete subtrees that its leaves fill, left to right. Joined in order they are the
whole tree. Of leaves [5, 12) that is

    5        [6, 8)        [8, 12)
    (0, 5)   (1, 3)        (2, 2)         as (level, index), see `ledger.merkle`

What is recomputed: the leaf of each log entry; the root over its events' bytes, which must be the
one that was signed; every signature, by the key enrolled under its name before. That the keys were
in force, and that the law admits it, is for `verify` to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from ledger.errors import LedgerError, Refused
from ledger.events import decode_event
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened
from ledger.merkle import leaf_hash, leaf_hashes, node_hash, root_of
from ledger.note import VerifierKey
from ledger.opening import check_signatures
from ledger.refusals import REFUSALS
from ledger.statement import Statement, encode_entry, parse_statement
from ledger.times import format_instant

BATCH_ROWS = 4096
KEY_EVENTS = ("ledger.opened", "key.enrolled", "key.recovered")

Node = tuple[int, int, bytes]
"""Level, index and hash of a complete subtree."""


class Month(Struct, frozen=True):
    """What is to be judged: the files of one month of one ledger.

    Attributes:
        ledger: number of the ledger among those that are audited.
        origin: its name.
        month: the month.
        statements: file of its statements.
        events: file of its events.
        postings: file of its postings.

    """

    ledger: int
    origin: str
    month: str
    statements: str
    events: str
    postings: str


class Enrolled(Struct, frozen=True):
    """A key of a ledger's directory: its text, and the statement that enrolled it."""

    vkey: str
    statement: int


class MonthFound(Struct, frozen=True):
    """What a month came to, as far as it is right.

    Attributes:
        ledger: number of the ledger.
        month: the month.
        start: index of its first statement.
        first_position: position of its first event.
        stop: index behind its last statement.
        positions: position behind its last event.
        recorded_ms: when its last statement was recorded.
        first_leaf: leaf hash of its first statement.
        nodes: complete subtrees of its leaves, left to right.
        signatures: how many signatures hold.
        where: what is wrong first, or empty: `statement 41`.
        reason: why it is.

    """

    ledger: int
    month: str
    start: int = 0
    first_position: int = 0
    stop: int = 0
    positions: int = 0
    recorded_ms: int = 0
    first_leaf: bytes = b""
    nodes: list[Node] = []
    signatures: int = 0
    where: str = ""
    reason: str = ""


def check_month(month: Month, keys: Mapping[str, Enrolled], *, signatures: bool) -> MonthFound:
    """Judge a month; `keys` are all that its ledger ever enrolled, by name.

    Memory: a batch of rows.
    """
    check = _Check(month, keys, signatures=signatures)
    try:
        check.run()
    except Refused as refused:
        sentence = REFUSALS[refused.code].sentence.format(**refused.facts)
        return check.found(f"{refused.code}: {sentence}")
    except (LedgerError, ValueError, OSError, pa.ArrowException) as error:
        return check.found(str(error) or repr(error))
    return check.found()


def find_keys(paths: Sequence[str]) -> tuple[dict[str, Enrolled], LedgerOpened | None]:
    """Return every key that the events in some files enrol, by name, and `ledger.opened`.

    A name keeps its first key for ever. Cost: the types of all events, the bodies of a few.

    Raises:
        Malformed: an event is not in its form.
        OSError, pyarrow.ArrowException: a file cannot be read.

    """
    keys: dict[str, Enrolled] = {}
    opened: LedgerOpened | None = None
    for statement, body in _key_events(paths):
        event = decode_event(body)
        vkeys: Sequence[str] = ()
        if isinstance(event, KeyEnrolled | KeyRecovered):
            vkeys = (event.vkey,)
        elif isinstance(event, LedgerOpened) and opened is None:
            opened = event
            vkeys = [key.vkey for key in event.keys]
        for vkey in vkeys:
            keys.setdefault(vkey.partition("+")[0], Enrolled(vkey, statement))
    return keys, opened


def _key_events(paths: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    kinds = pa.array(KEY_EVENTS)
    for path in paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                found = pc.is_in(file.read_row_group(group, ["type"])["type"], value_set=kinds)
                if pc.any(found).as_py():
                    rows = file.read_row_group(group, ["statement", "body"]).filter(found)
                    for row in rows.to_pylist():
                        yield row["statement"], row["body"].encode()


def push(nodes: list[Node], node: Node) -> None:
    """Add a subtree behind others, and join what is complete."""
    level, index, digest = node
    while index & 1 and nodes and nodes[-1][:2] == (level, index - 1):
        digest = node_hash(nodes.pop()[2], digest)
        level, index = level + 1, index >> 1
    nodes.append((level, index, digest))


class _Check:
    """The judgement of one month."""

    def __init__(self, month: Month, keys: Mapping[str, Enrolled], *, signatures: bool) -> None:
        self._month = month
        self._keys = keys
        self._parsed: dict[str, VerifierKey] = {}
        self._with_signatures = signatures
        self._nodes: list[Node] = []
        self._start = self._index = -1
        self._first = self._position = 0
        self._recorded_ms = 0
        self._first_leaf = b""
        self._signatures = 0

    def found(self, reason: str = "") -> MonthFound:
        month = self._month
        return MonthFound(
            month.ledger,
            month.month,
            max(self._start, 0),
            self._first,
            max(self._index, 0),
            self._position,
            self._recorded_ms,
            self._first_leaf,
            self._nodes,
            self._signatures,
            f"statement {self._index}" if self._index >= 0 else month.month,
            reason,
        )

    def run(self) -> None:
        events = _Events(self._month.events)
        for row in _rows(self._month.statements, _STATEMENT):
            if self._start < 0:
                self._start = self._index = row[0]
                self._first = self._position = row[2]
            self._judge(_Row(*row), events)
            self._index += 1
        if events.take(1)[0]:
            raise LedgerError("events follow that no statement covers")
        last = (self._first, -1)
        for place in _rows(self._month.postings, ("position", "ordinal")):
            if not last < place or place[0] >= self._position:
                raise LedgerError(f"the posting {place[1]} of event {place[0]} is out of its place")
            last = (place[0], place[1])

    def _judge(self, row: "_Row", events: "_Events") -> None:
        """Judge a statement and the events that follow."""
        self._check_place(row)
        leaf = leaf_hash(encode_entry(row.recorded_ms, row.note))
        if leaf != row.leaf:
            raise LedgerError("its leaf hash is not that of its entry")
        statement = parse_statement(row.note)
        if statement.origin != self._month.origin:
            raise LedgerError(f"it was made for the ledger {statement.origin}")
        _check_events(row, statement, events.take(row.count))
        if self._with_signatures:
            self._signatures += len(check_signatures(statement, (), self._find_key))
        self._first_leaf = self._first_leaf or leaf
        push(self._nodes, (0, row.index, leaf))
        self._recorded_ms = row.recorded_ms
        self._position += row.count

    def _check_place(self, row: "_Row") -> None:
        if (row.index, row.first) != (self._index, self._position):
            raise LedgerError(
                f"it is missing: statement {row.index} with event {row.first} follows"
            )
        if row.recorded_ms < self._recorded_ms:
            raise LedgerError("it was recorded before the one before it")
        if format_instant(row.recorded_ms)[:7] != self._month.month:
            raise LedgerError(f"it was not recorded in {self._month.month}")

    def _find_key(self, name: str) -> VerifierKey | None:
        enrolled = self._keys.get(name)
        if enrolled is None or enrolled.statement > self._index:
            return None
        if name not in self._parsed:
            self._parsed[name] = VerifierKey.parse(enrolled.vkey)
        return self._parsed[name]


class _Row(NamedTuple):
    """A row of `statements`, in the order of its columns."""

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    recorded_ms: int
    first: int
    count: int  # type: ignore[assignment]  # the same
    note: bytes
    leaf: bytes


def _check_events(row: _Row, statement: Statement, columns: list[list[Any]]) -> None:
    """Check that the events are those that were signed, and stand where they should."""
    positions, indexes, recorded, bodies, hashes = columns
    if len(bodies) != row.count or row.count != statement.event_count:
        raise LedgerError(f"it covers {statement.event_count} events; {len(bodies)} are there")
    leaves = leaf_hashes(bodies)
    if root_of(leaves) != statement.events_root:
        raise LedgerError("its events are not those that were signed: their root differs")
    if leaves != hashes:
        raise LedgerError("the hash of one of its events is not that of the event")
    if (
        positions != list(range(row.first, row.first + row.count))
        or indexes != [row.index] * row.count
        or recorded != [row.recorded_ms] * row.count
    ):
        raise LedgerError("its events stand with another place or time")


_STATEMENT = ("statement", "recorded_ms", "first_position", "event_count", "note", "leaf")
_EVENT = ("position", "statement", "recorded_ms", "body", "hash")


def _batches(path: str, names: Sequence[str]) -> Iterator[list[list[Any]]]:
    """Yield the columns of a file, some rows at a time; texts as their bytes."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=list(names)):
            yield [
                (
                    column.cast(pa.binary()) if pa.types.is_string(column.type) else column
                ).to_pylist()
                for column in map(batch.column, names)
            ]


def _rows(path: str, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for columns in _batches(path, names):
        yield from zip(*columns, strict=True)


class _Events:
    """The events of a month, taken statement by statement."""

    def __init__(self, path: str) -> None:
        self._batches = _batches(path, _EVENT)
        self._columns: list[list[Any]] = [[] for _ in _EVENT]
        self._at = 0

    def take(self, count: int) -> list[list[Any]]:
        """Return the columns of the next events; of fewer at the end."""
        while len(self._columns[0]) - self._at < count:
            following = next(self._batches, None)
            if following is None:
                break
            self._columns = [
                column[self._at :] + more
                for column, more in zip(self._columns, following, strict=True)
            ]
            self._at = 0
        start, self._at = self._at, self._at + count
        return [column[start : start + count] for column in self._columns]

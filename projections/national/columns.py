"""A ledger as columns: Parquet by origin and month, for engines that read millions of rows.

    checkpoint                                          the newest checkpoint, a note
    MANIFEST.json                                       what is in it (canonical JSON)
    events/origin=O/month=2026-03/part-0.parquet        every event, by position
    statements/origin=O/month=2026-03/part-0.parquet    every statement, by index
    postings/origin=O/month=2026-03/part-0.parquet      every posting, by position and ordinal

`O` is the ledger's name, percent-encoded; the month is that of `recorded`, UTC, so a statement and
its events lie in one month, and the months follow one another as the log does. Compressed by
Zstandard; a row group holds at most `GROUP_ROWS` rows or some `GROUP_BYTES`, so memory is bounded
whoever writes or reads. Each column carries its meaning as metadata; docs/audit.md lists them.

    {"events":2314,"format":"sunledger/columns/v1","origin":"ledger.example.gov.cn",
     "postings":410,"root":"P5o…=","size":187}
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from ledger import canonical
from ledger.errors import LedgerError, Malformed
from ledger.note import MAX_NOTE_BYTES, encode_base64, parse_note
from ledger.times import format_instant
from ledger.tlog import Checkpoint

FORMAT = "sunledger/columns/v1"
CHECKPOINT, MANIFEST = "checkpoint", "MANIFEST.json"
EVENTS, STATEMENTS, POSTINGS = "events", "statements", "postings"
GROUP_ROWS = 1 << 15
GROUP_BYTES = 1 << 24

_KINDS = {"integer": pa.int64(), "text": pa.string(), "bytes": pa.binary()}

SCHEMA: dict[str, tuple[tuple[str, str, str], ...]] = {
    EVENTS: (
        ("position", "integer", "place among all events of the ledger, from 0"),
        ("statement", "integer", "index of its statement in the log"),
        ("id", "text", "its id, a UUID"),
        ("type", "text", "its type, visit.recorded say"),
        ("home", "text", "key of its home subject, contract/c-17 say; derived by the law"),
        ("recorded_ms", "integer", "when the ledger admitted it, milliseconds since 1970, UTC"),
        ("body", "text", "its canonical JSON"),
        ("hash", "bytes", "RFC 6962 leaf hash of the body, 32 bytes"),
    ),
    STATEMENTS: (
        ("statement", "integer", "index in the log, from 0"),
        ("recorded_ms", "integer", "when the ledger admitted it, milliseconds since 1970, UTC"),
        ("first_position", "integer", "position of its first event"),
        ("event_count", "integer", "how many events it covers"),
        ("note", "bytes", "what was signed, with its signatures, verbatim"),
        ("leaf", "bytes", "RFC 6962 leaf hash of its log entry, 32 bytes"),
    ),
    POSTINGS: (
        ("position", "integer", "position of the event that moved the money"),
        ("ordinal", "integer", "place among the postings of the event, from 0"),
        ("debit", "text", "the account debited"),
        ("credit", "text", "the account credited"),
        ("line", "text", "the fund line"),
        ("contract", "text", "the contract it is about, or the tender's lot; empty without either"),
        ("amount_fen", "integer", "how much, in fen of the ledger's currency, above zero"),
    ),
}
"""Name, kind and meaning of each column of each table."""

_RECURRING = {
    EVENTS: ["statement", "type", "home", "recorded_ms"],
    STATEMENTS: [],
    POSTINGS: ["debit", "credit", "line", "contract"],
}
"""Columns written with a dictionary of their values; of others it would be a detour for readers."""


class Columns(NamedTuple):
    """What a folder of columns says of itself; nothing rests on it.

    Attributes:
        origin: the ledger's name.
        size: number of statements.
        root: root of the log at that size.
        events: number of events.
        postings: number of postings.

    """

    origin: str
    size: int
    root: bytes
    events: int
    postings: int

    def encode(self) -> bytes:
        """Return the bytes of MANIFEST.json."""
        return canonical.encode(
            {**self._asdict(), "format": FORMAT, "root": encode_base64(self.root)}
        )


class ColumnEvent(NamedTuple):
    """An event to be written: its id as text, its type, home subject, bytes and leaf hash."""

    id: str
    type: str
    home: str
    body: bytes
    leaf: bytes


class ColumnPosting(NamedTuple):
    """A posting to be written; `event` is the event's place in its statement."""

    event: int
    ordinal: int
    debit: str
    credit: str
    line: str
    contract: str
    amount_fen: int


class ColumnWriter:
    """Writes the columns of one ledger, statement by statement."""

    def __init__(self, folder: Path, origin: str) -> None:
        """Write into a folder that is made for it."""
        self._folder = folder
        self._origin = origin
        self._month = ""
        self._tables: list[_Table] = []
        self._size = self._events = self._postings = 0

    def add(
        self,
        recorded_ms: int,
        note: bytes,
        leaf: bytes,
        events: Sequence[ColumnEvent],
        postings: Iterable[ColumnPosting] = (),
    ) -> None:
        """Add the statement that follows."""
        month = format_instant(recorded_ms)[:7]
        if month != self._month:
            self._turn(month)
        of_events, of_statements, of_postings = self._tables
        first = self._events
        index = self._size
        of_statements.add((index, recorded_ms, first, len(events), note, leaf), len(note))
        for position, event in enumerate(events, first):
            row = (position, index, event.id, event.type, event.home, recorded_ms)
            of_events.add((*row, event.body, event.leaf), len(event.body))
        for place, *posting in postings:
            of_postings.add((first + place, *posting), 0)
            self._postings += 1
        self._size += 1
        self._events += len(events)

    def finish(self, checkpoint: bytes) -> Columns:
        """Write the rest, and the checkpoint that commits to all.

        Raises:
            LedgerError: it commits to another number of statements.

        """
        self.close()
        stated = Checkpoint.parse(parse_note(checkpoint).text)
        if stated.size != self._size:
            raise LedgerError(
                f"{self._size} statements are not the {stated.size} of the checkpoint"
            )
        columns = Columns(stated.origin, stated.size, stated.root, self._events, self._postings)
        (self._folder / MANIFEST).write_bytes(columns.encode())
        (self._folder / CHECKPOINT).write_bytes(checkpoint)
        return columns

    def close(self) -> None:
        """Close the files that are open."""
        tables, self._tables = self._tables, []
        for table in tables:
            table.close()

    def _turn(self, month: str) -> None:
        self.close()
        self._month = month
        self._tables = [
            _Table(
                self._folder / name / f"origin={quote(self._origin, safe='')}" / f"month={month}",
                name,
            )
            for name in (EVENTS, STATEMENTS, POSTINGS)
        ]


class ColumnFolder:
    """A folder of columns, open for reading; nothing of it is verified.

    Attributes:
        folder: where it lies.
        checkpoint: its checkpoint, a note.
        stated: what that says.
        months: the months that have statements, in order.

    """

    def __init__(self, folder: Path) -> None:
        """Open the columns in `folder`.

        Raises:
            LedgerError: there are none, or they cannot be read.
            Malformed: its checkpoint or its manifest is none.

        """
        try:
            self.checkpoint = (folder / CHECKPOINT).read_bytes()[: MAX_NOTE_BYTES + 1]
            value = canonical.decode((folder / MANIFEST).read_bytes())
        except OSError as error:
            raise LedgerError(f"{folder} has no columns of a ledger: {error.strerror}") from error
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise Malformed(f"{folder}: {MANIFEST} is not that of columns")
        self.folder = folder
        self.manifest = value
        self.stated = Checkpoint.parse(parse_note(self.checkpoint).text)
        base = folder / STATEMENTS / self._partition
        self.months = sorted(path.name.removeprefix("month=") for path in base.glob("month=*"))

    @property
    def _partition(self) -> str:
        return f"origin={quote(self.stated.origin, safe='')}"

    def path(self, table: str, month: str) -> str:
        """Return the file of a table's month."""
        return str(self.folder / table / self._partition / f"month={month}" / "part-0.parquet")


def is_columns(folder: Path) -> bool:
    """Tell whether a folder holds columns, not an archive."""
    return (folder / STATEMENTS).is_dir()


def schema_of(table: str) -> Any:
    """Return the Arrow schema of a table."""
    return pa.schema(
        [
            pa.field(name, _KINDS[kind], nullable=False, metadata={"description": meaning})
            for name, kind, meaning in SCHEMA[table]
        ]
    )


class _Table:
    """A table's file of one month."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True)
        self._schema = schema_of(name)
        self._file = pq.ParquetWriter(
            folder / "part-0.parquet",
            self._schema,
            compression="zstd",
            use_dictionary=_RECURRING[name],
        )
        self._rows: list[tuple[Any, ...]] = []
        self._bytes = 0

    def add(self, row: tuple[Any, ...], size: int) -> None:
        self._rows.append(row)
        self._bytes += size
        if len(self._rows) >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._file.close()

    def _flush(self) -> None:
        arrays = [
            pa.array(column, field.type)
            for column, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
        ]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._bytes = [], 0

"""The keys that a ledger enrols: the types of all its events are read, the bodies of a few."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from ledger.events import decode_event
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened
from projections.national.reading import BATCH_ROWS

KEY_EVENTS = frozenset(("ledger.opened", "key.enrolled", "key.recovered"))


class Enrolled(Struct, frozen=True):
    """A key of a ledger's directory: its text, and the statement that enrolled it."""

    vkey: str
    statement: int


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
    for path in paths:
        with pq.ParquetFile(path, read_dictionary=["type"]) as file:
            for group in range(file.num_row_groups):
                wanted = _wanted(file.read_row_group(group, ["type"], use_threads=False)["type"])
                yield from _read(file, group, wanted)


def _wanted(types: pa.ChunkedArray) -> list[int]:
    """Return the rows of key events, which are few in few groups: the dictionary knows first."""
    found: list[int] = []
    start = 0
    for chunk in types.chunks:
        kinds = chunk.dictionary.to_pylist()
        codes = {code for code, kind in enumerate(kinds) if kind in KEY_EVENTS}
        if codes:
            rows = enumerate(chunk.indices.to_pylist(), start)
            found += [row for row, code in rows if code in codes]
        start += len(chunk)
    return found


def _read(file: pq.ParquetFile, group: int, wanted: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield statement and body of some rows of a group, and read no further than the last."""
    start = 0
    rows = iter(wanted)
    row = next(rows, None)
    batches = file.iter_batches(
        BATCH_ROWS, row_groups=[group], columns=["statement", "body"], use_threads=False
    )
    while row is not None:
        batch = next(batches)
        while row is not None and row < start + batch.num_rows:
            statement, body = (column[row - start].as_py() for column in batch.columns)
            yield statement, body.encode()
            row = next(rows, None)
        start += batch.num_rows

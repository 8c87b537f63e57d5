"""The keys that a ledger enrols: the types of all its events are read, the bodies of a few."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from ledger.events import decode_event
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened

KEY_EVENTS = ("ledger.opened", "key.enrolled", "key.recovered")


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
    kinds = pa.array(KEY_EVENTS)
    for path in paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                found = pc.is_in(file.read_row_group(group, ["type"])["type"], value_set=kinds)
                if pc.any(found).as_py():
                    rows = file.read_row_group(group, ["statement", "body"]).filter(found)
                    for row in rows.to_pylist():
                        yield row["statement"], row["body"].encode()

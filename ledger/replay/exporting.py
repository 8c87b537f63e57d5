"""From a database to an archive."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ledger.archive import Entry, Manifest, Withhold, write_archive
from ledger.errors import LedgerError
from ledger.note import VerifierKey, parse_note
from ledger.statement import encode_entry
from ledger.store.reading import Reader


def export_archive(
    store: Reader,
    folder: Path,
    *,
    witnesses: Sequence[VerifierKey] = (),
    withhold: Withhold = lambda _type: None,
) -> Manifest:
    """Write the archive of a ledger at its head. Cost: one pass; memory: some bundles.

    Raises:
        LedgerError: the folder exists, or there is nothing to archive.
        StoreUnavailable: the database cannot be read.

    """
    size = store.head().size
    checkpoints = store.checkpoints(1, size + 1)
    newest, cosigned = b"", []
    for row in checkpoints:
        newest = row.note
        if len(parse_note(row.note).signatures) > 1:
            cosigned.append(row.note)
    if not newest:
        raise LedgerError("the ledger has no checkpoint: there is nothing to archive")
    return write_archive(
        folder, newest, cosigned, _entries(store, size), witnesses=witnesses, withhold=withhold
    )


def _entries(store: Reader, size: int) -> Iterator[Entry]:
    for row, events in store.entries(0, size):
        entry = encode_entry(row.recorded_ms, row.note)
        yield entry, [(event.type, event.body) for event in events]

"""From a database to an archive: a new one, or what an older one of the same ledger lacks."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ledger.archive import Archive, Manifest
from ledger.archiving import Begun, Entry, EntryEvent, extend_archive, write_archive
from ledger.cosigned import newest_cosigned
from ledger.errors import LedgerError
from ledger.note import VerifierKey
from ledger.policy import NONE, Policy
from ledger.statement import encode_entry
from ledger.store.reading import Reader
from ledger.store.rows import CosignedRow, EventRow
from ledger.tiling import Tiling
from ledger.tlog import TILE_WIDTH

Withhold = Callable[[EventRow], str | None]
"""Tells of an event why the archive's reader may not see it, or None where it may be seen."""


class Reading(NamedTuple):
    """For whom an archive is made.

    Attributes:
        name: who it is, as the manifest says it: `public`, or `party yangguang`.
        withhold: tells which events it may not see.

    """

    name: str
    withhold: Withhold


def export_archive(
    store: Reader,
    folder: Path,
    *,
    policy: Policy | None = None,
    reading: Reading | None = None,
    at: int | None = None,
) -> Manifest:
    """Write the archive of a ledger, or bring it up to date, with the cosigned checkpoints.

    It ends at the head; for readers whose `policy` asks for a quorum, at the newest checkpoint
    that the quorum cosigned; or, whoever cosigned it, at the checkpoint of size `at`. Where an
    archive of this ledger lies in the folder, only what came since is read; if it is made for
    the `reading` of somebody, all is, for what was withheld then may be shown by now.

    Cost: one pass over what is read; memory: some bundles.

    Raises:
        LedgerError: there is nothing to archive, or what lies in the folder is not an older
            archive of this history for the same reader.
        StoreUnavailable: the database cannot be read.

    """
    size, checkpoint, rows = _upto(store, policy, at)
    cosigned, witnesses = [row.note for row in rows], _keys(rows, policy)
    name = "" if reading is None else reading.name
    if not folder.is_dir() or not any(folder.iterdir()):
        entries = _entries(store, 0, size, reading)
        return write_archive(
            folder, checkpoint, cosigned, entries, witnesses=witnesses, reader=name
        )
    held = _held(store, folder, size, name)
    begun = None if reading is not None else _begun(store, held)
    return extend_archive(
        folder,
        checkpoint,
        cosigned,
        _entries(store, 0 if begun is None else begun.size, size, reading),
        begun=begun,
        witnesses=witnesses,
        reader=name,
    )


def _upto(
    store: Reader, policy: Policy | None, at: int | None
) -> tuple[int, bytes, list[CosignedRow]]:
    """Return the size to archive, its checkpoint, and the cosigned ones up to there."""
    newest = store.checkpoint_over((store.head().size if at is None else at) - 1)
    if newest is None:
        raise LedgerError("the ledger has no checkpoint: there is nothing to archive")
    size, checkpoint = newest.size, newest.note
    asks_quorum = at is None and policy is not None and policy.quorum != NONE
    if asks_quorum and policy is not None:
        quorate = newest_cosigned(store, 0, policy)
        if quorate is None:
            raise LedgerError(
                f"no checkpoint is cosigned by the policy's quorum {policy.quorum}, so that no "
                "archive would satisfy it: `sunledger witness ask` asks the witnesses"
            )
        size, checkpoint = quorate.size, quorate.note
    rows = [row for row in store.cosigned() if row.size <= size]
    if rows and rows[-1].size == size and not asks_quorum:
        checkpoint = rows[-1].note
    return size, checkpoint, rows


def _held(store: Reader, folder: Path, size: int, reader: str) -> int:
    """Return how many statements the archive in a folder holds, if it can be written on.

    Raises:
        LedgerError: it cannot.

    """
    archive = Archive(folder)
    stated, origin = archive.stated, store.head().origin
    made_for = archive.reader()
    if stated.origin != origin:
        reason = f"is an archive of {stated.origin}, not of {origin}"
    elif made_for != reader:
        whom, other = made_for or "whoever reads everything", reader or "whoever reads everything"
        reason = f"was made for {whom}, not for {other}"
    elif stated.size > size:
        reason = (
            f"holds {stated.size} statements already; the checkpoint to be archived covers {size}"
        )
    elif Tiling.at(stated.size, store.leaves, store.tile).tree().root() != stated.root:
        reason = (
            f"is not of this history: its {stated.size} statements are others than the first "
            f"{stated.size} of the ledger"
        )
    else:
        return stated.size
    raise LedgerError(f"{folder} {reason}; name another folder")


def _begun(store: Reader, held: int) -> Begun | None:
    """Return what is kept of an archive of `held` statements: its whole bundles."""
    size = held // TILE_WIDTH * TILE_WIDTH
    first = store.statement(size - 1) if size else None
    if first is None:
        return None
    events = first.first_position + first.event_count
    ((genesis, opened),) = store.entries(0, 1)
    tiling = Tiling.at(size, store.leaves, store.tile)
    return Begun(size, events, tiling, (genesis.leaf, opened[0].body))


def _keys(rows: Sequence[CosignedRow], policy: Policy | None) -> list[VerifierKey]:
    """Return the keys of all witnesses that the policy knows or that ever cosigned."""
    known = [] if policy is None else [witness.key for witness in policy.witnesses]
    texts = {text: None for row in rows for text in row.witnesses.split()}
    keys = {key.public_key: key for key in [*known, *map(VerifierKey.parse, texts)]}
    return list(keys.values())


def _entries(store: Reader, start: int, size: int, reading: Reading | None) -> Iterator[Entry]:
    for row, events in store.entries(start, size):
        entry = encode_entry(row.recorded_ms, row.note)
        if reading is None:
            yield entry, [EntryEvent(event.type, event.body) for event in events]
        else:
            yield (
                entry,
                [EntryEvent(event.type, event.body, reading.withhold(event)) for event in events],
            )

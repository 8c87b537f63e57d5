"""Writing archives: a new one, or what an older one lacks of the same ledger's history.

`ledger.archive` has the format. Files are written whole or not at all, under another name first.

A new archive grows in a folder `<name>.unfinished` and appears under its name when it is whole. An
older one is brought up to date where it lies, in an order that leaves it one archive or the other
for as long as possible:

    1  entry bundles, events and tiles, as the log grows; those that are there are kept
    2  the partial ones of the new right edge, beside those of the old
    3  checkpoints, keys, MANIFEST.json, and last the checkpoint: from here it is the new archive
    4  the partial files of the old right edge go, and whatever lies beyond the new one

If we stop before 3 it is the old archive, with files besides that `verify` calls superfluous; if
we stop after, the new one with such. Either way the next export finds what is there equal to what
it would write, and goes on. Nothing that a stopped export left is believed without that.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ledger.archive import (
    CHECKPOINT,
    CHECKPOINTS,
    KEYS,
    MANIFEST,
    Archive,
    Manifest,
    Withheld,
    events_path,
)
from ledger.errors import LedgerError
from ledger.events import decode_event
from ledger.events.parties import LedgerOpened
from ledger.merkle import leaf_hash
from ledger.note import VerifierKey, parse_note
from ledger.policy import Log, Policy, Witness
from ledger.tiling import Tile, Tiling
from ledger.tlog import (
    ENTRIES,
    TILE_SIZE,
    TILE_WIDTH,
    Checkpoint,
    bundle_entries,
    tile_path,
)

_HASH_SIZE = TILE_SIZE // TILE_WIDTH
_LEFT = re.compile(
    r"(?:tile/(?:\d+|entries)|events)/(?:x\d{3}/)*\d{3}(?:\.p/\d+)?|(?:.+/)?\.[^/]+\.writing"
)
"""Files that are left as an archive grows: old partial ones, those of a stopped export that went
further (the ledger was restored since, or fewer statements are cosigned), and half-written ones."""


class EntryEvent(NamedTuple):
    """An event to be archived.

    Attributes:
        type: its type.
        body: its canonical JSON.
        withheld: why the archive's reader may not see it, or None where it may be seen.

    """

    type: str
    body: bytes
    withheld: str | None = None


Entry = tuple[bytes, Sequence[EntryEvent]]
"""A log entry and its events."""


class Begun(NamedTuple):
    """How far an archive is kept as it stands, and is written on from there.

    Attributes:
        size: statements, whole bundles of them.
        events: events of those statements.
        tiling: right edge of the log over them.
        genesis: leaf hash of statement 0 and its first event, or None where none is kept.

    """

    size: int
    events: int
    tiling: Tiling
    genesis: tuple[bytes, bytes] | None


def write_archive(
    folder: Path,
    checkpoint: bytes,
    cosigned: Iterable[bytes],
    entries: Iterable[Entry],
    *,
    witnesses: Sequence[VerifierKey] = (),
    reader: str = "",
) -> Manifest:
    """Write a new archive of the log that `checkpoint` commits to.

    `entries` are those of that log, in order. The folder appears under its name only when it is
    whole; what a stopped export left is kept as far as it is equal. Cost: one pass, with one
    bundle in memory.

    Raises:
        LedgerError: the folder exists, or the entries are not those of the checkpoint.

    """
    if not folder.name or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise LedgerError(f"{folder} exists already: name a folder that does not")
    # If we stop half-way, what is left bears another name, and the next try goes on with it.
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    manifest = _write(
        unfinished,
        _from_the_start(),
        checkpoint,
        cosigned,
        entries,
        witnesses=witnesses,
        reader=reader,
    )
    _remove(unfinished, Archive(unfinished).superfluous())
    unfinished.rename(folder)
    return manifest


def extend_archive(
    folder: Path,
    checkpoint: bytes,
    cosigned: Iterable[bytes],
    entries: Iterable[Entry],
    *,
    begun: Begun | None = None,
    witnesses: Sequence[VerifierKey] = (),
    reader: str = "",
) -> Manifest:
    """Bring an archive up to date with the log that `checkpoint` commits to.

    That the archive lies on this log is for the caller to know. `entries` are those from where
    it was `begun`; from the first without it, and then every file is compared.

    Raises:
        LedgerError: the entries are not those of the checkpoint.

    """
    start = begun or _from_the_start()
    manifest = _write(
        folder, start, checkpoint, cosigned, entries, witnesses=witnesses, reader=reader
    )
    _remove(folder, filter(_LEFT.fullmatch, Archive(folder).superfluous()))
    return manifest


def _from_the_start() -> Begun:
    return Begun(0, 0, Tiling(), None)


def _write(
    folder: Path,
    begun: Begun,
    checkpoint: bytes,
    cosigned: Iterable[bytes],
    entries: Iterable[Entry],
    *,
    witnesses: Sequence[VerifierKey],
    reader: str,
) -> Manifest:
    stated = Checkpoint.parse(parse_note(checkpoint).text)
    writer = _Writer(folder, begun)
    for entry, events in entries:
        writer.add(entry, events)
    if writer.size != stated.size:
        raise LedgerError(f"{writer.size} entries are not the {stated.size} of the checkpoint")
    writer.finish()
    counts = sorted(writer.withheld.items())
    manifest = Manifest(
        stated.origin,
        stated.size,
        stated.root,
        writer.events,
        tuple(Withheld(kind, count, why) for (kind, why), count in counts),
        reader,
    )
    for name, data in (
        (CHECKPOINTS, b"\n".join(cosigned)),
        (KEYS, _keys_of(writer.genesis, witnesses).encode().encode()),
        (MANIFEST, manifest.encode()),
        (CHECKPOINT, checkpoint),
    ):
        _put(folder / name, data)
    return manifest


class _Writer:
    """Writes bundles, events and tiles as the entries come."""

    def __init__(self, folder: Path, begun: Begun) -> None:
        self.size = begun.size
        self.events = begun.events
        self.withheld: dict[tuple[str, str], int] = {}
        self.genesis = begun.genesis
        self._tiling = begun.tiling
        self._folder = folder
        self._entries: list[bytes] = []
        self._lines: list[bytes] = []

    def add(self, entry: bytes, events: Sequence[EntryEvent]) -> None:
        leaf = leaf_hash(entry)
        if not self.size:
            self.genesis = (leaf, events[0].body)
        for kind, body, why in events:
            if why is None:
                self._lines.append(b"%d %b\n" % (self.size, body))
            else:
                self.withheld[kind, why] = self.withheld.get((kind, why), 0) + 1
        self.events += len(events)
        self.size += 1
        self._entries.append(entry)
        for tile in self._tiling.append(leaf):
            self._write_tile(tile, TILE_WIDTH)
        if len(self._entries) == TILE_WIDTH:
            self._write_bundle()

    def finish(self) -> None:
        if self._entries:
            self._write_bundle()
        for tile in self._tiling.partial():
            self._write_tile(tile, len(tile.hashes) // _HASH_SIZE)

    def _write_tile(self, tile: Tile, width: int) -> None:
        _put(self._folder / tile_path(tile.level, tile.n, width), tile.hashes)

    def _write_bundle(self) -> None:
        n, width = (self.size - 1) // TILE_WIDTH, len(self._entries)
        _put(self._folder / tile_path(ENTRIES, n, width), bundle_entries(self._entries))
        _put(self._folder / events_path(n, width), b"".join(self._lines))
        self._entries, self._lines = [], []


def _keys_of(genesis: tuple[bytes, bytes] | None, witnesses: Sequence[VerifierKey]) -> Policy:
    """Return the keys file: the ledger's key as the genesis names it, and the witnesses'."""
    opened = decode_event(genesis[1]) if genesis else None
    if genesis is None or not isinstance(opened, LedgerOpened):
        raise LedgerError("a ledger without ledger.opened cannot be archived")
    return Policy(
        (Log(VerifierKey.parse(opened.ledger_key)),),
        tuple(Witness(f"witness-{number}", key) for number, key in enumerate(witnesses, 1)),
        genesis=genesis[0],
    )


def _put(path: Path, data: bytes) -> None:
    """Have a file hold `data`: it is kept where it does, else replaced whole."""
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    writing = path.with_name(f".{path.name}.{os.getpid()}.writing")
    writing.write_bytes(data)
    writing.replace(path)


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files, and the folders that are empty without them, now or since a stopped try."""
    for name in names:
        (folder / name).unlink()
    for path, _folders, _files in os.walk(folder, topdown=False):
        if not any(Path(path).iterdir()):
            Path(path).rmdir()

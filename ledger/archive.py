"""The archive: a ledger as a folder of files, to carry away and check without network or database.

    checkpoint              the newest checkpoint, with its cosignatures
    checkpoints             all cosigned ones, oldest first, an empty line between two
    tile/0/000 …            the tree's tiles (C2SP tlog-tiles), partial ones at the right edge
    tile/entries/000 …      the log's entries, 256 a bundle
    events/000 …            the events of the statements in entry bundle 000, cut and named alike
    keys                    the ledger's and the witnesses' keys and the genesis hash, as a policy
    MANIFEST.json           what is in it, and what was withheld

Whoever was handed the archive was handed `keys` by the same hand: they are there for convenience,
and a check that rests on them is not anchored. Get them out of band.

A line of an events file is the statement's index, a space, and the event's canonical JSON; the
lines stand in the order of the log:

    0 {"at":"2026-01-01T00:00:00.000Z","currency":"CNY", … "type":"ledger.opened","v":1}
    1 {"at":"2026-01-01T00:00:10.000Z", … "type":"party.registered","v":1}

Events that the reader of an archive may not see have no line. MANIFEST.json, canonical JSON, says
how many of which type, and why:

    {"events":2314,"format":"sunledger/archive/v1","origin":"ledger.example.gov.cn",
     "reader":"public","root":"P5o…=","size":187,
     "withheld":[{"events":80,"type":"visit.recorded","why":"…"}]}

`reader` is missing where the archive was made for readers of everything. `ledger.archiving` writes
archives, and brings them up to date.

Reading takes nothing on trust but gives everything as it stands; `ledger.replay` judges it. No
database is needed, and none is imported.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ledger import canonical
from ledger.errors import LedgerError, Malformed
from ledger.events import MAX_EVENT_BYTES
from ledger.note import MAX_NOTE_BYTES, encode_base64, parse_note
from ledger.policy import MAX_POLICY_CHARACTERS, Policy
from ledger.tlog import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    TILE_SIZE,
    TILE_WIDTH,
    Checkpoint,
    TileLevel,
    encode_tile_index,
    split_bundle,
    tile_path,
    tiles_of,
)

FORMAT = "sunledger/archive/v1"
CHECKPOINT, CHECKPOINTS, KEYS, MANIFEST = "checkpoint", "checkpoints", "keys", "MANIFEST.json"
_MAX_BUNDLE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)
_MAX_COSIGNED_BYTES = 1 << 28  # ten years of one every ten minutes, by two witnesses
_MAX_LINE_BYTES = MAX_EVENT_BYTES + 32  # an index, a space, an event, a newline


class Withheld(NamedTuple):
    """What an archive leaves out: so many events of a type, and why."""

    type: str
    events: int
    why: str


class Manifest(NamedTuple):
    """What an archive says of itself; nothing rests on it.

    Attributes:
        origin: the ledger's name.
        size: number of statements.
        root: root of the log at that size.
        events: number of events of those statements, withheld ones included.
        withheld: what was left out.
        reader: whom it was made for, or empty: whoever may read everything.

    """

    origin: str
    size: int
    root: bytes
    events: int
    withheld: tuple[Withheld, ...] = ()
    reader: str = ""

    def encode(self) -> bytes:
        """Return the bytes of MANIFEST.json."""
        value = {
            "events": self.events,
            "format": FORMAT,
            "origin": self.origin,
            "root": encode_base64(self.root),
            "size": self.size,
            "withheld": [each._asdict() for each in self.withheld],
        }
        if self.reader:
            value["reader"] = self.reader
        return canonical.encode(value)


class Archived(NamedTuple):
    """A statement as an archive holds it.

    Attributes:
        index: its leaf index.
        entry: its log entry.
        bodies: those of its events that were not withheld.

    """

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    entry: bytes
    bodies: tuple[bytes, ...]


class Archive:
    """An archive, open for reading.

    Attributes:
        folder: where it lies.
        checkpoint: the newest checkpoint, a note; not verified.
        stated: what that note says.

    """

    def __init__(self, folder: Path) -> None:
        """Open the archive in `folder`.

        Raises:
            LedgerError: there is none, or it cannot be read.
            Malformed: its checkpoint is none.

        """
        if not (folder / CHECKPOINT).is_file():
            raise LedgerError(f"{folder} is not an archive: it has no file `{CHECKPOINT}`")
        self.folder = folder
        self.checkpoint = self._read(CHECKPOINT, MAX_NOTE_BYTES)
        self.stated = Checkpoint.parse(parse_note(self.checkpoint).text)

    def cosigned(self) -> list[bytes]:
        """Return the cosigned checkpoints, oldest first; not verified.

        Raises:
            Malformed: the file is not notes with an empty line between two.

        """
        data = self._read(CHECKPOINTS, _MAX_COSIGNED_BYTES)
        if not data:
            return []
        pieces = data[:-1].split(b"\n\n")
        if len(pieces) % 2 or not data.endswith(b"\n"):
            raise Malformed(f"{CHECKPOINTS}: not notes with an empty line between two")
        pairs = zip(pieces[::2], pieces[1::2], strict=True)
        return [text + b"\n\n" + lines + b"\n" for text, lines in pairs]

    def keys(self) -> Policy:
        """Return the keys the archive came with. They prove nothing.

        Raises:
            Malformed: they are not written as `write_archive` writes them.

        """
        data = self._read(KEYS, MAX_POLICY_CHARACTERS)
        try:
            keys = Policy.parse(data.decode())
        except UnicodeDecodeError as error:
            raise Malformed(f"{KEYS} is not UTF-8: {error}") from error
        if keys.encode().encode() != data:
            raise Malformed(f"{KEYS} is not written as an archive writes it")
        return keys

    def manifest(self) -> Manifest:
        """Return what the archive says of itself.

        Raises:
            Malformed: MANIFEST.json is not in its form.

        """
        data = self._read(MANIFEST, canonical.MAX_BYTES)
        value = canonical.decode(data)
        try:
            withheld = tuple(
                Withheld(str(each["type"]), int(each["events"]), str(each["why"]))
                for each in value["withheld"]
            )
            size, events = int(value["size"]), int(value["events"])
            reader = str(value.get("reader", ""))
            root = self.stated.root
            manifest = Manifest(value["origin"], size, root, events, withheld, reader)
        except (TypeError, KeyError, ValueError) as error:
            raise Malformed(f"{MANIFEST} is not in its form: {error!r}") from error
        # The root is compared as text: this archive's manifest has one spelling.
        if manifest.encode() != data:
            raise Malformed(f"{MANIFEST} is not in its form, or states another root")
        return manifest

    def reader(self) -> str:
        """Return whom the archive was made for, empty for whoever may read everything.

        This much can be told of one that is being brought up to date, too, whose manifest and
        checkpoint may be of different sizes.

        Raises:
            Malformed: MANIFEST.json is not in its form.

        """
        value = canonical.decode(self._read(MANIFEST, canonical.MAX_BYTES))
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise Malformed(f"{MANIFEST} is not in its form")
        return str(value.get("reader", ""))

    def statements(self, start: int = 0) -> Iterator[Archived]:
        """Yield the statements in order, with the events that are there.

        The first is that of the bundle of statement `start`.

        Raises:
            Malformed: a bundle or an events file is not in its form.
            LedgerError: a file is missing.

        """
        for n in range(start // TILE_WIDTH, -(-self.stated.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, self.stated.size - n * TILE_WIDTH)
            name = tile_path(ENTRIES, n, width)
            try:
                entries = split_bundle(self._read(name, _MAX_BUNDLE_BYTES))
            except Malformed as error:
                raise Malformed(f"{name}: {error}") from error
            if len(entries) != width:
                raise Malformed(f"{name}: holds {len(entries)} entries, not {width}")
            yield from self._with_events(n * TILE_WIDTH, entries)

    def tile(self, level: TileLevel, n: int, width: int) -> bytes:
        """Return the bytes of a tile."""
        return self._read(tile_path(level, n, width), TILE_SIZE)

    def superfluous(self) -> list[str]:
        """Return the names of files that do not belong into this archive."""
        size = self.stated.size
        bundles = [(n, width) for level, n, width in tiles_of(size) if level == 0]
        expected = {CHECKPOINT, CHECKPOINTS, KEYS, MANIFEST}
        expected.update(tile_path(*tile) for tile in tiles_of(size))
        expected.update(tile_path(ENTRIES, n, width) for n, width in bundles)
        expected.update(events_path(n, width) for n, width in bundles)
        found = [
            Path(folder, name).relative_to(self.folder).as_posix()
            for folder, folders, files in os.walk(self.folder)
            for name in chain(files, [each for each in folders if Path(folder, each).is_symlink()])
        ]
        return sorted(set(found) - expected)

    def _with_events(self, first: int, entries: Sequence[bytes]) -> Iterator[Archived]:
        name = events_path(first // TILE_WIDTH, len(entries))
        try:
            with (self.folder / name).open("rb") as file:
                line = file.readline(_MAX_LINE_BYTES)
                for index, entry in enumerate(entries, first):
                    start = b"%d " % index
                    skip, bodies = len(start), []
                    while line.startswith(start):
                        if not line.endswith(b"\n"):
                            raise Malformed(f"{name}: breaks off in an event of statement {index}")
                        bodies.append(line[skip:-1])
                        line = file.readline(_MAX_LINE_BYTES)
                    yield Archived(index, entry, tuple(bodies))
        except OSError as error:
            raise LedgerError(f"{name} cannot be read: {error.strerror}") from error
        if line:
            raise Malformed(f"{name}: the line {line[:40]!r} belongs to no statement in its turn")

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with (self.folder / name).open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise LedgerError(f"{name} cannot be read: {error.strerror}") from error
        if len(data) > limit:
            raise Malformed(f"{name} has more than {limit} bytes")
        return data


def events_path(n: int, width: int = TILE_WIDTH) -> str:
    """Return the path of the events of entry bundle `n`."""
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"events/{encode_tile_index(n)}{partial}"

"""Where a history is read from, and what else must agree with it there.

A *source* gives the statements in order and the checkpoints. It also keeps copies of what follows
from them: tiles, in a database all that was derived. Its *comparison* is told what the replay
found, statement by statement, and says where a copy differs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ledger.archive import CHECKPOINTS, KEYS, MANIFEST, Archive
from ledger.errors import LedgerError, Malformed
from ledger.merkle import HASH_SIZE
from ledger.note import VerifierKey, open_note, parse_note
from ledger.opening import Opened
from ledger.replay.report import Wrong
from ledger.rules.admission import Admitted
from ledger.tiling import Tile, Tiling
from ledger.tlog import TILE_WIDTH, Checkpoint, tile_path


class Record(NamedTuple):
    """A statement as a source gives it.

    Attributes:
        index: its leaf index.
        entry: its log entry.
        bodies: its events; fewer than it covers where some were withheld.
        stored: the source's own rows of it, for its comparison.

    """

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    entry: bytes
    bodies: tuple[bytes, ...]
    stored: Any = None


class Replayed(NamedTuple):
    """What the replay found of one statement.

    Attributes:
        record: the statement as it was read.
        recorded_ms: when it was admitted.
        leaf: leaf hash of its entry.
        first_position: position of its first event.
        opened: the statement and its events.
        admitted: what each event did.

    """

    record: Record
    recorded_ms: int
    leaf: bytes
    first_position: int
    opened: Opened
    admitted: Sequence[Admitted]


class Replay(NamedTuple):
    """What the replay found in all.

    Attributes:
        origin: the ledger's name.
        size: number of statements.
        positions: number of events, withheld ones included.
        withheld: how many of them were not there.
        root: root of the log.
        genesis: leaf hash of entry 0.
        ledger_key: the key that signs checkpoints.
        tiling: the right edge of the log's tiles.

    """

    origin: str
    size: int
    positions: int
    withheld: int
    root: bytes
    genesis: bytes
    ledger_key: VerifierKey
    tiling: Tiling


class Comparison(Protocol):
    """Compares what a source keeps besides the statements with what follows from them.

    Every method raises `Wrong` where they differ. `late` comes last, also after another finding:
    it gives what only shows when all is read.
    """

    def statement(self, replayed: Replayed) -> None:
        """Compare what is kept of a statement and its events."""

    def tile(self, tile: Tile) -> None:
        """Compare a tile that is now complete."""

    def end(self, replay: Replay) -> None:
        """Compare what is kept of the whole."""

    def late(self) -> Iterator[Wrong]:
        """Yield the first difference of each kind that only shows at the end."""


class Source(Protocol):
    """A history to verify."""

    @property
    def withholds(self) -> bool:
        """Whether events may be missing because the reader may not see them."""

    def newest(self) -> bytes:
        """Return the newest checkpoint, a note."""

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield statements `[start, stop)` in order; LedgerError where they cannot be read."""

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Yield size and note of every checkpoint kept, by size."""

    def compare(self) -> Comparison:
        """Begin a comparison."""


class ArchiveSource:
    """An archive as a source."""

    def __init__(self, folder: Path) -> None:
        """Read the archive in `folder`.

        Raises:
            LedgerError: there is none.

        """
        self._archive = Archive(folder)

    @property
    def withholds(self) -> bool:
        """Whether its manifest says that events were left out."""
        try:
            return bool(self._archive.manifest().withheld)
        except LedgerError:
            return False  # what is wrong with the manifest is told in its turn

    def newest(self) -> bytes:
        """Return the newest checkpoint, a note."""
        return self._archive.checkpoint

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield statements `[start, stop)` in order."""
        for index, entry, bodies in self._archive.statements(start):
            if stop is not None and index >= stop:
                return
            if index >= start:
                yield Record(index, entry, bodies)

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        """Yield the cosigned checkpoints, by size, and the newest."""
        before = 0
        for note in self._archive.cosigned():
            parsed = parse_note(note)
            size = Checkpoint.parse(parsed.text).size
            if size < before:
                raise Malformed(f"{CHECKPOINTS}: size {size} stands after size {before}")
            if len(parsed.signatures) == 1:
                raise Malformed(f"{CHECKPOINTS}: the one of size {size} is not cosigned")
            before = size
            yield size, note
        yield self._archive.stated.size, self._archive.checkpoint

    def compare(self) -> Comparison:
        """Begin a comparison."""
        return _ArchiveComparison(self._archive)


class _ArchiveComparison:
    """Compares an archive's tiles, keys, manifest and list of files."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def statement(self, replayed: Replayed) -> None:
        """Do nothing: an archive keeps no more of a statement than was judged."""

    def tile(self, tile: Tile) -> None:
        width = len(tile.hashes) // HASH_SIZE
        name = tile_path(tile.level, tile.n, width)
        index = tile.n << 8 * (tile.level + 1)
        try:
            stored = self._archive.tile(tile.level, tile.n, width)
        except LedgerError as error:
            raise Wrong(name, str(error), index=index) from error
        if stored != tile.hashes:
            raise wrong_tile(name, tile, stored)

    def end(self, replay: Replay) -> None:
        for tile in replay.tiling.partial():
            self.tile(tile)
        for name, compare in (
            (MANIFEST, self._compare_manifest),
            (KEYS, self._compare_keys),
        ):
            try:
                compare(replay)
            except LedgerError as error:
                raise Wrong(name, str(error), index=replay.size) from error
        superfluous = self._archive.superfluous()
        if superfluous:
            raise Wrong(superfluous[0], "it does not belong into the archive", index=replay.size)

    def late(self) -> Iterator[Wrong]:
        """Yield nothing: everything shows in its turn."""
        yield from ()

    def _compare_manifest(self, replay: Replay) -> None:
        manifest = self._archive.manifest()
        stated = (manifest.origin, manifest.size, manifest.events)
        if stated != (replay.origin, replay.size, replay.positions):
            raise Malformed(
                f"it states {manifest.events} events in {manifest.size} statements of "
                f"{manifest.origin}; there are {replay.positions} in {replay.size} of "
                f"{replay.origin}"
            )
        stated_withheld = sum(each.events for each in manifest.withheld)
        if stated_withheld != replay.withheld:
            raise Malformed(
                f"it states that {stated_withheld} events were withheld; {replay.withheld} are"
            )

    def _compare_keys(self, replay: Replay) -> None:
        keys = self._archive.keys()
        if [log.key for log in keys.logs] != [replay.ledger_key] or keys.genesis != replay.genesis:
            raise Malformed("it names another ledger key or genesis hash than ledger.opened")
        verifiers = [replay.ledger_key, *(witness.key for witness in keys.witnesses)]
        for note in (self._archive.checkpoint, *self._archive.cosigned()):
            opened = open_note(note, verifiers)
            if opened.verified != opened.note.signatures:
                raise Malformed("it lacks the key of a cosignature")


def wrong_tile(what: str, tile: Tile, stored: bytes) -> Wrong:
    """Return what is wrong with a stored tile: the first of its hashes that differs."""
    width = len(tile.hashes) // HASH_SIZE
    differing = (n for n in range(width) if _hash(stored, n) != _hash(tile.hashes, n))
    place = next(differing, width)
    first = tile.n * TILE_WIDTH + place << 8 * tile.level
    return Wrong(
        what, f"its hash {place} is not that of the log from statement {first}", index=first
    )


def _hash(tile: bytes, place: int) -> bytes:
    return tile[place * HASH_SIZE : (place + 1) * HASH_SIZE]

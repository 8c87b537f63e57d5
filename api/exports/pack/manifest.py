"""What an audit pack says of itself: how far it goes, what it adds up to, and each file's hash.

{
"format": "sunledger/auditpack/v1",
"origin": "ledger.example.gov.cn",
"checkpoint": {"size": 187, "root": "3f9a…", "cosigned_size": 187},
"events": {"count": 2314, "first": 0, "last": 2313},
"journal": {"rows": 640, "first": 12, "last": 2301, "debit_fen": …, "credit_fen": …},
"closing": {"event": "019b…", "position": 2290, "size": 181, "state_root": "…"},
"files": [{"path": "journal.csv", "bytes": 81234, "sha256": "…", "rows": 640}, …]
}
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from ledger.errors import Malformed

FORMAT: Literal["sunledger/auditpack/v1"] = "sunledger/auditpack/v1"
NAME = "MANIFEST.json"
MAX_BYTES = 1 << 28
"""The largest manifest that is read: a line a file, of a log of some hundred million statements."""

_READ_BYTES = 1 << 20


class Checkpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """The checkpoint that a pack belongs to; the note itself is `archive/checkpoint`.

    Attributes:
        size: statements in the log.
        root: its RFC 6962 root, 64 hex digits.
        cosigned_size: size of the newest checkpoint in the pack that witnesses cosigned; 0 for
            none.

    """

    size: int
    root: str
    cosigned_size: int


class Events(Struct, frozen=True, forbid_unknown_fields=True):
    """The events that a pack is made of.

    Attributes:
        count: how many.
        first: position of the first.
        last: position of the last; positions have no gap.

    """

    count: int
    first: int
    last: int


class Journal(Struct, frozen=True, forbid_unknown_fields=True):
    """What the journal adds up to.

    Attributes:
        rows: how many rows, two a posting.
        first: position of the first event that moved money, or None.
        last: position of the last, or None.
        debit_fen: all debits.
        credit_fen: all credits.

    """

    rows: int
    first: int | None
    last: int | None
    debit_fen: int
    credit_fen: int


class Closing(Struct, frozen=True, forbid_unknown_fields=True):
    """The last closing, under which the state proofs stand.

    Attributes:
        event: id of its `ledger.closed`.
        position: that event's position.
        size: statements before it, which it sums up.
        state_root: the root of the state that it commits to, 64 hex digits.

    """

    event: str
    position: int
    size: int
    state_root: str


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a pack.

    Attributes:
        path: where it lies in the folder, `/` between names.
        bytes: its size.
        sha256: its hash, 64 hex digits.
        rows: how many rows it has, of a table; else None.

    """

    path: str
    bytes: int
    sha256: str
    rows: int | None


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a pack says of itself.

    Attributes:
        format: `sunledger/auditpack/v1`.
        origin: the ledger's name.
        currency: ISO 4217 of every amount.
        recorded: when the last statement was recorded (RFC 3339, UTC).
        checkpoint: the checkpoint it belongs to.
        events: the events it is made of.
        journal: what its journal adds up to.
        closing: the last closing, or None where the ledger was never closed.
        files: every file but this one, by path.

    """

    format: Literal["sunledger/auditpack/v1"]
    origin: str
    currency: str
    recorded: str
    checkpoint: Checkpoint
    events: Events
    journal: Journal
    closing: Closing | None
    files: tuple[File, ...]

    def encode(self) -> bytes:
        """Return the bytes of MANIFEST.json."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """Return what the pack in `folder` says of itself.

    Raises:
        Malformed: it has no manifest, or one that is not in its form.

    """
    try:
        with (folder / NAME).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise Malformed(f"{folder / NAME} has more than {MAX_BYTES} bytes")
        manifest = msgspec.json.decode(data, type=Manifest)
    except OSError as error:
        raise Malformed(f"{folder / NAME} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"{folder / NAME} is not an audit pack's manifest: {error}") from error
    if manifest.encode() != data:
        raise Malformed(f"{folder / NAME} is not written as an audit pack writes it")
    return manifest


def is_pack(folder: Path) -> bool:
    """Tell whether a folder is meant to be an audit pack."""
    try:
        with (folder / NAME).open("rb") as file:
            return FORMAT.encode() in file.read(256)
    except OSError:
        return False


def files_of(folder: Path, rows: dict[str, int]) -> tuple[File, ...]:
    """Return what each file of a folder is, by path, but for its manifest."""
    return tuple(
        File(path, *hash_of(folder / path), rows.get(path)) for path in sorted(paths_of(folder))
    )


def paths_of(folder: Path) -> Iterator[str]:
    """Yield the paths of all files in a folder but its manifest; links count as files."""
    for place, folders, names in os.walk(folder):
        links = [each for each in folders if Path(place, each).is_symlink()]
        for name in (*names, *links):
            path = Path(place, name).relative_to(folder).as_posix()
            if path != NAME:
                yield path


def hash_of(path: Path) -> tuple[int, str]:
    """Return the size and SHA-256 of a file, read part by part."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while part := file.read(_READ_BYTES):
            digest.update(part)
            size += len(part)
    return size, digest.hexdigest()


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file of a pack that is not under its name yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for part in parts:
            file.write(part)

"""What a witness remembers: of each log the checkpoint it cosigned last, in a file of its own.

    lock                    held by the one process that uses the folder
    3f9a…02.checkpoint      the checkpoint with the log's signature and the witness's cosignature,
                            named by the hash of the log's name

A witness that forgets can be shown two histories. So a file is replaced as a whole, and is on disk
before the cosignature leaves: when the process is killed in between, the log is told at its next
try which size was cosigned, and asks again from there. What is not cosigned by the witness's own
key is not believed. Whoever puts an older copy of the folder back makes the witness forget: a
witness's machine is restored without this folder, under a new key.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from ledger.cosigning import NOTHING, Seen
from ledger.errors import Conflict, LedgerError
from ledger.note import MAX_NOTE_BYTES, VerifierKey, open_note
from ledger.replay.accepted import file_name
from ledger.tlog import Checkpoint

LOCK = "lock"


class Memory:
    """The memory of one witness. Not for several threads at once."""

    def __init__(self, folder: Path, witness: VerifierKey) -> None:
        """Take the folder for the witness of this key; it is made where it is missing.

        Raises:
            Conflict: another process uses it.
            OSError: it cannot be written.

        """
        self._folder = folder
        self._witness = witness
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise Conflict(
                f"another witness uses the folder {folder}: end it, or give this one its own"
            ) from None

    def __enter__(self) -> Self:
        """Use the memory for a while."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let another process have the folder."""
        os.close(self._lock)

    def last(self, origin: str) -> Seen:
        """Return what was cosigned last of the log `origin`.

        Raises:
            LedgerError: its file was changed, or is of another witness.
            OSError: it cannot be read.

        """
        path = self._folder / file_name(origin)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_NOTE_BYTES + 1)
        except FileNotFoundError:
            return NOTHING
        try:
            checkpoint = Checkpoint.parse(open_note(data, [self._witness]).note.text)
        except LedgerError as error:
            raise LedgerError(
                f"{path} is not what {self._witness.name} cosigned last ({error}): a witness that "
                "does not know what it cosigned needs a new key and a new folder"
            ) from error
        if checkpoint.origin != origin:
            raise LedgerError(f"{path} is of the log {checkpoint.origin}, not {origin}")
        return Seen(checkpoint.size, checkpoint.root)

    def keep(self, origin: str, cosigned: bytes) -> None:
        """Remember a cosigned checkpoint (a note); when this returns it is on disk.

        Raises:
            OSError: it could not be written; what was remembered before still is.

        """
        path = self._folder / file_name(origin)
        temporary = path.with_suffix(".unfinished")
        with temporary.open("wb") as file:
            file.write(cosigned)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        # The new name is on disk only when the folder is.
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

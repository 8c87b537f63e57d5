"""A consistent copy of a ledger's SQLite file while it is being written.

SQLite's online backup reads the file in one transaction, so that the copy is the ledger as it was
at one commit; in WAL mode the writer goes on meanwhile. A copy of the file by other means would
miss what is still in the WAL, or tear a page.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url

from ledger.errors import Conflict, LedgerError
from ledger.store.errors import StoreUnavailable


def file_of(url: str) -> Path:
    """Return the SQLite file of a ledger's URL.

    Raises:
        LedgerError: it is on PostgreSQL, which has tools of its own.

    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise LedgerError(
            "a ledger on PostgreSQL is copied by `pg_dump --format=custom`, which is consistent "
            "while the server runs, and brought back by `pg_restore` into an empty database; "
            "then prove it by `sunledger verify`"
        )
    return Path(parsed.database)


def names_of(path: Path) -> tuple[Path, ...]:
    """Return an SQLite file and those that SQLite reads with it.

    What a ledger that was killed left in its WAL would be added to another file of that name.
    """
    return path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def copy_file(source: Path, target: Path) -> None:
    """Copy the ledger in `source` to `target`; when this returns it is there whole, on disk.

    If we stop half-way, what is left bears another name (`.part`) and is in nobody's way.

    Raises:
        Conflict: there is something at `target` already.
        StoreUnavailable: one of the two cannot be read or written.

    """
    if target.exists():
        raise Conflict(f"there is a file {target} already; choose another name")
    if not source.is_file():
        raise StoreUnavailable(f"There is no file {source}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    reading = f"file:{quote(str(source.absolute()))}?mode=rw"  # WAL wants its lock file, too
    try:
        with (
            closing(sqlite3.connect(reading, uri=True)) as from_,
            closing(sqlite3.connect(part)) as to,
        ):
            from_.backup(to)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(f"{source} cannot be copied to {target}: {error}.") from error
    put_in_place(part, target)


def put_in_place(part: Path, target: Path) -> None:
    """Give a whole file its name, durably."""
    part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

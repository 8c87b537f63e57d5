"""What a store can refuse, and the driver's errors put into those words.

    LedgerError
    ├── Conflict
    │   ├── HeadMoved         another writer was first: catch up, admit again, append again
    │   ├── DuplicateId       an event with this id is in the ledger already
    │   └── LedgerExists      there is a ledger already where one was to be created
    ├── StoreUnavailable      nothing was written: locked, full, unreachable, missing, foreign
    └── OutcomeUnknown        the connection broke while committing: read the head again

Every driver error that leaves the store has passed `fault`: callers see no SQLAlchemy,
sqlite3 or psycopg exception for anything a running system can do to them. A programming
mistake (a missing column, a wrong type) stays the driver's exception, as a bug should.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.errors import Conflict, LedgerError


class HeadMoved(Conflict):
    """Another writer moved the head; nothing was written. Catch up and admit again."""


class DuplicateId(Conflict):
    """An event of the batch has an id that is taken; nothing was written.

    `event_ids` are those that are taken, in the ledger or twice in the batch. Another key that
    is taken (a position, an ordinal) is a plain `Conflict`: only a writer that numbers wrongly
    can cause it.
    """

    def __init__(self, message: str, event_ids: frozenset[bytes]) -> None:
        """Name the ids that are taken."""
        super().__init__(message)
        self.event_ids = event_ids


class LedgerExists(Conflict):
    """A ledger was to be created where one, or something else, already is."""


class StoreUnavailable(LedgerError):
    """The database cannot serve; nothing was written by the call that raised this."""


class OutcomeUnknown(LedgerError):
    """The connection or the disk failed during the commit: it may have happened or not.

    The head, read again, tells which. Nothing may be signed before that.
    """


_SQLITE_FAULTS = {
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_LOCKED: "is locked by another program",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk fails or is full",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore a backup and verify it",
    sqlite3.SQLITE_READONLY: "may not be written: check its owner and mode",
    sqlite3.SQLITE_PERM: "may not be opened: check its owner and mode",
    sqlite3.SQLITE_CANTOPEN: "does not exist or may not be opened",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
}
"""Primary result codes of SQLite that are the world's fault and not a mistake of ours."""

_SQLITE_KEYS = frozenset(
    (
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    )
)

_POSTGRES_FAULTS = {
    "08": "cannot be reached",
    "28": "refuses the user or the password",
    "3D": "does not exist on the server",
    "53100": "cannot grow: the disk is full",
    "53": "is out of resources (connections, memory or disk)",
    "55P03": "is locked by another program",
    "40": "is locked by another program",
    "57": "is shutting down, starting up or was interrupted",
    "58": "cannot be read or written: the server reports an input/output error",
    "25006": "may not be written: the server is read-only",
    "42501": "may not be read or written by this user",
    "XX": "is damaged or its server failed: see the server's log",
}
"""SQLSTATE codes, or their classes, that are the world's fault; the longer key wins."""


def fault(error: Exception, where: str) -> LedgerError | None:
    """Name what a driver error says of the database `where`; None for a mistake of ours."""
    if isinstance(error, PoolTimeout):
        return StoreUnavailable(f"The database {where} has no free connection.")
    cause = error.orig if isinstance(error, DBAPIError) else error
    words = None
    if isinstance(cause, sqlite3.Error):
        # The low byte is the primary code; the rest tells which read, write or sync failed.
        words = _SQLITE_FAULTS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    elif isinstance(cause, psycopg.Error):
        state = cause.sqlstate
        if state is None:
            # The client library made it: a connection that could not be made or was lost.
            lost = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
            words = _unreachable(cause) if lost else None
        else:
            words = _POSTGRES_FAULTS.get(state) or _POSTGRES_FAULTS.get(state[:2])
    return StoreUnavailable(f"The database {where} {words}.") if words else None


def is_key_taken(error: DBAPIError) -> bool:
    """Tell whether a row was refused for its primary or unique key."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode in _SQLITE_KEYS
    return isinstance(cause, psycopg.errors.UniqueViolation)


def _unreachable(cause: psycopg.Error) -> str:
    """Say why no connection could be made: psycopg gives the server's refusals as text only."""
    text = str(cause)
    if "does not exist" in text and "database" in text:
        return _POSTGRES_FAULTS["3D"]
    if "authentication failed" in text or "no password supplied" in text:
        return _POSTGRES_FAULTS["28"]
    return _POSTGRES_FAULTS["08"]


@contextmanager
def in_our_words(where: str) -> Iterator[None]:
    """Turn what the database refuses inside the block into `StoreUnavailable`."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error, psycopg.Error) as error:
        told = fault(error, where)
        if told is None:
            raise
        raise told from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnavailable(f"The database {where} is of a kind without a driver.") from error

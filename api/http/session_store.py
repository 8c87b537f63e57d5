"""Sessions at rest: three small tables beside the read models, shared by all processes.

A token is 32 random bytes; what is kept is its SHA-256, so whoever reads the database cannot sign
in with it. Signing out deletes the row, at once for every process. A nonce is not kept when it is
given, only when it is used: it carries its time and a hash under a secret of this database, so a
stranger who asks for a million costs nothing here.

None of it is history. Where the database of the read models is made anew, everybody signs in again.
"""

import secrets
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    delete,
    insert,
    select,
    text,
)

from projections.database import Database

SECRET_BYTES = 32

_metadata = MetaData()
_session = Table(
    "served_session",
    _metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("party", String, nullable=False),
    Column("key", String),
    Column("person", String),
    Column("since_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False, index=True),
)
_nonce = Table(
    "served_nonce",
    _metadata,
    Column("nonce", String, primary_key=True),
    Column("until_ms", BigInteger, nullable=False, index=True),
)
_secret = Table(
    "served_secret",
    _metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),
)

_USE_NONCE = text(
    f"INSERT INTO {_nonce.name} VALUES (:nonce, :until_ms) ON CONFLICT DO NOTHING RETURNING nonce"
)
"""What both databases understand; of two processes at once, one gets a row."""


class SessionRow(NamedTuple):
    """A session.

    Attributes:
        token: SHA-256 of its token.
        party: the party it asks for.
        key: name of the key that signed it, or None where staff came in by OpenID Connect.
        person: who that was, as the issuer names people, or None.
        since_ms: when it began, milliseconds since the epoch.
        until_ms: when it ends, likewise.

    """

    token: bytes
    party: str
    key: str | None
    person: str | None
    since_ms: int
    until_ms: int


class SessionStore:
    """The sessions of a ledger's servers. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        """Keep sessions in the database of the read models; the tables are made if they lack.

        Raises:
            StoreUnavailable: the database cannot be written.

        """
        self._database = database
        with database.changing_tables() as connection:
            _metadata.create_all(connection)
            found = connection.scalar(select(_secret.c.secret))
            if found is None:
                found = secrets.token_bytes(SECRET_BYTES)
                connection.execute(insert(_secret).values(one=1, secret=found))
        self.secret = bytes(found)

    def begin(self, row: SessionRow, nonce: str | None, nonce_until_ms: int) -> bool:
        """Keep a session, and that its nonce is used; False, and neither, where it was before.

        What has ended by now is forgotten on the way.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        with self._database.transaction() as connection:
            connection.execute(delete(_session).where(_session.c.until_ms <= row.since_ms))
            connection.execute(delete(_nonce).where(_nonce.c.until_ms <= row.since_ms))
            if nonce is not None:
                used = {"nonce": nonce, "until_ms": nonce_until_ms}
                if connection.execute(_USE_NONCE, used).first() is None:
                    return False
            connection.execute(insert(_session).values(row._asdict()))
        return True

    def find(self, token: bytes) -> SessionRow | None:
        """Return a session by the SHA-256 of its token, ended or not.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        with self._database.snapshot() as connection:
            found = connection.execute(select(_session).where(_session.c.token == token)).first()
        return None if found is None else SessionRow(*found)

    def end(self, token: bytes) -> None:
        """Forget a session.

        Raises:
            StoreUnavailable: the database cannot be written.

        """
        with self._database.transaction() as connection:
            connection.execute(delete(_session).where(_session.c.token == token))

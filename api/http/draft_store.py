"""Drafts at rest: statements that wait for signatures, in two tables beside the read models.

A draft is no history: it is forgotten when its time is over. But whoever proposed one may rely on
its being kept, so each change is on disk before it is answered (`Database.transaction`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from projections.database import Database

_metadata = MetaData()
_draft = Table(
    "served_draft",
    _metadata,
    Column("id", String, primary_key=True),
    Column("file", LargeBinary, nullable=False),
    Column("status", String, nullable=False),
    Column("outcome", LargeBinary),
    Column("proposer", String, nullable=False, index=True),
    Column("proposed_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False, index=True),
)
_signer = Table(
    "served_draft_signer",
    _metadata,
    Column("party", String, primary_key=True),
    Column("proposed_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("draft", String, primary_key=True),
)


class DraftRow(NamedTuple):
    """A draft.

    Attributes:
        id: SHA-256 of the statement's text, in hex.
        file: the statement file with the signatures that are there.
        status: `waiting`, `admitted` or `refused`.
        outcome: the receipt or the refusal as JSON, or None while it waits.
        proposer: the party of the first key in force that signed it when it was proposed.
        proposed_ms: when, milliseconds since the epoch.
        until_ms: when it is forgotten, likewise.

    """

    id: str
    file: bytes
    status: str
    outcome: bytes | None
    proposer: str
    proposed_ms: int
    until_ms: int


class Held(NamedTuple):
    """What a party's drafts that wait take: how many, and how many bytes."""

    drafts: int
    bytes: int


class DraftStore:
    """The drafts of a ledger's servers. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        """Keep drafts in a database of read models; the tables are made if they lack.

        Raises:
            StoreUnavailable: the database cannot be written.

        """
        self._database = database
        with self._database.changing_tables() as connection:
            _metadata.create_all(connection)

    def add(self, row: DraftRow, signers: Sequence[str]) -> bool:
        """Keep a draft and who is to see it; False where there is one with its id.

        Drafts whose time is over are forgotten on the way.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        with self._database.transaction(durable=True) as connection:
            over = select(_draft.c.id).where(_draft.c.until_ms <= row.proposed_ms)
            connection.execute(delete(_signer).where(_signer.c.draft.in_(over)))
            connection.execute(delete(_draft).where(_draft.c.until_ms <= row.proposed_ms))
            if _find(connection, row.id) is not None:
                return False
            connection.execute(insert(_draft).values(row._asdict()))
            seen = [
                {"party": party, "proposed_ms": row.proposed_ms, "draft": row.id}
                for party in sorted(set(signers))
            ]
            connection.execute(insert(_signer), seen)
        return True

    def find(self, draft: str) -> DraftRow | None:
        """Return a draft.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        with self._database.snapshot() as connection:
            return _find(connection, draft)

    def replace_file(self, draft: str, before: bytes, after: bytes) -> bool:
        """Put a file with more signatures in the place of `before`; False where another was first.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        change = (
            update(_draft)
            .where(_draft.c.id == draft, _draft.c.file == before, _draft.c.status == "waiting")
            .values(file=after)
            .returning(_draft.c.id)
        )
        with self._database.transaction(durable=True) as connection:
            return bool(connection.execute(change).fetchall())

    def settle(self, draft: str, status: str, outcome: bytes) -> None:
        """Say what became of a draft.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        change = update(_draft).where(_draft.c.id == draft).values(status=status, outcome=outcome)
        with self._database.transaction(durable=True) as connection:
            connection.execute(change)

    def of_party(
        self, party: str, now_ms: int, after: tuple[int, str] | None, limit: int
    ) -> list[DraftRow]:
        """Return the drafts that a party is to sign or has, the newest first, behind `after`.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        query = (
            select(_draft)
            .join(_signer, _signer.c.draft == _draft.c.id)
            .where(_signer.c.party == party, _draft.c.until_ms > now_ms)
            .order_by(_signer.c.proposed_ms.desc(), _signer.c.draft)
            .limit(limit)
        )
        if after is not None:
            when, draft = after
            query = query.where(
                (_signer.c.proposed_ms < when)
                | ((_signer.c.proposed_ms == when) & (_signer.c.draft > draft))
            )
        with self._database.snapshot() as connection:
            return [DraftRow(*row) for row in connection.execute(query)]

    def held_by(self, proposer: str, now_ms: int) -> Held:
        """Return what the drafts that a party proposed and that wait take.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        query = select(func.count(), func.coalesce(func.sum(func.length(_draft.c.file)), 0)).where(
            _draft.c.proposer == proposer,
            _draft.c.status == "waiting",
            _draft.c.until_ms > now_ms,
        )
        with self._database.snapshot() as connection:
            return Held(*connection.execute(query).one())


def _find(connection: Connection, draft: str) -> DraftRow | None:
    found = connection.execute(select(_draft).where(_draft.c.id == draft)).first()
    return None if found is None else DraftRow(*found)

"""Drafts at rest: statements that wait for signatures, in two tables beside the read models.

A draft is no history: it is forgotten when its time is over. But whoever proposed one may rely on
its being kept, so each change is on disk before it is answered (`Database.transaction`).

The note and the events are kept apart. The note, a few kB, says who must sign and who has, and is
all that a list needs; the events, up to 16 MiB, go when the draft is settled: what was admitted is
in the ledger, and what was refused has whoever proposed it.
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
    literal,
    select,
    update,
)

from projections.database import Database

_metadata = MetaData()
_draft = Table(
    "served_inbox",
    _metadata,
    Column("id", String, primary_key=True),
    Column("note", LargeBinary, nullable=False),
    Column("status", String, nullable=False),
    Column("outcome", LargeBinary),
    Column("proposer", String, nullable=False, index=True),
    Column("proposed_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False, index=True),
    Column("events", LargeBinary),  # last: what stands before it is read without it
)
_signer = Table(
    "served_inbox_signer",
    _metadata,
    Column("party", String, primary_key=True),
    Column("proposed_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("draft", String, primary_key=True),
)


class DraftRow(NamedTuple):
    """A draft.

    Attributes:
        id: SHA-256 of the statement's text, in hex.
        note: the statement's note with the signatures that are there.
        status: `waiting`, `admitted` or `refused`.
        outcome: the receipt or the refusal as JSON, or None while it waits.
        proposer: the party of the first key in force that signed it when it was proposed.
        proposed_ms: when, milliseconds since the epoch.
        until_ms: when it is forgotten, likewise.
        events: the event lines of the statement file; None once it is settled, and in lists.

    """

    id: str
    note: bytes
    status: str
    outcome: bytes | None
    proposer: str
    proposed_ms: int
    until_ms: int
    events: bytes | None

    @property
    def file(self) -> bytes | None:
        """The statement file, where its events are at hand."""
        return None if self.events is None else self.note + b"\n" + self.events


class Held(NamedTuple):
    """What the drafts that a party proposed take: how many are kept, and how many bytes."""

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

    def replace_note(self, draft: str, before: bytes, after: bytes) -> bool:
        """Put a note with more signatures in the place of `before`; False where another was first.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        change = (
            update(_draft)
            .where(_draft.c.id == draft, _draft.c.note == before, _draft.c.status == "waiting")
            .values(note=after)
            .returning(_draft.c.id)
        )
        with self._database.transaction(durable=True) as connection:
            return bool(connection.execute(change).fetchall())

    def settle(self, draft: str, status: str, outcome: bytes) -> None:
        """Say what became of a draft; its events are dropped.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        settled = {"status": status, "outcome": outcome, "events": None}
        with self._database.transaction(durable=True) as connection:
            connection.execute(update(_draft).where(_draft.c.id == draft).values(settled))

    def of_party(
        self, party: str, now_ms: int, after: tuple[int, str] | None, limit: int
    ) -> list[DraftRow]:
        """Return the drafts that a party is to sign or has, the newest first, behind `after`.

        Their events are not read.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        short = [each for each in _draft.c if each is not _draft.c.events]
        query = (
            select(*short)
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
            return [DraftRow._make((*row, None)) for row in connection.execute(query)]

    def held_by(self, proposer: str, now_ms: int) -> Held:
        """Return what the drafts that a party proposed take, those that are settled included.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        parts = (_draft.c.note, _draft.c.outcome, _draft.c.events)
        size = sum((func.coalesce(func.length(part), 0) for part in parts), start=literal(0))
        query = select(func.count(), func.coalesce(func.sum(size), 0)).where(
            _draft.c.proposer == proposer, _draft.c.until_ms > now_ms
        )
        with self._database.snapshot() as connection:
            return Held(*connection.execute(query).one())


def _find(connection: Connection, draft: str) -> DraftRow | None:
    found = connection.execute(select(_draft).where(_draft.c.id == draft)).first()
    return None if found is None else DraftRow(*found)

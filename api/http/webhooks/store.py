"""Webhooks at rest: a small table beside the read models, shared by all processes.

How far a webhook has come moves durably and only from where it was (`moved` compares), so of two
processes that post the same batch one moves it, and none moves it back. The secret is kept as it
is, for every signature needs it: whoever reads this database can sign batches, and nothing else.

None of it is history. Where the database of the read models is made anew, webhooks are added again,
`--after` what their receivers have reached.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from ledger.errors import LedgerError
from projections.database import Database

MAX_WEBHOOKS = 32
"""Of one ledger: each has a thread."""

_metadata = MetaData()
_webhook = Table(
    "served_webhook",
    _metadata,
    Column("id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("types", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("looked", BigInteger, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    Column("sending_to", BigInteger),
    Column("succeeded_ms", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("failing_since_ms", BigInteger),
    Column("tried_ms", BigInteger),
    Column("error", String),
    Column("stopped_ms", BigInteger),
)
_WELL = {"failures": 0, "failing_since_ms": None, "error": None, "stopped_ms": None}
"""What is kept of failures where there are none."""


class Webhook(NamedTuple):
    """A webhook; instants are milliseconds since the epoch.

    Attributes:
        id: its id, 12 hex digits.
        url: where it is posted to.
        types: the types of events it is for, a space between two; none means all.
        secret: 64 hex digits; as text, the key of its signatures.
        position: where its last batch ended: all below is delivered.
        looked: how many events were looked at; none from `position` to there is for it.
        added_ms: when it was added.
        sending_to: where the batch that was begun ends, or None.
        succeeded_ms: when a batch was taken last, or None.
        failures: how often it failed since.
        failing_since_ms: when that began, or None.
        tried_ms: when it was tried last, or None.
        error: why it failed the last time, or None.
        stopped_ms: when it was given up, or None.

    """

    id: str
    url: str
    types: str
    secret: str
    position: int
    looked: int
    added_ms: int
    sending_to: int | None = None
    succeeded_ms: int | None = None
    failures: int = 0
    failing_since_ms: int | None = None
    tried_ms: int | None = None
    error: str | None = None
    stopped_ms: int | None = None

    @property
    def type_names(self) -> tuple[str, ...]:
        """The types of events it is for; none means all."""
        return tuple(self.types.split())


class WebhookStore:
    """The webhooks of a ledger. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        """Keep webhooks in a database of read models; the table is made if it lacks.

        Raises:
            StoreUnavailable: the database cannot be written.

        """
        self._database = database
        with database.changing_tables() as connection:
            _metadata.create_all(connection)

    def add(self, webhook: Webhook) -> None:
        """Keep a webhook.

        Raises:
            LedgerError: there are `MAX_WEBHOOKS` already.
            StoreUnavailable: the database cannot be written; nothing was.

        """
        with self._database.transaction(durable=True) as connection:
            held = connection.scalar(select(func.count()).select_from(_webhook)) or 0
            if held >= MAX_WEBHOOKS:
                raise LedgerError(
                    f"there are {held} webhooks, and no more can be: remove one first"
                )
            connection.execute(insert(_webhook).values(webhook._asdict()))

    def all(self) -> list[Webhook]:
        """Return all webhooks, the oldest first.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        query = select(_webhook).order_by(_webhook.c.added_ms, _webhook.c.id)
        with self._database.snapshot() as connection:
            return [Webhook(*row) for row in connection.execute(query)]

    def find(self, webhook: str) -> Webhook | None:
        """Return a webhook by its id.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        query = select(_webhook).where(_webhook.c.id == webhook)
        with self._database.snapshot() as connection:
            found = connection.execute(query).first()
        return None if found is None else Webhook(*found)

    def remove(self, webhook: str) -> bool:
        """Forget a webhook; False where there is none.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        change = delete(_webhook).where(_webhook.c.id == webhook).returning(_webhook.c.id)
        with self._database.transaction(durable=True) as connection:
            return connection.execute(change).first() is not None

    def resume(self, webhook: str) -> bool:
        """Begin again with one that was given up or waits; False where there is none.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        change = update(_webhook).where(_webhook.c.id == webhook).values(_WELL)
        with self._database.transaction(durable=True) as connection:
            return connection.execute(change.returning(_webhook.c.id)).first() is not None

    # -- how far it has come -------------------------------------------------------------------

    def begin(self, webhook: Webhook, to: int) -> bool:
        """Keep where the batch ends that is to be posted now; False where another was first.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        return self._change(webhook, {"sending_to": to})

    def moved(self, webhook: Webhook, reached: int, now_ms: int) -> bool:
        """Keep that a batch was taken; False where another was first.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        taken = {"position": reached, "looked": reached, "sending_to": None, "tried_ms": now_ms}
        return self._change(webhook, {**_WELL, **taken, "succeeded_ms": now_ms})

    def passed(self, webhook: Webhook, looked: int) -> bool:
        """Keep that nothing up to `looked` is for it; False where another was first.

        Not durable: what a power cut takes back is looked through again.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        return self._change(webhook, {"looked": looked}, durable=False)

    def failed(self, webhook: Webhook, error: str, now_ms: int, stopped_ms: int | None) -> bool:
        """Keep that a batch was not taken and why; False where another was first.

        Raises:
            StoreUnavailable: the database cannot be written; nothing was.

        """
        change = {
            "failures": webhook.failures + 1,
            "failing_since_ms": webhook.failing_since_ms or now_ms,
            "tried_ms": now_ms,
            "error": error,
            "stopped_ms": stopped_ms,
        }
        return self._change(webhook, change)

    def _change(self, webhook: Webhook, values: dict[str, Any], *, durable: bool = True) -> bool:
        """Change a webhook that is still where it was and goes on."""
        change = (
            update(_webhook)
            .where(
                _webhook.c.id == webhook.id,
                _webhook.c.position == webhook.position,
                _webhook.c.stopped_ms.is_(None),
            )
            .values(values)
            .returning(_webhook.c.id)
        )
        with self._database.transaction(durable=durable) as connection:
            return connection.execute(change).first() is not None

"""The port of a ledger to its database: `Store`.

What it promises the one writer:

- **All or nothing.** A batch is committed as a whole. When `append` returns, it is on disk.
- **One history.** A batch that does not continue the stored head is refused with `HeadMoved`,
  whoever moved the head, in this process or another. Then: read what is new, admit again.
- **Nothing twice.** An event id that is taken is refused with `DuplicateId`; so no statement,
  which is its events, can come twice either.
- **Nothing changes.** Rows are only added (see `schema`).
- **A clear outcome.** `StoreUnavailable`: nothing was written, try again when the cause is
  mended. `OutcomeUnknown`: read the head before anything else.

Appends of one process queue; the caller need not lock. Reads never wait (see `reading`).

    with create_store("sqlite:///city.db", "city.example/ledger") as store:
        store.append(Batch(head_before=store.head(), statements=[…], …))

Creating and opening are different acts: `open_store` refuses what is not there, what is not a
ledger, and a schema it does not know; `create_store` refuses any database that is not empty.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from types import TracebackType
from typing import Self

from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    inspect,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.errors import Conflict
from ledger.store import schema
from ledger.store.errors import (
    DuplicateId,
    HeadMoved,
    LedgerExists,
    StoreUnavailable,
    fault,
    in_our_words,
    is_key_taken,
)
from ledger.store.postgres import PostgresDatabase
from ledger.store.reading import Reader
from ledger.store.rows import Batch, SnapshotRow
from ledger.store.sqlite import SqliteDatabase

PATIENCE_MS = 10_000
"""How long to wait for a lock another program holds: far longer than any write of ours takes."""

_revision = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table, as alembic makes it; a test compares."""

_PUT_SNAPSHOT = text(
    f"INSERT INTO {schema.snapshot.name} VALUES (1, :note, :data) "
    "ON CONFLICT (one) DO UPDATE SET note = excluded.note, data = excluded.data"
)
"""What both databases understand."""


class Store(Reader):
    """One ledger's database, open. Made by `create_store` and `open_store`."""

    def __init__(self, url: str, database: SqliteDatabase | PostgresDatabase) -> None:
        """Use `database`, which was checked to hold a ledger."""
        super().__init__(database.reader, database.where)
        self.url = url
        self.dialect = database.dialect
        self.appended = Condition()
        """Notified after each append of this process; other processes' appends are not."""
        self._database = database
        self._writing = Lock()

    def append(self, batch: Batch) -> None:
        """Commit `batch`; when this returns it is on disk.

        Raises:
            ValueError: the batch does not continue its own head; nothing was written.
            HeadMoved: another writer was first; nothing was written.
            DuplicateId: an id is taken; nothing was written.
            StoreUnavailable: locked, full, unreachable; nothing was written.
            OutcomeUnknown: the connection or disk failed during the commit.

        """
        batch.check()
        with self._writing:
            try:
                moved = self._database.write(batch)
            except IntegrityError as error:
                if not is_key_taken(error):
                    raise
                raise self._conflict(batch) from error
            except (DBAPIError, PoolTimeout) as error:
                told = fault(error, self.where)
                if told is None:
                    raise
                raise told from error
        if not moved:
            size = batch.head_before.size
            raise HeadMoved(f"The head of {self.where} is no longer at size {size}.")
        with self.appended:
            self.appended.notify_all()

    def put_snapshot(self, row: SnapshotRow) -> None:
        """Keep a state to start from, in the place of the one before it.

        It is one statement of SQL and so all or nothing: if we stop here, the old one stays.

        Raises:
            StoreUnavailable: locked, full, unreachable; the old one stays, or the new one is
                there whole.

        """
        with self._writing, in_our_words(self.where), self._database.writer.connect() as connection:
            connection.execute(_PUT_SNAPSHOT, row._asdict())

    def add_cosigned(self, size: int, note: bytes, witnesses: str) -> bool:
        """Add a cosigned checkpoint; when this returns it is on disk.

        False when one of a larger size was added meanwhile: then nothing was written.

        Raises:
            StoreUnavailable: locked, full, unreachable; to add it again does no harm.

        """
        table = schema.cosigned
        larger = select(table.c.n).where(table.c.size > size).exists()
        row = select(
            func.coalesce(func.max(table.c.n) + 1, 0),
            literal(size),
            literal(note, LargeBinary),
            literal(witnesses),
        ).having(~larger)
        columns = list(table.columns)
        insert = table.insert().from_select(columns, row).returning(table.c.n)
        with self._writing:
            while True:
                try:
                    with self._database.writer.connect() as connection:
                        added = connection.execute(insert).fetchall()
                except IntegrityError as error:
                    # On PostgreSQL two askers can take one number; the second takes the next.
                    if not is_key_taken(error):
                        raise
                except (DBAPIError, PoolTimeout) as error:
                    told = fault(error, self.where)
                    if told is None:
                        raise
                    raise told from error
                else:
                    return bool(added)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        """Use the store for a while."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _conflict(self, batch: Batch) -> Conflict:
        """Find which id of a refused batch is taken: asking costs only the refused."""
        event_ids = [row.id for row in batch.events]
        taken = self.known_events(event_ids) | _repeated(event_ids)
        if not taken:
            return Conflict(
                f"A key of the batch is taken in {self.where}: it was numbered wrongly."
            )
        return DuplicateId(
            f"The event id {min(taken).hex()} is in the ledger already or twice in the batch.",
            frozenset(taken),
        )


def create_store(url: str, origin: str, *, patience_ms: int = PATIENCE_MS) -> Store:
    """Make a ledger's tables in the empty database at `url`, for a log named `origin`.

    On SQLite the file is made; a PostgreSQL database must be there.

    Raises:
        LedgerExists: the database holds a ledger or any other table.
        StoreUnavailable: it cannot be reached or written.

    """
    with _database(url, patience_ms, create=True) as database:
        with database.reader.connect() as connection:
            tables = set(inspect(connection).get_table_names())
        if schema.head.name in tables and schema.statement.name in tables:
            raise LedgerExists(f"The database {database.where} holds a ledger already.")
        if tables:
            raise LedgerExists(
                f"The database {database.where} is not empty (table {min(tables)}): "
                "a ledger needs one of its own."
            )
        try:
            _make_tables(database, origin)
        except DBAPIError as error:
            if is_key_taken(error) or "already exists" in str(error.orig):
                raise LedgerExists(
                    f"Another process is creating a ledger in {database.where}."
                ) from error
            raise
        database.settle()
        return Store(url, database)


def open_store(url: str, *, patience_ms: int = PATIENCE_MS) -> Store:
    """Open the ledger in the database at `url`.

    Raises:
        StoreUnavailable: the database is missing, cannot be reached, holds no ledger, or one
            with a schema of another release.

    """
    with _database(url, patience_ms, create=False) as database:
        found = _recognise(database)
        if found != schema.REVISION:
            cure = (
                "install the release of Sunledger that wrote it, or a later one"
                if found > schema.REVISION
                else "make a backup, then bring it up to date with `migrate_store`"
            )
            raise StoreUnavailable(
                f"The ledger in {database.where} has schema {found} and this release "
                f"knows {schema.REVISION}: {cure}."
            )
        database.settle()
        store = Store(url, database)
        store.head()
        return store


def migrate_store(url: str, *, patience_ms: int = PATIENCE_MS) -> None:
    """Bring the schema of the ledger at `url` up to `schema.REVISION`, in one transaction.

    Raises:
        StoreUnavailable: there is no ledger, or it is locked, or of a newer release.

    """
    # Alembic is heavy to import and needed here alone.
    from ledger.store.migrations.running import upgrade  # noqa: PLC0415 - see above

    with _database(url, patience_ms, create=False) as database:
        if _recognise(database) > schema.REVISION:
            raise StoreUnavailable(f"The ledger in {database.where} is of a newer release already.")
        with database.writer.connect() as connection:
            connection.exec_driver_sql(database.begin)
            upgrade(connection)
            connection.exec_driver_sql("COMMIT")
        database.close()


@contextmanager
def _database(
    url: str, patience_ms: int, *, create: bool
) -> Iterator[SqliteDatabase | PostgresDatabase]:
    """Give the database at `url`; what fails inside closes it and is told in our words."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text may hold a password: it is not repeated.
        raise StoreUnavailable("The database URL cannot be read as one.") from error
    kinds: dict[str, type[SqliteDatabase | PostgresDatabase]] = {
        "sqlite": SqliteDatabase,
        "postgresql": PostgresDatabase,
    }
    kind = kinds.get(parsed.get_backend_name())
    if kind is None:
        raise StoreUnavailable(
            f"A ledger lives in sqlite:///… or postgresql://…, not in {parsed.drivername}."
        )
    database = kind(parsed, patience_ms, create=create)
    try:
        with in_our_words(database.where):
            yield database
    except BaseException:
        database.close()
        raise


def _recognise(database: SqliteDatabase | PostgresDatabase) -> str:
    """Give the schema revision of a ledger's database, or raise that it is none."""
    foreign = f"The database {database.where} is not a ledger of Sunledger"
    if not database.identify():
        raise StoreUnavailable(f"{foreign}: it does not bear the mark of one.")
    with database.reader.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if _revision.name not in tables:
            raise StoreUnavailable(f"{foreign}: it has no table {_revision.name}.")
        found = connection.scalars(select(_revision.c.version_num)).all()
    if len(found) != 1:
        raise StoreUnavailable(f"{foreign}: its schema has no revision.")
    # Another release's schema need not have our tables; the head and the log it has.
    ours = found[0] == schema.REVISION
    wanted = set(schema.metadata.tables) if ours else {schema.head.name, schema.statement.name}
    if missing := wanted - tables:
        raise StoreUnavailable(f"{foreign}: it has no table {min(missing)}.")
    return str(found[0])


def _make_tables(database: SqliteDatabase | PostgresDatabase, origin: str) -> None:
    # One transaction, in SQLite too: if we stop here, there is an empty database.
    with database.writer.connect() as connection:
        connection.exec_driver_sql(database.begin)
        database.mark(connection)
        schema.make_tables(connection)
        _revision.create(connection)
        connection.execute(_revision.insert().values(version_num=schema.REVISION))
        connection.execute(schema.head.insert().values(one=1, origin=origin, size=0, positions=0))
        connection.exec_driver_sql("COMMIT")


def _repeated(ids: list[bytes]) -> set[bytes]:
    return {taken for taken, times in Counter(ids).items() if times > 1}

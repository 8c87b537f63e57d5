"""Opening and creating: what is missing, foreign, locked, full or of another release is said."""

import resource
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text
from store.batches import batch

from ledger.store.errors import LedgerExists, OutcomeUnknown, StoreUnavailable
from ledger.store.rows import SnapshotRow
from ledger.store.schema import REVISION
from ledger.store.store import create_store, migrate_store, open_store

ORIGIN = "test.example/log"


def _execute(url: str, *changes: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for change in changes:
            connection.execute(text(change))
    engine.dispose()


def _refusal(url: str, **options: Any) -> str:
    """Open the ledger at `url`, which must fail, and give the sentence."""
    with pytest.raises(StoreUnavailable) as caught:
        open_store(url, **options)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_missing_file_is_not_created(sqlite_database: str) -> None:
    """Opening a path that does not exist says so and leaves nothing there."""
    assert "does not exist" in _refusal(sqlite_database)
    assert not Path(str(make_url(sqlite_database).database)).exists()


def test_missing_postgres_database_is_said(postgres_database: str) -> None:
    """A database the server does not have is named, not created."""
    url = make_url(postgres_database).set(database="nowhere").render_as_string(hide_password=False)
    assert "does not exist on the server" in _refusal(url)


def test_unreachable_server_is_said(tmp_path: Path) -> None:
    """A server that is not there is one sentence, without the password."""
    sentence = _refusal(f"postgresql://u:hunter2@/ledger?host={tmp_path}")
    assert "cannot be reached" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("mysql://u:hunter2@h/d", "not in mysql"),
        ("no url hunter2", "cannot be read as one"),
    ],
)
def test_url_of_another_kind_is_refused(url: str, says: str) -> None:
    """What is no URL of an SQLite file or a PostgreSQL database is refused by name."""
    sentence = _refusal(url)
    assert says in sentence
    assert "hunter2" not in sentence


def test_foreign_database_is_refused(database_url: str) -> None:
    """Somebody else's tables are neither opened as a ledger nor built upon."""
    _execute(database_url, "CREATE TABLE head (a INTEGER)", "CREATE TABLE other (a INTEGER)")
    assert "is not a ledger" in _refusal(database_url)
    with pytest.raises(LedgerExists, match="is not empty"):
        create_store(database_url, ORIGIN)
    _execute(database_url, "INSERT INTO other VALUES (1)")


def test_foreign_sqlite_file_is_not_touched(sqlite_database: str) -> None:
    """Refusing a foreign file leaves every byte of it, its journal mode included."""
    _execute(sqlite_database, "CREATE TABLE other (a INTEGER)")
    path = Path(str(make_url(sqlite_database).database))
    before = path.read_bytes()
    _refusal(sqlite_database)
    with pytest.raises(LedgerExists):
        create_store(sqlite_database, ORIGIN)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file under the ledger's name is said to be no database."""
    path = tmp_path / "ledger.db"
    path.write_text("not a database, but long enough to have a header of its own\n" * 30)
    assert "is not a SQLite database" in _refusal(f"sqlite:///{path}")


def test_missing_table_is_named(database_url: str) -> None:
    """A ledger that has lost a table is not opened."""
    create_store(database_url, ORIGIN).close()
    _execute(database_url, "DROP TABLE tile")
    assert "it has no table tile" in _refusal(database_url)


def test_missing_head_is_said(database_url: str) -> None:
    """A ledger without its head row is not opened as an empty one."""
    create_store(database_url, ORIGIN).close()
    off = "DROP TRIGGER head_refuses_delete"
    on_head = " ON head" if database_url.startswith("postgresql") else ""
    _execute(database_url, off + on_head, "DELETE FROM head")
    assert "has lost the row of its head" in _refusal(database_url)


@pytest.mark.parametrize(("found", "cure"), [("9999", "install"), ("0000", "migrate_store")])
def test_schema_of_another_release_is_refused(database_url: str, found: str, cure: str) -> None:
    """A newer or older schema is refused with what to do, and nothing is changed."""
    create_store(database_url, ORIGIN).close()
    _execute(database_url, f"UPDATE alembic_version SET version_num = '{found}'")
    sentence = _refusal(database_url)
    assert found in sentence
    assert REVISION in sentence
    assert cure in sentence


def test_ledger_of_an_older_release_is_told_what_to_do_and_migrated(database_url: str) -> None:
    """A ledger without the newer tables keeps its history, and has the tables afterwards."""
    with create_store(database_url, ORIGIN) as store:
        store.append(batch(store.head()))
        head = store.head()
    older = "UPDATE alembic_version SET version_num = '0001'"
    _execute(database_url, "DROP TABLE snapshot", "DROP TABLE cosigned", older)
    assert "migrate_store" in _refusal(database_url)
    migrate_store(database_url)
    with open_store(database_url) as store:
        assert store.head() == head
        assert store.snapshot() is None
        store.put_snapshot(SnapshotRow(b"note", b"data"))
        assert store.snapshot() == SnapshotRow(b"note", b"data")
        assert store.add_cosigned(1, b"note", "key")


def test_newer_schema_is_not_migrated(database_url: str) -> None:
    """Migrating never goes backwards."""
    create_store(database_url, ORIGIN).close()
    _execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="newer release"):
        migrate_store(database_url)


def test_two_that_create_at_once_make_one_ledger(database_url: str) -> None:
    """Of several that create a ledger in one database at the same time, one does."""

    def create(number: int) -> str:
        try:
            create_store(database_url, f"test.example/{number}").close()
        except LedgerExists:
            return "exists"
        return "created"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(create, range(4)))
    assert outcomes == ["created", "exists", "exists", "exists"]
    with open_store(database_url) as store:
        assert store.head().origin.startswith("test.example/")


def test_locked_file_is_said(sqlite_database: str) -> None:
    """A file that another program holds is said to be locked, after the patience given."""
    create_store(sqlite_database, ORIGIN).close()
    holder = sqlite3.connect(str(make_url(sqlite_database).database), isolation_level=None)
    with open_store(sqlite_database, patience_ms=50) as store:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="is locked by another program"):
            store.append(batch(store.head()))
        holder.execute("ROLLBACK")
        store.append(batch(store.head()))
        assert store.head().size == 1
    holder.close()


def test_locked_head_is_said(postgres_database: str) -> None:
    """A head row that another session holds is said to be locked, after the patience given."""
    create_store(postgres_database, ORIGIN).close()
    target = make_url(postgres_database).set(drivername="postgresql")
    with (
        psycopg.connect(target.render_as_string(hide_password=False)) as holder,
        open_store(postgres_database, patience_ms=50) as store,
    ):
        holder.execute("SELECT * FROM head FOR UPDATE")
        with pytest.raises(StoreUnavailable, match="is locked by another program"):
            store.append(batch(store.head()))
        holder.rollback()
        store.append(batch(store.head()))
        assert store.head().size == 1


def test_file_that_may_not_grow_refuses_and_keeps_nothing(sqlite_database: str) -> None:
    """SQLite's own limit of pages stands for a quota: the batch is refused as a whole."""
    with create_store(sqlite_database, ORIGIN) as store:
        store.append(batch(store.head()))
        kept = store.head()
        with store._database.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 40")
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            store.append(batch(kept, statements=50, events=20, body=b"x" * 2000))
        assert store.head() == kept
        assert [row.index for row, _ in store.entries()] == [0]
        with store._database.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        store.append(batch(kept, statements=50, events=20, body=b"x" * 2000))
        assert store.head().size == 51


def test_snapshot_that_does_not_fit_leaves_the_old_one(sqlite_database: str) -> None:
    """What cannot be stored whole is not stored; what was kept before can still be read."""
    old = SnapshotRow(b"old", b"x" * 1000)
    with create_store(sqlite_database, ORIGIN) as store:
        store.append(batch(store.head()))
        store.put_snapshot(old)
        with store._database.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 60")
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            store.put_snapshot(SnapshotRow(b"new", b"y" * 1_000_000))
        assert store.snapshot() == old
        store.append(batch(store.head()))


def test_disk_that_fails_during_commit_leaves_the_outcome_to_the_head(
    sqlite_database: str,
) -> None:
    """A write error in COMMIT is told apart, the head is as before, and the next batch enters."""
    with create_store(sqlite_database, ORIGIN) as store:
        store.append(batch(store.head()))
        kept = store.head()
        big = batch(kept, statements=50, events=20, body=b"x" * 2000)
        wal = Path(f"{make_url(sqlite_database).database}-wal")
        with _files_end_at(wal.stat().st_size + 100_000), pytest.raises(OutcomeUnknown):
            store.append(big)
        assert store.head() == kept
        assert store.row_counts()["event"] == kept.positions
        store.append(big)
        assert store.head() == big.head_after


def test_connection_lost_during_commit_leaves_the_outcome_to_the_head(
    postgres_database: str,
) -> None:
    """A writer whose connection is cut while it waits is told so, and goes on afterwards."""
    create_store(postgres_database, ORIGIN).close()
    target = make_url(postgres_database).set(drivername="postgresql")
    with (
        psycopg.connect(target.render_as_string(hide_password=False)) as holder,
        open_store(postgres_database) as store,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("SELECT * FROM head FOR UPDATE")
        given = batch(store.head())
        appended = pool.submit(store.append, given)
        cut = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while holder.execute(cut).fetchone() != (1,):
            # The list of sessions is read once a transaction, unless it is told to forget.
            holder.execute("SELECT pg_stat_clear_snapshot()")
        with pytest.raises(OutcomeUnknown, match="its head tells the outcome"):
            appended.result(20)
        holder.rollback()
        assert store.head() == given.head_before
        store.append(given)
        assert store.head() == given.head_after


def test_server_that_went_away_is_said_and_found_again(postgres_database: str) -> None:
    """Cut connections of readers are replaced without a word."""
    with create_store(postgres_database, ORIGIN) as store:
        target = make_url(postgres_database).set(drivername="postgresql")
        with psycopg.connect(target.render_as_string(hide_password=False)) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.head().size == 0


@contextmanager
def _files_end_at(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # it would cut them too
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = writes

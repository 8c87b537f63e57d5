"""A database tampered with: in every table of the history, whatever is changed is found and named.

Triggers and foreign keys are out of the way, as they are for whoever owns the database. Each case
begins with a fresh copy of one true ledger of 300 statements.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from replay.histories import checkpoint_of, fill, grown, policy_of, town
from sqlalchemy import Connection, Row, Table, create_engine, make_url, select
from world import World

from ledger.app import Ledger
from ledger.note import COSIGNATURE_V1, Ed25519Signer, cosign, format_note, parse_note
from ledger.replay.database import DatabaseSource
from ledger.replay.report import Wrong
from ledger.replay.verifying import verify
from ledger.store import schema
from ledger.store.store import open_store
from ledger.times import MS_PER_SECOND

SIZE = 300
WITNESS = Ed25519Signer("audit.example", b"w" * 32, COSIGNATURE_V1)
TABLES = {table.name: table for table in (schema.head, *schema.HISTORY)}
CASES = [(name, column.name) for name, table in TABLES.items() for column in table.columns]
HISTORY = [table.name for table in schema.HISTORY]


@pytest.fixture(scope="module")
def world() -> World:
    """Tell a history long enough for a complete tile."""
    return grown(town(), SIZE)


@pytest.fixture(scope="module")
def true_sqlite(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill an SQLite file with it, without triggers."""
    path = tmp_path_factory.mktemp("true") / "ledger.db"
    with fill(f"sqlite:///{path}", world) as ledger:
        cosign_some(ledger, world)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.exec_driver_sql(names).fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def true_postgres(world: World, postgres_url: str) -> Iterator[str]:
    """Fill a PostgreSQL database with it, without triggers and foreign keys."""
    run_on(postgres_url, "CREATE DATABASE {}", "true_ledger")
    url = make_url(postgres_url).set(database="true_ledger")
    text = url.render_as_string(hide_password=False)
    with fill(text, world) as ledger:
        cosign_some(ledger, world)
    engine = create_engine(url)
    with engine.begin() as connection:
        for name in TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER ALL")
        connection.exec_driver_sql("ALTER TABLE posting DROP CONSTRAINT fk_posting_position")
        connection.exec_driver_sql("ALTER TABLE cosigned DROP CONSTRAINT fk_cosigned_size")
    engine.dispose()
    yield text
    run_on(postgres_url, "DROP DATABASE {} WITH (FORCE)", "true_ledger")


def cosign_some(ledger: Ledger, world: World) -> None:
    """Let a witness have cosigned some checkpoints, at the times of their last statements."""
    for size in (SIZE - 20, SIZE - 10, SIZE, SIZE):
        note = parse_note(checkpoint_of(world.statements[:size]))
        time_s = world.statements[size - 1].recorded_ms // MS_PER_SECOND
        line = cosign(note.text, WITNESS, time_s)
        cosigned = format_note(note.text, [*note.signatures, line])
        assert ledger.store.add_cosigned(size, cosigned, str(WITNESS.verifier))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a copy of the true ledger, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        true = request.getfixturevalue("true_sqlite")
        shutil.copy(true, tmp_path / "ledger.db")
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    true_url = make_url(request.getfixturevalue("true_postgres"))
    maintenance = request.getfixturevalue("postgres_url")
    run_on(maintenance, "CREATE DATABASE {} TEMPLATE true_ledger", "copied_ledger")
    yield true_url.set(database="copied_ledger").render_as_string(hide_password=False)
    run_on(maintenance, "DROP DATABASE {} WITH (FORCE)", "copied_ledger")


def run_on(maintenance_url: str, command: str, name: str) -> None:
    """Run a command about a database."""
    target = make_url(maintenance_url).set(drivername="postgresql")
    text = target.render_as_string(hide_password=False)
    with psycopg.connect(text, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))


def tamper(url: str, change: Callable[[Connection], None]) -> None:
    """Change a database behind the ledger's back."""
    engine = create_engine(url)
    with engine.begin() as connection:
        change(connection)
    engine.dispose()


def wrong(url: str, world: World, **more: Any) -> Wrong:
    """Verify a database that must be found wrong; return what was named."""
    with open_store(url) as store, pytest.raises(Wrong) as caught:
        verify(DatabaseSource(store), policy_of(world), **more)
    return caught.value


def target(connection: Connection, table: Table) -> Row[Any]:
    """Return the row that is tampered with: one in the middle of the history."""
    rows = connection.execute(select(table).order_by(*table.primary_key.columns)).fetchall()
    return rows[len(rows) // 2]


def is_row(table: Table, row: Row[Any]) -> Any:
    """Return the condition that finds a row by its key."""
    keys = [column == row._mapping[column.name] for column in table.primary_key.columns]
    condition = keys[0]
    for key in keys[1:]:
        condition &= key
    return condition


def index_of(connection: Connection, table: Table, row: Row[Any]) -> int:
    """Return the statement that a row belongs to; of a checkpoint and the head, the size."""
    named = row._mapping
    if table.name == "statement":
        return int(named["leaf_index"])
    if table.name == "event":
        return int(named["statement_index"])
    if table.name == "tile":
        return 0
    if table.name in {"checkpoint", "cosigned", "head"}:
        return int(named["size"])
    if table.name == "subject":
        touch = schema.subject_event.c
        query = select(touch.position).where(touch.subject == named["no"], touch.ordinal == 1)
        position = connection.execute(query).scalar_one()
    else:
        position = named["position"]
    event = schema.ledger_event.c
    query = select(event.statement_index).where(event.position == position)
    return int(connection.execute(query).scalar_one())


def altered(value: Any) -> Any:
    """Return another value of the same type, as near as can be."""
    if isinstance(value, bytes):
        middle = len(value) // 2
        return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]
    if isinstance(value, str):
        return value[:-1] + chr(ord(value[-1]) ^ 1)
    return "c-1" if value is None else value + 10_000


def test_the_true_ledger_verifies(url: str, world: World) -> None:
    """What the cases begin with is right."""
    with open_store(url) as store:
        assert verify(DatabaseSource(store), policy_of(world)).exit_code == 0


@pytest.mark.parametrize(("name", "column"), CASES)
def test_a_changed_column_is_found(url: str, world: World, name: str, column: str) -> None:
    """In every column of every table, one value changed is named with its statement."""
    table, expected = TABLES[name], -1

    def change(connection: Connection) -> None:
        nonlocal expected
        row = target(connection, table)
        expected = index_of(connection, table, row)
        value = altered(row._mapping[column])
        connection.execute(table.update().where(is_row(table, row)).values({column: value}))

    if (name, column) == ("head", "one"):
        return  # the table holds one row by its constraint, numbered one
    tamper(url, change)
    found = wrong(url, world)
    if name == "tile" and column == "hashes":
        assert found.index == 128  # the hash in its middle is that of statement 128
    elif name == "head":
        assert found.index in {expected, expected + 10_000}
    elif name == "cosigned" and column != "note":
        assert found.what.startswith("table cosigned: row ")
    else:
        assert found.index == expected
    if name == "event" and column not in {"position", "body"}:
        assert f"event.{column} is stored as" in found.reason
        assert found.event_id is not None


@pytest.mark.parametrize("name", HISTORY)
def test_a_deleted_row_is_found(url: str, world: World, name: str) -> None:
    """A row deleted from any table of the history is missed at its statement."""
    table, expected = TABLES[name], -1

    def change(connection: Connection) -> None:
        nonlocal expected
        row = target(connection, table)
        expected = index_of(connection, table, row)
        connection.execute(table.delete().where(is_row(table, row)))

    tamper(url, change)
    assert wrong(url, world).index == expected


# That a witness cosigned once more, only the witness can tell.
@pytest.mark.parametrize("name", [name for name in HISTORY if name != "cosigned"])
def test_the_last_row_deleted_is_found(url: str, world: World, name: str) -> None:
    """A row cut off the end of any table is missed."""
    table = TABLES[name]

    def change(connection: Connection) -> None:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).fetchall()
        connection.execute(table.delete().where(is_row(table, rows[-1])))

    tamper(url, change)
    wrong(url, world)


@pytest.mark.parametrize("name", ["statement", "event", "posting", "subject_event", "checkpoint"])
def test_rows_that_changed_places_are_found(url: str, world: World, name: str) -> None:
    """Two neighbours swapped, keys apart, are named at the first of them."""
    table, expected = TABLES[name], -1
    keys = {column.name for column in table.primary_key.columns}
    unique = {"id"} & set(table.columns.keys())

    def change(connection: Connection) -> None:
        nonlocal expected
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).fetchall()
        first = len(rows) // 2
        one, other = rows[first], rows[first + 1]
        expected = index_of(connection, table, one)
        for row, values in ((one, other), (other, one)):
            moved = {k: v for k, v in values._mapping.items() if k not in keys | unique}
            connection.execute(table.update().where(is_row(table, row)).values(moved))

    tamper(url, change)
    assert wrong(url, world).index == expected


@pytest.mark.parametrize("place", ["before", "behind"])
@pytest.mark.parametrize("name", HISTORY)
def test_an_inserted_row_is_found(url: str, world: World, name: str, place: str) -> None:
    """A row that follows from no statement is found before the first row and behind the last."""
    table = TABLES[name]

    def change(connection: Connection) -> None:
        row = dict(target(connection, table)._mapping)
        for column in table.primary_key.columns:
            row[column.name] = -7 if place == "before" else 1_000_000
        for name_taken in {"id", "key"} & row.keys():
            row[name_taken] = altered(row[name_taken])
        connection.execute(table.insert().values(row))

    tamper(url, change)
    found = wrong(url, world)
    assert name in str(found) or name == "subject_event"


def test_an_event_slipped_into_a_statement_is_found(url: str, world: World) -> None:
    """A touch more of the same event, in its place in order, is named with the event."""
    touches = schema.subject_event

    def change(connection: Connection) -> None:
        row = dict(target(connection, touches)._mapping)
        ordinals = select(touches.c.ordinal).where(touches.c.subject == row["subject"])
        row["ordinal"] = max(connection.execute(ordinals).scalars()) + 1
        connection.execute(touches.insert().values(row))

    tamper(url, change)
    found = wrong(url, world)
    assert found.event_id is not None
    assert "follows from no statement" in found.reason


def test_a_consistent_rollback_shows_only_against_since(url: str, world: World) -> None:
    """Cut back as a whole, a database is a true history of the day before; `since` knows better."""
    statements, events = SIZE - 1, len(world.journal) - 1

    def change(connection: Connection) -> None:
        subject = schema.subject_event.c
        for table, column, end in (
            (schema.statement, schema.statement.c.leaf_index, statements),
            (schema.posting, schema.posting.c.position, events),
            (schema.subject_event, subject.position, events),
            (schema.ledger_event, schema.ledger_event.c.position, events),
            (schema.cosigned, schema.cosigned.c.size, statements + 1),
            (schema.checkpoint, schema.checkpoint.c.size, statements + 1),
        ):
            connection.execute(table.delete().where(column >= end))
        moved = schema.head.update().values(size=statements, positions=events)
        connection.execute(moved)

    tamper(url, change)
    with open_store(url) as store:
        assert verify(DatabaseSource(store), policy_of(world)).exit_code == 0
    found = wrong(url, world, since=checkpoint_of(world.statements))
    assert "when `since` was signed" in found.reason


def test_the_first_of_several_is_named(url: str, world: World) -> None:
    """What shows late (a touch) and what shows at once are told apart by their place."""

    def change(connection: Connection) -> None:
        touches, event = schema.subject_event, schema.ledger_event
        row = target(connection, touches)
        connection.execute(touches.delete().where(is_row(touches, row)))
        late = event.update().where(event.c.position == len(world.journal) - 2)
        connection.execute(late.values(version=10_000))

    tamper(url, change)
    found = wrong(url, world)
    assert found.index < SIZE - 2
    assert "touch" in found.reason

"""The migrations and the definition of the tables are the same thing told twice."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from store.batches import batch

from ledger.store import schema
from ledger.store.migrations.running import configuration, upgrade
from ledger.store.store import create_store, migrate_store, open_store


def _definition(connection: Connection) -> dict[str, Any]:
    """Describe a database as it describes itself."""
    if connection.dialect.name == "sqlite":
        listing = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        rows = connection.execute(text(listing)).all()
        return {name: " ".join(str(sql).split()) for name, sql in rows}
    seen = inspect(connection)
    described: dict[str, Any] = {}
    for table in seen.get_table_names():
        described[table] = [
            {key: str(value) for key, value in column.items()} for column in seen.get_columns(table)
        ]
    ours = "= 'public'::regnamespace"
    of_tables = f"relkind = 'r' AND relnamespace {ours}"
    columns = f"FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid WHERE {of_tables}"
    catalogue = (
        f"SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace {ours}",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        f"SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace {ours}",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        f"SELECT attrelid::regclass || '.' || attname, attstorage::text {columns}",
    )
    for query in catalogue:
        for name, told in connection.execute(text(query)):
            described[f"{name}: {told}"] = query
    return described


def _empty(engine: Engine) -> None:
    """Drop everything a test made."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            return
        for table in (*reversed(schema.metadata.sorted_tables), None):
            name = "alembic_version" if table is None else table.name
            connection.execute(text(f"DROP TABLE {name}"))


# On SQLite an index over an expression is compared by `_definition` alone.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_migrations_give_the_tables_of_the_definition(database_url: str) -> None:
    """All migrations on an empty database give what `create_store` gives, triggers included."""
    create_store(database_url, "test.example/log").close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        created = _definition(connection)
    _empty(engine)
    with engine.begin() as connection:
        assert _definition(connection) == {}
        upgrade(connection)
        assert _definition(connection) == created
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()
    assert {"head", "event", "subject_event"} <= set(created)
    assert any("refuses" in name for name in created)


def test_created_ledger_is_at_the_newest_migration(database_url: str) -> None:
    """A new ledger bears the revision of the last migration, as alembic reads it."""
    create_store(database_url, "test.example/log").close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
        assert script.get_heads() == [schema.REVISION]
        assert MigrationContext.configure(connection).get_current_heads() == (schema.REVISION,)
    engine.dispose()


def test_migrating_a_current_ledger_changes_nothing(database_url: str) -> None:
    """Migrating is safe to repeat."""
    with create_store(database_url, "test.example/log") as store:
        store.append(batch(store.head()))
    migrate_store(database_url)
    with open_store(database_url) as store:
        assert store.head().size == 1

"""How a ledger of an older release gets today's tables: alembic, run by `migrate_store`."""

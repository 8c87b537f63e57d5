"""Alembic runs this file to learn on what to work: the connection that `running` hands over."""

from alembic import context

from ledger.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
# The caller began the transaction and commits it, or not.
context.run_migrations()

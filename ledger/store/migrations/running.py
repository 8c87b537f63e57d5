"""Run the migrations on an open connection, without a configuration file.

A new ledger is made from `schema` directly and says so in `alembic_version`; the steps here
are for the older ones. A test runs them all on an empty database and compares.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def configuration(connection: Connection) -> Config:
    """Describe the migrations to alembic, to be run on `connection`."""
    config = Config()
    # A configuration file gives % a meaning of its own.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Run the steps that are missing. The transaction is the caller's, so all run or none."""
    command.upgrade(configuration(connection), "head")

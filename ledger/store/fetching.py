"""Running a query on a store's database, for rows as the driver gives them."""

from collections.abc import Generator
from typing import Any

from sqlalchemy import Engine, Select
from sqlalchemy.exc import DBAPIError

from ledger.store.errors import in_our_words

Parameters = tuple[Any, ...] | dict[str, Any]
"""Of a text in the order of its marks, of a query of SQLAlchemy's by name."""

STREAMED_ROWS = 500
"""Rows of a stream held at once."""


class Fetcher:
    """Runs queries; safe to use from several threads.

    Attributes:
        where: what names the database in messages.

    """

    def __init__(self, engine: Engine, where: str) -> None:
        """Read through `engine`; `where` names the database in messages."""
        self._engine = engine
        self.where = where

    def fetch(self, query: Select[Any] | str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Run `query`, which is the driver's own when it is a text, and return plain tuples.

        To make a query costs more than to run it: what is asked often is made once, with
        parameters by name.

        A connection that was cut since it was last used is replaced, once: a read can be
        repeated, and asking each connection first whether it lives would cost a round trip.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        with in_our_words(self.where):
            try:
                return self._fetch(query, parameters)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return self._fetch(query, parameters)

    def _fetch(self, query: Select[Any] | str, parameters: Parameters) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            if isinstance(query, str):
                result = connection.exec_driver_sql(query, parameters)
            else:
                result = connection.execute(query, parameters or None)
            # Straight from the driver: both give int, str and bytes as they are.
            cursor: Any = result.cursor
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def stream(self, query: Select[Any]) -> Generator[list[tuple[Any, ...]], None, None]:
        """Yield the rows of a query some hundred at a time; whoever stops early holds no more.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        with in_our_words(self.where), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                cursor: Any = connection.execute(query).cursor  # it reads as it is asked
                while rows := cursor.fetchmany(STREAMED_ROWS):
                    yield rows
                return
            connection.exec_driver_sql("BEGIN READ ONLY")  # a cursor of the server's lives in one
            try:
                options = {"yield_per": STREAMED_ROWS}
                for part in connection.execute(query, execution_options=options).partitions():
                    yield list(map(tuple, part))
            finally:
                connection.connection.rollback()

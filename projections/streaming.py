"""Going through many rows of read models without holding them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select

BATCH_ROWS = 5_000
"""Rows fetched at once: what is held, and more than a round trip is worth."""


def stream(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query as tuples, some thousand at a time.

    SQLite's cursor reads as it is asked, so its own tuples are given: making each of a million
    rows an object would take as long again. PostgreSQL would send everything at once; there a
    cursor of the server's keeps what was not asked for yet.
    """
    if connection.dialect.name == "sqlite":
        cursor: Any = connection.execute(query).cursor
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield from rows
    else:
        options = {"yield_per": BATCH_ROWS}
        for part in connection.execute(query, execution_options=options).partitions():
            yield from map(tuple, part)

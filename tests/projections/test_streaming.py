"""Many rows, some at a time: none is lost and none doubled, whatever the driver buffers."""

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, insert, select

from projections.database import Database
from projections.streaming import BATCH_ROWS, stream

NUMBERS = Table("numbers", MetaData(), Column("n", BigInteger, primary_key=True))


@pytest.mark.parametrize("count", [0, 1, BATCH_ROWS, 2 * BATCH_ROWS + 1])
def test_every_row_is_given_once_and_in_order(database_url: str, count: int) -> None:
    """Plain tuples, also of an empty answer, of exactly one batch, and of one row more."""
    database = Database(database_url)
    with database.changing_tables() as connection:
        NUMBERS.create(connection)
        if count:
            connection.execute(insert(NUMBERS), [{"n": n} for n in range(count)])
    with database.snapshot() as connection:
        rows = stream(connection, select(NUMBERS).order_by(NUMBERS.c.n))
        assert list(rows) == [(n,) for n in range(count)]
    database.close()

"""The engine of many machines: Spark for the questions, `mapInArrow` for the months.

Every month of a ledger is a partition of its own, checked by the same code as on one machine. The
files must lie where every worker finds them under the same name. Needs the extra `spark`, and Java.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from msgspec import json
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import lit

from projections.national.checking import Month, MonthFound, check_month
from projections.national.columns import EVENTS, POSTINGS, ColumnFolder
from projections.national.engine import Keys
from projections.national.keys import Enrolled

LOCAL = "local[2]"
_FOUND = "found binary"


class SparkDialect:
    """Spark's words."""

    def text(self, field: str) -> str:
        """Return the expression of a text field of an event's body."""
        return f"get_json_object(body, '$.{field}')"

    def parsed(self, fields: Sequence[str]) -> str:
        """Return the expression of several text fields of an event's body, parsed once."""
        return f"from_json(body, '{', '.join(f'{field} string' for field in fields)}')"

    def part(self, parsed: str, fields: Sequence[str], field: str) -> str:  # noqa: ARG002
        """Return the expression of one of the fields that were parsed together."""
        return f"{parsed}.{field}"

    def millis(self, instant: str) -> str:
        """Return the expression of an instant, milliseconds since 1970."""
        return f"unix_millis(CAST({instant} AS TIMESTAMP))"

    def each(self, listed: str) -> str:
        """Return the expression that makes a row of each text in a list, given as its JSON."""
        return f"explode(from_json({listed}, 'array<string>'))"

    def together(self, number: str) -> str:
        """Return the aggregate of numbers as one text, in order."""
        listed = f"array_sort(collect_list({number}))"
        return f"array_join(transform({listed}, each -> CAST(each AS STRING)), ' ')"


class SparkEngine:
    """Questions and months to a Spark session."""

    def __init__(self, session: SparkSession, *, owned: bool = False) -> None:
        """Work with a session; `local_session` starts one here. An owned one ends with us."""
        self._session = session
        self._owned = owned
        self._kept: list[DataFrame] = []

    @property
    def dialect(self) -> SparkDialect:
        """The engine's words."""
        return SparkDialect()

    def open(self, folders: Mapping[int, ColumnFolder]) -> None:
        """Read these ledgers, by their numbers, from now on."""
        for table in (EVENTS, POSTINGS):
            whole: DataFrame | None = None
            for number, folder in folders.items():
                paths = [folder.path(table, month) for month in folder.months]
                part = self._session.read.parquet(*paths).withColumn("ledger", lit(number))
                whole = part if whole is None else whole.unionByName(part)
            if whole is not None:
                whole.createOrReplaceTempView(table)

    def keep(self, name: str, question: str) -> None:
        """Keep what a question gives as a table of that name."""
        kept = self._session.sql(question).cache()
        kept.createOrReplaceTempView(name)
        self._kept.append(kept)

    def rows(self, question: str) -> Iterator[tuple[Any, ...]]:
        """Yield what a question gives."""
        yield from map(tuple, self._session.sql(question).toLocalIterator())

    def check(
        self, asked: Iterable[tuple[Month, Keys]], *, signatures: bool
    ) -> Iterator[MonthFound]:
        """Yield what is found of each month: a partition each."""
        months = [(bytearray(json.encode(each)),) for each in asked]
        if not months:
            return
        rows = self._session.sparkContext.parallelize(months, len(months))
        frame = self._session.createDataFrame(rows, "asked binary")

        def checked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                found = [_checked(each, signatures=signatures) for each in batch[0].to_pylist()]
                yield pa.RecordBatch.from_arrays([pa.array(found, pa.binary())], ["found"])

        # Collected, since a local iterator would have one partition checked after the other; what
        # is found of a month is some hundred bytes.
        for row in frame.mapInArrow(checked, _FOUND).collect():
            yield json.decode(bytes(row[0]), type=MonthFound)

    def close(self) -> None:
        """Let go of what was kept, and of the session where it is ours."""
        for frame in self._kept:
            frame.unpersist()
        self._kept.clear()
        if self._owned:
            self._session.stop()


def local_session(master: str = LOCAL, memory: str = "1g") -> SparkSession:
    """Start Spark on this machine, or as a client of the master that is named."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master(master)
        .appName("sunledger audit")
        .config("spark.driver.memory", memory)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.executorEnv.PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def _checked(asked: bytes, *, signatures: bool) -> bytes:
    month, keys = json.decode(asked, type=tuple[Month, dict[str, Enrolled]])
    return json.encode(check_month(month, keys, signatures=signatures))

"""The engine of one machine: DuckDB for the questions, processes for the months.

Its memory is bounded by a setting, beyond which it writes to a folder beside; each process that
checks months holds a few thousand rows. It is given files alone and never the network.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from projections.national.beside import check_beside
from projections.national.checking import Month, MonthFound, check_month
from projections.national.columns import EVENTS, POSTINGS, ColumnFolder
from projections.national.engine import Keys

FETCHED = 10_000
"""Rows of an answer held at once."""


class DuckDialect:
    """DuckDB's words."""

    def text(self, field: str) -> str:
        """Return the expression of a text field of an event's body."""
        return f"json_extract_string(body, '$.{field}')"

    def parsed(self, fields: Sequence[str]) -> str:
        """Return the expression of several text fields of an event's body, parsed once."""
        paths = ", ".join(f"'$.{field}'" for field in fields)
        return f"json_extract_string(body, [{paths}])"

    def part(self, parsed: str, fields: Sequence[str], field: str) -> str:
        """Return the expression of one of the fields that were parsed together."""
        return f"{parsed}[{fields.index(field) + 1}]"

    def millis(self, instant: str) -> str:
        """Return the expression of an instant, milliseconds since 1970."""
        return f"epoch_ms(CAST({instant} AS TIMESTAMP))"

    def each(self, listed: str) -> str:
        """Return the expression that makes a row of each text in a list, given as its JSON."""
        return f"unnest(from_json({listed}, '[\"VARCHAR\"]'))"

    def together(self, number: str) -> str:
        """Return the aggregate of numbers as one text, in order."""
        return f"array_to_string(list_sort(list({number})), ' ')"


class DuckEngine:
    """Questions to DuckDB; months to this process, or to `jobs` processes beside it."""

    def __init__(
        self, folder: str, *, memory: str = "1GB", threads: int = 2, jobs: int = 1
    ) -> None:
        """Use a folder for what does not fit into `memory`."""
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": folder,
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._connection.execute("SET enable_progress_bar = false")  # it would print into --json
        self._connection.execute("SET parquet_metadata_cache = true")  # each question reads anew
        self._jobs = jobs

    @property
    def dialect(self) -> DuckDialect:
        """The engine's words."""
        return DuckDialect()

    def open(self, folders: Mapping[int, ColumnFolder]) -> None:
        """Read these ledgers, by their numbers, from now on."""
        # Postings are few beside events, and are asked for three times: they are read once.
        for table, kind in ((EVENTS, "VIEW"), (POSTINGS, "TABLE")):
            parts = [
                f"SELECT CAST({number} AS INTEGER) AS ledger, * FROM read_parquet("
                f"[{', '.join(_quoted(folder.path(table, month)) for month in folder.months)}], "
                "hive_partitioning = false)"
                for number, folder in folders.items()
            ]
            self._connection.execute(
                f"CREATE OR REPLACE {kind} {table} AS {' UNION ALL '.join(parts)}"
            )

    def keep(self, name: str, question: str) -> None:
        """Keep what a question gives as a table of that name."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS {question}")

    def rows(self, question: str) -> Iterator[tuple[Any, ...]]:
        """Yield what a question gives."""
        answer = self._connection.execute(question)
        while rows := answer.fetchmany(FETCHED):
            yield from rows

    def check(
        self, asked: Iterable[tuple[Month, Keys]], *, signatures: bool
    ) -> Iterator[MonthFound]:
        """Yield what is found of each month.

        Raises:
            LedgerError: a process was killed, by whoever was short of memory, say.

        """
        if self._jobs == 1:
            for month, keys in asked:
                yield check_month(month, keys, signatures=signatures)
            return
        yield from check_beside(asked, self._jobs, signatures=signatures)

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"

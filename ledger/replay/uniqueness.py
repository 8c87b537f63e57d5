"""That no id came twice among millions, in bounded memory.

Ids are gathered in runs; a full run is sorted and goes to a temporary file. At the end the runs
are merged, and equal ids meet. A million ids cost some ten megabytes of memory at any time, and
about a microsecond each.
"""

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, NamedTuple, Self

RUN_IDS = 1 << 17
"""Ids in a run: what is held in memory, some ten megabytes."""

_NUMBER_SIZE = 8
_BLOCK_RECORDS = 4096  # records read from a run at once


class Repeated(NamedTuple):
    """An id that came twice.

    Attributes:
        id: the id.
        first: number of whoever had it first.
        again: number of whoever had it again.

    """

    id: bytes
    first: int
    again: int


class UniqueIds:
    """Gathers ids of one length, each with a number; finds those that came twice.

    Use it in a `with` block, which removes its files.
    """

    def __init__(self, id_size: int, run_ids: int = RUN_IDS) -> None:
        """Gather ids of `id_size` bytes; `run_ids` of them are held in memory."""
        self._id_size = id_size
        self._run_ids = run_ids
        self._records: list[bytes] = []
        self._runs: list[IO[bytes]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        """Begin to gather."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the files."""
        self._files.close()

    def add(self, ids: Sequence[bytes], first_number: int) -> None:
        """Add ids, numbered from `first_number` on."""
        number = first_number
        records = self._records
        for each in ids:
            records.append(each + number.to_bytes(_NUMBER_SIZE, "big"))
            number += 1
        if len(records) >= self._run_ids:
            self._store_run()

    def first_repeated(self) -> Repeated | None:
        """Return the repetition with the lowest number of `again`, or None. Ends the gathering."""
        self._records.sort()
        runs: list[Iterator[bytes]] = [self._read_run(run) for run in self._runs]
        size, found, before = self._id_size, None, b""
        for record in heapq.merge(*runs, iter(self._records)):
            if record[:size] == before[:size]:
                # Records of one id are sorted by number; the second of them repeats the first.
                first, again = _number(before), _number(record)
                if found is None or again < found.again:
                    found = Repeated(record[:size], first, again)
            before = record
        return found

    def _store_run(self) -> None:
        self._records.sort()
        run = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the stack)
        self._files.enter_context(run)
        run.write(b"".join(self._records))
        self._runs.append(run)
        self._records = []

    def _read_run(self, run: IO[bytes]) -> Iterator[bytes]:
        record_size = self._id_size + _NUMBER_SIZE
        run.seek(0)
        while block := run.read(record_size * _BLOCK_RECORDS):
            for start in range(0, len(block), record_size):
                yield block[start : start + record_size]


def _number(record: bytes) -> int:
    return int.from_bytes(record[-_NUMBER_SIZE:], "big")

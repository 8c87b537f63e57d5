"""That no id came twice among millions, in bounded memory.

Ids are gathered in runs; a full run is sorted and goes to a temporary file. At the end the runs
are merged, and equal ids meet. A million ids cost some ten megabytes of memory at any time, and
about a microsecond each.
"""

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, NamedTuple, Protocol, Self

from ledger.errors import LedgerError

RUN_IDS = 1 << 17
"""Ids in a run: what is held in memory, some ten megabytes."""

_FIRST_SIZE, _PLACE_SIZE = 8, 2  # a record's number: of the first id added with it, and its place
_NUMBER_SIZE = _FIRST_SIZE + _PLACE_SIZE
_PLACES = [place.to_bytes(_PLACE_SIZE, "big") for place in range(1 << 8 * _PLACE_SIZE)]
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


class IdsNotKept(LedgerError):
    """Ids could not be kept: it says nothing of the history they are from."""


class Ids(Protocol):
    """Ids, each with a number, of which none may come twice."""

    def add(self, ids: Sequence[bytes], first_number: int) -> None:
        """Add ids numbered from `first_number` on.

        Raises:
            Unverified: one came before, where that shows at once.
            IdsNotKept: they cannot be kept.

        """

    def first_repeated(self) -> Repeated | None:
        """Return the first repetition that `add` did not tell of."""


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
        """Add ids, at most 65,536 of them, numbered from `first_number` on."""
        first = first_number.to_bytes(_FIRST_SIZE, "big")
        if len(ids) == 1:  # as most statements have
            self._records.append(ids[0] + first + _PLACES[0])
        else:
            self._records += [
                each + first + place for each, place in zip(ids, _PLACES, strict=False)
            ]
        if len(self._records) >= self._run_ids:
            self._store_run()

    def first_repeated(self) -> Repeated | None:
        """Return the repetition with the lowest number of `again`, or None. Ends the gathering."""
        self._records.sort()
        merged: Iterator[bytes] = iter(self._records)
        if self._runs:
            merged = heapq.merge(*[self._read_run(run) for run in self._runs], merged)
        size = self._id_size
        found, before, id_before = None, b"", b""
        for record in merged:
            if (id_here := record[:size]) == id_before:
                # Records of one id are sorted by number; the second of them repeats the first.
                first, again = _number(before), _number(record)
                if found is None or again < found.again:
                    found = Repeated(id_here, first, again)
            before, id_before = record, id_here
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
    first, place = record[-_NUMBER_SIZE:-_PLACE_SIZE], record[-_PLACE_SIZE:]
    return int.from_bytes(first, "big") + int.from_bytes(place, "big")
